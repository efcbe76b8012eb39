"""For each modifier: DuckDB, Python and the literal reading of Sigma's specification are of one mind."""

from __future__ import annotations

import base64 as b64
import datetime
import random
import unicodedata
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agreement import LETTERS, both, check, check_lines, connection, near, seeds, several, sigma, texts
from clew.detection.where import WhereError
from sigma_reading import MANY, base64_fragments, dashes, tokens

COMMAND = "process.command_line"
NOTHING = ("", "-", "(null)")


@pytest.mark.parametrize(
    "modifiers",
    ["", "|cased", "|contains", "|startswith", "|endswith", "|cased|contains", "|startswith|cased", "|neq"],
)
def test_texts_with_wildcards_and_backslashes(modifiers):
    said = Counter()

    @several
    @given(st.lists(texts, min_size=1, max_size=4), seeds)
    def run(patterns, seed):
        places = {"contains": (1, 1), "startswith": (0, 1), "endswith": (1, 0)}
        before, after = next((places[m] for m in modifiers.split("|") if m in places), (0, 0))
        if not before + after:
            patterns = [pattern for pattern in patterns if "".join(map(str, tokens(pattern))) not in NOTHING]
            assume(patterns)
        rows = [
            {COMMAND: value}
            for i, pattern in enumerate(patterns)
            for value in near([MANY] * before + tokens(pattern) + [MANY] * after, seed + i, 20)
        ]
        wheres = [{COMMAND + modifiers: pattern} for pattern in patterns]
        said.update(check_lines([*wheres, {COMMAND + modifiers: patterns}], rows))

    run()
    both(said)


@pytest.mark.parametrize("modifiers", ["|contains|all", "|contains|all|neq", "|startswith|all"])
def test_all_of_a_list(modifiers):
    said = Counter()

    @several
    @given(st.lists(st.text("aAbB\\*?", max_size=3), max_size=3), seeds)
    def run(patterns, seed):
        joined = [token for pattern in patterns for token in [*tokens(pattern), MANY]]
        rows = [{COMMAND: value} for value in near(joined, seed)]
        said.update(check_lines([{COMMAND + modifiers: patterns}], rows))

    run()
    both(said)


def test_null_and_several_values_with_null():
    said = Counter()

    @several
    @given(texts, seeds)
    def run(pattern, seed):
        assume("".join(map(str, tokens(pattern))) not in NOTHING)
        rows = [{COMMAND: value} for value in near(tokens(pattern), seed)]
        wheres = [
            {COMMAND: None},
            {COMMAND: [None, pattern]},
            {COMMAND + "|neq": None},
            {COMMAND + "|exists": True},
            {COMMAND + "|exists": False},
            {COMMAND: []},
            {COMMAND + "|neq": []},
            {COMMAND + "|contains|all": []},
        ]
        said.update(check_lines(wheres, rows))

    run()
    both(said)


words = st.text("ab-/ *\\", min_size=1, max_size=7)


@pytest.mark.parametrize(
    "modifiers", ["|windash|contains", "|contains|windash", "|windash", "|cased|windash|endswith"]
)
def test_windash(modifiers):
    said = Counter()

    @several
    @given(words, seeds)
    def run(text, seed):
        pattern = tokens(text)
        assume(len(dashes(pattern)) <= 125 and text not in NOTHING)
        chance = random.Random(seed)
        rows = []
        for way in chance.sample(dashes(pattern), min(5, len(dashes(pattern)))):
            wide = [MANY, *way, MANY] if "contains" in modifiers else way
            rows += [{COMMAND: value} for value in near(wide, chance.random(), 8)]
        said.update(check_lines([{COMMAND + modifiers: text}], rows))

    run()
    both(said)


def test_windash_refuses_more_dashes_than_pysigma_expands():
    with pytest.raises(WhereError, match="at most three"):
        check_lines([{COMMAND + "|windash|contains": "-a -b -c -d"}], [{COMMAND: "x"}])


