"""Reads what strace wrote: one system call a line, of all processes and threads, in the order of their ends.

The lines are strace's; the texts in them are the package's. strace quotes them (strace(1), -s, -y), so a text cannot
pass for a line; what fits no pattern is counted, never guessed. Forms::

    32  1795558957.519638 openat(AT_FDCWD</home/a>, "x", O_WRONLY|O_CREAT, 0666) = 3</home/a/x>
    31  1795558957.419071 clone(child_stack=NULL, flags=CLONE_VM|SIGCHLD) = 2 /* 32 in strace's PID NS */
    32  1795558957.425613 vfork( <unfinished ...>
    32  1795558957.436839 <... vfork resumed>) = 3 /* 33 in strace's PID NS */
    32  1795558957.444521 +++ exited with 0 +++
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

_LINE = re.compile(r"(\d+) +(\d+\.\d+) (.*)", re.DOTALL)
#: The first ``) =`` that stands in no text and in no path.
_CALL = re.compile(
    r"""(\w+)\(((?:"(?:[^"\\]|\\.)*"|<(?:[^>\\]|\\.)*>|[^"<])*?)\) += (-?\d+|\?|0x[0-9a-f]+)(.*)""",
    re.DOTALL,
)
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)", re.DOTALL)
_END = re.compile(r"\+\+\+ (?:exited with (\d+)|killed by (SIG\w+).*) \+\+\+")
_OUTER = re.compile(r" /\* (\d+) in strace's PID NS \*/")
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SIMPLE = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11, "a": 7, "b": 8}

TEXT = r'"((?:[^"\\]|\\.)*)"(?:\.\.\.)?'
"""A quoted text, in a pattern."""
_LONGEST = 1 << 17


class Syscall(msgspec.Struct, frozen=True):
    """One call that was made. `thread` is strace's number of who made it; `error` is its name (ENOENT) or nothing.

    `given` is what a clone or fork returned as strace's own number of the child.
    """

    thread: int
    time: float
    name: str
    arguments: str
    result: str
    error: str
    given: int | None
    tail: str


class End(msgspec.Struct, frozen=True):
    """A thread ended: with a code, or by a signal."""

    thread: int
    time: float
    code: int | None
    signal: str


class Tally(msgspec.Struct):
    """Lines that no pattern fits, and those that were too long to be looked at."""

    strange: int = 0


def read(lines: Iterable[str], tally: Tally) -> Iterator[Syscall | End]:
    """All calls and ends. A call that never returned (the process was killed in it) is left out."""
    waiting: dict[int, tuple[float, str]] = {}
    for line in lines:
        found = _LINE.fullmatch(line.rstrip("\n")) if len(line) <= _LONGEST else None
        if found is None:
            tally.strange += 1
            continue
        thread, time, rest = int(found[1]), float(found[2]), found[3]
        if end := _END.fullmatch(rest):
            waiting.pop(thread, None)
            yield End(thread, time, int(end[1]) if end[1] else None, end[2] or "")
        elif rest.endswith(_UNFINISHED):
            waiting[thread] = (time, rest.removesuffix(_UNFINISHED))
        else:
            if resumed := _RESUMED.fullmatch(rest):
                if thread not in waiting:
                    continue  # its begin was nothing that is looked at
                time, begun = waiting.pop(thread)
                rest = begun + resumed[2]
            call = _call(thread, time, rest)
            if call is not None:
                yield call
            elif not rest.startswith(("---", "strace:")):
                tally.strange += 1


def _call(thread: int, time: float, text: str) -> Syscall | None:
    found = _CALL.fullmatch(text)
    if found is None:
        return None
    name, arguments, result, tail = found.groups()
    error = tail.split(None, 1)[0] if result == "-1" and tail.strip() else ""
    outer = _OUTER.fullmatch(tail)
    number = int(result) if result.isdigit() else None
    given = int(outer[1]) if outer else number
    return Syscall(thread, time, name, arguments, result, error, given, tail)


def unquote(text: str) -> str:
    """The text that strace quoted: octal and C escapes back to bytes, read as UTF-8."""
    if "\\" not in text:
        return text
    data = _ESCAPE.sub(_byte, text)
    return data.encode("latin-1", "replace").decode("utf-8", "replace")


def _byte(found: re.Match[str]) -> str:
    octal, hexadecimal, letter = found.groups()
    if octal:
        return chr(int(octal, 8) & 0xFF)
    if hexadecimal:
        return chr(int(hexadecimal, 16))
    return chr(_SIMPLE.get(letter, ord(letter)))
