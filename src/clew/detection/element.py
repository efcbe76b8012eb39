"""Mutable elements: ATT&CK's tunables, each with a type, and the type owns the matching (R7).

Only types are here; which value is in force (default, content, site, host) is decided elsewhere.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from clew.detection.folder import parse_folders
from clew.detection.glob import among_words, parse_glob
from clew.detection.image import parse_image
from clew.detection.matcher import (
    AnyMatcher,
    Cidr,
    Domains,
    Folders,
    Images,
    Number,
    Regex,
    Text,
    compile_re2,
)
from clew.duration import DurationError, parse_duration
from clew.event import Column

ElementType: TypeAlias = Literal[
    "duration", "number", "string", "strings", "domains", "paths", "cidrs", "images", "regex"
]
#: duration: int microseconds; number: int or float; string, regex: str; the lists: tuple of str.
ElementData: TypeAlias = "int | float | str | tuple[str, ...]"

#: The types by name, each with what it expects in words and an example in YAML.
TYPES: Mapping[ElementType, tuple[str, str]] = {
    "duration": ("a length of time: numbers with w, d, h, m, s, ms or us", "90m"),
    "number": ("a number", "3"),
    "string": ("one text, with * and ? as wildcards", "setup*.exe"),
    "strings": ("a list of texts, with * and ? as wildcards", "[cmd.exe, setup*.exe]"),
    "domains": ("a list of domains, each with all below it", "[windowsupdate.com, example.org]"),
    "paths": (
        "a list of folders or files from the root on, with * inside one component and %VARIABLES%",
        r"['C:\Program Files\', '%TEMP%', /usr/bin/]",
    ),
    "cidrs": ("a list of networks or addresses, IPv4 or IPv6", "[10.0.0.0/8, 'fe80::/10']"),
    "images": ("a list of container images, with * and ? as wildcards", "[nginx, 'ghcr.io/acme/*:1.*']"),
    "regex": ("a regular expression in RE2's syntax", r"'\.(ps1|bat)$'"),
}


class ElementError(ValueError):
    """A value does not suit its element's type; the text says what is expected and shows an example."""


class Typed(msgspec.Struct, frozen=True):
    """A value together with its type, as `%Name%` in a `where` needs it. `data` has been through `coerce`."""

    type: ElementType
    data: ElementData


class Element(msgspec.Struct, frozen=True):
    """A mutable element as a detection declares it. `default` has been through `coerce`."""

    name: str
    type: ElementType
    default: ElementData
    about: str = ""


def coerce(type: ElementType, raw: Any) -> ElementData:
    """Check a value as YAML or TOML gives it and bring it to its type's form.

    A list type takes a single text as a list of one; in lists of texts whole numbers are texts (ports), and
    what stands twice counts once. Raises ElementError.
    """
    match type:
        case "duration":
            return _duration(raw)
        case "number":
            if isinstance(raw, bool) or not isinstance(raw, int | float) or raw - raw != 0:
                raise _unfit(type, (raw, ""))
            return raw
        case "string" | "regex":
            return _texts(type, [raw])[0]
        case _:
            return tuple(dict.fromkeys(_texts(type, raw if isinstance(raw, list | tuple) else [raw])))


def _duration(raw: Any) -> int:
    if not isinstance(raw, str):
        raise _unfit("duration", (raw, ""))
    try:
        return parse_duration(raw.strip())
    except DurationError as error:
        raise _unfit("duration", (raw, str(error))) from None


def _texts(type: ElementType, items: Sequence[Any]) -> list[str]:
    """Texts of the type, in the form that matching wants. Raises ElementError with all that do not suit."""
    texts: list[str] = []
    wrong: list[tuple[Any, str]] = []
    for item in items:
        try:
            texts.append(_text(type, item))
        except ValueError as error:
            wrong.append((item, str(error)))
    if wrong:
        raise _unfit(type, *wrong)
    return texts


def _text(type: ElementType, raw: Any) -> str:
    """One text of the type. Raises ValueError with the reason, as far as there is more to say."""
    if isinstance(raw, int) and not isinstance(raw, bool) and type in ("string", "strings"):
        raw = str(raw)
    if not isinstance(raw, str) or not raw or not _encodable(raw):
        raise ValueError
    return _FORMS[type](raw)


def _encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _unfit(type: ElementType, *wrong: tuple[Any, str]) -> ElementError:
    """What does not suit the type, each with its reason or none."""
    expected, example = TYPES[type]
    # A backslash is a backslash: repr would double those of paths.
    values = ", ".join(f"'{raw:.200}'" if isinstance(raw, str) else f"{raw!r:.200}" for raw, _ in wrong)
    reasons = "; ".join(dict.fromkeys(because for _, because in wrong if because))
    what = (
        f"{values} {'does' if len(wrong) == 1 else 'do'} not suit {type}{f' ({reasons})' if reasons else ''}"
    )
    return ElementError(f"{what}: expected is {expected}, such as {example}")


def _domain(text: str) -> str:
    name = text.lower().rstrip(".")
    if name.startswith("*."):
        raise ValueError(f"a domain has all below it, so {name[2:]} will do")
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name):
        raise ValueError("labels of letters, digits and hyphens, other letters as xn--")
    return name


def _cidr(text: str) -> str:
    if "%" in text:
        raise ValueError("a network has no zone")
    network = ipaddress.ip_network(text, strict=False)
    if "/" in text and str(network.network_address) != str(ipaddress.ip_address(text.partition("/")[0])):
        raise ValueError(f"that address lies inside the network {network}")
    return str(network)


def _path(text: str) -> str:
    parse_folders(text)
    return text


def _image(text: str) -> str:
    parse_image(text)
    return text


def _regex(text: str) -> str:
    compile_re2(text)
    return text


#: How a text of each type is checked and written; each raises ValueError.
_FORMS: Mapping[ElementType, Callable[[str], str]] = {
    "string": str,
    "strings": str,
    "domains": _domain,
    "paths": _path,
    "cidrs": _cidr,
    "images": _image,
    "regex": _regex,
}


def matcher(type: ElementType, data: ElementData, column: Column) -> AnyMatcher:
    """How a value of that type is matched against that column. An empty list matches nothing.

    Raises ElementError where the type cannot be matched at all (duration) or not against such a column.
    """
    items = data if isinstance(data, tuple) else (data,)
    if column.type == "number" and type in ("number", "string", "strings"):
        return Number("eq", tuple(_number(item, column) for item in items))
    if column.type != "text" or type in ("duration", "number"):
        raise ElementError(f"a {type} cannot be compared with {column.name}, whose type is {column.type}")
    found = _text_matcher(type, tuple(str(item) for item in items))
    return of_words(found) if column.words and isinstance(found, Text) else found


def of_words(text: Text) -> Text:
    """The same of a column that holds several words."""
    return Text(tuple(word for one in text.globs for word in among_words(one)), text.cased)


def _number(item: int | float | str, column: Column) -> int | float:
    if not isinstance(item, str):
        return item
    if not re.fullmatch(r"-?[0-9]{1,18}", item):
        raise ElementError(f"{item!r:.200} is no whole number, but {column.name} holds numbers")
    return int(item)


def _text_matcher(type: ElementType, texts: tuple[str, ...]) -> AnyMatcher:
    match type:
        case "domains":
            return Domains(texts)
        case "paths":
            return Folders(tuple(folder for text in texts for folder in parse_folders(text)))
        case "cidrs":
            return Cidr(texts)
        case "images":
            return Images(tuple(parse_image(text) for text in texts))
        case "regex":
            return Regex(texts[0])
        case _:
            return Text(tuple(parse_glob(text) for text in texts))
