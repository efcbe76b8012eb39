"""An event as a sentence: who did what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clew.finding import EvidenceEvent, Value
from clew.report import container, vetting

Fields = Mapping[str, Value]


def sentence(event: EvidenceEvent) -> str:
    """One line that says what happened; a component without words of its own shows its fields."""
    if event.fields.get("clew.api.call"):
        return vetting.call(event.fields)
    say = _SENTENCES.get(event.component, _fields)
    return say(event.fields)


def _process_creation(f: Fields) -> str:
    if f.get("clew.synthetic"):
        image = f.get("process.executable")
        return f"{_actor(f)} was running, its start was not recorded" + (f": {image}" if image else "")
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
    source = f.get("source.ip") or "an unknown address"
    return f"a sensor saw {source} connect to {_destination(f)}{rule}"


def _destination(f: Fields) -> str:
    """Name, address and port; a name that the record lacks with who told it."""
    port = f":{f['destination.port']}" if f.get("destination.port") is not None else ""
    name = f.get("destination.domain")
    address = f.get("destination.ip")
    where = f"{name} ({address})" if name and address else name or address
    told = f.get("clew.destination.named_by")
    return f"{where}{port}" + (f", named by {_TELLERS.get(str(told), told)}" if told else "")


def _module_load(f: Fields) -> str:
    return f"{_actor(f)} loaded {f.get('dll.path')} ({_signature(f)})"


def _driver_load(f: Fields) -> str:
    return f"the driver {f.get('dll.path')} was loaded ({_signature(f)})"


def _signature(f: Fields) -> str:
    signed, status = f.get("dll.code_signature.exists"), f.get("dll.code_signature.status")
    if signed is None:
        return "its signature is not known"
    if not signed:
        return "not signed"
    by = f"signed by {f.get('dll.code_signature.subject_name') or 'an unknown publisher'}"
    return by if status in (None, "Valid") else f"{by}, but the signature is: {status}"


def _registry_modification(f: Fields) -> str:
    data = f.get("registry.data.strings")
    return f"{_actor(f)} set {f.get('registry.path')}" + (f" to {data}" if data is not None else "")


def _file_deletion(f: Fields) -> str:
    return f"{_actor(f)} deleted {f.get('file.path')}"


def _file_metadata(f: Fields) -> str:
    if f.get("event.provider") != "Microsoft-Windows-CodeIntegrity":
        return _fields(f)
    asked = f", which {f['process.name']} asked for" if f.get("process.name") else ""
    return f"Windows found fault with {f.get('file.path')}{asked} (CodeIntegrity {f.get('event.code')})"


def _scheduled_job_creation(f: Fields) -> str:
    return f"the task {f.get('clew.task.name')} was made to run {f.get('clew.task.command_line')}"


def _actor(f: Fields) -> str:
    return str(f.get("process.name") or "an unknown process")


def _fields(f: Fields) -> str:
    return ", ".join(f"{name} {value}" for name, value in f.items())


_TELLERS = {"dns": "a DNS answer", "tls": "a TLS handshake"}

_SENTENCES: dict[str, Callable[[Fields], str]] = {
    "process_creation": _process_creation,
    "file_creation": _file_creation,
    "file_deletion": _file_deletion,
    "file_metadata": _file_metadata,
    "module_load": _module_load,
    "driver_load": _driver_load,
    "windows_registry_key_modification": _registry_modification,
    "scheduled_job_creation": _scheduled_job_creation,
    "network_connection_creation": _connection,
    "network_traffic_flow": _flow,
    **container.SENTENCES,
}
