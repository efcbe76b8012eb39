"""A value is put into clew.toml, and all else stays as it was, to the byte."""

import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.settings.edit import EditError, literal, put, replace

SITE = """\
# our settings
threads = 2  # the box is shared

[elements]   # for every detection
ApprovedUpdateHosts = {add = ["proxy.example.org"]}  # the cache

[elements.AN0862]
# asked for by the SOC
TimeWindow = "2h"   # was 90m
ProgramPaths = [
    'C:\\Tools\\',  # ours
]

# build servers
[[host]]
match = ["build-*"]
[host.elements.AN0862]
Installers = {remove = ["pip*"]}
"""
WINDOW = ("elements", "AN0862", "TimeWindow")


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone, and those that are new."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_value_is_replaced_on_its_line_and_keeps_its_comment() -> None:
    edited = put(SITE, WINDOW, "30m")
    assert changed(SITE, edited) == (
        ['TimeWindow = "2h"   # was 90m\n'],
        ['TimeWindow = "30m"   # was 90m\n'],
    )


def test_a_new_key_stands_at_the_end_of_its_table() -> None:
    edited = put(SITE, ("elements", "AN0862", "ApprovedSigners"), {"add": ["Contoso, Ltd."]})
    line = 'ApprovedSigners = {add = ["Contoso, Ltd."]}\n'
    assert edited == SITE.replace("    'C:\\Tools\\',  # ours\n]\n", f"    'C:\\Tools\\',  # ours\n]\n{line}")


def test_a_new_table_stands_at_the_end_of_the_file() -> None:
    assert put(SITE, ("elements", "AN0001", "Window"), "1h") == f'{SITE}\n[elements.AN0001]\nWindow = "1h"\n'
    assert put("", WINDOW, "1h") == '[elements.AN0862]\nTimeWindow = "1h"\n'
    assert put("threads = 2", WINDOW, "1h") == 'threads = 2\n\n[elements.AN0862]\nTimeWindow = "1h"\n'


def test_a_variant_is_a_quoted_key() -> None:
    assert put("", ("elements", "AN0862/npm", "TimeWindow"), "1h").startswith('[elements."AN0862/npm"]\n')


def test_a_value_over_several_lines_is_not_touched() -> None:
    with pytest.raises(EditError, match=r"by hand: elements\.AN0862\.ProgramPaths = \['D:\\'\]"):
        put(SITE, ("elements", "AN0862", "ProgramPaths"), ["D:\\"])


def test_entries_that_stand_in_a_table_of_their_own_are_set_there() -> None:
    text = '[elements.AN0862.ApprovedSigners]\nadd = ["A"]  # first\n'
    edited = put(text, ("elements", "AN0862", "ApprovedSigners"), {"add": ["A", "B"], "remove": ["C"]})
    assert edited == '[elements.AN0862.ApprovedSigners]\nadd = ["A", "B"]  # first\nremove = ["C"]\n'


def test_entries_behind_a_dotted_key_are_set_there() -> None:
    text = '[elements.AN0862]\nApprovedSigners.add = ["A"]\n'
    edited = put(text, ("elements", "AN0862", "ApprovedSigners"), {"add": ["A", "B"]})
    assert edited == '[elements.AN0862]\nApprovedSigners.add = ["A", "B"]\n'


def test_a_table_that_stands_on_one_line_is_not_declared_twice() -> None:
    text = 'elements = {AN0862 = {TimeWindow = "2h"}}\n'
    with pytest.raises(EditError, match="by hand"):
        put(text, WINDOW, "30m")


def test_what_is_no_table_stays() -> None:
    with pytest.raises(EditError, match="'AN0862' is no table"):
        put('[elements]\nAN0862 = "?"\n', WINDOW, "30m")


def test_a_hash_inside_a_text_is_no_comment() -> None:
    text = '[elements.AN0862]\nName = "a#b"  # why "#"\n'
    assert put(text, ("elements", "AN0862", "Name"), "c") == '[elements.AN0862]\nName = "c"  # why "#"\n'


def test_line_ends_and_the_mark_of_utf8_stay() -> None:
    text = "\ufeff" + SITE.replace("\n", "\r\n")
    edited = put(text, WINDOW, "30m")
    assert edited == text.replace('"2h"', '"30m"')
    assert put(text, ("elements", "AN0862", "New"), 1).count("\r\n") == text.count("\r\n") + 1


def test_a_header_inside_a_long_text_is_none() -> None:
    text = 'about = """\n[elements.AN0862]\nTimeWindow = "1h"\n"""\n'
    edited = put(text, WINDOW, "30m")
    assert edited == text + '\n[elements.AN0862]\nTimeWindow = "30m"\n'


TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
VALUES = st.recursive(
    TEXTS | st.integers(-(2**63), 2**63 - 1) | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=5,
)


@given(VALUES)
def test_a_literal_reads_as_its_value(value: Any) -> None:
    assert tomllib.loads(f"value = {literal(value)}")["value"] == value


@given(st.lists(st.tuples(st.sampled_from(["A", "b c", 'q"', "ä"]), VALUES), max_size=6))
def test_values_put_one_by_one_are_all_there(pairs: list[tuple[str, Any]]) -> None:
    text, meant = SITE, tomllib.loads(SITE)
    for key, value in pairs:
        try:
            text = put(text, ("elements", "AN0862", key), value)
        except EditError:
            continue
        meant["elements"]["AN0862"][key] = value
        assert tomllib.loads(text) == meant
    assert "# build servers\n[[host]]" in text


def test_a_file_is_replaced_with_its_rights_and_without_rests(tmp_path: Path) -> None:
    file = tmp_path / "clew.toml"
    file.write_text("old")
    file.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    replace(link, "new\r\n")
    assert file.read_bytes() == b"new\r\n" and link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    replace(tmp_path / "fresh.toml", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clew.toml", "fresh.toml", "link.toml"]


def test_a_file_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clew.toml"
    file.write_text("old")

    def fail(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        replace(file, "new")
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["clew.toml"]
