"""`where`: what it means, and that everything wrong with it is said at once, with its place and the mend."""

from __future__ import annotations

import pytest

from clew.detection.condition import All, Either, FieldRef, Not, Test, holds
from clew.detection.element import Typed
from clew.detection.glob import parse_glob
from clew.detection.matcher import Boolean, Exists, Number, Regex, Text, TimePart
from clew.detection.where import Problem, WhereError, parse_where

VALUES = {
    "Hosts": Typed("domains", ("windowsupdate.com",)),
    "Folders": Typed("paths", ("C:\\Users\\*\\AppData\\Local\\",)),
    "Ports": Typed("strings", ("80", "443")),
    "Names": Typed("strings", tuple(f"n{i}.exe" for i in range(500))),
    "Window": Typed("duration", 5),
    "Nothing": Typed("strings", ()),
}
NAME, LINE = "process.name", "process.command_line"


def parsed(where, lineage=False):
    return parse_where(where, VALUES, lineage=lineage)


def problems(where, lineage=False) -> list[Problem]:
    with pytest.raises(WhereError) as caught:
        parsed(where, lineage)
    assert str(caught.value)
    return list(caught.value.problems)


def only(where, path, *says):
    """The one problem stands there, and its message and mend say these things."""
    (problem,) = problems(where)
    assert problem.path == path
    for text in says:
        assert text in f"{problem.message} | {problem.mend}"


def name(*patterns, cased=False):
    return Test(NAME, Text(tuple(parse_glob(pattern) for pattern in patterns), cased))


# -- what it means


def test_lines_of_a_selection_must_all_hold_and_values_are_choices():
    assert parsed({NAME: ["a", "b*"], "process.pid|gte": 3}) == All(
        (name("a", "b*"), Test("process.pid", Number("gte", (3,))))
    )


def test_named_selections():
    where = {"x": {NAME: "a"}, "y": [{NAME: "b"}, {LINE: "c"}], "condition": "not x and (y or 1 of x*)"}
    line = Test(LINE, Text((parse_glob("c"),)))
    assert parsed(where) == All((Not(name("a")), Either((name("b"), line, name("a")))))


def test_names_that_begin_with_an_underscore_are_not_them():
    where = {"x": {NAME: "a"}, "_y": {NAME: "b"}, "condition": "1 of them and _y"}
    assert parsed(where) == All((name("a"), name("b")))


def test_precedence_is_not_before_and_before_or():
    where = {"a": {NAME: "a"}, "b": {NAME: "b"}, "c": {NAME: "c"}, "condition": "c or not a and b"}
    assert parsed(where) == Either((name("c"), All((Not(name("a")), name("b")))))


def test_choices_on_one_column_become_one_test():
    where = {"x": {NAME: "a"}, "y": [{NAME: "b"}, {NAME: "c"}], "condition": "any of them"}
    assert parsed(where) == name("a", "b", "c")


def test_modifiers():
    assert parsed({NAME + "|all|contains": ["a", "b"]}) == All((name("*a*"), name("*b*")))
    assert parsed({NAME + "|neq": ["a", "b"]}) == Not(name("a", "b"))
    assert parsed({NAME + "|cased": "A"}) == name("A", cased=True)
    assert parsed({NAME + "|base64": "foo"}) == name("Zm9v", cased=True)
    assert parsed({NAME + "|re|m|i": "^a"}) == Test(NAME, Regex("^a", "im"))
    assert parsed({NAME + "|exists": False}) == parsed({NAME: None}) == Test(NAME, Exists(False))
    assert parsed({NAME + "|fieldref|endswith": LINE}) == FieldRef(NAME, LINE, "end")
    assert parsed({"@timestamp|hour|gte": 22}) == Test("@timestamp", TimePart("hour", Number("gte", (22,))))
    assert parsed({"clew.synthetic": "True"}) == Test("clew.synthetic", Boolean(True))


def test_elements_own_their_matching():
    assert holds(
        parsed({"destination.domain|expand": "%Hosts%"}), {"destination.domain": "a.windowsupdate.com"}
    )
    assert not holds(
        parsed({"destination.domain|expand": "%Hosts%"}), {"destination.domain": "evilwindowsupdate.com"}
    )
    assert holds(
        parsed({"file.path|expand": "%Folders%"}), {"file.path": "c:\\users\\Eve\\AppData\\Local\\x.exe"}
    )
    assert parsed({"destination.port|expand": "%Ports%"}) == Test("destination.port", Number("eq", (80, 443)))


def test_an_element_of_five_hundred_texts():
    """pySigma's own expansion ends at 200."""
    condition = parsed({NAME + "|expand": "%Names%"})
    assert holds(condition, {NAME: "N499.exe"})
    assert not holds(condition, {NAME: "n500.exe"})


