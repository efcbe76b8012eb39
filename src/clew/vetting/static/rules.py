"""The rules: compiled once, and what of them matches in a text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

from clew.errors import ContentError, Fault, UsageError

if TYPE_CHECKING:
    import yara_x

#: Matches of one pattern that are looked at; what stands more often says nothing new.
_MATCHES = 500
_SECONDS = 20

Span = tuple[int, int]


class Rule(msgspec.Struct, frozen=True):
    """One rule as its file says it; weights and joins of risks only."""

    name: str
    kind: str
    title: str
    technique: str
    weight: str = "note"
    at_install: str = "note"
    joins: str = ""
    within: int = 0


class Hit(msgspec.Struct, frozen=True):
    """A rule that matches, and where: spans of bytes, in order. Of a risk, one span of each rule that it joins."""

    rule: Rule
    spans: tuple[Span, ...]


class TooSlowError(Exception):
    """The rules did not come to an end on a text."""


def scan(data: bytes) -> list[Hit]:
    """All rules that match in a text, risks only where what they join stands near enough."""
    import yara_x

    scanner = yara_x.Scanner(_compiled())
    scanner.max_matches_per_pattern(_MATCHES)
    scanner.set_timeout(_SECONDS)
    try:
        matching = scanner.scan(data).matching_rules
    except yara_x.TimeoutError as error:
        raise TooSlowError(f"the rules found no end on it within {_SECONDS} s") from error
    found = [(_rule(one), _spans(one), frozenset((one.identifier, *one.tags))) for one in matching]
    hits = [Hit(rule, spans) for rule, spans, _ in found if rule.kind != "risk"]
    parts = [(names, spans) for rule, spans, names in found if rule.kind != "risk"]
    for rule, _, _ in found:
        if rule.kind == "risk" and (near := _joined(rule, parts)):
            hits.append(Hit(rule, near))
    return hits


def _rule(one: yara_x.Rule) -> Rule:
    return msgspec.convert({"name": one.identifier.replace("_", "-"), **dict(one.metadata)}, Rule)


def _spans(one: yara_x.Rule) -> tuple[Span, ...]:
    """Where its patterns match; those that a condition only counts against others are named $local."""
    matches = (m for p in one.patterns if p.identifier != "$local" for m in p.matches)
    return tuple(sorted((match.offset, match.offset + match.length) for match in matches))


def _joined(rule: Rule, parts: Sequence[tuple[frozenset[str], tuple[Span, ...]]]) -> tuple[Span, ...]:
    """A span of each of the joined rules, all within the distance; empty where there are none so near."""
    groups = [
        sorted({span for names, spans in parts if wanted in names for span in spans})
        for wanted in rule.joins.split()
    ]
    if not all(groups):
        return ()
    for first in groups[0]:
        chosen = [first, *(min(group, key=lambda s: abs(s[0] - first[0])) for group in groups[1:])]
        starts = [span[0] for span in chosen]
        if not rule.within or max(starts) - min(starts) <= rule.within:
            return tuple(dict.fromkeys(chosen))
    return ()


@cache
def rules_version() -> str:
    """What tells one set of rules from another."""
    digest = hashlib.sha256()
    for name, text in _sources():
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[tuple[str, str]]:
    folder = files("clew").joinpath("content/vetting")
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".yar"):
            yield entry.name, entry.read_text("utf-8")


@cache
def _compiled() -> Any:
    try:
        import yara_x
    except ImportError as error:
        raise UsageError("vetting needs YARA-X: pip install 'clew[vet]'") from error
    compiler = yara_x.Compiler()
    for name, text in _sources():
        try:
            compiler.add_source(text, origin=name)
        except yara_x.CompileError as error:
            raise ContentError([Fault(f"content/vetting/{name}", 0, 0, str(error))]) from error
    return compiler.build()
