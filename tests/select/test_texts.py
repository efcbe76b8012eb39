"""What no text of an event can pass is not planned; nothing that an event passes is left out."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from clew.database import Limits, connect
from clew.detection.condition import All, Condition, Either, Exists, Not, Test, compile
from clew.detection.glob import Glob, parse_glob
from clew.detection.matcher import Domains, Regex, Text
from clew.detection.model import Alternative
from clew.select.selection import Selection
from clew.select.texts import Texts

_COLUMNS = ("process.name", "process.command_line", "destination.domain")
_COMPONENTS = ("process_creation", "network_connection_creation")
_TEXT = st.text(st.sampled_from(list("aAbBſKkİiσς.*?\\$^|(\n ")), max_size=6)
_GLOB = st.one_of(_TEXT.map(parse_glob), _TEXT.map(lambda text: Glob((text,))))
_MATCHER = st.one_of(
    st.builds(Text, st.lists(_GLOB, max_size=3).map(tuple), st.booleans()),
    st.builds(Domains, st.lists(st.sampled_from(["a", "b.a", "k.b"]), min_size=1, max_size=2).map(tuple)),
    st.builds(Regex, st.sampled_from(["a.b", "^k", "b$", "(a|b)+k", r"\.", ""]), st.sampled_from(["", "i", "ms"])),
    st.builds(Exists, st.booleans()),
)  # fmt: skip
_TEST = st.builds(Test, st.sampled_from(_COLUMNS), _MATCHER)
_CONDITION = st.recursive(
    _TEST,
    lambda parts: st.one_of(
        st.builds(All, st.lists(parts, max_size=3).map(tuple)),
        st.builds(Either, st.lists(parts, max_size=3).map(tuple)),
        st.builds(Not, parts),
    ),
    max_leaves=6,
)
_EVENT = st.tuples(st.sampled_from(_COMPONENTS), *(st.one_of(st.none(), _TEXT) for _ in _COLUMNS))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(_COMPONENTS), _CONDITION), min_size=1, max_size=6),
    st.lists(st.lists(_EVENT, max_size=5), min_size=1, max_size=2),
)
def test_no_selection_is_left_out_that_an_event_passes(
    asked: list[tuple[str, Condition]], parts: list[list[tuple[Any, ...]]]
) -> None:
    selections = [
        Selection(number, number, 0, 0, Alternative(component=component, where=where))
        for number, (component, where) in enumerate(asked)
    ]
    columns = ", ".join(f'"{column}" VARCHAR' for column in ("clew.component", *_COLUMNS))
    with connect(Limits(threads=1)) as database:
        texts = Texts(database, selections, few=0)
        for events in parts:
            database.execute(f"CREATE OR REPLACE TABLE event ({columns})")
            for event in events:
                database.execute("INSERT INTO event VALUES (?, ?, ?, ?)", event)
            possible = {selection.number for selection in texts.possible("event")}
            for component, *values in events:
                fields = {c: v for c, v in zip(_COLUMNS, values, strict=True) if v is not None}
                for selection in selections:
                    if selection.asks.component == component and compile(selection.asks.where)(fields):
                        assert selection.number in possible


def test_what_no_text_can_pass_is_not_planned() -> None:
    def asks(number: int, component: str, *needles: str) -> Selection:
        where = All((Test("process.name", Text((parse_glob("cmd.exe"),))),
                     Test("process.command_line", Text(tuple(map(parse_glob, needles))))))  # fmt: skip
        return Selection(number, number, 0, 0, Alternative(component=component, where=where))

    selections = [
        asks(0, "process_creation", "*evil*"),
        asks(1, "process_creation", "*harmless*"),
        asks(2, "process_termination", "*evil*"),
        asks(3, "process_creation", "*other*", "*EVIL two*"),
    ]
    with connect(Limits(threads=1)) as database:
        database.execute(
            """CREATE TABLE event AS SELECT 'process_creation' AS "clew.component", 'cmd.exe' AS "process.name",
            'cmd /c Evil two' AS "process.command_line" """
        )
        texts = Texts(database, selections, few=0)
        assert [selection.number for selection in texts.possible("event")] == [0, 3]
        assert texts.possible("(FROM event LIMIT 0)") == ()
        filled = Texts(database, selections, fillable=("process.command_line", "process.name"), few=0)
        assert len(filled.possible("(FROM event LIMIT 0)")) == 4
        assert len(Texts(database, selections).possible("(FROM event LIMIT 0)")) == 4
