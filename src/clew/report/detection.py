"""A whole detection for people and for machines: its stages as a tree, elements in force, coverage, triage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from clew.detection.model import Alternative, Count, Detection, New, Plan, Stage
from clew.duration import show_duration
from clew.report.coverage import Covered
from clew.report.table import plain_lines
from clew.report.text import plain
from clew.report.wording import Elements, words

#: Values of a list that a table shows; JSON has all of them.
_LISTED = 8


def document(detection: Detection, covered: Sequence[Covered]) -> dict[str, Any]:
    """The detection as plain data; conditions in words, durations as they are written."""
    plan, elements = detection.plan, detection.mutable
    return {
        "name": detection.name,
        "analytic": detection.analytic,
        "variant": detection.variant,
        "strategy": detection.strategy,
        "technique": detection.technique,
        "platform": detection.platform,
        "title": detection.title,
        "status": detection.status,
        "path": detection.path,
        "hosts": str(detection.hosts or ""),
        "chain": {
            "scope": plan.scope,
            "within": show_duration(plan.within),
            "from": plan.stages[plan.base].name,
            "stages": [_stage(stage, plan, elements) for stage in plan.stages],
            "findings": {rule.level: rule.written for rule in plan.levels},
            "per": [f"${variable}" for variable in plan.per],
        },
        "mutable": elements,
        "coverage": list(covered),
        "triage": detection.triage,
        "tests": [{"name": case.name, "expect": case.expect} for case in detection.tests],
    }


def _stage(stage: Stage, plan: Plan, elements: Elements) -> dict[str, Any]:
    return {
        "name": stage.name,
        "alternatives": [_alternative(way, plan, elements) for way in stage.alternatives],
        "traits": {trait.name: words(trait.where, elements) for trait in stage.traits},
    }


def _alternative(way: Alternative, plan: Plan, elements: Elements) -> dict[str, Any]:
    return {
        "on": way.component,
        "parent": None if way.parent is None else plan.stages[way.parent].name,
        "after": way.after,
        "where": words(way.where, elements) if way.where else None,
        "link": link_lines(way),
        "bind": {f"${variable}": column for variable, column in way.bind.items()},
        "new": {"key": way.new.key, "for": show_duration(way.new.gap)} if way.new else None,
        "count": _count_document(way.count) if way.count else None,
        "within": show_duration(way.within) if way.within is not None else None,
        "weak": way.weak,
        "at_least": way.at_least,
    }


def _count_document(count: Count) -> dict[str, Any]:
    return {
        "at_least": count.at_least,
        "distinct": count.distinct,
        "by": count.by,
        "within": show_duration(count.within) if count.within is not None else None,
        "together": count.together,
    }


def link_lines(way: Alternative) -> list[str]:
    """The lines of a link as they are written; one of them must hold."""
    signs = {"=": "=", "tree": "in tree of", "under": "under"}
    return [" and ".join(f"{t.field} {signs[t.operator]} ${t.variable}" for t in line) for line in way.link]


def write(detection: Detection, covered: Sequence[Covered], console: Console) -> None:
    """Print the detection for a person."""
    console.print(Text(f"{detection.name}  {plain(detection.title)}", style="bold"))
    head = (detection.technique, detection.strategy, detection.platform, f"status {detection.status}")
    console.print(Text(f"{'  '.join(head)}  {plain(detection.path)}"))
    if detection.hosts:
        console.print(Text(plain(f"with the values of {detection.hosts}")))
    console.print(_tree(detection))
    console.print(_section("Findings"), _levels(detection.plan))
    if detection.mutable:
        console.print(_section("Mutable elements"), values(detection.mutable))
    if covered:
        console.print(_section("Coverage"), _coverage(covered))
    if detection.triage:
        console.print(_section("What to do"), Text(plain_lines(detection.triage)), sep="\n")
    console.print(_section(_tests(detection)))


def _section(title: str) -> Text:
    return Text(f"\n{title}", style="bold")


def _tree(detection: Detection) -> Tree:
    plan = detection.plan
    base = plan.stages[plan.base].name
    tree = Tree(
        Text(f"\nChain: one {plan.scope}, within {show_duration(plan.within)} from {base} on", style="bold"),
        guide_style="dim",
    )
    branches: dict[int, Tree] = {}
    for stage in plan.stages:
        parents = [way.parent for way in stage.alternatives if way.parent is not None]
        trunk = branches[max(parents, key=lambda p: plan.stages[p].depth)] if parents else tree
        branches[stage.index] = trunk.add(_stage_text(stage, detection))
    return tree


def _stage_text(stage: Stage, detection: Detection) -> Text:
    text = Text(stage.name, style="bold cyan")
    for number, way in enumerate(stage.alternatives):
        lead = "or " if number else ""
        text.append(f"\n{lead}on {way.component}", style="default not bold")
        for line in _way_lines(way, detection):
            text.append(f"\n  {plain(line)}", style="default not bold")
    for trait in stage.traits:
        said = plain(words(trait.where, detection.mutable))
        text.append(f"\ntrait {plain(trait.name)}: {said}", style="default not bold")
    return text


def _way_lines(way: Alternative, detection: Detection) -> Iterator[str]:
    plan = detection.plan
    if way.where:
        yield f"where {words(way.where, detection.mutable)}"
    if way.link:
        yield f"link {' or '.join(link_lines(way))}"
    if way.after and way.parent is not None:
        yield f"after {plan.stages[way.parent].name}, without a link"
    if way.within is not None:
        yield f"within {show_duration(way.within)} of its parent"
    if way.new:
        yield _new(way.new)
    if way.count:
        yield _count(way.count)
    if way.at_least:
        yield f"at least {way.at_least} of its traits"
    if way.weak:
        yield f"weak: carries a finding no higher than {way.weak}"
    if way.bind:
        yield "bind " + ", ".join(f"${variable} = {column}" for variable, column in way.bind.items())


def _new(new: New) -> str:
    return f"new: ({', '.join(new.key)}) not seen for {show_duration(new.gap)}"


def _count(count: Count) -> str:
    what = f"distinct {count.distinct}" if count.distinct else "events"
    by = f" by {', '.join(count.by)}" if count.by else ""
    within = f" within {show_duration(count.within)}" if count.within is not None else ""
    together = ", the alternatives together" if count.together else ""
    return f"count: at least {count.at_least} {what}{by}{within}{together}"


def _levels(plan: Plan) -> Table:
    table = _grid("level", "when")
    for rule in plan.levels:
        table.add_row(rule.level, plain(rule.written))
    if plan.per:
        table.add_row("", f"one finding per {plan.scope} and {', '.join('$' + v for v in plan.per)}")
    return table


def values(elements: Elements) -> Table:
    """Elements with their values in force, long lists cut, and where those came from."""
    table = _grid("name", "value", "origin")
    for name, element in elements.items():
        values = element.value if isinstance(element.value, tuple) else (element.value,)
        more = f" and {len(values) - _LISTED} more" if len(values) > _LISTED else ""
        table.add_row(name, plain(", ".join(map(str, values[:_LISTED]))) + more, plain(element.origin))
    return table


def _coverage(covered: Sequence[Covered]) -> Table:
    table = _grid("component", "log source", "channel", "stages", "Clew reads it")
    for row in covered:
        stages = ", ".join(row.stages) or "none"
        used = stages if row.listed else f"{stages}; not listed"
        table.add_row(row.component, plain(row.name), plain(row.channel), used, row.read)
    return table


def _grid(*headings: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for number, heading in enumerate(headings):
        table.add_column(Text(heading), no_wrap=not number, overflow="fold")
    return table


def _tests(detection: Detection) -> str:
    near = sum(case.expect is None for case in detection.tests)
    return f"{len(detection.tests)} tests, {near} of them near misses: clew detections test {detection.name}"
