"""Ways to hide a text, as droppers do it. What is hidden stands readable beside the templates that hide it."""

from __future__ import annotations

import base64
import json
import marshal
import os
import shutil
import subprocess
import zlib
from collections.abc import Callable, Mapping

import pytest

#: The key that the templates' own decoders hold.
KEY = b"demo-key-01"

_CACHE = """
const text = require('fs').readFileSync(0, 'utf8');
process.stdout.write(new (require('vm').Script)(text).createCachedData().toString('base64'));
"""


def node() -> str:
    """The Node of this machine; tests that need one skip where there is none, except in CI."""
    found = shutil.which("node")
    if found is None:
        assert not os.environ.get("CI"), "Node is missing"
        pytest.skip("needs Node (Debian: apt-get install nodejs)")
    return found


def _quoted(text: str) -> str:
    return json.dumps(text)


def _xored(data: bytes) -> bytes:
    return bytes(byte ^ KEY[index % len(KEY)] for index, byte in enumerate(data))


def xor(text: str) -> str:
    """XOR with the key, Base64, reversed: one entry of a table of strings."""
    return _quoted(base64.b64encode(_xored(text.encode())).decode()[::-1])


def base64_text(text: str) -> str:
    return _quoted(base64.b64encode(text.encode()).decode())


def hexadecimal(text: str) -> str:
    return _quoted(text.encode().hex())


def compressed(text: str) -> str:
    """Python: zlib in Base85, as bytes."""
    return repr(base64.b85encode(zlib.compress(text.encode())))


def xored_bytes(text: str) -> str:
    """Python: each byte XOR 42, as bytes."""
    return repr(bytes(byte ^ 42 for byte in text.encode()))


def marshalled(text: str) -> str:
    """Python: the code object of a text, without the text, and compressed. Fits the Python that builds it."""
    return repr(zlib.compress(marshal.dumps(compile(text, "<m>", "exec"))))


def cached(text: str) -> str:
    """What V8 made of a text, for `cachedData`. Fits the Node that builds it; the text is compiled, not run."""
    done = subprocess.run(
        [node(), "-e", _CACHE], input=text, capture_output=True, text=True, check=True, timeout=60
    )
    return _quoted(done.stdout)


def blank(text: str) -> str:
    """Blanks, as many as the text is long: all that V8 compares of the source of cached data."""
    return f"' '.repeat({len(text)})"


def webassembly(text: str) -> str:
    """A module whose data is the text and whose start hands it to `host.take(offset, length)`; in Base64."""
    return _quoted(base64.b64encode(module(text.encode())).decode())


def quoted(text: str) -> str:
    """Not hidden at all: for twins that carry a text."""
    return _quoted(text)


WAYS: Mapping[str, Callable[[str], str]] = {
    "xor": xor,
    "base64": base64_text,
    "hex": hexadecimal,
    "compressed": compressed,
    "xored": xored_bytes,
    "marshal": marshalled,
    "cached": cached,
    "blank": blank,
    "wasm": webassembly,
    "quoted": quoted,
}


def module(data: bytes) -> bytes:
    """https://webassembly.github.io/spec/core/binary/modules.html"""

    def number(value: int) -> bytes:
        out = bytearray()
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*out, value])

    def signed(value: int) -> bytes:
        out = bytearray()
        while value > 0x3F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*out, value])

    def sized(content: bytes) -> bytes:
        return number(len(content)) + content

    def section(kind: int, content: bytes) -> bytes:
        return bytes([kind]) + sized(content)

    body = sized(b"\x00" + b"\x41\x00" + b"\x41" + signed(len(data)) + b"\x10\x00" + b"\x0b")
    return b"".join(
        [
            b"\0asm\x01\0\0\0",
            section(1, b"\x02" + b"\x60\x02\x7f\x7f\x00" + b"\x60\x00\x00"),
            section(2, b"\x01" + sized(b"host") + sized(b"take") + b"\x00\x00"),
            section(3, b"\x01\x01"),
            section(5, b"\x01\x00" + number(1 + len(data) // 65536)),
            section(7, b"\x02" + sized(b"memory") + b"\x02\x00" + sized(b"run") + b"\x00\x01"),
            section(10, b"\x01" + body),
            section(11, b"\x01\x00\x41\x00\x0b" + sized(data)),
        ]
    )
