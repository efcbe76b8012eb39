"""Text from logs is hostile: what may be shown of it on a terminal, and how times read."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta


def plain(text: object) -> str:
    r"""The text with everything that a terminal would obey, and all that hides or turns text, as escapes.

    Control characters (Cc), format characters such as bidirectional overrides (Cf), line separators and lone
    surrogates become ``\x1b`` or ``\u202e``.
    """
    shown = str(text)
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(_escaped(c) if unicodedata.category(c) in _OBEYED else c for c in shown)


_OBEYED = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def short(text: object, width: int) -> str:
    """At most `width` characters; what is left out of the middle is marked."""
    shown = plain(text)
    if len(shown) <= width:
        return shown
    head = (width - 1) * 2 // 3
    return shown[:head] + "…" + shown[len(shown) - (width - 1 - head) :]


def cut(text: str, width: int) -> str:
    """The beginning of a text that is longer than `width`, and how long it is."""
    return text if len(text) <= width else f"{text[:width]} … cut here, {len(text):,} characters in all"


def elapsed(first: str, then: str) -> str:
    """The time between two ISO times, as +4.120 s, +3 min 07 s, +2 h 05 min or +3 d 04 h; it may be negative."""
    return span((datetime.fromisoformat(then) - datetime.fromisoformat(first)) / timedelta(seconds=1))


def span(length: float) -> str:
    """Seconds, as +4.120 s, +3 min 07 s, +2 h 05 min or -3 d 04 h."""
    sign = "-" if length < 0 else "+"
    seconds = abs(length)
    if seconds < 60:
        return f"{sign}{seconds:.3f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{sign}{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{sign}{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{sign}{days} d {hours:02d} h"


def length(seconds: float) -> str:
    """A length of time in its two greatest units, rounded down: `3 d 4 h`, `30 d`, `12 min`, `0 s`."""
    rest = int(seconds)
    parts: list[tuple[int, str]] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, rest = divmod(rest, size)
        if number or parts:
            parts.append((number, unit))
    return " ".join(f"{number} {unit}" for number, unit in parts[:2] if number) or "0 s"


def moment(time: str) -> str:
    """An ISO time as people read it: 2026-03-31 09:14:02.120 UTC."""
    return datetime.fromisoformat(time).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"
