"""Defanged indicators: `hxxp://sfrclak[.]com` is written so that nobody follows it by accident."""

from __future__ import annotations

import re

#: What is not defanged has none of these, and most of a hundred thousand values are not.
_MAYBE = re.compile(r"[\[({]|^\s*(?:hxxp|h\*\*p|meow|fxp)", re.IGNORECASE)
_SCHEME = re.compile(r"^(hxxp|h\*\*p|meow|fxp)(s?)(?:\[://\]|\[:\]//|://)", re.IGNORECASE)
_SIGNS = (
    (re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}", re.IGNORECASE), "."),
    (re.compile(r"\[@\]|\(@\)|\[at\]|\(at\)", re.IGNORECASE), "@"),
    (re.compile(r"\[:\]"), ":"),
    (re.compile(r"\[/\]"), "/"),
)


def refang(text: str) -> str:
    """The value as it is; what is not defanged comes back unchanged."""
    if not _MAYBE.search(text):
        return text.strip()
    text = _SCHEME.sub(
        lambda m: ("ftp" if m[1].lower() == "fxp" else "http") + m[2].lower() + "://", text.strip()
    )
    for sign, plain in _SIGNS:
        text = sign.sub(plain, text)
    return text


def defang(text: str) -> str:
    """The value so that mail and chat programs make no link of it."""
    return re.sub(r"^http", "hxxp", text).replace(".", "[.]")