plain = st.text("abcXYZ019 .-", min_size=1, max_size=9)
ENCODINGS = ["", "|wide", "|utf16le", "|utf16be", "|utf16"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("base64", ["|base64", "|base64|contains", "|base64offset|contains"])
def test_base64(encoding, base64):
    said = Counter()

    @several
    @given(plain, seeds)
    def run(text, seed):
        chance = random.Random(seed)
        codec = {
            "|wide": "utf-16-le",
            "|utf16le": "utf-16-le",
            "|utf16be": "utf-16-be",
            "|utf16": "utf-16-le",
        }
        data = (b"\xff\xfe" if encoding == "|utf16" else b"") + text.encode(codec.get(encoding, "utf-8"))
        held = [None, b64.b64encode(data).decode(), b64.b64encode(data).decode().swapcase()]
        for _ in range(20):
            around = [bytes(chance.randrange(256) for _ in range(chance.randrange(4))) for _ in range(2)]
            held.append(b64.b64encode(around[0] + data + around[1]).decode())
            held.append(chance.choice(base64_fragments(data)))
        said.update(check_lines([{COMMAND + encoding + base64: text}], [{COMMAND: value} for value in held]))

    run()
    both(said)


@several
@given(plain, st.binary(max_size=8), st.binary(max_size=8))
def test_base64offset_finds_the_text_wherever_it_stands(text, before, after):
    held = b64.b64encode(before + text.encode("utf-16-le") + after).decode()
    said = check_lines([{COMMAND + "|wide|base64offset|contains": text}], [{COMMAND: held}])
    assert said[True] == 1


@pytest.mark.parametrize("modifiers", ["|wide", "|utf16be", "|wide|contains"])
def test_wide_texts_themselves(modifiers):
    said = Counter()

    @several
    @given(plain, seeds)
    def run(text, seed):
        codec = "utf-16-be" if "be" in modifiers else "utf-16-le"
        pattern = list(text.encode(codec).decode())
        wide = [MANY, *pattern, MANY] if "contains" in modifiers else pattern
        said.update(
            check_lines([{COMMAND + modifiers: text}], [{COMMAND: value} for value in near(wide, seed)])
        )

    run()
    both(said)


# -- regular expressions: built as trees and written for RE2 and for Python, whose $ differ

ATOMS = [
    "a",
    "A",
    "b",
    "B",
    "1",
    ".",
    "[ab]",
    "[^a]",
    "\\d",
    "\\w",
    "\\s",
    "\\.",
    "\\\\",
    " ",
    "_",
    "[0-9_-]",
    "\\n",
]
regexes = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        inner.map(lambda one: f"({one})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{1,2}", "*?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=8,
)
PLAIN = "aAbB12_ .\\-\n"


@pytest.mark.parametrize(
    "flags", ["", "|i", "|m", "|s", "|i|m", "|ignorecase|multiline|dotall", "|all", "|i|neq"]
)
def test_regular_expressions(flags):
    said = Counter()

    @several
    @given(
        regexes,
        st.sampled_from(["", "^"]),
        st.sampled_from(["", "$"]),
        st.lists(st.text(PLAIN, max_size=9), max_size=30),
    )
    def run(middle, start, end, held):
        python_end = (
            end if not end or "m" in flags.replace("|", " ").split() or "multiline" in flags else "\\Z"
        )
        rows = [{COMMAND: value} for value in [None, "", *held]]
        source, literal = start + middle + end, start + middle + python_end
        said.update(
            check(
                [{COMMAND + "|re" + flags: source}],
                rows,
                lambda where, row: sigma(dict.fromkeys(where, literal), row),
            )
        )

    run()
    both(said)


# -- numbers, truth values, times

numbers = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1), st.sampled_from([2**53, 2**53 + 1]))
halves = st.one_of(numbers, st.sampled_from([0.5, -0.5, 1.5, 2.0, -1.0]))


@pytest.mark.parametrize("modifiers", ["", "|gt", "|gte", "|lt", "|lte", "|neq", "|gt|neq", "|gte|all"])
def test_numbers(modifiers):
    said = Counter()

    @several
    @given(st.lists(halves, min_size=1, max_size=3), st.lists(numbers, max_size=20))
    def run(operands, held):
        close = [int(operand) + step for operand in operands for step in (-1, 0, 1)]
        rows = [
            {"process.pid": value} for value in [None, *held, *close] if value is None or abs(value) < 2**63
        ]
        wheres = [{"process.pid" + modifiers: operands[0]}, {"process.pid" + modifiers: operands}]
        said.update(check_lines(wheres, rows))

    run()
    both(said)