def test_sigma_reads_a_backslash_before_a_star_as_a_literal_star():
    path = "C:\\Users\\eve\\x"
    assert not holds(parsed({"file.path": "C:\\Users\\*\\x"}), {"file.path": path})
    assert holds(parsed({"file.path": "C:\\Users\\\\*\\x"}), {"file.path": path})


@pytest.mark.parametrize("fields", [{}, {NAME: "a"}])
def test_empty_lists_match_nothing_and_are_not_null(fields):
    assert not holds(parsed({NAME: []}), fields)
    assert not holds(parsed({NAME + "|expand": "%Nothing%"}), fields)
    assert not holds(parsed({NAME + "|contains|all": []}), fields)
    assert holds(parsed({"x": {NAME + "|expand": "%Nothing%"}, "condition": "not x"}), fields)


def test_percent_signs_without_expand_are_text():
    assert parsed({LINE + "|contains": "%TEMP%"}) == Test(LINE, Text((parse_glob("*%TEMP%*"),)))


def test_an_empty_text_is_anywhere_in_what_is_not_null():
    assert holds(parsed({NAME + "|contains": ""}), {NAME: "a"})
    assert not holds(parsed({NAME + "|contains": ""}), {})


def test_lineage_is_for_traits():
    where = {"clew.process.ancestors": "a"}
    assert holds(parsed(where, lineage=True), {"clew.process.ancestors": ("b", "A")})
    only(where, ("clew.process.ancestors",), "only a trait may read", "traits")


def test_great_numbers_are_not_rounded():
    assert parsed({"process.pid": 2**53 + 1}) == Test("process.pid", Number("eq", (2**53 + 1,)))
    assert parsed({"process.pid|gt": 2**53 + 1}) == Test("process.pid", Number("gt", (2**53 + 1,)))


# -- what is wrong with it


def test_everything_is_said_at_once():
    where = {
        "approved": {"destination.domian|expand": "%Hosts%", NAME + "|conains": "a"},
        "own": [{"process.pid": "x"}, {NAME: ["a", True]}],
        "words": ["mimikatz"],
        "condition": "approved and not owner",
    }
    assert [problem.path for problem in problems(where)] == [
        ("approved", "destination.domian|expand"),
        ("approved", NAME + "|conains"),
        ("own", 0, "process.pid"),
        ("own", 1, NAME, 1),
        ("words",),
        ("condition",),
    ]


def test_columns():
    only({"process.nam": "a"}, ("process.nam",), "did you mean 'process.name'")
    only({"Process.Name": "a"}, ("Process.Name",), "did you mean 'process.name'")
    only({"CommandLine|contains": "a"}, ("CommandLine|contains",), "'process.command_line'")
    only({"entirely.else": "a"}, ("entirely.else",), "no column is called")
    only({NAME + "|fieldref": "process.nam"}, (NAME + "|fieldref",), "did you mean 'process.name'")
    only({NAME + "|fieldref": ["process.pid"]}, (NAME + "|fieldref", 0), "type text", "number")


@pytest.mark.parametrize(
    "where",
    [{"words": ["a", "b"], "condition": "words"}, {"words": "a", "condition": "words"}],
)
def test_keyword_searches_are_refused_with_the_reason(where):
    only(where, ("words",), "keyword search", "process.command_line|contains")


def test_a_keyword_search_with_modifiers():
    only({"|all": ["a", "b"]}, ("|all",), "keyword search", "process.command_line|contains")


