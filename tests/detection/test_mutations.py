"""Whatever is done to a detection file, it loads or it is told what is wrong: never a traceback."""

import re
import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clew.detection.load import load_text, shipped
from clew.errors import DetectionError
from writing import RIGHT

SHIPPED = (shipped() / "windows" / "AN0862_compromised_update.yaml").read_text(encoding="utf-8")
TEXTS = {"right": RIGHT, "shipped": SHIPPED}
#: Pieces that mean something somewhere in a detection file.
PIECES = st.sampled_from(
    [
        "on",
        "where",
        "link",
        "after",
        "bind",
        "traits",
        "any",
        "new",
        "count",
        "at_least",
        "within",
        "weak",
        "each",
        "in",
        "key",
        "for",
        "by",
        "distinct",
        "from",
        "scope",
        "stages",
        "findings",
        "per",
        "condition",
        "and",
        "or",
        "not",
        "true",
        "false",
        "null",
        "0",
        "-1",
        "1.5",
        "90m",
        "%Window%",
        "%Nope%",
        "$binary",
        "$",
        "$x",
        "file.path",
        "process.name|expand",
        "|re",
        "|cidr",
        "|windash|contains",
        "[]",
        "{}",
        "[a]",
        "{a:",
        "b}",
        "&a",
        "*a",
        "''",
        '"',
        "'",
        ":",
        "-",
        ",",
        "#",
        "|",
        ">",
        "?",
        "!",
        "@",
        "write",
        "run",
        "child",
        "egress",
        "run.traits>=2",
        "run.cap",
        "process_creation",
        "(",
        ")",
        ">=",
        "in",
        "tree",
        "of",
        "under",
        "\t",
        "\n",
        "\\",
        "日本",
    ]
)


def survives(text: str) -> None:
    try:
        load_text(text, "d.yaml")
    except DetectionError as error:
        assert error.faults
        lines = len(re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text))
        for fault in error.faults:
            assert fault.message
            assert 0 <= fault.line <= lines + 1
            assert (fault.column > 0) == (fault.line > 0)


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_pieces_put_anywhere(name: str, data: st.DataObject) -> None:
    text = TEXTS[name]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 30))
        text = text[:start] + data.draw(PIECES | st.text(string.printable, max_size=5)) + text[end:]
    survives(text)


VALUES = st.recursive(
    PIECES
    | st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(PIECES | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_values_put_in_the_place_of_others(name: str, data: st.DataObject) -> None:
    tree = yaml.load(TEXTS[name], Loader=yaml.BaseLoader)
    for _ in range(data.draw(st.integers(1, 3))):
        _replace_one(tree, data)
    survives(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))


def _replace_one(tree: Any, data: st.DataObject) -> None:
    while True:
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = tree[key]
        if isinstance(inner, dict | list) and data.draw(st.integers(0, 4)):
            tree = inner
            continue
        if isinstance(tree, dict) and data.draw(st.booleans()):
            tree[data.draw(PIECES)] = tree.pop(key)
        elif data.draw(st.booleans()):
            del tree[key]
        else:
            tree[key] = data.draw(VALUES)
        return


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    survives(content.decode("utf-8", "replace"))


def test_the_texts_load_as_they_are() -> None:
    for text in TEXTS.values():
        assert load_text(text)
    assert Path(shipped()).is_dir()
