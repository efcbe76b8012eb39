"""Hashes as package files write them, in one form: `sha512:<hex>`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

#: Hex digits of a hash of each kind.
LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_KINDS = {length: kind for kind, length in LENGTHS.items()}
_HEX = re.compile(r"[0-9a-f]+")


def from_hex(kind: str, digits: str) -> str | None:
    """`sha256:<hex>` where the kind is known and the digits are as many as it has; else None."""
    kind, digits = kind.lower().replace("-", ""), digits.strip().lower()
    return f"{kind}:{digits}" if LENGTHS.get(kind) == len(digits) and _HEX.fullmatch(digits) else None


def kind_of(digits: str) -> str | None:
    """Which kind of hash has so many hex digits; None where none has."""
    return _KINDS.get(len(digits)) if _HEX.fullmatch(digits.lower()) else None


def from_sri(text: object) -> Iterator[str]:
    """The hashes of a Subresource Integrity text: `sha512-<base64> sha1-<base64>`.

    https://www.w3.org/TR/SRI/#the-integrity-attribute
    """
    for word in text.split() if isinstance(text, str) else ():
        kind, _, encoded = word.partition("-")
        try:
            digits = base64.b64decode(encoded.partition("?")[0], validate=True).hex()
        except (binascii.Error, ValueError):
            continue
        if found := from_hex(kind, digits):
            yield found


def from_labelled(texts: object) -> Iterator[str]:
    """The hashes of texts such as `sha256:<hex>` and `sha256=<hex>`."""
    for text in texts if isinstance(texts, list | tuple) else ():
        kind, _, digits = str(text).replace("=", ":", 1).partition(":")
        if found := from_hex(kind, digits):
            yield found
