"""An event as a sentence: who did what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clew.finding import EvidenceEvent, Value

Fields = Mapping[str, Value]


def sentence(event: EvidenceEvent) -> str:
    """One line that says what happened; a component without words of its own shows its fields."""
    say = _SENTENCES.get(event.component, _fields)
    return say(event.fields)


def _process_creation(f: Fields) -> str:
    command = f.get("process.command_line") or f.get("process.executable")
    started = f"{f.get('process.parent.name') or 'an unknown process'} started {f.get('process.name')}"
    return f"{started}{_original(f)}: {command}"


def _original(f: Fields) -> str:
    original = f.get("process.pe.original_file_name")
    return f" (which is {original})" if original and f.get("clew.process.renamed") else ""


def _file_creation(f: Fields) -> str:
    return f"{_actor(f)} wrote {f.get('file.path')}"


def _connection(f: Fields) -> str:
    if question := f.get("dns.question.name"):
        return f"{_actor(f)} asked for the address of {question}"
    verb = "was connected to at" if f.get("network.direction") == "ingress" else "connected to"
    return f"{_actor(f)} {verb} {_destination(f)}"


def _flow(f: Fields) -> str:
    rule = f" ({f['rule.name']})" if f.get("rule.name") else ""
    return f"a sensor saw {f.get('source.ip')} connect to {_destination(f)}{rule}"


def _destination(f: Fields) -> str:
    """Name, address and port; a name that the record lacks with who told it."""
    port = f":{f['destination.port']}" if f.get("destination.port") is not None else ""
    name = f.get("destination.domain")
    address = f.get("destination.ip")
    where = f"{name} ({address})" if name and address else name or address
    told = f.get("clew.destination.named_by")
    return f"{where}{port}" + (f", named by {_TELLERS.get(str(told), told)}" if told else "")


def _actor(f: Fields) -> str:
    return str(f.get("process.name") or "an unknown process")


def _fields(f: Fields) -> str:
    return ", ".join(f"{name} {value}" for name, value in f.items())


_TELLERS = {"dns": "a DNS answer", "tls": "a TLS handshake"}

_SENTENCES: dict[str, Callable[[Fields], str]] = {
    "process_creation": _process_creation,
    "file_creation": _file_creation,
    "network_connection_creation": _connection,
    "network_traffic_flow": _flow,
}
