"""Three voices on one `where`: DuckDB's answer, Python's, and the literal reading; all must be one.

CLEW_EXAMPLES sets how many `where`s a property tries (each on dozens of rows); the default is quick and always
the same, any other number starts from a new seed.
"""

from __future__ import annotations

import os
import random
from collections import Counter

import duckdb
import pyarrow as pa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from clew.detection.condition import compile
from clew.detection.element import Typed, coerce
from clew.detection.where import parse_where
from clew.event import SCHEMA
from clew.select.expression import expression
from sigma_reading import MANY, ONE, element, line

EXAMPLES = int(os.environ.get("CLEW_EXAMPLES", "16"))
several = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CLEW_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ARROW = {"text": pa.string(), "number": pa.int64(), "boolean": pa.bool_(), "time": pa.timestamp("us")}

#: Few letters, so that patterns and values meet; and every character that some layer treats in its own way.
LETTERS = "aAbB1_%!-/\\*?.|$'\" \n\0é\u00c9ß\u1e9eΣσς\u0130ıiIK\u212a\U0001f642\u0301"
texts = st.text(st.sampled_from(LETTERS), max_size=8)
seeds = st.integers(0, 2**32)

connection = duckdb.connect(
    config={"autoinstall_known_extensions": False, "autoload_known_extensions": False, "threads": 1}
)


def ask(conditions, rows):
    """DuckDB's answers: for each row a list with the answer to each condition."""
    columns = {name: pa.array([row[name] for row in rows], ARROW[SCHEMA[name].type]) for name in rows[0]}
    event = pa.table(columns)
    connection.register("event", event)
    answers = ", ".join(expression(condition).sql("duckdb") for condition in conditions)
    return connection.execute(f"SELECT {answers} FROM event").fetchall()


def check(wheres, rows, reading, values=None, lineage=False):
    """Compare the voices on each where and row; count what was answered, so that no test is empty."""
    conditions = [parse_where(where, values or {}, lineage=lineage) for where in wheres]
    compiled = [compile(condition) for condition in conditions]
    said = Counter()
    for row, answers in zip(rows, ask(conditions, rows), strict=True):
        fields = {column: value for column, value in row.items() if value is not None}
        for where, answer, test in zip(wheres, answers, compiled, strict=True):
            literal = reading(where, row)
            assert (answer, test(fields)) == (literal, literal), (where, row)
            said[literal] += 1
    return said


def sigma(where, row):
    """The literal reading of a where without named selections."""
    return all(line(key, raw, row) for key, raw in where.items())


def check_lines(wheres, rows):
    """Compare the voices on plain selections."""
    return check(wheres, rows, sigma)


def check_element(column, type_, raw, held):
    """Compare the voices on one mutable element."""
    values = {"Element": Typed(type_, coerce(type_, raw))}
    rows = [{column: value} for value in held]
    return check(
        [{f"{column}|expand": "%Element%"}], rows, lambda _, row: element(type_, raw, row[column]), values
    )


def near(pattern, seed, count=40):
    """Texts that fit the tokens or almost do, and null."""
    chance = random.Random(seed)
    return [None, *(_mutated(_fitting(pattern, chance), chance) for _ in range(count))]


def _some(chance, most=4):
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(0, most)))


def _fitting(pattern, chance):
    text = ""
    for token in pattern:
        if token is MANY:
            text += _some(chance)
        elif token is ONE:
            text += chance.choice(LETTERS)
        else:
            text += token.swapcase() if chance.random() < 0.2 else token
    return text


def _mutated(text, chance):
    way = chance.random()
    at = chance.randint(0, len(text))
    if way < 0.1:
        return text[:at] + chance.choice(LETTERS) + text[at:]
    if way < 0.2:
        return text[:at] + text[at + 1 :]
    if way < 0.3:
        return text[:at] + chance.choice(LETTERS) + text[at + 1 :]
    if way < 0.35:
        return _some(chance) + text + _some(chance)
    if way < 0.4:
        return _some(chance, 8)
    return text


def both(said):
    """The examples held where it was asked for, and did not hold elsewhere: neither is rare."""
    assert min(said[True], said[False]) > 0.02 * said.total(), said
