"""`chain`: scope, window, stages, findings and `per`, brought to the Plan that the engine runs."""

from __future__ import annotations

import re

from clew.detection.block import Block, texts
from clew.detection.document import Mark
from clew.detection.levels import Declared, disjuncts
from clew.detection.model import LevelRule, Plan, Stage
from clew.detection.plan import Tree, base, grow, stages
from clew.detection.reading import Reading
from clew.detection.stage import Draft, read_stages
from clew.finding import LEVELS
from clew.suggest import did_you_mean, one_of

KEYS = ("scope", "within", "from", "stages", "findings", "per")


def read_plan(chain: Block, reading: Reading, skew: int) -> Plan | None:
    """The plan of a chain; None where something is wrong with it, which is then noted."""
    before = len(reading.faults.found)
    scope = chain.get("scope", "name the column inside which a chain lives: scope: host.id")
    column = reading.column(scope, "'scope'") if scope else None
    within = reading.duration(chain, "within", "a chain has a window: within: 90m")
    drafts = read_stages(chain, reading)
    tree = grow(drafts, reading.faults)
    start = base(tree, chain.text("from"), chain.at("from"))
    _check_links(drafts, reading)
    per = _per(chain, tree, reading)
    built = stages(tree)
    levels = _levels(chain, built, drafts, reading)
    _check_per(chain, tree, levels, per, reading)
    if column is None or within is None or len(reading.faults.found) > before:
        return None
    names = tuple(variable for variable, _ in per)
    return Plan(
        scope=column.name, within=within, stages=built, levels=levels, per=names, base=start, skew=skew
    )


def _check_links(drafts: tuple[Draft, ...], reading: Reading) -> None:
    """The columns of all links exist; a link beside `any` stands in each alternative and is told once."""
    seen: set[tuple[Mark, str]] = set()
    for draft in drafts:
        for way in draft.ways:
            for line in way.link:
                for term in line.terms:
                    if (line.mark, term.field) not in seen:
                        seen.add((line.mark, term.field))
                        reading.named(term.field, line.mark)


def _per(chain: Block, tree: Tree, reading: Reading) -> list[tuple[str, Mark]]:
    node = chain.get("per")
    if node is None:
        return []
    found = []
    known = [f"${name}" for name in tree.owners]
    for written, mark in texts(node, reading.faults, "'per'"):
        if not re.fullmatch(r"\$\w+", written):
            reading.faults.add(
                mark, f"'per' names variables, and '{written}' is none", "write per: [$binary]"
            )
        elif written not in known:
            mend = did_you_mean(written, known, one_of(known) if known else "bind it in a stage")
            reading.faults.add(mark, f"no stage binds {written}", mend)
        else:
            found.append((written[1:], mark))
    return found


def _levels(
    chain: Block, built: tuple[Stage, ...], drafts: tuple[Draft, ...], reading: Reading
) -> tuple[LevelRule, ...]:
    findings = chain.block("findings", LEVELS[::-1], "say when it is reported: findings: {high: ...}")
    if findings is None:
        return ()
    if not findings.node.nodes:
        reading.faults.add(findings.mark, "'findings' is empty", f"give it at least {one_of(LEVELS[::-1])}")
    each = frozenset(index for index, draft in enumerate(drafts) if draft.each)
    declared = Declared(built, [draft.groups for draft in drafts], each)
    rules = []
    for level in reversed(LEVELS):
        written = findings.text(level)
        if written is not None:
            rule = LevelRule(level, disjuncts(written, findings.at(level), declared, reading.faults), written)
            rules.append(rule)
    return tuple(rule for rule in rules if rule.disjuncts)


def _check_per(
    chain: Block, tree: Tree, levels: tuple[LevelRule, ...], per: list[tuple[str, Mark]], reading: Reading
) -> None:
    """Each variable of `per` is bound by a positive stage in every way to reach a level (R11)."""
    for variable, mark in per:
        owner = tree.owners[variable]
        for rule in levels:
            if any(owner not in way.stages for way in rule.disjuncts):
                name = tree.drafts[owner].name
                message = f"'{rule.level}' can be reached without '{name}', which binds ${variable} of 'per'"
                mend = f"add 'and {name}' to the condition, or take ${variable} out of 'per'"
                reading.faults.add(mark, message, mend)