def test_numbers_written_as_text_and_numbers_in_columns_of_text():
    rows = [{"process.pid": 4, "event.code": "4"}, {"process.pid": 44, "event.code": "04"}]
    rows += [{"process.pid": None, "event.code": None}]
    said = check_lines([{"process.pid": "4"}, {"process.pid": ["4", 44]}, {"event.code": 4}], rows)
    assert said == {True: 4, False: 5}


def test_truth_values():
    rows = [{"clew.synthetic": value} for value in (True, False, None)]
    wheres = [{"clew.synthetic" + m: v} for m in ("", "|neq") for v in (True, False, "True", "false")]
    said = check_lines([*wheres, {"clew.synthetic": [True, False]}], rows)
    assert said == {True: 14, False: 13}


@pytest.mark.parametrize("part", ["minute", "hour", "day", "week", "month", "year"])
@pytest.mark.parametrize("comparison", ["", "|gte", "|lt", "|neq"])
def test_parts_of_a_time(part, comparison):
    said = Counter()
    high = {"minute": 59, "hour": 23, "day": 31, "week": 53, "month": 12, "year": 2040}[part]
    moments = st.one_of(
        st.integers(0, 2_208_988_800_000_000),
        st.integers(1970, 2039).flatmap(lambda y: st.integers(-4, 4).map(lambda d: _new_year(y, d))),
    )

    @several
    @given(st.integers(1970 if part == "year" else 1, high), st.lists(moments, min_size=12, max_size=30))
    def run(number, times):
        rows = [{"@timestamp": time} for time in [*times, _moment_of(part, number), None]]
        said.update(check_lines([{f"@timestamp|{part}{comparison}": number}], rows))

    run()
    assert said[True]
    assert said[False]


def _moment_of(part, number):
    """A time with that part, since by chance alone some parts might never be met."""
    if part == "week":
        moment = datetime.datetime.fromisocalendar(2026, number, 1)
    else:
        moment = datetime.datetime(2026, 1, 1).replace(**{part: number})
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


def _new_year(year, days):
    moment = datetime.datetime(year, 1, 1) + datetime.timedelta(days=days, microseconds=-1)
    return max(0, (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1))


# -- other columns


def _related(one, start, end, swap):
    two = one[start : start + end]
    return one, two.swapcase() if swap else two


short = st.text("aAb\u0130iΣ*\\%", max_size=3)
related = st.one_of(
    st.builds(_related, short, st.integers(0, 1), st.integers(0, 3), st.booleans()),
    st.tuples(st.one_of(st.none(), short), st.one_of(st.none(), short)),
)


@pytest.mark.parametrize(
    "modifiers", ["", "|startswith", "|endswith", "|contains", "|neq", "|startswith|endswith"]
)
@pytest.mark.parametrize("cased", ["", "|cased"])
def test_references_to_columns(modifiers, cased):
    said = Counter()

    @several
    @given(st.lists(related, min_size=10, max_size=30))
    def run(pairs):
        rows = [{"process.name": one, "process.parent.name": two} for one, two in pairs]
        said.update(check_lines([{f"process.name{cased}|fieldref{modifiers}": "process.parent.name"}], rows))

    run()
    both(said)


def test_references_between_numbers_and_truth_values():
    rows = [
        {"process.pid": a, "process.parent.pid": b, "clew.synthetic": c, "clew.dll.is_program": d}
        for a in (1, 2, None)
        for b in (1, None)
        for c in (True, False, None)
        for d in (True, False)
    ]
    wheres = [
        {"process.pid|fieldref": "process.parent.pid"},
        {"clew.synthetic|fieldref": "clew.dll.is_program"},
    ]
    both(check_lines(wheres, rows))


def test_every_character_folds_alike_in_python_and_duckdb():
    """The letters of Unicode 13, which is older than both tables."""
    from clew.detection.glob import fold

    letters = [chr(i) for i in range(0x110000) if unicodedata.category(chr(i)) not in ("Cs", "Cn")]
    words = [*letters, "ΑΣ", "ΑΣ ", "İI", LETTERS]
    found = connection.execute("SELECT lower(unnest(?))", [words]).fetchall()
    assert [fold(word) for word in words] == [row[0] for row in found]
