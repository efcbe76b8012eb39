"""What a vetted package did, as sentences: one for each call of its trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clew.finding import Value

Fields = Mapping[str, Value]

_SHOWN_HASH = 12


def call(f: Fields) -> str:
    """One line that says what was done, and by which program or layer where that is known."""
    say = _SENTENCES.get(str(f.get("clew.api.call")))
    said = say(f) if say else str(f.get("clew.api.call"))
    layer = f.get("clew.api.layer")
    by = f" (by the layer {_short(layer)})" if layer and f.get("clew.api.call") != "run_code" else ""
    return said + by


def _who(f: Fields) -> str:
    return str(f.get("process.name") or "the package")


def _execute(f: Fields) -> str:
    return f"ran {f.get('process.command_line') or f.get('process.executable')}"


def _exit(f: Fields) -> str:
    return f"{_who(f)} ended with {f.get('process.exit_code')}"


def _run_code(f: Fields) -> str:
    size = f", {f['clew.api.size']:,} bytes" if isinstance(f.get("clew.api.size"), int) else ""
    parent = f.get("clew.api.parent_layer")
    by = f", made by the layer {_short(parent)}" if parent else ""
    return f"{_who(f)} ran the layer {_short(f.get('clew.api.layer'))} ({f.get('clew.api.origin')}{size}){by}"


def _write(f: Fields) -> str:
    mode = f", mode {f['file.mode']}" if f.get("file.mode") else ""
    return f"{_who(f)} wrote {f.get('file.path')}{mode}"


def _rename(f: Fields) -> str:
    return f"{_who(f)} moved {f.get('file.path')} to {f.get('clew.api.target')}"


def _link(f: Fields) -> str:
    return f"{_who(f)} linked {f.get('file.path')} and {f.get('clew.api.target')}"


def _read(f: Fields) -> str:
    return f"{_who(f)} read {f.get('file.path')}"


def _delete(f: Fields) -> str:
    return f"{_who(f)} deleted {f.get('file.path')}"


def _change_mode(f: Fields) -> str:
    return f"{_who(f)} set the mode of {f.get('file.path')} to {f.get('file.mode')}"


def _load_library(f: Fields) -> str:
    return f"{_who(f)} loaded {f.get('dll.path')}"


def _make_memory_file(f: Fields) -> str:
    return f"{_who(f)} made the file {f.get('clew.api.name')} in memory"


def _trace_process(f: Fields) -> str:
    return f"{_who(f)} asked to trace the process {f.get('clew.api.target')}"


def _read_environment(f: Fields) -> str:
    return f"{_who(f)} read the variable {f.get('clew.api.name')}"


def _wait(f: Fields) -> str:
    return f"{_who(f)} asked to wait {f.get('clew.api.seconds')} s"


def _resolve(f: Fields) -> str:
    return f"{_who(f)} asked for the address of {f.get('destination.domain')}"


def _connect(f: Fields) -> str:
    return f"{_who(f)} connected to {_server(f)}"


def _handshake(f: Fields) -> str:
    return f"{_who(f)} began TLS with {_server(f)}"


def _request(f: Fields) -> str:
    return f"{_who(f)} asked {f.get('http.request.method') or ''} {f.get('url.full') or _server(f)}".replace(
        "  ", " "
    )


def _send(f: Fields) -> str:
    return f"{_who(f)} sent something to {_server(f)}"


def _exfiltrate(f: Fields) -> str:
    return f"the value of the decoy {f.get('clew.api.decoy')} went to {_server(f)}"


def _server(f: Fields) -> str:
    port = f":{f['destination.port']}" if f.get("destination.port") is not None else ""
    return f"{f.get('destination.address')}{port}"


def _found(what: str) -> Callable[[Fields], str]:
    return lambda f: f"after the run {f.get('file.path')} {what}"


def _bypass(f: Fields) -> str:
    return f"unseen by one who should have seen it: {f.get('clew.api.what')}"


def _reach_limit(f: Fields) -> str:
    return f"the limit of {f.get('clew.api.what')} was reached"


def _short(digest: Value) -> str:
    return str(digest)[:_SHOWN_HASH]


_SENTENCES: dict[str, Callable[[Fields], str]] = {
    "execute": _execute,
    "exit": _exit,
    "run_code": _run_code,
    "read": _read,
    "write": _write,
    "delete": _delete,
    "rename": _rename,
    "change_mode": _change_mode,
    "link": _link,
    "load_library": _load_library,
    "make_memory_file": _make_memory_file,
    "trace_process": _trace_process,
    "read_environment": _read_environment,
    "wait": _wait,
    "resolve": _resolve,
    "connect": _connect,
    "handshake": _handshake,
    "request": _request,
    "send": _send,
    "exfiltrate": _exfiltrate,
    "find_unchanged": _found("was as published, though it had been deleted or moved"),
    "find_deleted": _found("was gone"),
    "find_changed": _found("was not as published"),
    "find_added": _found("was new"),
    "bypass": _bypass,
    "reach_limit": _reach_limit,
}
