"""R4, R11: conditions of levels as disjuncts closed under parents, and what a condition may not say."""

from collections.abc import Collection, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clew.detection.block import Faults
from clew.detection.condition import All
from clew.detection.document import Mark
from clew.detection.expression import Conjunction, Disjunction, Expression, Name, Negation
from clew.detection.levels import MAX_DISJUNCTS, Declared, disjuncts
from clew.detection.model import Alternative, Disjunct, Stage, Trait
from writing import RIGHT, edited, fault, faults, line_of, load, plan

FINDINGS = "    high: egress and run.renamed\n    low: run and egress\n"


def ways(condition: str, *edits: tuple[str, str]) -> tuple[Disjunct, ...]:
    (rule,) = plan((FINDINGS, f"    high: {condition}\n"), ("  per: [$binary]\n", ""), *edits).levels
    return rule.disjuncts


Pairs = Collection[tuple[int, int]]


def d(
    *stages: int, traits: Pairs = (), nots: Pairs = (), least: Pairs = (), absent: Collection[int] = ()
) -> Disjunct:
    return Disjunct(
        frozenset(stages), frozenset(traits), frozenset(nots), frozenset(least), frozenset(absent)
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("write", [d(0)]),
        ("child", [d(0, 1, 2)]),
        ("egress and child", [d(0, 1, 2, 3)]),
        ("egress or child", [d(0, 1, 2), d(0, 1, 3)]),
        ("write or child", [d(0)]),
        ("run.renamed", [d(0, 1, traits={(1, 0)})]),
        ("not run.renamed", [d(0, 1, nots={(1, 0)})]),
        ("run.cap", [d(0, 1, traits={(1, i)}) for i in (1, 2, 3)]),
        ("not run.cap", [d(0, 1, nots={(1, 1), (1, 2), (1, 3)})]),
        ("run.traits >= 2", [d(0, 1, least={(1, 2)})]),
        ("egress and not child", [d(0, 1, 3, absent={2})]),
        ("not child", [d(0, 1, absent={2})]),
        ("not not child", [d(0, 1, 2)]),
        ("egress and (child or run.renamed)", [d(0, 1, 2, 3), d(0, 1, 3, traits={(1, 0)})]),
        ("egress or egress and child", [d(0, 1, 3)]),
        ("(child or write) and (child or run)", [d(0, 1)]),
        ("(child or egress) and not child", [d(0, 1, 3, absent={2})]),
        ("not (run.renamed or write.big)", [d(0, 1, nots={(0, 0), (1, 0)})]),
        ("not (run.renamed and write.big)", [d(0, nots={(0, 0)}), d(0, 1, nots={(1, 0)})]),
    ],
)
def test_conditions(condition: str, expected: list[Disjunct]) -> None:
    assert set(ways(condition)) == set(expected)


def test_levels_are_ordered_from_highest_to_lowest() -> None:
    both = plan((FINDINGS, "    low: run\n    critical: child\n    medium: egress\n"))
    assert [rule.level for rule in both.levels] == ["critical", "medium", "low"]


def test_alternatives_with_different_parents_are_different_ways() -> None:
    edits = (
        "        - on: network_traffic_flow\n          after: run",
        "        - on: network_traffic_flow\n          after: write",
    )
    assert set(ways("egress", edits)) == {d(0, 3), d(0, 1, 3)}
    assert set(ways("egress and child", edits)) == {d(0, 1, 2, 3)}


def test_an_empty_list_of_each_is_never_reached() -> None:
    edits = (
        ("[a, b, c]", "[]"),
        (FINDINGS, "    high: run.cap\n    medium: run.traits >= 2\n    low: run and not run.cap\n"),
    )
    assert [(rule.level, rule.disjuncts) for rule in plan(*edits).levels] == [("low", (d(0, 1),))]


