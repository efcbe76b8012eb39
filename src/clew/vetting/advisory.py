"""Advisories of malicious packages, read from files: OpenSSF's MAL records in OSV's form, nothing is asked of anybody.

A record that was withdrawn counts for nothing, and so does one about other versions: the collection has been wrong
before, and says so itself (https://github.com/ossf/malicious-packages).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from clew.errors import UsageError
from clew.package.model import PackageError, package
from clew.package.osv import Advisory, read
from clew.package.tree import mappings
from clew.package.version import VersionError
from clew.vetting.fact import Fact, Weight
from clew.vetting.subject import Subject

#: A record of malicious code; others (GHSA-, PYSEC-, CVE-) are of flaws, which are no reason to block.
_MALICIOUS = "MAL-"
_LARGEST, _MOST = 64 << 20, 2 << 30
_SHOWN = 300


class Advisories(msgspec.Struct, kw_only=True):
    """What files of advisories say about one package; `read` counts all records, `faults` are what was no record."""

    found: list[Advisory] = []
    read: int = 0
    faults: list[str] = []


def load(path: Path, subject: Subject) -> Advisories:
    """The records about a package in a file (a record, a list, or one a line), a folder, or a zip (OSV's all.zip).

    Raises UsageError where the path is not there or cannot be read.
    """
    name = _name(subject)
    told = Advisories()
    records = _read(path, name.rpartition("/")[2].encode(), told)
    told.found = [one for one in records if one.withdrawn or _names(one, subject, name)]
    return told


def load_all(path: Path) -> Advisories:
    """All records, of whatever package: for whoever asks about very many. Raises UsageError."""
    told = Advisories()
    told.found = list(_read(path, b"", told))
    return told


def _read(path: Path, word: bytes, told: Advisories) -> Iterator[Advisory]:
    for source, text in _texts(path, word, told):
        try:
            records = list(mappings(_records(text)))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            told.faults.append(f"{source}: no JSON: {error}")
            continue
        told.read += len(records)
        yield from map(read, records)


def facts(subject: Subject, records: Iterable[Advisory]) -> list[Fact]:
    """A fact for each record that stands and is about this version."""
    name = _name(subject)
    return [fact for record in records if not record.withdrawn for fact in _facts(record, subject, name)]


def _facts(record: Advisory, subject: Subject, name: str) -> Iterator[Fact]:
    for one in record.affected:
        if (one.package.type, one.package.name) != (subject.ecosystem, name):
            continue
        weight: Weight = "block" if record.id.startswith(_MALICIOUS) else "note"
        said = "is known to be malicious" if weight == "block" else "has a known flaw"
        try:
            about = one.is_about(subject.version)
        except VersionError as error:
            about, weight, said = (
                True,
                "review",
                f"may be in an advisory whose versions cannot be compared: {error}",
            )
        if about:
            summary = record.summary or record.details or "no more is told"
            yield Fact(
                rule=f"advisory.{record.id}",
                side="advisory",
                weight=weight,
                title=said,
                evidence=f"{record.id}: {summary}"[:_SHOWN],
                technique="T1195.002" if weight == "block" else "",
            )
            return


def _name(subject: Subject) -> str:
    """The package's name as purls spell it."""
    try:
        return package(subject.ecosystem, subject.name).name
    except PackageError:
        return subject.name


def _names(record: Advisory, subject: Subject, name: str) -> bool:
    return any((one.package.type, one.package.name) == (subject.ecosystem, name) for one in record.affected)


def _records(text: bytes) -> list[Any]:
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
    return document if isinstance(document, list) else [document]


def _texts(path: Path, word: bytes, told: Advisories) -> Iterator[tuple[str, bytes]]:
    """(where, text) of each file; of a folder or a zip those in which the package's name stands, or may stand."""
    try:
        if path.is_dir():
            for file in sorted(p for p in path.rglob("*.json") if p.is_file()):
                yield from _relevant(str(file), file.read_bytes(), word, told)
        elif zipfile.is_zipfile(path):
            yield from _members(path, word, told)
        else:
            yield str(path), path.read_bytes()
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UsageError(f"{path}: advisories cannot be read: {error}") from error


def _members(path: Path, word: bytes, told: Advisories) -> Iterator[tuple[str, bytes]]:
    size = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not member.filename.endswith(".json"):
                continue
            size += member.file_size
            if member.file_size > _LARGEST or size > _MOST:
                raise UsageError(f"{path}: {member.filename}: more advisories than are read")
            yield from _relevant(f"{path}:{member.filename}", archive.read(member), word, told)


def _relevant(source: str, text: bytes, word: bytes, told: Advisories) -> Iterator[tuple[str, bytes]]:
    """A record without the package's name is counted and not parsed: there are a hundred thousand of them."""
    folded = text.lower().replace(b"_", b"-").replace(b".", b"-")
    if word.lower().replace(b"_", b"-").replace(b".", b"-") in folded or b"\\u" in text:
        yield source, text
    else:
        told.read += 1
