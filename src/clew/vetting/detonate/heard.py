"""The calls that the sinkhole witnessed, with the process that strace saw calling."""

from __future__ import annotations

import base64
from bisect import bisect_right
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from clew.vetting.detonate.leak import Search
from clew.vetting.detonate.scribe import Scribe, seconds
from clew.vetting.sandbox.plan import Contact
from clew.vetting.trace import Call

_BODY = 8_192
_APART = 5.0
"""Seconds between a call and what is heard of it."""
_CLOCKS = 0.05
"""Seconds that strace may write a call down after it was heard."""
#: strace's calls of the network by address and port, with their time, in order.
_Places: TypeAlias = dict[tuple[str | None, int | None], list[tuple[float, Call]]]


class Heard(msgspec.Struct):
    """Calls of the sinkhole, and strace's connects and sends that it heard nothing of.

    `shortened` says that more was sent than was looked for decoys in every form.
    """

    calls: list[Call]
    unheard: list[Call]
    shortened: bool


def listen(contacts: list[Contact], traced: list[Call], decoys: dict[str, str], scribe: Scribe) -> Heard:
    """Tells one step's contacts as calls. strace's calls of the network stand in `traced`: they lend their pids."""
    network = [call for call in traced if call.call in ("connect", "send")]
    search = Search(decoys)
    places: _Places = {}
    for call in network:
        places.setdefault((call.address, call.port), []).append((seconds(call), call))
    told = [call for contact in contacts for call in _tell(contact, _caller(contact, places), search, scribe)]
    calls = list(_once(told))
    heard = {(contact.address, contact.port) for contact in contacts}
    unheard = [call for call in network if (call.address, call.port) not in heard and not _sorts(call)]
    return Heard(calls, unheard, search.shortened)


def _once(calls: list[Call]) -> Iterator[Call]:
    """A theft is told once for each decoy and place, though the same is asked of DNS for A and AAAA."""
    seen = set()
    for call in calls:
        key = (call.decoy, call.name, call.address, call.path)
        if call.call != "exfiltrate" or key not in seen:
            yield call
        seen.add(key)


def _sorts(call: Call) -> bool:
    """A datagram socket is only told where it would send to: libc does it to sort addresses (RFC 6724)."""
    return call.call == "connect" and call.transport == "udp"


def _caller(contact: Contact, places: _Places) -> Call | None:
    """The latest call of strace's to the same place, not after it was heard."""
    calls = places.get((contact.address, contact.port), [])
    at = bisect_right(calls, contact.time + _CLOCKS, key=lambda pair: pair[0]) - 1
    if at < 0 or contact.time - calls[at][0] > _APART:
        return None
    return calls[at][1]


def _tell(contact: Contact, caller: Call | None, search: Search, scribe: Scribe) -> list[Call]:
    raw = base64.b64decode(contact.raw)
    who = {"pid": caller.pid, "parent_pid": caller.parent_pid} if caller else {}
    place = {"address": contact.address, "port": contact.port, "transport": contact.transport}
    name = contact.name or None

    def note(call: str, **fields: object) -> Call:
        return scribe.note(contact.time, "sinkhole", call, **who, **fields)  # type: ignore[arg-type]

    if contact.kind == "dns":
        told = note("resolve", name=contact.name, type=contact.type)
        place = {}
    elif contact.kind == "connect":
        told = note("connect", name=name, **place)
    elif contact.kind == "tls":
        told = note("handshake", name=name, **place)
    elif contact.kind == "http":
        body = raw.partition(b"\r\n\r\n")[2]
        told = note(
            "request",
            method=contact.method,
            name=name,
            path=contact.path,
            body=_text(body),
            user_agent=contact.user_agent or None,
            **place,
        )
    else:
        told = note("send", name=name, body=_text(raw), **place)
    leaving = raw + b"\n" + contact.path.encode() + b"\n" + _joined(contact.name)
    leaks = [
        note("exfiltrate", decoy=decoy, name=name, path=contact.path or None, **place)
        for decoy in search.names(leaving)
    ]
    return [told, *leaks]


def _joined(name: str) -> bytes:
    """A name with its labels as they are, and put together: a label holds 63 characters at most."""
    labels = name.split(".")
    return name.encode() + b"\n" + "".join(labels[:-2] or labels).encode()


def _text(data: bytes) -> str | None:
    return data[:_BODY].decode("utf-8", "replace") or None
