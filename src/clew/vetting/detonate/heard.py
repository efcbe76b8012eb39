"""The calls that the sinkhole witnessed, with the process that strace saw calling."""

from __future__ import annotations

import base64

import msgspec

from clew.vetting.detonate.leak import decoys_in
from clew.vetting.detonate.scribe import Scribe, seconds
from clew.vetting.sandbox.plan import Contact
from clew.vetting.trace import Call

_BODY = 8_192
_APART = 5.0
"""Seconds between a call and what is heard of it."""


class Heard(msgspec.Struct):
    """Calls of the sinkhole, and strace's connects and sends that it heard nothing of."""

    calls: list[Call]
    unheard: list[Call]


def listen(contacts: list[Contact], traced: list[Call], decoys: dict[str, str], scribe: Scribe) -> Heard:
    """Tells one step's contacts as calls. strace's calls of the network stand in `traced`: they lend their pids."""
    network = [call for call in traced if call.call in ("connect", "send")]
    calls = [
        told for contact in contacts for told in _tell(contact, _caller(contact, network), decoys, scribe)
    ]
    calls += _split_names(contacts, decoys, scribe)
    heard = {(contact.address, contact.port) for contact in contacts}
    unheard = [call for call in network if (call.address, call.port) not in heard and not _sorts(call)]
    return Heard(calls, unheard)


def _sorts(call: Call) -> bool:
    """A datagram socket is only told where it would send to: libc does it to sort addresses (RFC 6724)."""
    return call.call == "connect" and call.transport == "udp"


def _caller(contact: Contact, network: list[Call]) -> Call | None:
    """The latest call of strace's to the same place, not after it was heard."""
    best = None
    for call in network:
        if (call.address, call.port) == (contact.address, contact.port):
            apart = contact.time - seconds(call)
            if -0.05 <= apart <= _APART:
                best = call
    return best


def _tell(contact: Contact, caller: Call | None, decoys: dict[str, str], scribe: Scribe) -> list[Call]:
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
        for decoy in decoys_in(leaving, decoys)
    ]
    return [told, *leaks]


def _split_names(contacts: list[Contact], decoys: dict[str, str], scribe: Scribe) -> list[Call]:
    """Decoys that left in pieces, as the first labels of several questions about one domain."""
    pieces: dict[str, list[str]] = {}
    last: dict[str, Contact] = {}
    for contact in contacts:
        labels = contact.name.split(".")
        if contact.kind == "dns" and len(labels) > 2:
            domain = ".".join(labels[-2:])
            if not pieces.get(domain) or pieces[domain][-1] != ".".join(labels[:-2]):
                pieces.setdefault(domain, []).append(".".join(labels[:-2]))
            last[domain] = contact
    found = []
    for domain, parts in pieces.items():
        if len(parts) > 1:
            whole = b"\n".join(_variants(parts))
            for decoy in decoys_in(whole, decoys):
                found.append(
                    scribe.note(last[domain].time, "sinkhole", "exfiltrate", decoy=decoy, name=domain)
                )
    return found


def _variants(parts: list[str]) -> list[bytes]:
    """The pieces put together: all of each, and the first label of each (others may count them)."""
    return [
        "".join(part.replace(".", "") for part in parts).encode(),
        "".join(part.split(".")[0] for part in parts).encode(),
        "".join(part.split(".")[-1] for part in parts).encode(),
    ]


def _joined(name: str) -> bytes:
    """A name with its labels as they are, and put together: a label holds 63 characters at most."""
    labels = name.split(".")
    return name.encode() + b"\n" + "".join(labels[:-2] or labels).encode()


def _text(data: bytes) -> str | None:
    return data[:_BODY].decode("utf-8", "replace") or None
