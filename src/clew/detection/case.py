"""The `tests` of a detection: short lists of events, and the level that each must reach.

::

    tests:
      - name: a renamed PowerShell calls out
        expect: critical
        events:
          - +0s file_creation: &write {file.path: 'C:\\ProgramData\\wt.exe'}
          - +3m process_creation: &run {process.entity_id: p1, process.executable: 'C:\\ProgramData\\wt.exe'}
          - +4m network_connection_creation: &call {process.entity_id: p1, destination.ip: 203.0.113.7}
      - name: ... from another host
        expect: none
        events:
          - +0s file_creation: *write
          - +3m process_creation: {<<: ...}

An event is written as `OFFSET COMPONENT: {column: value, ...}`. Offsets count from a moment that the trial
chooses; `+90m1us` is one microsecond past ninety minutes. Events may stand in any order. `expect` is the
highest level among the findings, or `none`.

What is not written is made as a mapping would make it: `host.id` is `host` unless the event says otherwise,
file names, folders and extensions come from the paths beside them, and `destination.address` from the name or
the address. `event.id` may be given: two events with one id are two copies of a record.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from clew.detection.block import Block, Faults, block
from clew.detection.component import COMPONENTS
from clew.detection.document import Leaf, Mark, Node
from clew.detection.document import Mapping as MappingNode
from clew.detection.model import Case, CaseEvent
from clew.duration import DurationError, parse_duration
from clew.event import SCHEMA, Column
from clew.finding import LEVELS
from clew.suggest import did_you_mean

Field = str | int | bool
#: What `expect` may say.
EXPECTED = (*LEVELS, "none")
_HEAD = re.compile(r"(?P<offset>\S+)\s+(?P<component>\S+)")
#: column that is derived: (column it comes from, which part of the path).
_PARTS = {
    "file.name": ("file.path", "name"),
    "file.directory": ("file.path", "directory"),
    "file.extension": ("file.path", "extension"),
    "process.name": ("process.executable", "name"),
    "process.parent.name": ("process.parent.executable", "name"),
    "dll.name": ("dll.path", "name"),
}
#: What a column of each type holds in a test, and how to write it.
_TYPES = {
    "text": ("text", "quote it"),
    "number": ("a whole number", "write its digits, without quotes"),
    "boolean": ("true or false", "write it without quotes"),
}


def read_cases(nodes: Collection[Node], faults: Faults) -> tuple[Case, ...]:
    """The cases of `tests`; what is wrong with them is noted."""
    cases: list[Case] = []
    names: set[str] = set()
    for node in nodes:
        found = block(node, faults, "a test", ("name", "expect", "events"))
        case = _case(found, faults) if found else None
        if case is None:
            continue
        if case.name in names:
            faults.add(node.mark, f"a second test is called '{case.name}'", "give it another name")
        names.add(case.name)
        cases.append(case)
    return tuple(cases)


def _case(found: Block, faults: Faults) -> Case | None:
    name = found.text("name", "name the test by what it shows")
    expect = found.choice("expect", EXPECTED, "say what it must reach: a level or none")
    events = read_events(found.items("events", "list its events"), faults)
    if name is None or expect is None:
        return None
    level = next((level for level in LEVELS if level == expect), None)
    return Case(name, events, level, found.mark.line)


def read_events(nodes: Collection[Node], faults: Faults) -> tuple[CaseEvent, ...]:
    """The events of a list; those that are wrong are noted and left out."""
    events = (_event(node, faults) for node in nodes)
    return tuple(event for event in events if event is not None)


def _event(node: Node, faults: Faults) -> CaseEvent | None:
    form = "write: - +3m process_creation: {process.name: cmd.exe}"
    if not isinstance(node, MappingNode) or len(node.nodes) != 1:
        faults.add(node.mark, "an event is one offset and component with its columns", form)
        return None
    ((head, columns),) = node.nodes.items()
    found = _HEAD.fullmatch(head)
    if found is None:
        faults.add(node.mark, f"'{head}' is no offset and component", form)
        return None
    offset = _offset(found["offset"], node.mark, faults)
    component = found["component"]
    if component not in COMPONENTS:
        faults.add(
            node.mark, f"no data component is called '{component}'", did_you_mean(component, COMPONENTS)
        )
    if not isinstance(columns, MappingNode):
        faults.add(columns.mark, "the columns of an event are a mapping", form)
        return None
    return CaseEvent(offset, component, completed(_fields(columns, faults)), node.mark.line)


def _offset(written: str, mark: Mark, faults: Faults) -> int:
    sign = -1 if written.startswith("-") else 1
    try:
        return sign * parse_duration(written[1:] if written[:1] in ("+", "-") else written)
    except DurationError as error:
        faults.add(mark, f"'{written}' is no offset: {error}", "write +3m, -2s or +90m1us")
        return 0


def _fields(columns: MappingNode, faults: Faults) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for name, node in columns.nodes.items():
        column = SCHEMA.get(name)
        if column is None:
            faults.add(columns.keys[name], f"no column is called '{name}'", did_you_mean(name, SCHEMA))
        elif column.lineage or name in ("@timestamp", "clew.component"):
            faults.add(columns.keys[name], f"'{name}' is not written in a test", "it follows from the events")
        else:
            value = _value(node, column, faults)
            if value is not None:
                fields[name] = value
    return fields


def _value(node: Node, column: Column, faults: Faults) -> Field | None:
    """The value in the column's type; null is no value."""
    types = {"text": str, "number": int, "boolean": bool}
    value = node.value if isinstance(node, Leaf) else node
    if value is None:
        return None
    if type(value) is types.get(column.type, str) and isinstance(value, str | int):
        return value
    holds, mend = _TYPES[column.type]
    faults.add(node.mark, f"{column.name} holds {holds}", mend)
    return None


def completed(fields: Mapping[str, Field]) -> dict[str, Field]:
    """The fields with what a mapping derives from them: see the head of this module."""
    filled = dict(fields)
    filled.setdefault("host.id", "host")
    for name, (path, part) in _PARTS.items():
        if name not in filled and isinstance(value := filled.get(path), str):
            derived = _part(value, part)
            if derived:
                filled[name] = derived
    address = filled.get("destination.domain", filled.get("destination.ip"))
    if address is not None:
        filled.setdefault("destination.address", address)
    return filled


def _part(path: str, part: str) -> str:
    cut = max(path.rfind("\\"), path.rfind("/"))
    directory, name = path[: max(cut, 0)], path[cut + 1 :]
    if part == "extension":
        return name.rpartition(".")[2] if "." in name else ""
    return directory if part == "directory" else name
