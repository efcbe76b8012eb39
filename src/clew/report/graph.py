"""The chain of a finding as a drawing: a box for each stage, each to the right of the one that it hangs on."""

from __future__ import annotations

from pathlib import PureWindowsPath

import msgspec

from clew.finding import EvidenceEvent, EvidenceStage, Finding
from clew.report.text import elapsed, short

#: In pixels.
WIDTH, HEIGHT = 196, 66
_GAP_X, _GAP_Y, _EDGE = 104, 18, 8
_LABEL = 25

#: What an event is about, by the first of these columns that it has.
_SUBJECTS = {
    "process_creation": ("process.name", "process.executable"),
    "file_creation": ("file.path", "file.name"),
    "module_load": ("dll.path", "dll.name"),
    "windows_registry_key_modification": ("registry.path",),
}
_OTHERS = (
    "destination.domain",
    "dns.question.name",
    "destination.ip",
    "file.path",
    "dll.path",
    "process.name",
)


class Box(msgspec.Struct, frozen=True):
    """A stage: where its upper left corner stands, and what is written in it."""

    x: int
    y: int
    stage: str
    mark: str
    subject: str
    about: str


class Edge(msgspec.Struct, frozen=True):
    """A link between two stages: its path in SVG's words, and the elapsed time with its place."""

    path: str
    x: int
    y: int
    label: str
    mark: str


class Graph(msgspec.Struct, frozen=True):
    """The drawing; `words` say the same to those who cannot see it."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    words: str


def draw(finding: Finding) -> Graph:
    """The chain of a finding. Columns are the depth in the plan, in a column stages stand in the plan's order."""
    stages = {stage.name: stage for stage in finding.stages if stage.events}
    places = _places(stages)
    boxes = [_box(stage, places[name], _mark(finding, stage)) for name, stage in stages.items()]
    edges = [
        _edge(stages[stage.parent], stage, places, _mark(finding, stage))
        for stage in stages.values()
        if stage.parent in stages
    ]
    return Graph(
        max((box.x for box in boxes), default=0) + WIDTH + _EDGE,
        max((box.y for box in boxes), default=0) + HEIGHT + _EDGE,
        tuple(boxes),
        tuple(edges),
        _words(stages),
    )


def _places(stages: dict[str, EvidenceStage]) -> dict[str, tuple[int, int]]:
    rows: dict[int, int] = {}
    places: dict[str, tuple[int, int]] = {}
    for name in stages:
        column = _depth(name, stages)
        row = rows.setdefault(column, 0)
        rows[column] += 1
        places[name] = (_EDGE + column * (WIDTH + _GAP_X), _EDGE + row * (HEIGHT + _GAP_Y))
    return places


def _depth(name: str, stages: dict[str, EvidenceStage]) -> int:
    """How many stages stand above; stored findings may say anything, so circles end as well."""
    seen = {name}
    while (parent := stages[name].parent) in stages and parent not in seen:
        name = str(parent)
        seen.add(name)
    return len(seen) - 1


def _mark(finding: Finding, stage: EvidenceStage) -> str:
    return "also" if stage.also else "weak" if stage.name in finding.weak else ""


def _box(stage: EvidenceStage, place: tuple[int, int], mark: str) -> Box:
    event = stage.events[0]
    about = event.component.replace("_", " ")
    return Box(*place, short(stage.name, 19), mark, short(subject(event), _LABEL), short(about, 31))


def subject(event: EvidenceEvent) -> str:
    """What an event is about, in a word: the program, the file without its folder, the address."""
    for column in (*_SUBJECTS.get(event.component, ()), *_OTHERS):
        if value := event.fields.get(column):
            text = str(value)
            return text if column == "registry.path" else PureWindowsPath(text).name or text
    return event.component


def _edge(parent: EvidenceStage, child: EvidenceStage, places: dict[str, tuple[int, int]], mark: str) -> Edge:
    (x, y), (to_x, to_y) = places[parent.name], places[child.name]
    x, y, to_y = x + WIDTH, y + HEIGHT // 2, to_y + HEIGHT // 2
    middle = x + 18
    path = f"M{x} {y} H{middle} V{to_y} H{to_x - 7}"
    return Edge(
        path, (middle + to_x) // 2, to_y - 7, elapsed(parent.events[0].time, child.events[0].time), mark
    )


def _words(stages: dict[str, EvidenceStage]) -> str:
    parts = []
    for stage in stages.values():
        said = f"{stage.name}: {short(subject(stage.events[0]), 60)}"
        if stage.parent in stages:
            time = elapsed(stages[stage.parent].events[0].time, stage.events[0].time)
            said += f", {time} after {stage.parent}"
        parts.append(said)
    return "; ".join(parts) + "."
