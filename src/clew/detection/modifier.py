"""Sigma's modifiers: which columns and values each of them suits, and what it may stand beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sigma.modifiers import modifier_mapping

from clew.event import Column
from clew.suggest import did_you_mean

#: Names of the specification that pySigma calls otherwise.
_ALIASES = {"utf16le": "wide"}
_PLACES = frozenset(("contains", "startswith", "endswith"))
_BASE64 = frozenset(("base64", "base64offset"))
_ENCODED = frozenset(("windash", "wide", "utf16", "utf16be"))
#: pySigma applies modifiers in the order in which they stand: those that are to come first, and before which.
_FIRST = ((_ENCODED, _BASE64), (_BASE64 | {"fieldref"}, _PLACES))
_TEXT = _PLACES | _BASE64 | frozenset(("cased", "windash", "wide", "utf16", "utf16be", "re", "cidr"))
_FLAGS = frozenset(("i", "ignorecase", "m", "multiline", "s", "dotall"))
_COMPARE = frozenset(("gt", "gte", "lt", "lte"))
_LOGIC = frozenset(("all", "neq"))
#: Parts of a time, each with its least and greatest value.
_PARTS: Mapping[str, tuple[int, int]] = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day": (1, 31),
    "week": (1, 53),
    "month": (1, 12),
    "year": (1, 9999),
}
#: Modifiers that bear few others beside them, with those, and what to say of the rest.
_COMPANY: Mapping[str, tuple[frozenset[str], str]] = {
    "expand": (
        frozenset(),
        "the element's type owns the matching; negate a named selection in the condition",
    ),
    "exists": (frozenset(("neq",)), "it asks only whether the column is filled"),
    "cidr": (_LOGIC, "a network is matched as it is"),
    "re": (_FLAGS | _LOGIC, "a regular expression is searched for anywhere; write ^ and $ and (?i) into it"),
    "fieldref": (_PLACES | _LOGIC | {"cased"}, "the value is the name of a column"),
}


class Misfit(msgspec.Struct, frozen=True):
    """Something that does not go together, and the mend."""

    message: str
    mend: str = ""


class Modifiers(msgspec.Struct, frozen=True):
    """The modifiers of a line, in order, by pySigma's names. Made by `modifiers`."""

    names: tuple[str, ...]

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def among(self, names: frozenset[str] | Mapping[str, Any]) -> list[str]:
        """Those that are among `names`, in order."""
        return [name for name in self.names if name in names]

    @property
    def cased(self) -> bool:
        """Whether texts compare with regard to case. Base64 in any case would be other bytes."""
        return "cased" in self or bool(self.among(_BASE64))

    def misfits(self, column: Column | None) -> Iterator[Misfit]:
        """What is wrong with them whatever the value; `column` is None where no such column was found."""
        for name in self.names:
            if name not in modifier_mapping:
                known = "known are " + ", ".join(sorted(modifier_mapping))
                yield Misfit(f"no modifier is called '{name}'", did_you_mean(name, modifier_mapping, known))
        for name, (company, reason) in _COMPANY.items():
            for other in self.names if name in self else ():
                if other != name and other not in company:
                    yield Misfit(f"|{other} cannot stand beside |{name}", reason)
        for flag in self.among(_FLAGS) if "re" not in self else ():
            yield Misfit(f"|{flag} stands only after |re", "texts compare without regard to case anyway")
        yield from self._order_misfits()
        if column is not None:
            yield from self._column_misfits(column)

    def _order_misfits(self) -> Iterator[Misfit]:
        """In the wrong order they are refused by pySigma in words of its own, or never match."""
        for first, after in _FIRST:
            for name in self.among(first):
                for other in self.among(after):
                    if self.names.index(other) < self.names.index(name):
                        yield Misfit(f"|{name} cannot stand after |{other}", f"write |{name}|{other}")

    def _column_misfits(self, column: Column) -> Iterator[Misfit]:
        is_ = f"{column.name} is of the type {column.type}"
        for name in self.among(_TEXT) if column.type != "text" else ():
            yield Misfit(f"|{name} is for texts, but {is_}")
        for name in self.among(_PARTS) if column.type != "time" else ():
            yield Misfit(f"|{name} is for times, but {is_}")
        if column.type != "number" and not (column.type == "time" and self.among(_PARTS)):
            for name in self.among(_COMPARE):
                yield Misfit(f"|{name} is for numbers, but {is_}", _ORDER_MEND.get(column.type, ""))

    def value_misfit(self, value: object, column: Column) -> Misfit | None:
        """What is wrong with one value, seen from the modifiers and the column's type."""
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            return Misfit("the text holds half a character (a lone surrogate)")
        for name in self.names:
            if name in _TEXT or name == "fieldref":
                if not isinstance(value, str):
                    return Misfit(f"|{name} takes a text, not {_shown(value)}", "put it in quotes")
            elif name == "exists" and not isinstance(value, bool):
                return Misfit(f"|exists takes true or false, not {_shown(value)}")
            elif name in _COMPARE and not _is_number(value):
                return Misfit(f"|{name} takes a number, not {_shown(value)}")
            elif name in _PARTS and not _in_range(value, *_PARTS[name]):
                low, high = _PARTS[name]
                return Misfit(f"|{name} takes a whole number from {low} to {high}, not {_shown(value)}")
        return None if self.among(_BARE_NOT) else _bare_misfit(value, column)


_BARE_NOT = _TEXT | _COMPARE | frozenset(_PARTS) | {"exists", "fieldref", "expand"}
_ORDER_MEND: Mapping[str, str] = {
    "time": "take a part of the time, such as |hour|gte; how long a chain may take is 'within'",
    "text": "texts are not ordered; write the values or a regular expression",
}
_WANTED: Mapping[str, tuple[type, ...]] = {
    "text": (str, int),
    "number": (str, int, float),
    "boolean": (str, bool),
    "time": (),
}


def modifiers(names: list[str]) -> Modifiers:
    """The modifiers as they are written after the column."""
    return Modifiers(tuple(_ALIASES.get(name, name) for name in names))


def _bare_misfit(value: object, column: Column) -> Misfit | None:
    """Without a modifier that changes what a value is, its type must suit the column's."""
    if value is None:
        return None
    wanted = _WANTED[column.type]
    suits = isinstance(value, wanted) and isinstance(value, bool) <= (column.type == "boolean")
    if suits and (isinstance(value, str | bool) or _is_number(value)):
        return None
    if column.type == "time":
        return Misfit(
            f"{column.name} is a time", "take a part of it, such as |hour; or use 'within' and 'after'"
        )
    mend = "put it in quotes" if column.type == "text" and isinstance(value, bool | float) else ""
    return Misfit(f"{column.name} is of the type {column.type}, it never holds {_shown(value)}", mend)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0


def _in_range(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _shown(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return f"{value!r:.80}"
