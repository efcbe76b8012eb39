"""`[[except]]` of clew.toml (R15): what a site has looked at and does not want reported, until a day.

::

    [[except]]
    detection = "AN0862"                                  # all its variants; "AN0862/npm" for one
    stage = "egress"                                      # such an event cannot fill that stage ...
    where = {"destination.domain" = "telemetry.acme.example"}
    because = "Acme's agent reports home; ticket 4711"
    until = 2027-03-31

    [[except]]
    detection = "AN0862"                                  # ... without a stage: a match with such variables
    where = {"$binary|startswith" = 'C:\\Program Files\\Acme\\'}   # does not count
    because = "in-house installer"
    until = 2027-01-31

Runs of `new` (R5) see excepted events all the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from clew.detection.condition import All, Condition, Either, FieldRef, Not, Test
from clew.detection.model import Detection, Plan
from clew.detection.values import applies_to
from clew.detection.where import WhereError, parse_where
from clew.errors import Fault, SettingsError
from clew.settings import TomlFile
from clew.settings.file import KeyPath
from clew.suggest import did_you_mean, one_of

_KEYS = ("detection", "stage", "where", "because", "until")
_DAY = datetime.timedelta(days=1)


class Exemption(msgspec.Struct, frozen=True):
    """What one `[[except]]` holds back.

    With a `stage`, `where` is a condition on the columns of an event; without one, on the bound variables of
    a match, whose fields are called `$binary`. `until` is the first microsecond (UTC) at which it no longer
    counts: the midnight after the day that was written. `origin` is where it stands.
    """

    detection: str
    stage: str | None
    where: Condition
    because: str
    until: int
    origin: str

    def expired(self, now: int) -> bool:
        """Whether it no longer counts at that time (UTC microseconds)."""
        return now >= self.until

    def concerns(self, detection: Detection) -> bool:
        """Whether it is for that detection."""
        return applies_to(self.detection, detection.name)


def read_exemptions(files: Sequence[TomlFile], detections: Sequence[Detection]) -> tuple[Exemption, ...]:
    """The exceptions of all settings files; those for detections that are not loaded are left out.

    Raises:
        SettingsError: with everything that is wrong with any of them.
    """
    faults: list[Fault] = []
    found: list[Exemption] = []
    for file in files:
        tables = file.values.get("except", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            faults.append(file.fault(("except",), "'except' is a list of tables", "write [[except]]"))
            continue
        for index, table in enumerate(tables):
            found.extend(_Reader(file, ("except", index), table, faults).read(detections))
    if faults:
        raise SettingsError(faults)
    return tuple(found)


class _Reader:
    """Reads one table; what is wrong with it goes to `faults`."""

    def __init__(self, file: TomlFile, path: KeyPath, table: Mapping[str, Any], faults: list[Fault]) -> None:
        self._file, self._path, self._table, self._faults = file, path, table, faults

    def read(self, detections: Sequence[Detection]) -> Iterator[Exemption]:
        for key in self._table:
            if key not in _KEYS:
                self._fault(key, f"an exception has no key '{key}'", did_you_mean(key, _KEYS, one_of(_KEYS)))
        name = self._text("detection", "name it: detection = 'AN0862'")
        because = self._text("because", "say why, for those who come after you")
        until = self._until()
        mine = [d for d in detections if name is not None and applies_to(name, d.name)]
        stage = self._stage(mine)
        where = self._where(mine, stage) if mine else None
        if name is not None and because is not None and until is not None and where is not None:
            yield Exemption(name, stage, where, because, until, self._file.origin(*self._path))

    def _stage(self, mine: Sequence[Detection]) -> str | None:
        stage = self._text("stage", "") if "stage" in self._table else None
        for detection in mine:
            known = [other.name for other in detection.plan.stages]
            if stage is not None and stage not in known:
                mend = did_you_mean(stage, known, one_of(known))
                self._fault("stage", f"{detection.name} has no stage '{stage}'", mend)
                return None
        return stage

    def _where(self, mine: Sequence[Detection], stage: str | None) -> Condition | None:
        where = self._table.get("where")
        if not isinstance(where, dict) or not where:
            form = "{'destination.domain' = '...'}" if stage else "{'$variable' = '...'}"
            self._fault("where", "an exception says what it excepts", f"write where = {form}")
            return None
        if "stage" in self._table:
            return self._parsed(where)
        parts = [self._bound(mine, key, values) for key, values in where.items()]
        if None not in parts:
            self._on_one_path(mine, {key.partition("|")[0].removeprefix("$") for key in where})
        return All(tuple(part for part in parts if part is not None)) if None not in parts else None

    def _bound(self, mine: Sequence[Detection], key: str, values: Any) -> Condition | None:
        """A condition on a variable: that on the column it is bound from, with the field renamed."""
        variable, bar, modifiers = key.partition("|")
        columns = {f"${name}": column for d in mine for name, column in _binds(d)}
        for detection in mine:
            known = [f"${name}" for name, _ in _binds(detection)]
            if variable not in known:
                mend = did_you_mean(variable, known, one_of(known) if known else "name a stage")
                of = f" of {detection.name}" if len(mine) > 1 else ""
                self._fault("where", f"no stage{of} binds '{variable}'", mend)
                return None
        condition = self._parsed({f"{columns[variable]}{bar}{modifiers}": values})
        return _renamed(condition, variable) if condition is not None else None

    def _on_one_path(self, mine: Sequence[Detection], variables: set[str]) -> None:
        """It is decided where the deepest of its variables is bound: the others must be bound by then."""
        for detection in mine:
            plan = detection.plan
            owners = {s.index for s in plan.stages for way in s.alternatives if variables & way.bind.keys()}
            deepest = max(owners, key=lambda stage: plan.stages[stage].depth)
            if not all(owners - {deepest} <= above for above in _above(plan, deepest)):
                message = f"the variables are bound beside one another in {detection.name}"
                self._fault("where", message, "write one exception for each of the branches")
                return

    def _parsed(self, where: Mapping[str, Any]) -> Condition | None:
        try:
            return parse_where(where, {})
        except WhereError as error:
            for problem in error.problems:
                place = (*self._path, "where", *problem.path)
                self._faults.append(self._file.fault(place, problem.message, problem.mend))
            return None

    def _until(self) -> int | None:
        until = self._table.get("until")
        if isinstance(until, str):
            try:
                until = datetime.date.fromisoformat(until)
            except ValueError:
                until = None
        if isinstance(until, datetime.datetime):
            until = until.date()
        if not isinstance(until, datetime.date):
            self._fault("until", "an exception ends on a day", "write until = 2027-03-31")
            return None
        midnight = datetime.datetime(until.year, until.month, until.day, tzinfo=datetime.UTC)
        return int(midnight.timestamp() + _DAY.total_seconds()) * 1_000_000

    def _text(self, key: str, mend: str) -> str | None:
        value = self._table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self._fault(
            key, f"'{key}' must be text" if key in self._table else f"an exception has no '{key}'", mend
        )
        return None

    def _fault(self, key: str, message: str, mend: str) -> None:
        self._faults.append(self._file.fault((*self._path, key), message, mend))


def _above(plan: Plan, stage: int) -> Iterator[frozenset[int]]:
    """The stages over a stage, for each way to hang there."""
    for parent in {way.parent for way in plan.stages[stage].alternatives}:
        if parent is None:
            yield frozenset()
        else:
            yield from (above | {parent} for above in _above(plan, parent))


def _binds(detection: Detection) -> Iterator[tuple[str, str]]:
    for stage in detection.plan.stages:
        for way in stage.alternatives:
            yield from way.bind.items()


def _renamed(condition: Condition, field: str) -> Condition:
    """The condition with its one field called otherwise."""
    match condition:
        case Test(_, matcher):
            return Test(field, matcher)
        case Not(part):
            return Not(_renamed(part, field))
        case All(parts):
            return All(tuple(_renamed(part, field) for part in parts))
        case Either(parts):
            return Either(tuple(_renamed(part, field) for part in parts))
        case FieldRef():
            return condition
