"""What a package's manifest and archive tell by themselves: install scripts, dependencies by address, odd archives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from clew.vetting.fact import Fact, Place, Weight
from clew.vetting.static.code import Code
from clew.vetting.static.role import install_commands
from clew.vetting.static.rules import scan
from clew.vetting.subject import Subject

_DEPENDENCIES = ("dependencies", "optionalDependencies", "peerDependencies")
_EXECUTABLES = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def facts_of_manifest(subject: Subject, code: Sequence[Code]) -> Iterator[Fact]:
    """What the manifest says that weighs, and what is strange about the archive."""
    for name, command in install_commands(subject):
        yield _said("install-script", "note", "runs a script when it is installed", f"{name}: {command}")
        yield from _command(name, command)
    for name, wanted in _dependencies(subject):
        if wanted.startswith(("http:", "https:", "git:", "git+http:")) or " @ http" in wanted:
            yield _said(
                "address-dependency",
                "review",
                "takes a dependency from an address and not from the registry",
                f"{name}: {wanted}",
                "T1195.001",
            )
    for remark in subject.remarks:
        weight: Weight = "review" if "twice" in remark else "note"
        yield _said("archive", weight, "has an archive that is out of the ordinary", remark)
    heads = {one.path: one.data[:4] for one in code}
    if binary := [path for path in sorted(subject.files) if _is_program(subject, path, heads)]:
        yield _said("programs", "note", "brings compiled programs", f"{len(binary)}, such as {binary[0]}")


def _command(name: str, command: str) -> Iterator[Fact]:
    """The rules over the text of an install script."""
    for hit in scan(command.encode()):
        if hit.rule.kind == "risk":
            weight = cast(Weight, hit.rule.at_install)
            yield _said(hit.rule.name, weight, hit.rule.title, f"{name}: {command}", hit.rule.technique)


def _dependencies(subject: Subject) -> Iterator[tuple[str, str]]:
    if subject.ecosystem == "pypi":
        asked = subject.manifest.get("Requires-Dist", [])
        yield from (("Requires-Dist", str(one)) for one in (asked if isinstance(asked, list) else [asked]))
        return
    for key in _DEPENDENCIES:
        named = subject.manifest.get(key)
        if isinstance(named, dict):
            yield from ((str(name), str(wanted)) for name, wanted in named.items())


def _is_program(subject: Subject, path: str, heads: Mapping[str, bytes]) -> bool:
    if path in heads:
        return heads[path].startswith(_EXECUTABLES)
    with (subject.folder / path).open("rb") as file:
        return file.read(4).startswith(_EXECUTABLES)


def _said(rule: str, weight: Weight, title: str, evidence: str, technique: str = "") -> Fact:
    return Fact(
        rule=f"static.{rule}",
        side="static",
        weight=weight,
        title=title,
        evidence=evidence[:400],
        technique=technique,
        place=Place(file="package.json") if rule not in {"archive", "programs"} else Place(),
    )
