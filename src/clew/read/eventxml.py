r"""One Windows event as XML -> the JSON that the `evtx` library writes of the same record.

::

    <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='...'/>
    <EventID>1</EventID>...</System><EventData><Data Name='Image'>C:\a.exe</Data></EventData></Event>

    {"Event":{"#attributes":{"xmlns":"..."},"System":{"Provider":{"#attributes":{"Name":"..."}},"EventID":1,...},
    "EventData":{"Image":"C:\\a.exe"}}}

As there, `Data` goes by its `Name` (other attributes of it are dropped), unnamed ones become {"#text": ...}, a list
where they are several; an element without content is null, a `Data` without content is empty text. A name that
comes again under one parent gets the suffix _1, _2, so that the first one keeps the name.

What XML loses: types. The numbers of `System` are numbers by its schema; data stay text as written (of values
in recordings that look like a number, the library gives 45 % as text), GUIDs keep their braces, and times all
their digits. Line ends inside a text are \n, as XML has it, and text that is only blank with a line end in it is
the layout of a pretty printer. Characters that XML forbids, which Windows writes all the same, become U+FFFD.
Specification: https://learn.microsoft.com/windows/win32/wes/eventschema-schema.

What looks as Windows writes it goes through regular expressions, at twice the rate; all else through expat.
A fragment without a document type knows no entity but XML's own five, so nothing can be expanded or fetched.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias
from xml.parsers import expat

import msgspec

from clew.read.lines import Fields, NotARecord

Value: TypeAlias = "str | int | list[str] | dict[str, Value] | None"

DEPTH = 64
ELEMENTS = 1 << 16

_NUMBERS = frozenset(("EventID", "Version", "Level", "Task", "Opcode", "EventRecordID"))
_NUMBER_ATTRIBUTES = frozenset(
    (
        "Qualifiers",
        "ProcessID",
        "ThreadID",
        "ProcessorID",
        "SessionID",
        "KernelTime",
        "UserTime",
        "ProcessorTime",
    )
)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROLS = bytes(i for i in range(32) if i not in b"\t\n\r")


def event(text: str) -> dict[str, Value]:
    """The event whose XML, and nothing else, the text is. Raises NotARecord."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    data = text.encode("utf-8", "replace")
    if b"\xef\xbf" in data or len(data.translate(None, _CONTROLS)) < len(data):
        text = _FORBIDDEN.sub("\ufffd", text)
    return _fast(text) or _slow(text)


# --- As Windows writes it ----------------------------------------------------------------------------------

_QUOTED = r"""(?:'[^'<&\n\t]*+'|"[^"<&\n\t]*+")"""
_BEGINNING = re.compile(rf"<Event(?:\s+xmlns=({_QUOTED}))?>\s*<System>", re.ASCII)
_MIDDLE = re.compile(r"</System>\s*<EventData>", re.ASCII)
_END = re.compile(r"</EventData>\s*</Event>\s*", re.ASCII)
_SYSTEM_ELEMENT = rf"\s*+<(\w++)((?: \w++={_QUOTED})*+) ?(?:/>|>([^<]*+)</(\w++)>)"
_DATA_ELEMENT = rf"\s*+<Data Name=({_QUOTED}) ?(?:/>|>([^<]*+)</Data>)"
_SYSTEM = re.compile(_SYSTEM_ELEMENT, re.ASCII), re.compile(rf"(?:{_SYSTEM_ELEMENT})*+\s*", re.ASCII)
_DATA = re.compile(_DATA_ELEMENT, re.ASCII), re.compile(rf"(?:{_DATA_ELEMENT})*+\s*", re.ASCII)
_ATTRIBUTE = re.compile(rf" (\w+)=({_QUOTED})", re.ASCII)
_REFERENCES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_REFERENCE = re.compile("|".join(_REFERENCES))
_OTHER_REFERENCE = re.compile(r"&(?!(?:lt|gt|quot|apos|amp);)")


def _fast(text: str) -> dict[str, Value] | None:
    """The event, where it looks as Windows writes it; None where it does not in any respect."""
    beginning = _BEGINNING.match(text)
    middle = _MIDDLE.match(text, text.find("</System>")) if beginning else None
    end = text.rfind("</EventData>")
    if (
        not beginning
        or not middle
        or not _END.fullmatch(text, end)
        or "]]>" in text
        or _OTHER_REFERENCE.search(text)
    ):
        return None
    system = _fast_system(text[beginning.end() : middle.start()])
    data = _fast_data(text[middle.end() : end])
    if system is None or data is None:
        return None
    head: dict[str, Value] = {"#attributes": {"xmlns": beginning[1][1:-1]}} if beginning[1] else {}
    return {"Event": {**head, "System": system or None, "EventData": data or None}}


