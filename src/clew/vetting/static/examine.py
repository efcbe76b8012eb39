"""Files and layers -> facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import msgspec

from clew.vetting.fact import Fact, Place, Weight
from clew.vetting.static.blob import LONG, Blob, blobs
from clew.vetting.static.code import Code
from clew.vetting.static.package import facts_of_manifest
from clew.vetting.static.quote import Quoted
from clew.vetting.static.role import Role
from clew.vetting.static.rules import Hit, Rule, TooSlowError, scan
from clew.vetting.static.shape import is_minified, oddities, revealed
from clew.vetting.subject import Subject
from clew.vetting.trace import Layer

#: Places of one rule that are told of; more of them say nothing new.
_PLACES = 3
_STEP: dict[str, Weight] = {"note": "review", "review": "block", "block": "block"}


def examine_files(subject: Subject, code: Sequence[Code]) -> list[Fact]:
    """What the files of a package tell: the gravest first, each rule with at most three places."""
    facts: list[Fact] = []
    minified = []
    for one in code:
        facts += _of_file(one)
        if is_minified(one.data[:200_000].decode("utf-8", "replace")):
            minified.append(one.path)
    if minified:
        said = f"{len(minified)}, such as {minified[0]}"
        facts.append(_fact("minified", "note", "has minified files", said, Place(file=minified[0])))
    return _few(facts, facts_of_manifest(subject, code))


def _of_file(code: Code) -> Iterator[Fact]:
    quoted = Quoted(code.data)
    try:
        hits = code.hits
    except TooSlowError as error:
        yield _fact(
            "not-read",
            "review",
            "has a file that could not be examined",
            str(error),
            Place(file=code.path),
        )
        return
    for hit in hits:
        if hit.spans and hit.rule.kind != "shape":
            place = Place(file=code.path, line=quoted.line(hit.spans[0][0]))
            yield _of_hit(hit, _weight(hit.rule, code.role), _evidence(hit, quoted), place)
    for odd in oddities(code.data):
        weight: Weight = "note" if code.role == "aside" else odd.weight
        place = Place(file=code.path, line=odd.line)
        yield _fact(odd.rule, weight, odd.title, odd.evidence, place, odd.technique)
    yield from _hidden(code, quoted, hits)


def _weight(rule: Rule, role: Role) -> Weight:
    if rule.kind != "risk" or role == "aside":
        return "note"
    return cast(Weight, rule.at_install if role == "install" else rule.weight)


def _evidence(hit: Hit, quoted: Quoted) -> str:
    """Each of the spans that make a risk with its line; of another rule the first."""
    spans = hit.spans if hit.rule.kind == "risk" else hit.spans[:1]
    if len(spans) == 1:
        return quoted.quote(spans[0])
    return "; ".join(f"line {quoted.line(span[0])}: {quoted.quote(span)}" for span in spans[:3])


def _hidden(code: Code, quoted: Quoted, hits: Sequence[Hit]) -> Iterator[Fact]:
    """Code in encoded texts and in invisible characters, as far as it can be read without running anything."""
    names, found = {hit.rule.name for hit in hits}, blobs(code.data)
    carried = [(one.offset, one.encoding, one.text) for one in found if one.text]
    carried += [(offset, "invisible characters", inner) for offset, inner in revealed(code.data) if inner]
    for offset, encoding, inner in carried:
        told = [hit for hit in _quietly(inner.encode()) if _counts(hit.rule) and hit.rule.name not in names]
        if told:
            said = f"in {encoding}: {Quoted(inner.encode()).quote(told[0].spans[0])}"
            title = f"carries encoded code that {told[0].rule.title}"
            place = Place(file=code.path, line=quoted.line(offset))
            yield _fact("encoded-code", _ENCODED[code.role], title, said, place, "T1027.013")
    if code.role != "aside":
        yield from _opaque(code, quoted, hits, found)


_ENCODED: dict[Role, Weight] = {"install": "block", "code": "review", "aside": "note"}
#: What counts when it is hidden.
_ACTS = frozenset(("network-out", "execute", "delete-files", "write-files", "screen-or-keys", "clipboard"))


def _opaque(code: Code, quoted: Quoted, hits: Sequence[Hit], found: Sequence[Blob]) -> Iterator[Fact]:
    """A long encoded text that is neither text nor a known kind of data, near to what decodes and to what runs code."""
    spans = {hit.rule.name: [span[0] for span in hit.spans] for hit in hits}
    for one in found:
        ends = (one.offset, one.offset + one.size)
        near = all(
            any(abs(at - end) < _NEAR for at in spans.get(name, ()) for end in ends)
            for name in ("run-code", "decode")
        )
        if near and one.size >= LONG and not one.text and one.entropy > _DENSE[one.encoding]:
            place = Place(file=code.path, line=quoted.line(one.offset))
            title = "decodes and runs code, and carries data that cannot be read"
            yield _fact("opaque-blob", "review", title, _sized(one), place, "T1027.013")
            return


_NEAR = 2_000
#: Bits a character above which a text is packed or encrypted.
_DENSE = {"base64": 5.6, "hex": 3.9, "numbers": 3.2}


def _sized(one: Blob) -> str:
    return f"{one.size:,} characters of {one.encoding}, {one.entropy:.1f} bits a character"


def _quietly(data: bytes) -> list[Hit]:
    try:
        return [hit for hit in scan(data) if hit.spans]
    except TooSlowError:
        return []


def examine_layers(layers: Sequence[Layer], code: Sequence[Code]) -> list[Fact]:
    """What code tells that came to be while the package ran, and how much of that no file showed."""
    told = [(layer, hit) for layer in layers for hit in _quietly(layer.text.encode("utf-8", "replace"))]
    if not told:
        return []
    visible = {name for one in code for name in one.shows}
    hidden = [(layer, hit) for layer, hit in told if hit.rule.name not in visible and _counts(hit.rule)]
    facts = [_of_layer(layer, hit) for layer, hit in hidden]
    names = dict.fromkeys(hit.rule.title for _, hit in hidden if hit.rule.kind != "risk")
    if len(names) > 1:
        deepest = max((layer for layer, _ in hidden), key=lambda layer: layer.depth)
        said = f"only after {deepest.depth} layers of decoding: {', '.join(names)}"
        facts.append(
            Fact(
                rule="layer.hidden-capabilities",
                side="layer",
                weight="block",
                title="hides what it does until it runs",
                evidence=said,
                technique="T1027",
                place=Place(layer=deepest.sha256, file=deepest.file),
            )
        )
    return _few(facts)


def _counts(rule: Rule) -> bool:
    return rule.kind != "shape" and (rule.kind != "capability" or rule.name in _ACTS)


def _of_layer(layer: Layer, hit: Hit) -> Fact:
    """A rule weighs a step more where only the decoded code shows it; a capability is worth a review."""
    quoted = Quoted(layer.text.encode("utf-8", "replace"))
    place = Place(layer=layer.sha256, line=quoted.line(hit.spans[0][0]), file=layer.file)
    weight = _STEP[hit.rule.weight] if hit.rule.kind == "risk" else "review"
    fact = _of_hit(hit, weight, _evidence(hit, quoted), place)
    title = f"after decoding, {fact.title}"
    return msgspec.structs.replace(fact, rule=f"layer.{hit.rule.name}", side="layer", title=title)


def _of_hit(hit: Hit, weight: Weight, evidence: str, place: Place) -> Fact:
    return _fact(hit.rule.name, weight, hit.rule.title, evidence, place, hit.rule.technique)


def _fact(  # noqa: PLR0913, PLR0917 - a fact is as many parts
    rule: str, weight: Weight, title: str, evidence: str, place: Place, technique: str = ""
) -> Fact:
    return Fact(
        rule=f"static.{rule}",
        side="static",
        weight=weight,
        title=title,
        evidence=evidence[:400],
        technique=technique,
        place=place,
    )


_GRAVITY = {"block": 0, "review": 1, "note": 2}


def _few(facts: Iterable[Fact], whole: Iterable[Fact] = ()) -> list[Fact]:
    """The gravest places of each rule; how many there are beyond is said with the last. All of `whole` stay."""
    by_rule: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=lambda fact: _GRAVITY[fact.weight]):
        by_rule.setdefault(fact.rule, []).append(fact)
    kept = [*whole]
    for found in by_rule.values():
        most = _PLACES if found[0].weight != "note" else 1
        more = len(found) - most
        kept += [*found[: most - 1], _and_more(found[most - 1], more)] if more > 0 else found
    told = {
        fact.title for fact in kept if fact.weight != "note"
    }  # a threat that a risk tells of is told once
    kept = [fact for fact in kept if fact.weight != "note" or fact.title not in told]
    return sorted(kept, key=lambda fact: _GRAVITY[fact.weight])


def _and_more(fact: Fact, more: int) -> Fact:
    return msgspec.structs.replace(fact, evidence=f"{fact.evidence} (and in {more} more places)")
