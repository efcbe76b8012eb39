"""A stage as it stands in the file: its ways to be filled, before anyone knows which stage hangs on which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from clew.detection.block import Block, block
from clew.detection.condition import All, Condition, fields_of, only_existence
from clew.detection.document import Mapping, Mark, Node
from clew.detection.link import Line, joined, read_link
from clew.detection.model import Count, New, Trait
from clew.detection.reading import Reading
from clew.finding import LEVELS, Level

#: These say what a stage is; they stand beside `any` or in its alternatives, not in both.
_ONE_PLACE = ("on", "new", "count", "within", "after", "weak", "at_least")
WAY_KEYS = ("on", "where", "link", "after", "bind", "new", "count", "within", "weak", "at_least")
KEYS = (*WAY_KEYS, "any", "traits")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_RESERVED = {"and", "or", "not", "traits"}


@dataclass(frozen=True, slots=True)
class Way:
    """One alternative of a stage, with the places that a fault may have to name.

    `after` is the name of a stage. `marks` tells where each key stands.
    """

    mark: Mark
    marks: dict[str, Mark]
    component: str | None = None
    where: Condition | None = None
    link: tuple[Line, ...] = ()
    after: str | None = None
    bind: dict[str, str] | None = None
    new: New | None = None
    count: Count | None = None
    within: int | None = None
    weak: Level | None = None
    at_least: int | None = None

    def at(self, key: str) -> Mark:
        """Where the key stands, or the alternative where it has none."""
        return self.marks.get(key, self.mark)

    @property
    def hangs(self) -> bool:
        """Whether the file gives it a parent, rightly or not."""
        return "link" in self.marks or "after" in self.marks


@dataclass(frozen=True, slots=True)
class Draft:
    """A stage of the file. `groups` maps each declared trait to the indexes of its traits."""

    name: str
    mark: Mark
    ways: tuple[Way, ...]
    traits: tuple[Trait, ...]
    groups: dict[str, tuple[int, ...]]
    each: bool


def read_stages(chain: Block, reading: Reading) -> tuple[Draft, ...]:
    """The stages of a chain in file order."""
    drafts = []
    for name, mark, node in chain.entries("stages", "name the stages, the opening first"):
        _check_name(name, mark, "stage", reading)
        stage = block(node, reading.faults, f"the stage '{name}'", KEYS)
        if stage is not None:
            drafts.append(_draft(name, mark, stage, reading))
    return tuple(drafts)


def _check_name(name: str, mark: Mark, what: str, reading: Reading) -> None:
    if not _NAME.fullmatch(name):
        reading.faults.add(mark, f"'{name}' cannot name a {what}", "use small letters, digits and _")
    elif name in _RESERVED:
        reading.faults.add(mark, f"'{name}' is a word of the language", f"give the {what} another name")


def _draft(name: str, mark: Mark, stage: Block, reading: Reading) -> Draft:
    traits, groups, each = _traits(stage, reading)
    ways = _ways(stage, reading)
    for way in ways:
        if way.component is None and "on" not in way.marks:
            mend = "add 'on:' with a data component, such as process_creation"
            reading.faults.add(way.mark, f"the stage '{name}' does not say which events fill it", mend)
        if way.at_least is not None and not each and not 1 <= way.at_least <= len(traits):
            mend = f"ask for 1 to {len(traits)}" if traits else "give the stage 'traits'"
            reading.faults.add(
                way.at("at_least"), f"'at_least' counts the {len(traits)} traits of '{name}'", mend
            )
    return Draft(name, mark, ways, traits, groups, each)


def _ways(stage: Block, reading: Reading) -> tuple[Way, ...]:
    beside = _way(stage, reading)
    if not stage.has("any"):
        return (beside,)
    if beside.count is not None:
        beside = replace(beside, count=structs.replace(beside.count, together=True))
    ways = []
    for node in stage.items("any"):
        alternative = block(node, reading.faults, "an alternative of 'any'", WAY_KEYS)
        if alternative is not None:
            _check_one_place(stage, alternative, reading)
            ways.append(_merged(beside, _way(alternative, reading)))
    return tuple(ways)


def _check_one_place(stage: Block, alternative: Block, reading: Reading) -> None:
    for key in _ONE_PLACE:
        if stage.has(key) and alternative.has(key):
            message = f"'{key}' stands beside 'any' too, in line {stage.key_at(key).line}"
            reading.faults.add(alternative.key_at(key), message, "keep one of the two")


def _merged(beside: Way, inner: Way) -> Way:
    """The alternative with what stands beside `any`: conditions and links ANDed, binds merged."""
    both = [part for part in (beside.where, inner.where) if part is not None]
    return Way(
        mark=inner.mark,
        marks={**beside.marks, **inner.marks},
        component=inner.component or beside.component,
        where=All(tuple(both)) if len(both) == 2 else both[0] if both else None,
        link=joined(beside.link, inner.link),
        after=inner.after or beside.after,
        bind={**(beside.bind or {}), **(inner.bind or {})},
        new=inner.new or beside.new,
        count=inner.count or beside.count,
        within=beside.within if inner.within is None else inner.within,
        weak=inner.weak or beside.weak,
        at_least=inner.at_least or beside.at_least,
    )


def _way(stage: Block, reading: Reading) -> Way:
    where, link = stage.get("where"), stage.get("link")
    way = Way(
        mark=stage.mark,
        marks={key: stage.at(key) for key in stage.node.nodes},
        component=reading.component(stage, "on"),
        where=reading.condition(where) if where else None,
        link=read_link(link, reading.faults) if link else (),
        after=stage.text("after"),
        bind=_bind(stage, reading),
        new=_new(stage, reading),
        count=_count(stage, reading),
    )
    weak = stage.choice("weak", LEVELS)
    return replace(
        way,
        within=reading.duration(stage, "within"),
        weak=next((level for level in LEVELS if level == weak), None),
        at_least=reading.number(stage, "at_least"),
    )


def _bind(stage: Block, reading: Reading) -> dict[str, str]:
    bound: dict[str, str] = {}
    for variable, mark, node in stage.entries("bind"):
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
            reading.faults.add(
                mark, f"'{variable}' cannot name a variable", "use letters, digits and _, without $"
            )
        column = reading.column(node, f"'{variable}'")
        if column is not None:
            bound[variable] = column.name
    return bound


def _new(stage: Block, reading: Reading) -> New | None:
    new = stage.block("new", ("key", "for"))
    if new is None:
        return None
    key = reading.columns(new, "key", "list the columns of the key")
    gap = reading.duration(new, "for", "say for how long: for: 30d")
    return New(key, gap) if key and gap is not None else None


def _count(stage: Block, reading: Reading) -> Count | None:
    count = stage.block("count", ("at_least", "distinct", "by", "within"))
    if count is None:
        return None
    number = reading.number(count, "at_least", "say how many: at_least: 5")
    distinct = count.get("distinct")
    column = reading.column(distinct, "'distinct'") if distinct else None
    by = reading.columns(count, "by") if count.has("by") else ()
    within = reading.duration(count, "within")
    if number is None:
        return None
    if number < 1:
        reading.faults.add(count.at("at_least"), "'at_least' must be 1 or more", "")
    return Count(number, column.name if column else None, by, within)


def _traits(stage: Block, reading: Reading) -> tuple[tuple[Trait, ...], dict[str, tuple[int, ...]], bool]:
    traits: list[Trait] = []
    groups: dict[str, tuple[int, ...]] = {}
    each = False
    for name, mark, node in stage.entries("traits"):
        _check_name(name, mark, "trait", reading)
        first = len(traits)
        if isinstance(node, Mapping) and "each" in node.nodes:
            traits.extend(_each(name, node, reading))
            each = True
        else:
            traits.extend(_trait(name, node, reading))
        groups[name] = tuple(range(first, len(traits)))
    return tuple(traits), groups, each


def _trait(name: str, node: Node, reading: Reading) -> Iterator[Trait]:
    where = reading.condition(node, lineage=True)
    if where is not None:
        yield _made(name, where)


def _each(name: str, node: Mapping, reading: Reading) -> Iterator[Trait]:
    """`{each: COLUMN, in: '%List%'}`: one trait for each value of the list, called NAME=VALUE (R6)."""
    each = Block(node, reading.faults, f"the trait '{name}'", ("each", "in"))
    column = reading.column(node.nodes["each"], "'each'", lineage=True)
    listed = each.get("in", "name a list: in: '%List%'")
    if column is None or listed is None:
        return
    for value, where in reading.each(column, listed):
        yield _made(f"{name}={value}", where)


def _made(name: str, where: Condition) -> Trait:
    return Trait(name, where, fields_of(where), only_existence(where))