def _fast_system(text: str) -> dict[str, Value] | None:
    one, all_of_them = _SYSTEM
    if not all_of_them.fullmatch(text):
        return None
    system: dict[str, Value] = {}
    for name, attributes, content, end in one.findall(text):
        if name in system or end not in ("", name) or name == "Data":
            return None
        value: Value = _plain(content) or None
        if name in _NUMBERS and value:
            value = _number(content)
        if attributes:
            found = _fast_attributes(attributes)
            if found is None:
                return None
            value = {"#attributes": found} if value is None else {"#attributes": found, "#text": value}
        system[name] = value
    return system


def _fast_attributes(text: str) -> dict[str, Value] | None:
    pairs = _ATTRIBUTE.findall(text)
    found: dict[str, Value] = {
        key: _number(quoted[1:-1]) if key in _NUMBER_ATTRIBUTES else quoted[1:-1] for key, quoted in pairs
    }
    return found if len(found) == len(pairs) else None


def _fast_data(text: str) -> dict[str, Value] | None:
    one, all_of_them = _DATA
    if not all_of_them.fullmatch(text):
        return None
    found = one.findall(text)
    if "&" in text or "\n" in text:
        data: dict[str, Value] = {name[1:-1]: _plain(content) for name, content in found}
    else:
        data = {name[1:-1]: content for name, content in found}
    return data if len(data) == len(found) and "" not in data else None


def _plain(text: str) -> str:
    if "&" in text:
        text = _REFERENCE.sub(lambda match: _REFERENCES[match[0]], text)
    return "" if "\n" in text and not text.strip(" \t\n") else text


# --- As XML may be -----------------------------------------------------------------------------------------


class _Node:
    """An element while it is read."""

    __slots__ = ("attributes", "children", "name", "text", "unnamed")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.text: list[str] = []
        self.children = Fields()
        self.unnamed: list[str] = []


class _Tree:
    """What expat tells of one event."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.root = _Node("", {})
        self._open = [self.root]
        self._count = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) > DEPTH:
            raise NotARecord(f"its elements are nested more than {DEPTH} deep")
        if self._count > ELEMENTS:
            raise NotARecord(f"it has more than {ELEMENTS} elements")
        self._open.append(_Node(name, attributes))

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _doctype(self, *_: Any) -> None:
        raise NotARecord("it has a document type (DOCTYPE), which no event has")

    def _end(self, _: str) -> None:
        node = self._open.pop()
        parent = self._open[-1]
        text = "".join(node.text)
        if not text.strip(" \t\n") and ("\n" in text or node.children.found):
            text = ""
        if node.name != "Data":
            _give_unnamed(node)
            numbers = parent.name == "System"
            attributes: dict[str, Value] = {
                k: _number(v) if k in _NUMBER_ATTRIBUTES else v for k, v in node.attributes.items()
            }
            parent.children.add(
                node.name, _element(attributes, text, node.children.found, numbers and node.name in _NUMBERS)
            )
        elif name := node.attributes.get("Name"):
            parent.children.add(name, _element({}, text, node.children.found, False) or "")
        elif node.children.found:
            parent.children.add("Data", _element({}, text, node.children.found, False))
        else:
            parent.unnamed.append(text)


def _give_unnamed(node: _Node) -> None:
    """`Data` without names -> one child, last, whose text they are."""
    if node.unnamed:
        texts = node.unnamed
        node.children.add("Data", {"#text": list(texts) if len(texts) > 1 else texts[0]})


def _slow(text: str) -> dict[str, Value]:
    try:
        return _parsed(text)
    except expat.ExpatError as error:
        mended = _BAD_REFERENCE.sub("\ufffd", text)
        if mended == text:
            raise NotARecord(_complaint(error)) from None
    try:
        return _parsed(mended)
    except expat.ExpatError as error:
        raise NotARecord(_complaint(error)) from None


# References to characters that XML forbids: .NET writes them.
_BAD_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8BCEFbcef]|1[0-9A-Fa-f]));")


def _parsed(text: str) -> dict[str, Value]:
    tree = _Tree()
    tree.parser.Parse(text.encode("utf-8", "replace"), True)
    return tree.root.children.found


def _complaint(error: expat.ExpatError) -> str:
    return (
        f"not well-formed XML: {expat.ErrorString(error.code)} (its line {error.lineno}, byte {error.offset})"
    )


# --- Both --------------------------------------------------------------------------------------------------


def _element(attributes: dict[str, Value], text: str, children: dict[str, Value], number: bool) -> Value:
    """An element as the library writes it."""
    content: Value = _number(text) if number else text
    if not attributes and not children:
        return None if text == "" else content
    found: dict[str, Value] = {}
    if attributes:
        found["#attributes"] = attributes
    if text:
        found["#text"] = content
    for name, value in children.items():
        found[name if name not in found else name + "_1"] = value
    return found


def _number(text: str) -> str | int:
    """A decimal number of at most 64 bits as one, if it is written as a number is."""
    plain = text.isascii() and text.isdecimal() and (text[0] != "0" or len(text) == 1)
    return int(text) if plain and (len(text) < 20 or (len(text) == 20 and int(text) < 1 << 64)) else text


def encoded(record: dict[str, Any]) -> bytes:
    """A record as one line of JSON."""
    return msgspec.json.encode(record)
