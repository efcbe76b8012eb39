"""Conditions in Python: what is asked of an event's columns, and of columns of lineage."""

from __future__ import annotations

import msgspec
import pytest

from clew.detection.condition import (
    All,
    Either,
    FieldRef,
    Not,
    Test,
    compile,
    either,
    fields_of,
    holds,
    only_existence,
)
from clew.detection.element import matcher
from clew.detection.glob import STAR, Gap, Glob, fold, glob, linear_regex, parse_glob
from clew.detection.matcher import Boolean, Cidr, Exists, Number, Regex, Text, TimePart, compile_re2
from clew.event import SCHEMA


def text(*patterns, cased=False):
    return Text(tuple(parse_glob(pattern) for pattern in patterns), cased)


NAME, PID = "process.name", "process.pid"
MANY = All(
    (
        Test(NAME, text("a*")),
        Not(Either((Test(PID, Number("eq", (1,))), FieldRef(NAME, "process.parent.name", "start")))),
        Test(PID, Exists(True)),
    )
)


def test_a_test_on_null_is_false_and_its_not_is_true():
    for matcher_ in (text("*"), Regex(""), Cidr(("0.0.0.0/0",)), Number("gte", (0,)), Boolean(False)):
        assert not holds(Test(NAME, matcher_), {})
        assert not holds(Test(NAME, matcher_), {NAME: None})
        assert holds(Not(Test(NAME, matcher_)), {})
        assert not matcher_.matches(None)


def test_a_value_of_another_type_does_not_pass():
    assert not holds(Test(NAME, text("1")), {NAME: 1})
    assert not holds(Test(PID, Number("eq", (1,))), {PID: "1"})
    assert not holds(Test(NAME, Boolean(True)), {NAME: 1})


def test_one_of_several_values_is_enough():
    ancestors = "clew.process.ancestors"
    condition = Test(ancestors, text("setup*.exe"))
    assert holds(condition, {ancestors: ("explorer.exe", "Setup1.EXE")})
    assert holds(condition, {ancestors: ["Setup1.EXE"]})
    assert not holds(condition, {ancestors: ("explorer.exe",)})
    assert not holds(condition, {ancestors: ()})
    assert holds(Not(condition), {ancestors: ("explorer.exe",)})
    assert holds(FieldRef(NAME, ancestors), {NAME: "A.exe", ancestors: ("b.exe", "a.exe")})


def test_no_ancestors_are_none():
    condition = Test("clew.process.ancestors", Exists(True))
    assert holds(condition, {"clew.process.ancestors": ("a",)})
    assert not holds(condition, {"clew.process.ancestors": ()})
    assert not holds(condition, {})


def test_compiled_conditions_ask_only_what_they_need():
    asked = []

    class Fields(dict):
        def get(self, key, default=None):
            asked.append(key)
            return super().get(key, default)

    assert not compile(MANY)(Fields({NAME: "b", PID: 2}))
    assert asked == [NAME]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({NAME: "A", PID: 2}, True),
        ({NAME: "A", PID: 1}, False),
        ({NAME: "A"}, False),
        ({NAME: "ab", PID: 2, "process.parent.name": "A"}, False),
        ({NAME: "ab", PID: 2, "process.parent.name": "b"}, True),
        ({}, False),
    ],
)
def test_trees(fields, expected):
    assert holds(MANY, fields) is expected
    assert compile(MANY)(fields) is expected


def test_empty_all_is_true_and_empty_either_false():
    assert holds(All(()), {})
    assert not holds(Either(()), {})


def test_the_columns_that_are_read():
    assert fields_of(MANY) == (NAME, PID, "process.parent.name")
    assert fields_of(All(())) == ()


def test_what_asks_only_for_existence():
    there = Test(NAME, Exists(True))
    assert only_existence(All((there, Not(Either((there,))))))
    assert not only_existence(MANY)
    assert not only_existence(FieldRef(NAME, NAME))


def test_tests_of_one_column_become_one():
    joined = either([Test(NAME, text("a")), Test(NAME, text("b")), Test(PID, Number("eq", (1,)))])
    assert joined == Either((Test(NAME, text("a", "b")), Test(PID, Number("eq", (1,)))))
    assert either([Test(NAME, text("a")), Either((Test(NAME, text("b")),))]) == Test(NAME, text("a", "b"))
    cased = Test(NAME, text("a", cased=True))
    assert either([Test(NAME, text("a")), cased]) == Either((Test(NAME, text("a")), cased))
    assert either([]) == Either(())


def test_conditions_survive_encoding():
    conditions = [
        MANY,
        Test("@timestamp", TimePart("hour", Number("eq", (3,)))),
        Not(Test(NAME, Regex("a", "i"))),
    ]
    lists = {
        "paths": ("C:\\a*\\", "%TEMP%"),
        "images": ("nginx:1.*",),
        "domains": ("a.b",),
        "cidrs": ("::/0",),
    }
    conditions += [Test(NAME, matcher(type_, data, SCHEMA[NAME])) for type_, data in lists.items()]
    for condition in conditions:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(condition), type=type(condition)) == condition
        assert hash(condition) == hash(condition)


def test_literals_of_globs_are_in_reach():
    parts = parse_glob("C:\\Users\\*\\a?b").parts
    assert [part for part in parts if isinstance(part, str)] == ["C:\\Users\\", "\\a", "b"]
    assert glob(["a", "b", STAR, Gap(1, False), "", STAR]) == Glob(("ab", Gap(1, True)))


@pytest.mark.parametrize(
    ("pattern", "shape"),
    [
        ("", ("whole", "")),
        ("a", ("whole", "a")),
        ("*", ("any", "")),
        ("**", ("any", "")),
        ("a*", ("start", "a")),
        ("*a", ("end", "a")),
        ("*a*", ("within", "a")),
        ("?", ("mixed", "")),
        ("?*", ("mixed", "")),
        ("a?*", ("mixed", "")),
        ("a*b", ("mixed", "")),
    ],
)
def test_shapes(pattern, shape):
    assert parse_glob(pattern).shape() == shape


def test_many_stars_take_no_exponential_time():
    """Hostile input: a backtracking matcher would not come back."""
    regex = linear_regex(parse_glob("*a" * 40 + "*b"))
    assert regex.match("a" * 5000) is None
    assert regex.match("a" * 5000 + "b")


def test_folding_maps_character_by_character():
    assert fold("İΑΣ K") == "iασ k"
    assert len(fold("İ")) == 1


def test_names_of_groups_that_duckdb_does_not_know(capfd):
    with pytest.raises(ValueError, match="P<name>"):
        compile_re2("(?<name>a)")
    assert compile_re2("(?P<name>a)")
    assert compile_re2("[(?<]")
    with pytest.raises(ValueError, match="lookaround"):
        compile_re2("a(?=b)")
    assert capfd.readouterr().err == ""


def test_times_are_utc_and_weeks_iso():
    moment = 1_735_599_600_000_000  # 2024-12-30 23:00 UTC, a Monday
    assert TimePart("hour", Number("eq", (23,))).matches(moment)
    assert TimePart("week", Number("eq", (1,))).matches(moment)
    assert TimePart("year", Number("eq", (2024,))).matches(moment)
    assert TimePart("minute", Number("eq", (0,))).matches(moment)
    assert not TimePart("day", Number("gt", (30,))).matches(moment)


def test_a_lone_surrogate_in_a_log_raises_nothing():
    assert not holds(Test(NAME, Regex("^a$")), {NAME: "\ud800"})
    assert not holds(Test(NAME, text("a*b")), {NAME: "\ud800"})
