"""indicators.yaml: every kind of indicator, and the values in circulation that must not be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from clew.campaign.model import CONFIDENCES, KINDS, USES, Indicator, Kind, Refused, Use
from clew.campaign.reading import PackReading
from clew.campaign.refang import refang
from clew.detection.block import Block
from clew.detection.element import ElementError, coerce
from clew.detection.folder import parse_folders
from clew.package.digest import from_hex, kind_of
from clew.package.model import PackageError, from_purl

KEYS = (*KINDS, "do_not_use")
_COMMON = ("value", "about", "confidence", "use", "sources", "since", "until", "not", "conflict")
_OWN: Mapping[Kind, tuple[str, ...]] = {
    "files": ("platform",),
    "registry": ("data",),
    "packages": ("versions", "range", "sha1", "sha256", "sha512"),
}
#: These match nothing by themselves.
CONTEXT: frozenset[Kind] = frozenset(("ports", "accounts", "emails"))
_REGISTRY = re.compile(r"(HKEY_[A-Z_]+|HKLM|HKCU|HKU|HKCR)\\.+\\[^\\]+", re.IGNORECASE)


class IndicatorError(ValueError):
    """A value that cannot stand where it does; `mend` says what to write instead."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.mend = mend


def checked(kind: Kind, value: str) -> str:
    """The value in the form that its kind has. Raises IndicatorError."""
    try:
        return _FORMS[kind](value)
    except ValueError as error:
        raise IndicatorError(f"'{value}' cannot stand among {kind}: {error}") from None


def read_indicators(top: Block, reading: PackReading) -> dict[Kind, tuple[Indicator, ...]]:
    """The indicators of every kind; a kind that is missing is a fault, an empty one is an empty list."""
    return {kind: tuple(_read(top, kind, reading)) for kind in KINDS}


def read_refused(top: Block, reading: PackReading) -> tuple[Refused, ...]:
    """The list of what must not be used."""
    found = []
    for one in reading.blocks(top, "do_not_use", ("value", "kind", "why", "sources"), "a value not to use"):
        kind = one.choice("kind", (*KINDS, "claims"), "which kind of indicator it is taken for") or ""
        why = one.text("why", "say why it is wrong") or ""
        value = one.text("value", "the value in circulation") or ""
        found.append(
            Refused(value=value, kind=kind, why=why, sources=reading.named_sources(one, needed=False))
        )
    return tuple(found)


def _read(top: Block, kind: Kind, reading: PackReading) -> Iterator[Indicator]:
    for one in reading.blocks(top, kind, (*_COMMON, *_OWN.get(kind, ())), f"an indicator of '{kind}'"):
        value = one.text("value", "the indicator itself")
        if value is not None:
            yield from _indicator(one, kind, value, reading)


def _indicator(one: Block, kind: Kind, value: str, reading: PackReading) -> Iterator[Indicator]:
    before = len(reading.faults.found)
    if refang(value) != value:
        reading.faults.add(one.at("value"), f"'{value}' is defanged", f"write it as it is: {refang(value)}")
        return
    try:
        value = checked(kind, value)
    except IndicatorError as fault:
        reading.faults.add(one.at("value"), str(fault), fault.mend)
    confidence = (
        reading.choice(one, "confidence", CONFIDENCES, "how sure it is: high, medium or low") or "low"
    )
    usual: Use = "context" if kind in CONTEXT else "hit" if confidence == "high" else "lead"
    found = Indicator(
        kind=kind,
        value=value,
        about=one.text("about", "say what it is of the campaign") or "",
        confidence=confidence,
        use=reading.choice(one, "use", USES) or usual,
        sources=reading.named_sources(one),
        since=reading.time(one, "since"),
        until=reading.time(one, "until"),
        no=one.text("not") or "",
        conflict=one.text("conflict") or "",
        platform=one.choice("platform", ("windows", "macos", "linux")) or "",
        data=one.text("data") or "",
    )
    found = _package(one, found, reading) if kind == "packages" else found
    if len(reading.faults.found) == before:
        yield found


def _package(one: Block, found: Indicator, reading: PackReading) -> Indicator:
    versions = tuple(text for text, _ in reading.words(one, "versions"))
    range_ = one.text("range") or ""
    if not versions and not range_:
        reading.faults.add(
            one.mark, "a package needs its bad versions", "versions: [1.14.1], or ['*'] for any"
        )
    hashes = []
    for kind in ("sha1", "sha256", "sha512"):
        for digits, mark in reading.words(one, kind):
            digest = from_hex(kind, digits)
            if digest is None:
                reading.faults.add(mark, f"'{digits}' is no {kind.upper()}: it has {len(digits)} characters")
            else:
                hashes.append(digest)
    return msgspec.structs.replace(found, versions=versions, range=range_, hashes=tuple(hashes))


def _element(type: str) -> Callable[[str], str]:
    """The form that an element of that type has."""

    def form(value: str) -> str:
        try:
            data = coerce(type, [value])  # type: ignore[arg-type]
        except ElementError as error:
            raise ValueError(str(error)) from None
        assert isinstance(data, tuple)
        return str(data[0])

    return form


def _hash(value: str) -> str:
    kind = kind_of(value)
    if kind is None:
        raise ValueError(f"it has {len(value)} characters: 32 is MD5, 40 SHA-1, 64 SHA-256, 128 SHA-512")
    return f"{kind}:{value.lower()}"


def _file(value: str) -> str:
    if anywhere := ending(value):
        if any(not part or set(part) & set("*?\\") for part in anywhere):
            raise ValueError("after **/ stand whole names of folders, and of the file")
    else:
        parse_folders(value)
    return value


def ending(value: str) -> tuple[str, ...]:
    """The components that a path must end with, wherever it lies: of `**/a/b`; of another path nothing."""
    return tuple(value.removeprefix("**/").split("/")) if value.startswith("**/") else ()


def _registry(value: str) -> str:
    if not _REGISTRY.fullmatch(value):
        raise ValueError("write hive, key and the name of the value: HKCU\\Software\\...\\Run\\Name")
    return value


def _purl(value: str) -> str:
    try:
        if from_purl(value).version:
            raise ValueError("versions do not stand in the purl: list them under 'versions'")
    except PackageError as error:
        raise ValueError(str(error)) from None
    return value


def _url(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s/]+\S*", value, re.IGNORECASE):
        raise ValueError("write it whole: http://host:port/path")
    return value


def _port(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,5}/(tcp|udp)", value):
        raise ValueError("write 8000/tcp")
    return value


_FORMS: Mapping[Kind, Callable[[str], str]] = {
    "domains": _element("domains"),
    "addresses": _element("cidrs"),
    "ports": _port,
    "urls": _url,
    "user_agents": str,
    "post_bodies": str,
    "hashes": _hash,
    "files": _file,
    "registry": _registry,
    "packages": _purl,
    "accounts": str,
    "emails": str,
}