@pytest.mark.parametrize(
    ("condition", "message", "mend"),
    [
        ("egres", "no stage is called 'egres'", "did you mean 'egress'?"),
        ("run.renamd", "the stage 'run' has no trait 'renamd'", "did you mean 'renamed'?"),
        ("child.x", "the stage 'child' has no trait 'x'", "give child 'traits'"),
        ("run.traits", "cannot be read: 'run.traits' needs a number", "write run.traits >= 2"),
        ("egress and", "cannot be read: a stage is missing at the end", "name a stage"),
        ("write.traits >= 2", "'write.traits >= 2' never holds: the stage has only 1", "ask for fewer"),
        ("run and not run.traits >= 2", "'not run.traits >= 2' cannot be asked", "name the traits"),
        ("not (run.traits >= 2 and child)", "'not run.traits >= 2' cannot be asked", "name the traits"),
        ("not write", "'not write': the opening cannot be absent", "negate a stage below it"),
        ("write and not run", "'not run': child, egress hangs on it", "no other hangs on"),
        ("run and not egress", "'not egress': the stage is 'weak'", "remove 'weak'"),
        ("child and not child", "the condition 'child and not child' can never hold", "opposite"),
        ("run.renamed and not run.renamed", "can never hold", "opposite"),
    ],
)
def test_what_a_condition_may_not_say(condition: str, message: str, mend: str) -> None:
    text = edited((FINDINGS, f"    high: {condition}\n"), ("  per: [$binary]\n", ""))
    found = faults(text)
    assert message in " / ".join(fault.message for fault in found)
    mine = next(fault for fault in found if message in fault.message)
    assert mend in mine.mend
    assert (mine.line, mine.column) == (line_of(text, f"high: {condition}"), 11)


def test_a_negated_stage_has_one_parent() -> None:
    found = fault(
        ("        - on: network_traffic_flow\n          after: run\n          weak: medium",
         "        - on: network_traffic_flow\n          link: file.path = $binary"),
        (FINDINGS, "    high: run and not egress\n"),
    )  # fmt: skip
    assert found.message == "'not egress': its alternatives hang on write, run"
    assert found.mend == "let all of them hang on one stage"


def test_conditions_that_explode_are_refused() -> None:
    traits = "".join(f"        t{i}: {{file.name: x{i}}}\n" for i in range(24))
    condition = " and ".join(f"(write.t{2 * i} or write.t{2 * i + 1})" for i in range(12))
    found = fault(
        ("        big: {file.extension: exe}\n", traits),
        (FINDINGS, f"    high: run and {condition}\n"),
    )
    assert f"holds in more than {MAX_DISJUNCTS} ways" in found.message


def test_an_unknown_level() -> None:
    assert fault(("    low: run", "    lw: run")).mend == "did you mean 'low'?"


def test_no_level_at_all() -> None:
    assert "'findings' is empty" in fault((f"  findings:\n{FINDINGS}", "  findings: {}\n")).message
    assert fault((f"  findings:\n{FINDINGS}", "")).message == "'chain' has no 'findings'"


@pytest.mark.parametrize("per", ["[$program, $binary]", "$program"])
def test_per_is_bound_in_every_way_to_every_level(per: str) -> None:
    found = fault(("    low: run and egress", "    low: write"), ("per: [$binary]", f"per: {per}"))
    assert found.message == "'low' can be reached without 'run', which binds $program of 'per'"
    assert found.mend == "add 'and run' to the condition, or take $program out of 'per'"


def test_per_is_bound_by_the_closure_too() -> None:
    assert plan(("    low: run and egress", "    low: child"), ("[$binary]", "$program")).per == ("program",)


def test_per_under_one_of_several_parents() -> None:
    found = fault(
        ("network_traffic_flow\n          after: run", "network_traffic_flow\n          after: write"),
        ("    low: run and egress", "    low: egress"),
        ("[$binary]", "$program"),
    )
    assert found.message == "'low' can be reached without 'run', which binds $program of 'per'"


@pytest.mark.parametrize(
    ("per", "message", "mend"),
    [
        ("binary", "'per' names variables, and 'binary' is none", "per: [$binary]"),
        ("[$binry]", "no stage binds $binry", "did you mean '$binary'?"),
    ],
)
def test_per_names_variables(per: str, message: str, mend: str) -> None:
    found = fault(("per: [$binary]", f"per: {per}"))
    assert found.message == message
    assert mend in found.mend


def test_per_may_be_missing() -> None:
    assert load(edited(("  per: [$binary]\n", ""))).plan.per == ()
    assert load(RIGHT).plan.per == ("binary",)


# -- the disjuncts say what the condition says, on every assignment

