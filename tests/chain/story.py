"""Short stories for engine tests: a chain in the language, events in one line each, and the findings.

A line is ``ID TIME COMPONENT column=value ...``; times are seconds, with ``m`` minutes, with ``us`` microseconds.
``host.id`` is h1 unless given. ``start TIME PROCESS PARENT [name=NAME]`` and ``end TIME PROCESS`` are lineage.
What select does in SQL happens here in Python, event by event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from clew.chain.engine import Engine
from clew.chain.limits import DEFAULT, Limits
from clew.chain.order import in_order
from clew.detection.condition import compile as compile_condition
from clew.detection.load import load_text
from clew.detection.model import Detection
from clew.event import SCHEMA, Event
from clew.finding import Finding
from clew.select.candidate import Candidate, Fit, ProcessEnd, ProcessStart
from properties.generate import run_began

HEAD = """\
analytic: AN0001
strategy: DET0001
technique: T1195.002
platform: windows
title: A story
status: test
"""
SECOND = 1_000_000


def detection(chain: str, skew: int = 0) -> Detection:
    """The detection with this `chain` block, its lines indented by two or more."""
    (one,) = load_text(HEAD + "chain:\n" + chain, skew=skew)
    return one


def microseconds(written: str) -> int:
    """`3` and `3s` are seconds, `2m` minutes, `7us` microseconds; parts may be added: `90m+1us`."""
    total = 0
    for part in written.split("+"):
        for unit, factor in (
            ("us", 1),
            ("m", 60 * SECOND),
            ("s", SECOND),
            ("d", 86_400 * SECOND),
            ("", SECOND),
        ):
            if part.endswith(unit) and part[: len(part) - len(unit)].lstrip("-").isdigit():
                total += int(part[: len(part) - len(unit)]) * factor
                break
        else:
            raise ValueError(written)
    return total


def event(line: str) -> Event:
    """The event of a line."""
    identity, time, component, *pairs = line.split()
    given = dict(pair.split("=", 1) for pair in pairs)
    host = given.pop("host.id", "h1")
    keys = {column: value.lower() for column, value in given.items()}
    if host:
        keys["host.id"] = host
    fields: dict[str, Any] = {column: _typed(column, value) for column, value in given.items()}
    return Event(
        identity, component, microseconds(time), fields, keys, clock=host, source="story", position=1
    )


def _typed(column: str, value: str) -> str | int | bool:
    kind = SCHEMA[column].type
    return value == "true" if kind == "boolean" else int(value) if kind == "number" else value


def rows(one: Detection, lines: Sequence[str], number: int = 0) -> list[Any]:
    """The rows that a detection makes of the lines, in the order of the lines."""
    made: list[Any] = [_lineage(line) for line in lines if line.startswith(("start ", "end "))]
    events = [event(line) for line in lines if not line.startswith(("start ", "end "))]
    for stage in one.plan.stages:
        fits: dict[int, list[Fit]] = {}
        for way, alternative in enumerate(stage.alternatives):
            where = compile_condition(alternative.where) if alternative.where is not None else None
            passing = [
                place
                for place, e in enumerate(events)
                if e.component == alternative.component and (where is None or where(e.fields))
            ]
            for place in passing:
                new = alternative.new
                began = run_began(new, events[place], [events[p] for p in passing]) if new else None
                fits.setdefault(place, []).append(Fit(way, began))
        made.extend(Candidate(number, stage.index, tuple(f), events[p]) for p, f in sorted(fits.items()))
    return made


def _lineage(line: str) -> ProcessStart | ProcessEnd:
    kind, time, process, *rest = line.split()
    given = dict(pair.split("=", 1) for pair in rest if "=" in pair)
    host = given.pop("host", "h1")
    if kind == "end":
        return ProcessEnd(microseconds(time), host, process)
    parent = next((word for word in rest if "=" not in word), None)
    return ProcessStart(microseconds(time), host, process, parent, **given)


def engine(one: Detection, lines: Sequence[str], limits: Limits = DEFAULT, **more: Any) -> Engine:
    """An engine that has been fed the lines as a batch, and has not finished."""
    made = Engine([one], limits, **more)
    for row in in_order(rows(one, lines), [one]):
        made.feed(row)
    return made


def findings(one: Detection, lines: Sequence[str], **more: Any) -> list[Finding]:
    """What is found in the lines as a batch."""
    made = engine(one, lines, **more)
    made.finish()
    return made.take()


def levels(one: Detection, lines: Sequence[str]) -> list[str]:
    """The levels of the findings, sorted."""
    return sorted(finding.level for finding in findings(one, lines))


def thread(finding: Finding) -> dict[str, str]:
    """The event that is shown of each stage; of an *also* stage in brackets."""
    return {s.name: f"({s.events[0].id})" if s.also else s.events[0].id for s in finding.stages}


def counts(finding: Finding) -> dict[str, int]:
    """How many events fill each stage."""
    return {stage.name: stage.count for stage in finding.stages}


def only(found: Iterable[Finding]) -> Finding:
    """The one finding."""
    (one,) = found
    return one
