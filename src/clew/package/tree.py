"""JSON of package files: decoded, and where in the text its keys stand; one that is cut, up to the cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from clew.package.model import Document
from clew.record import Reject

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|"|[^\s{}\[\],:"]+')
_CLOSING = {"{": "}", "[": "]"}
_AT = re.compile(r"\(byte (\d+)\)|byte (\d+)")
#: What is nested deeper is no package file.
_DEEPEST = 200


class Json:
    """A JSON object and its text. Places are searched forwards: ask for keys in the order of the file."""

    def __init__(self, document: Document, value: dict[str, Any]) -> None:
        self.document, self.value = document, value
        self._cursor = 0

    def line(self, key: str, opens: str = "{") -> int:
        """The line of the next `"key": {` (or `[`, or `"`); 0 where it is not found."""
        written = re.escape(msgspec.json.encode(key).decode())
        found = re.compile(rf"{written}\s*:\s*{re.escape(opens)}").search(self.document.text, self._cursor)
        return self._found(found)

    def line_of(self, text: str) -> int:
        """The line of the next string that is this text; 0 where it is not found."""
        written = re.escape(msgspec.json.encode(text).decode())
        return self._found(re.compile(written).search(self.document.text, self._cursor))

    def _found(self, match: re.Match[str] | None) -> int:
        if match is None:
            return 0
        self._cursor = match.start() + 1
        return self.document.line(match.start())


def decode(document: Document, faults: list[Reject], text: str | None = None) -> Json | None:
    """The object that the text is; what is wrong with it is noted, and of a broken one the sound part is given."""
    text = document.text if text is None else text
    try:
        value = msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        faults.append(document.reject(*_why(document, text, str(error))))
        value = _sound(text)
    if isinstance(value, dict):
        return Json(document, value)
    if not faults:
        faults.append(document.reject(0, "not what its name says: no JSON object"))
    return None


def _why(document: Document, text: str, said: str) -> tuple[int, str]:
    if "truncated" in said:
        return document.line(len(text.rstrip())), "cut: the JSON has no end; what stands before it was read"
    if found := _AT.search(said):
        offset = len(text.encode()[: int(found[1] or found[2])].decode(errors="ignore"))
        return document.line(
            offset
        ), f"not JSON from here on ({said.partition(':')[0]}); what stands before was read"
    return 1, f"not JSON ({said})"


def _sound(text: str) -> Any:
    """The longest beginning that is whole when its brackets are closed."""
    open_: list[str] = []
    safe, closing, before = 0, "", ""
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in _CLOSING and len(open_) < _DEEPEST:
            open_.append(_CLOSING[sign])
            safe, closing = token.end(), "".join(reversed(open_))
        elif sign in "}]" and open_ and open_[-1] == sign:
            open_.pop()
            safe, closing = token.end(), "".join(reversed(open_))
        elif sign == ",":
            safe, closing = token.start(), "".join(reversed(open_))
        elif before == ":" and len(sign) > 1 and sign[0] == '"':
            safe, closing = token.end(), "".join(reversed(open_))
        elif sign in ('"', "{", "[", "}", "]") or sign.startswith(("<<<<", "====", ">>>>")):
            break
        before = sign
    try:
        return msgspec.json.decode(text[:safe] + closing)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Those items of what should be a list that are objects."""
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def entries(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Those pairs of what should be an object whose values are objects."""
    if isinstance(value, dict):
        yield from ((key, item) for key, item in value.items() if isinstance(item, dict))


def text_of(value: Any) -> str:
    """The value where it is text, else empty text."""
    return value if isinstance(value, str) else ""
