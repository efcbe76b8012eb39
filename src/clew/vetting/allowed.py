"""What a site has looked at and allows: by rule, by the hash of what was looked at, and until a day.

::

    [[allow]]
    rule = "static.runs-decoded"
    path = "lib/loader.js"
    sha256 = "9f2c..."               # of that file, of the layer, or of the package where the fact has no file
    until = 2027-03-01
    because = "loads its own grammar, read on 2026-11-20 (SEC-114)"

A hash is asked for, so that another content under the same name is looked at again.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from clew.errors import ContentError, Fault, UsageError
from clew.vetting.fact import Fact
from clew.vetting.subject import Subject


class Allowance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the file."""

    rule: str
    sha256: str
    because: str
    until: datetime.date
    path: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    allow: list[Allowance] = []


class Held(msgspec.Struct, frozen=True):
    """A fact that an entry held back, and why."""

    fact: Fact
    because: str
    until: str


def read_allowances(path: Path) -> list[Allowance]:
    """The entries of a file. Raises ContentError with what is wrong, UsageError where there is no file."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return msgspec.convert(tomllib.loads(text), _File).allow
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        mend = "each [[allow]] has rule, sha256, because, until (a date), and path where the fact has one"
        raise ContentError([Fault(str(path), 0, 0, str(error), mend)]) from error


def apply(
    allowances: Sequence[Allowance], facts: Sequence[Fact], subject: Subject, today: datetime.date
) -> tuple[list[Fact], list[Held], list[str]]:
    """The facts that stand, those that were held back, and warnings of entries that have run out."""
    standing, held, warnings = [], [], dict[str, None]()
    for fact in facts:
        entry = next((one for one in allowances if _meets(one, fact, subject)), None)
        if entry is None:
            standing.append(fact)
        elif entry.until < today:
            standing.append(fact)
            warnings[
                f"allowed until {entry.until} only, and that is over: {entry.rule} ({entry.because})"
            ] = None
        else:
            held.append(Held(fact, entry.because, entry.until.isoformat()))
    return standing, held, list(warnings)


def _meets(entry: Allowance, fact: Fact, subject: Subject) -> bool:
    if entry.rule != fact.rule or (entry.path and entry.path != fact.place.file):
        return False
    return entry.sha256.lower() == content_hash(fact, subject)


def content_hash(fact: Fact, subject: Subject) -> str:
    """The SHA-256 of what a fact was seen in: the layer, else the file, else the package."""
    return fact.place.layer or subject.files.get(fact.place.file or "") or subject.sha256
