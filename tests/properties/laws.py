"""What must hold of the engine on every case. Each law gives the difference that breaks it, or None."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from clew.chain.engine import Engine
from clew.chain.order import Reorder, in_order
from clew.finding import Finding
from clew.select.candidate import Candidate
from properties.compare import engine_of, latest, oracle_view, run, view
from properties.generate import Case, case

Difference = tuple[object, object] | None


def is_the_oracle(one: Case) -> Difference:
    """The engine finds what the rules, read literally, find."""
    wanted = oracle_view(one)
    return _compare(wanted, [view(one.detection, finding) for finding in run(one)])


def goes_on_from_a_snapshot(one: Case) -> Difference:
    """`restore(snapshot())` after any row changes nothing, whether findings were taken before or not."""
    random = Random(len(one.rows))
    rows = in_order(one.rows, [one.detection])
    first, second = engine_of(one), engine_of(one)
    cut = random.randint(0, len(rows))
    for row in rows[:cut]:
        first.feed(row)
    said = first.take() if random.random() < 0.5 else []
    second.restore(first.snapshot())
    for row in rows[cut:]:
        second.feed(row)
    second.finish()
    return _compare(run(one), latest([*said, *second.take()]))


def splits_by_scope(one: Case) -> Difference:
    """An engine for each scope finds together what one engine finds, if all are told how far time has come."""
    rows = in_order(one.rows, [one.detection])
    engines: dict[str | None, Engine] = {}
    end = 0
    for row in rows:
        scope = row.event.keys.get("host.id") if isinstance(row, Candidate) else row.scope
        engine = engines.get(scope) or engine_of(one)
        engines[scope] = engine
        engine.feed(row)
        end = engine.now
    found: list[Finding] = []
    for engine in engines.values():
        engine.advance(end)
        engine.finish()
        found.extend(engine.take())
    return _compare(run(one), latest(found))


def does_not_care_when_what_is_over_goes(one: Case) -> Difference:
    """Chains whose window has passed may stand for any time: they only take room."""
    engine = engine_of(one)
    for chain in engine.chains:
        chain.expiry.patience = 2 * chain.layout.reach
    for row in in_order(one.rows, [one.detection]):
        engine.feed(row)
    engine.finish()
    return _compare(run(one), latest(engine.take()))


def does_not_care_for_arrival(one: Case) -> Difference:
    """Live, in any order of arrival: what is late is handed back, and all else is as in a batch without it."""
    random = Random(len(one.rows))
    lateness = random.choice((0, 3, 10))
    delayed = sorted(
        one.rows, key=lambda row: _time(row) + random.randint(0, lateness + random.choice((0, 0, 4)))
    )
    reorder, engine = Reorder([one.detection], lateness), engine_of(one)
    kept, said = [], []
    for row in delayed:
        if reorder.push(row):
            kept.append(row)
        reorder.saw(row.event.clock if isinstance(row, Candidate) else "lineage", _time(row))
        for ready in reorder.ready():
            engine.feed(ready)
        engine.advance(reorder.watermark)
        said.extend(engine.take() if random.random() < 0.3 else [])
    for ready in reorder.drain():
        engine.feed(ready)
    engine.finish()
    if reorder.late != len(one.rows) - len(kept):
        return reorder.late, len(one.rows) - len(kept)
    batch = replace(one, rows=kept, found=None) if reorder.late else one
    return _compare(run(batch), latest([*said, *engine.take()]))


LAWS: tuple[Callable[[Case], Difference], ...] = (
    is_the_oracle,
    goes_on_from_a_snapshot,
    splits_by_scope,
    does_not_care_for_arrival,
    does_not_care_when_what_is_over_goes,
)


def broken(seed: int, laws: tuple[Callable[[Case], Difference], ...] = LAWS) -> str | None:
    """Which law the case of a seed breaks, and how."""
    failure = breaks(case(seed), laws)
    return None if failure is None else f"seed {seed}: {failure}"


def breaks(one: Case, laws: tuple[Callable[[Case], Difference], ...] = LAWS) -> str | None:
    """Which law a case breaks, and how."""
    for law in laws:
        difference = law(one)
        if difference is not None:
            return f"{law.__name__}\nexpected {difference[0]}\n     got {difference[1]}"
    return None


def rotating(seed: int) -> tuple[Callable[[Case], Difference], ...]:
    """The oracle on every case, and one of the other laws in turn."""
    return LAWS[0], LAWS[1 + seed % (len(LAWS) - 1)]


def _compare(wanted: object, got: object) -> Difference:
    return None if wanted == got else (wanted, got)


def _time(row: object) -> int:
    return row.event.time if isinstance(row, Candidate) else row.time  # type: ignore[attr-defined]