_TRAITS = tuple(Trait(name, All(()), ("file.name",)) for name in ("t", "u"))
_STAGES = (
    Stage("a", 0, 1, (Alternative(component="file_creation"),), _TRAITS),
    Stage("b", 1, 2, (Alternative(component="process_creation", parent=0),), _TRAITS),
    Stage("c", 2, 3, (Alternative(component="process_creation", parent=1),), _TRAITS),
    Stage("e", 3, 3, (Alternative(component="process_creation", parent=1),), ()),
    Stage("f", 4, 2, (Alternative(component="process_creation", parent=0),), ()),
)
_PARENT = {"b": "a", "c": "b", "e": "b", "f": "a"}
_NAMES = (
    [Name(s) for s in "abcef"] + [Name(s, t) for s in "abc" for t in "tu"] + [Name(s, None, 2) for s in "abc"]
)


def _negatable(name: Name) -> bool:
    return name.at_least is None and (name.trait is not None or name.stage in "cef")


_LEAVES = st.sampled_from(_NAMES) | st.sampled_from([n for n in _NAMES if _negatable(n)]).map(Negation)
_TREES = st.recursive(
    _LEAVES,
    lambda parts: (
        st.builds(Conjunction, st.tuples(parts, parts)) | st.builds(Disjunction, st.tuples(parts, parts))
    ),
    max_leaves=8,
)


def _written(tree: Expression) -> str:
    match tree:
        case Name():
            return str(tree)
        case Negation(part):
            return f"not ({_written(part)})"
        case Conjunction(parts):
            return " and ".join(f"({_written(part)})" for part in parts)
        case Disjunction(parts):
            return " or ".join(f"({_written(part)})" for part in parts)


def _holds(tree: Expression, filled: set[str], traits: set[tuple[str, str]]) -> bool:
    match tree:
        case Conjunction(parts):
            return all(_holds(part, filled, traits) for part in parts)
        case Disjunction(parts):
            return any(_holds(part, filled, traits) for part in parts)
        case Negation(Name(stage, None)):
            return stage not in filled and _PARENT[stage] in filled
        case Negation(Name(stage, trait)):
            return stage in filled and (stage, trait) not in traits
        case Name(stage, None, None):
            return stage in filled
        case Name(stage, None, int(n)):
            return stage in filled and sum(name == stage for name, _ in traits) >= n
        case Name(stage, trait):
            return (stage, trait) in traits
    raise AssertionError(tree)


def _assignments() -> Iterator[tuple[set[str], set[tuple[str, str]]]]:
    closed = ["", "a", "ab", "af", "abf", "abc", "abe", "abce", "abcf", "abef", "abcef"]
    for filled in closed:
        possible = [(s, t) for s in filled for t in "tu" if s in "abc"]
        for bits in range(1 << len(possible)):
            yield set(filled), {pair for i, pair in enumerate(possible) if bits >> i & 1}


def _reached(way: Disjunct, filled: set[str], traits: set[tuple[str, str]]) -> bool:
    names = [stage.name for stage in _STAGES]
    held = {(names.index(s), "tu".index(t)) for s, t in traits}
    return (
        {names[i] for i in way.stages} <= filled
        and way.traits <= held
        and not way.not_traits & held
        and all(sum(s == stage for s, _ in held) >= n for stage, n in way.at_least)
        and not {names[i] for i in way.absent} & filled
    )


@settings(max_examples=300, deadline=None)
@given(_TREES)
def test_the_disjuncts_say_what_the_condition_says(tree: Expression) -> None:
    found = Faults("f.yaml")
    groups = [{trait.name: (i,) for i, trait in enumerate(stage.traits)} for stage in _STAGES]
    result = disjuncts(_written(tree), Mark(1, 1), Declared(_STAGES, groups, frozenset()), found)
    possible = False
    for filled, traits in _assignments():
        holds = _holds(tree, filled, traits)
        possible |= holds
        assert any(_reached(way, filled, traits) for way in result) == holds, (filled, traits)
    assert bool(result) or not possible
    assert bool(result) or "never hold" in found.found[0].message
    for way in result:
        assert all(_PARENT[_STAGES[i].name] in {_STAGES[p].name for p in way.stages} for i in way.stages if i)