def test_modifiers_that_nobody_knows():
    only({NAME + "|contians": "a"}, (NAME + "|contians",), "did you mean 'contains'")
    (problem,) = problems({NAME + "|zzz": "a"})
    assert "startswith" in problem.mend


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (NAME + "|expand|contains", "%Names%", "|contains cannot stand beside |expand"),
        (NAME + "|neq|expand", "%Names%", "|neq cannot stand beside |expand"),
        (NAME + "|re|contains", "a", "write ^ and $"),
        (NAME + "|cased|re", "a", "|cased cannot stand beside |re"),
        (NAME + "|i", "a", "|i stands only after |re"),
        (NAME + "|cidr|contains", "10.0.0.0/8", "cannot stand beside |cidr"),
        (NAME + "|fieldref|base64", "process.name", "cannot stand beside |fieldref"),
        (NAME + "|exists|all", True, "cannot stand beside |exists"),
        (NAME + "|contains", 5, "|contains takes a text, not 5"),
        (NAME + "|contains", None, "|contains takes a text, not null"),
        (NAME + "|exists", "yes", "|exists takes true or false"),
        (NAME + "|gt", 5, "|gt is for numbers"),
        (NAME + "|hour", 5, "|hour is for times"),
        (NAME + "|re", "a(?=b)", "lookaround"),
        (NAME + "|re", "(?<n>a)", "(?P<name>...)"),
        (NAME + "|re", "a(", "missing )"),
        (NAME + "|windash", "-a -b -c -d", "at most three"),
        (NAME + "|base64", "a*", "wildcards"),
        (NAME + "|wide", "é", "ascii"),
        (NAME + "|cidr", "10.0.0.1/8", "host bits"),
        (NAME + "|cidr", "ten", "CIDR"),
        (NAME, True, "put it in quotes"),
        (NAME, 1.10, "put it in quotes"),
        (NAME, "", "write process.name: null"),
        (NAME, "-", "write process.name: null"),
        (NAME, "\ud800", "lone surrogate"),
        ("process.pid", "4*", "process.pid holds numbers"),
        ("process.pid", True, "never holds true"),
        ("process.pid", float("nan"), "never holds nan"),
        ("process.pid|gt", float("inf"), "takes a number"),
        ("process.pid|gt", 2**63, "64 bits"),
        ("process.pid|contains", "4", "|contains is for texts"),
        ("process.pid|gte", "4", "|gte takes a number"),
        ("clew.synthetic", "yes", "true or false"),
        ("clew.synthetic", 1, "never holds 1"),
        ("clew.synthetic|startswith", "t", "|startswith is for texts"),
        ("@timestamp", "2024-01-01", "|hour"),
        ("@timestamp|gte", 5, "|hour|gte"),
        ("@timestamp|hour", 24, "from 0 to 23"),
        ("@timestamp|hour", 1.5, "whole number"),
        ("@timestamp|minute", "5", "whole number"),
        (NAME + "|expand", "a", "'%Name%'"),
        (NAME + "|expand", "x%Names%", "'%Name%'"),
        (NAME + "|expand", "%Nmes%", "did you mean 'Names'"),
        (NAME, "%Names%", "write process.name|expand"),
        (NAME + "|expand", "%Window%", "a duration cannot be compared"),
        ("destination.port|expand", "%Hosts%", "a domains cannot be compared"),
    ],
)
def test_lines(key, value, says):
    only({key: value}, (key,), says)


def test_a_value_is_no_mapping_and_no_list():
    only({NAME: [{"a": 1}, "b"]}, (NAME, 0), "never holds a mapping")
    only({NAME + "|contains": ["b", ["c"]]}, (NAME + "|contains", 1), "takes a text, not a list")


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("a AND b", "in lower case"),
        ("a and", "cannot be read"),
        ("a and (b", "cannot be read"),
        ("2 of them", "1 of NAME*"),
        ("a | count() > 5", "cannot be read"),
        (["a", "b"], "not a text"),
        (None, "not a text"),
        ("", "cannot be read"),
        ("not " * 3000 + "a", "cannot be read"),
    ],
)
def test_conditions_that_cannot_be_read(condition, says):
    only({"a": {NAME: "a"}, "b": {NAME: "b"}, "condition": condition}, ("condition",), says)


def test_names_in_conditions():
    only({"left": {NAME: "a"}, "condition": "lefft"}, ("condition",), "did you mean 'left'")
    only({"left": {NAME: "a"}, "condition": "left and 1 of x*"}, ("condition",), "no selection fits 'x*'")
    only({"left": {NAME: "a"}, "right": {NAME: "b"}, "condition": "left"}, ("right",), "does not use 'right'")


def test_shapes():
    only({}, (), "empty")
    only({"a": {}, "condition": "a"}, ("a",), "empty")
    only({"a": [], "condition": "a"}, ("a",), "empty")
    only({"a": {NAME: "b"}}, (), "need a condition")
    only({"condition": "a"}, ("condition",), "no selection is called 'a'")
    only({"a": 5, "condition": "a"}, ("a",), "keyword search")
    column = "process.name|contains"
    only(
        {"a": {"process.pid": 5}, column: "x", "condition": "a"},
        (column,),
        "is a column",
        "NAME: {process.name",
    )
    only({5: "a"}, (5,), "no column is called '5'")


@pytest.mark.parametrize(
    ("modifiers", "first", "after"),
    [
        ("base64|wide", "wide", "base64"),
        ("base64offset|windash|contains", "windash", "base64offset"),
        ("contains|base64", "base64", "contains"),
        ("endswith|fieldref", "fieldref", "endswith"),
    ],
)
def test_modifiers_stand_in_the_order_in_which_they_work(modifiers, first, after):
    key = f"process.name|{modifiers}"
    only(
        {key: "process.executable"},
        (key,),
        f"|{first} cannot stand after |{after}",
        f"write |{first}|{after}",
    )
