"""Registry exports (.reg): keys and their values. https://learn.microsoft.com/troubleshoot/windows-server/performance/windows-registry-advanced-users"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clew.campaign.model import Indicator
from clew.campaign.sweep.index import Match

_KEY = re.compile(r"\[(-?)(HK[^\]]+)\]")
_VALUE = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|@)=(.*)')
_USER = re.compile(r"HKEY_USERS\\[^\\]+\\|HKEY_CURRENT_USER\\|HKCU\\|HKU\\[^\\]+\\", re.IGNORECASE)
_MACHINE = re.compile(r"HKEY_LOCAL_MACHINE\\|HKLM\\", re.IGNORECASE)


def text_of(data: bytes) -> str | None:
    """The text of an export, None where it is none; regedit writes UTF-16, REGEDIT4 the ANSI code page."""
    for head, codec in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(head):
            return data.decode(codec, "replace")
    return (
        data.decode("latin-1")
        if data.lstrip().startswith((b"REGEDIT4", b"Windows Registry Editor"))
        else None
    )


def values(text: str) -> Iterator[tuple[int, str, str]]:
    """The values with the line they begin on: path (`hive\\key\\name`) and what is written."""
    key = ""
    for number, line in _joined(text):
        if match := _KEY.fullmatch(line.strip()):
            key = "" if match[1] else match[2]
        elif key and (match := _VALUE.fullmatch(line.strip())):
            yield number, f"{key}\\{_unescaped(match[1] or '')}", _data(match[2])


def matches(path: str, data: str, known: list[Indicator]) -> Iterator[Match]:
    """The indicators that are this value; one whose data differ is a lead."""
    folded = _hiveless(path)
    for one in known:
        if _hiveless(one.value) == folded:
            sure = one.data.casefold() in data.casefold()
            said = f"{path} = {data[:200]}"
            yield Match(
                one, one.use if sure else "lead", said if sure else f"{said}, which does not name {one.data}"
            )


def _joined(text: str) -> Iterator[tuple[int, str]]:
    start, whole = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        if line.endswith("\\") and ":" in (whole or line):
            whole += line[:-1]
            continue
        yield start, whole + line.strip() if whole else line
        start, whole = 0, ""


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _data(written: str) -> str:
    """Text as it is, and of hex(1), hex(2) and hex(7) the UTF-16 that they hold."""
    if written.startswith('"'):
        return _unescaped(written[1:].removesuffix('"'))
    kind, _, digits = written.partition(":")
    if kind in ("hex(1)", "hex(2)", "hex(7)"):
        try:
            return bytes.fromhex(re.sub(r"[,\s]", "", digits)).decode("utf-16-le", "replace").rstrip("\0")
        except ValueError:
            return written
    return written


def _hiveless(path: str) -> str:
    return _MACHINE.sub("machine\\\\", _USER.sub("user\\\\", path, count=1), count=1).casefold()
