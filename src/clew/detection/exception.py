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

from clew.detection.condition import All, Condition, Either, FieldRef, Not, Test, fields_of
from clew.detection.model import Detection, Plan
from clew.detection.values import applies_to
from clew.detection.where import WhereError, parse_where
from clew.errors import Fault
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

    def decided_in(self, plan: Plan) -> int:
        """The index of the stage where it is decided: its own, or the deepest that binds one of its variables.

        Raises ValueError where its variables are bound on different branches.
        """
        if self.stage is not None:
            return next(stage.index for stage in plan.stages if stage.name == self.stage)
        stage = decided_at(plan, self.where)
        if stage is None:
            raise ValueError(f"{self.origin}: the variables of an exception must be bound on one path")
        return stage


def read_exemptions(
    files: Sequence[TomlFile], detections: Sequence[Detection], faults: list[Fault]
) -> tuple[Exemption, ...]:
    """The exceptions of all settings files; those for detections that are not loaded are left out.

    Those that are wrong are left out too, and `faults` tells of everything that is wrong with them.
    """
    found: list[Exemption] = []
    for file in files:
        tables = file.values.get("except", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            faults.append(file.fault(("except",), "'except' is a list of tables", "write [[except]]"))
            continue
        for index, table in enumerate(tables):
            found.extend(_Reader(file, ("except", index), table, faults).read(detections))
    return tuple(found)


def strangers(files: Sequence[TomlFile], detections: Sequence[Detection]) -> Iterator[Fault]:
    """The exceptions that are for none of the detections."""
    names = [detection.name for detection in detections]
    for file in files:
        for index, table in enumerate(file.values.get("except", [])):
            written = table["detection"]
            if not any(applies_to(written, name) for name in names):
                place = ("except", index, "detection")
                message = f"no detection in use is called '{written}', so it excepts nothing"
                yield file.fault(place, message, did_you_mean(written, names))


def decided_at(plan: Plan, where: Condition) -> int | None:
    """The index of the stage at which a condition on variables is decided: the deepest that binds one of them.

    None where another one does not stand above it whichever way it hangs there, so that no stage knows all.
    """
    asked = {field.removeprefix("$") for field in fields_of(where)}
    owners = {stage.index for stage in plan.stages for way in stage.alternatives if asked & way.bind.keys()}
    deepest = max(owners, key=lambda index: plan.stages[index].depth)
    return deepest if owners <= _above(plan, deepest) else None


def _above(plan: Plan, stage: int) -> frozenset[int]:
    """The stages on every way from the opening to a stage, itself included."""
    parents = {way.parent for way in plan.stages[stage].alternatives}
    ways = [_above(plan, parent) for parent in parents if parent is not None]
    return frozenset.intersection(*ways) | {stage} if ways else frozenset({stage})


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
        if None in parts:
            return None
        whole = All(tuple(part for part in parts if part is not None))
        for detection in mine:
            if decided_at(detection.plan, whole) is None:
                message = f"{' and '.join(where)} are bound on different branches of {detection.name}"
                self._fault("where", message, "name variables of one stage and those above it")
                return None
        return whole

    def _bound(self, mine: Sequence[Detection], key: str, values: Any) -> Condition | None:
        """A condition on a variable: that on the column it is bound from, with the field renamed."""
        variable, bar, modifiers = key.partition("|")
        columns: dict[str, str] = {}
        for detection in mine:
            columns = {f"${name}": column for name, column in _binds(detection)}
            if variable not in columns:
                mend = did_you_mean(variable, columns, one_of(columns) if columns else "name a stage")
                self._fault("where", f"no stage of {detection.name} binds '{variable}'", mend)
                return None
        if "fieldref" in modifiers.split("|"):
            self._fault("where", f"'{variable}' cannot be compared with a column", "give its values")
            return None
        condition = self._parsed({f"{columns[variable]}{bar}{modifiers}": values})
        return _renamed(condition, variable) if condition is not None else None

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
