"""The SQL of a condition: two-valued at every atom, and no more than any engine understands."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from agreement import ask, both, check, several
from clew.detection.condition import All, Either, Not, Test, compile
from clew.detection.element import Typed
from clew.detection.glob import parse_glob
from clew.detection.matcher import Exists, Folders, Images, Number, Text
from clew.detection.where import parse_where
from clew.select.expression import expression
from sigma_reading import line

SELECTIONS = {
    "a": {"process.name": "x*", "process.pid|gte": 2},
    "b": [{"process.name": ["y", None]}, {"clew.synthetic": True}],
    "c": {"process.parent.name|contains": "x"},
    "c_2": {"process.pid": [1, 3]},
    "_d": {"process.name|neq": "y"},
}
ROWS = [
    {"process.name": name, "process.parent.name": parent, "process.pid": pid, "clew.synthetic": synthetic}
    for name in ("x", "Y", None)
    for parent in ("axa", None)
    for pid in (1, 2, 3, None)
    for synthetic in (True, False, None)
]
conditions = st.recursive(
    st.sampled_from([*SELECTIONS, "1 of c*", "all of c*", "any of them", "all of them", "1 of _*"]),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not {one}" if " " not in one else f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
    ),
    max_leaves=6,
)


def _selected(row):
    truth = {}
    for name, selection in SELECTIONS.items():
        ways = selection if isinstance(selection, list) else [selection]
        truth[name] = any(all(line(key, raw, row) for key, raw in way.items()) for way in ways)
    return truth


def _condition(text, row):
    """Python's own and, or, not have Sigma's precedence; selectors are written out."""
    selectors = {
        "1 of c*": "(c or c_2)",
        "all of c*": "(c and c_2)",
        "any of them": "(a or b or c or c_2)",
        "all of them": "(a and b and c and c_2)",
        "1 of _*": "_d",
    }
    for selector, names in selectors.items():
        text = text.replace(selector, names)
    return eval(text, {}, _selected(row))


def _used(text):
    names = set(text.replace("(", " ").replace(")", " ").split())
    names |= {"a", "b", "c", "c_2"} if "them" in names else set()
    names |= {"c", "c_2"} if "c*" in names else set()
    return names | ({"_d"} if "_*" in names else set())


def test_conditions_over_selections():
    said = Counter()

    @several
    @given(conditions)
    def run(text):
        where = {name: selection for name, selection in SELECTIONS.items() if name in _used(text)}
        if {"them", "c*"} & set(text.replace(")", " ").split()):
            where = {name: SELECTIONS[name] for name in SELECTIONS if name in where}
        where["condition"] = text
        said.update(check([where], ROWS, lambda where, row: bool(_condition(where["condition"], row))))

    run()
    both(said)


def test_every_atom_is_two_valued():
    where = {"process.name|contains": ["a", "b?c*d"], "process.pid|gt": 3, "clew.synthetic": False}
    where |= {"source.ip|cidr": "10.0.0.0/8", "process.command_line|re": "x"}
    found = expression(parse_where({"a": where, "condition": "not a"}, {}))
    atoms = [
        atom
        for atom in found.walk()
        if isinstance(atom, exp.Predicate) and not isinstance(atom, exp.Connector)
    ]
    assert atoms
    assert all(atom.find_ancestor(exp.Coalesce) for atom in atoms)


@pytest.mark.parametrize(
    ("where", "sql"),
    [
        ({"process.name": "A'b"}, """COALESCE(LOWER("process.name") = 'a''b', FALSE)"""),
        ({"process.name": ["A", "B"]}, """COALESCE(LOWER("process.name") IN ('a', 'b'), FALSE)"""),
        ({"process.name|cased": "A"}, """COALESCE("process.name" = 'A', FALSE)"""),
        ({"process.name|contains": "A%"}, """COALESCE(CONTAINS(LOWER("process.name"), 'a%'), FALSE)"""),
        ({"process.name|startswith": "A"}, """COALESCE(STARTS_WITH(LOWER("process.name"), 'a'), FALSE)"""),
        ({"process.name|endswith": "A"}, """COALESCE(ENDS_WITH(LOWER("process.name"), 'a'), FALSE)"""),
        (
            {"process.name": "a_?!%*b"},
            """COALESCE(LOWER("process.name") LIKE 'a!__!!!%%b' ESCAPE '!', FALSE)""",
        ),
        ({"process.name": None}, """COALESCE("process.name" IS NULL, FALSE)"""),
        ({"process.name": []}, "FALSE"),
        ({"process.name|neq": []}, "NOT (FALSE)"),
        ({"clew.synthetic": False}, """COALESCE(NOT "clew.synthetic", FALSE)"""),
        ({"process.pid|gt": 1.5}, """COALESCE("process.pid" > 1, FALSE)"""),
        ({"process.pid|lt": 1.5}, """COALESCE("process.pid" < 2, FALSE)"""),
        ({"process.pid": 1.5}, "FALSE"),
        (
            {"process.command_line|re|i": "a\\d"},
            """COALESCE(REGEXP_MATCHES("process.command_line", '(?i)a\\d'), FALSE)""",
        ),
        ({"@timestamp|hour|gte": 22}, """COALESCE(EXTRACT(HOUR FROM "@timestamp") >= 22, FALSE)"""),
    ],
)
def test_sql(where, sql):
    assert expression(parse_where(where, {})).sql("duckdb") == sql


def test_lists_of_thousands_stay_shallow():
    domains = tuple(f"d{i}.example" for i in range(5000))
    where = parse_where({"destination.domain|expand": "%D%"}, {"D": Typed("domains", domains)})
    rows = [{"destination.domain": name} for name in ("a.d4999.example", "d5000.example", None)]
    assert ask([where], rows) == [(True,), (False,), (False,)]


def test_empty_parts_and_lists():
    row = {"process.name": "a", "process.pid": 1, "container.image.name": "x"}
    empties = [
        All(()),
        Either(()),
        Not(Either(())),
        Test("process.name", Text(())),
        Test("process.pid", Number("eq", ())),
        Test("process.pid", Number("gt", ())),
        Test("container.image.name", Images(())),
        Test("process.name", Folders(())),
    ]
    expected = [True, False, True, False, False, False, False, False]
    assert list(ask(empties, [row])[0]) == expected
    assert [compile(condition)(row) for condition in empties] == expected


def test_columns_of_lineage_are_not_in_sql():
    with pytest.raises(ValueError, match="chain engine"):
        expression(Test("clew.process.ancestors", Text((parse_glob("a"),))))


def test_existence():
    rows = [{"process.name": "a"}, {"process.name": None}]
    assert ask([Test("process.name", Exists(True)), Test("process.name", Exists(False))], rows) == [
        (True, False),
        (False, True),
    ]
