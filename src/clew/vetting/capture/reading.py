"""The hooks' logs -> calls and layers."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast, get_args

import msgspec

from clew.vetting.capture.layers import Layers
from clew.vetting.capture.lineage import Lineage
from clew.vetting.capture.record import Caps, Log, Record, logs
from clew.vetting.trace import Call, CallName, Layer, Witness

__all__ = ["Caps", "read"]

#: Calls whose fields stand in a record as they stand in a call.
_PLAIN = frozenset(get_args(CallName)) - {"execute", "run_code", "reach_limit", "bypass", "exfiltrate"}
_FIELDS = (
    "path", "target", "mode", "name", "type", "seconds", "address", "port", "transport", "method", "body", "user_agent",
)  # fmt: skip


CAPS = Caps()


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    """What all calls of a reading share."""

    package: str
    digest: str
    platform: Literal["linux", "win32", "darwin"]
    phase: str


def read(  # noqa: PLR0913 - what each call repeats
    folder: Path,
    *,
    package: str,
    digest: str,
    platform: Literal["linux", "win32", "darwin"],
    phase: str,
    published: Container[str] = (),
    start_lines: Container[str] = (),
    caps: Caps = CAPS,
) -> tuple[list[Call], list[Layer]]:
    """The calls and layers that the hooks told of, in order of time, numbered from 1.

    `published`: the sha256 of the files as they were published and of what was laid beside them; any other code that
    was run is a layer. `start_lines`: what `capture.start_lines` gives for the site folders that the sandbox shows.
    An `execute` whose `what` is ``hooked`` is a process's own word that its hook stands; others are of a parent that
    starts a child. What was tampered with stands as `bypass`, what a cap cut off as `reach_limit`.
    """
    found, strange, reached = logs(folder, caps)
    run = _Run(package=package, digest=digest, platform=platform, phase=phase)
    layers = Layers(phase, published, start_lines, caps)
    lineage = Lineage(found)
    calls: list[tuple[int, Call]] = []
    for log in lineage.in_order():
        layers.enter(log, lineage.starter(log))
        calls += _calls(log, run, layers, lineage)
    latest = max((at for at, _ in calls), default=0)
    calls += [(latest, _tampered(run, latest, "node", what)) for what in strange]
    if len(calls) > caps.calls:
        reached.append("calls")
    if layers.full:
        reached.append("layers")
    calls = sorted(calls, key=lambda pair: pair[0])[: caps.calls]
    calls += [(latest, _limited(run, latest, what)) for what in reached]
    return [_numbered(call, number) for number, (_, call) in enumerate(calls, 1)], layers.found


def _calls(log: Log, run: _Run, layers: Layers, lineage: Lineage) -> list[tuple[int, Call]]:
    calls = [(log.start.t, _started(log, run, layers, lineage))]
    for record in log.records:
        if (call := _call(record, log, run, layers, lineage)) is not None:
            calls.append((record.t, call))
    at = calls[-1][0]
    witness = cast(Witness, log.start.witness)
    for fault in log.faults:
        calls.append(
            (at, _tampered(run, at, witness, f"the hook's log of process {log.start.pid} has {fault}"))
        )
    return calls


def _call(record: Record, log: Log, run: _Run, layers: Layers, lineage: Lineage) -> Call | None:
    call = _bare(record, log, run)
    if record.call == "run_code":
        return _run_code(call, record, layers)
    call.layer = layers.of(record.layer)
    call.stack = _stack(record, layers)
    if record.call == "execute":
        call.call, call.parent_pid, call.pid = "execute", log.start.pid, lineage.child(log, record)
        call.executable, call.arguments, call.directory = (
            record.executable,
            record.arguments,
            record.directory,
        )
        call.what = record.what
    elif record.call in _PLAIN:
        call.call = cast(CallName, record.call)
        for field in _FIELDS:
            setattr(call, field, getattr(record, field))
    elif record.call in ("reach_limit", "fault"):
        call.call, call.what = "reach_limit", f"{log.start.witness} hook: {record.what}"
    else:
        return None
    return call


def _run_code(call: Call, record: Record, layers: Layers) -> Call | None:
    layer = layers.add(record)
    if layer is None:
        return None
    call.call, call.layer, call.parent_layer = "run_code", layer.sha256, layer.parent
    call.origin, call.size, call.stack, call.path = record.origin, record.size, layer.stack, layer.file
    return call


def _bare(record: Record, log: Log, run: _Run) -> Call:
    return Call(
        time=_time(record.t),
        sequence=0,
        package=run.package,
        digest=run.digest,
        platform=run.platform,
        phase=run.phase,
        witness=cast(Witness, log.start.witness),
        call="execute",
        pid=log.start.pid,
    )


def _started(log: Log, run: _Run, layers: Layers, lineage: Lineage) -> Call:
    start = log.start
    call = _bare(start, log, run)
    call.parent_pid, call.executable, call.directory = start.parent_pid, start.executable, start.directory
    given = start.arguments or []
    call.arguments = [*given[:1], *(start.options or []), *given[1:]]
    call.layer = layers.inherited
    call.what = "hooked"
    return call


def _tampered(run: _Run, at: int, witness: Witness, what: str) -> Call:
    return _word(run, at, witness, "bypass", what)


def _limited(run: _Run, at: int, what: str) -> Call:
    return _word(run, at, "runner", "reach_limit", f"hooks' logs: {what}")


def _word(run: _Run, at: int, witness: Witness, name: CallName, what: str) -> Call:
    return Call(
        time=_time(at),
        sequence=0,
        package=run.package,
        digest=run.digest,
        platform=run.platform,
        phase=run.phase,
        witness=witness,
        call=name,
        what=what,
    )


def _stack(record: Record, layers: Layers) -> list[str] | None:
    return layers.named(record.stack) or None


def _numbered(call: Call, number: int) -> Call:
    call.sequence = number
    return call


def _time(at: int) -> str:
    return (
        datetime.fromtimestamp(at / 1_000_000, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    )
