"""Just enough of HTTP/1.1 (RFC 9112) to read a request and give a harmless answer.

The answer is a stub that does nothing in any language that a second stage is likely to be in, so the stage is asked
for, started, and seen.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

METHODS = (
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"CONNECT ",
    b"PROPFIND ",
)
_HEAD, _BODY = 65_536, 1 << 20
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_STUBS = {".sh": b":\n", ".py": b"pass\n", ".js": b"0;\n", ".cjs": b"0;\n", ".mjs": b"0;\n", ".ps1": b"0\n"}
_SHELL_AGENTS = ("curl", "wget")


class Request(msgspec.Struct, frozen=True):
    """A request as it came. `raw` is all of it that was read; `cut` says that more was to come."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    cut: bool


def read(receive: Callable[[], bytes], send: Callable[[bytes], None]) -> Request:
    """Reads a request; `receive` gives the next bytes, none at the end. Never raises over what is in it."""
    data = _until(receive, b"", b"\r\n\r\n", _HEAD)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    headers = {}
    for line in lines[1:200]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("expect", "").lower() == "100-continue":
        send(_CONTINUE)
    wanted = _length(headers)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _until(receive, body, b"0\r\n\r\n", _BODY)
        cut = not body.endswith(b"0\r\n\r\n")
    else:
        body = _exactly(receive, body, min(wanted, _BODY))
        cut = len(body) < wanted
    path = rest.rpartition(" ")[0] or rest
    return Request(method, path[:8192], headers, head + b"\r\n\r\n" + body, cut)


def respond(request: Request) -> bytes:
    """A stub that fits what was asked for."""
    agent = request.headers.get("user-agent", "").lower()
    end = request.path.partition("?")[0].lower()
    stub = b":\n" if agent.startswith(_SHELL_AGENTS) else b"{}\n"
    for ending, text in _STUBS.items():
        if end.endswith(ending):
            stub = text
    kind = "application/json" if stub == b"{}\n" else "text/plain"
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(stub)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if request.method == "HEAD" else stub)


def _length(headers: dict[str, str]) -> int:
    value = headers.get("content-length", "0")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0


def _until(receive: Callable[[], bytes], data: bytes, end: bytes, most: int) -> bytes:
    while end not in data and len(data) < most and (more := receive()):
        data += more
    return data


def _exactly(receive: Callable[[], bytes], data: bytes, wanted: int) -> bytes:
    while len(data) < wanted and (more := receive()):
        data += more
    return data
