"""A hook's log is the package's to forge: whatever stands there, reading it ends, within caps, and says so."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clew.vetting.capture import Caps, start_lines
from clew.vetting.capture.binary import told_of
from vetting.capture.watching import read
from vetting.corpus.hiding import module

NOW = 1_795_000_000_000_000
START = {
    "n": 0,
    "t": NOW,
    "call": "start",
    "witness": "node",
    "pid": 7,
    "parent_pid": 1,
    "executable": "/usr/bin/node",
}


def write(folder: Path, *records: Any, name: str = "node-7-0-1.jsonl") -> Path:
    lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in records]
    (folder / name).write_bytes(b"\n".join(lines) + b"\n")
    return folder


def record(number: int, call: str, **fields: object) -> dict[str, object]:
    return {"n": number, "t": NOW + number, "call": call, **fields}


def code(number: int, text: str, **fields: object) -> dict[str, object]:
    return record(number, "run_code", id=number, origin="eval", text=text, size=len(text), **fields)


def words(folder: Path, **options: Any) -> list[str]:
    calls, _ = read(folder, **options)
    return [f"{call.call}: {call.what}" for call in calls if call.call in ("bypass", "reach_limit")]


def test_an_honest_log_is_calls_in_order_of_time(tmp_path: Path) -> None:
    write(
        tmp_path,
        START,
        code(1, "eval(x)"),
        code(2, "y", parent=1, stack=["f (layer#1:3)"]),
        record(3, "delete", path="a", layer=2),
    )
    calls, layers = read(tmp_path)
    assert [(call.sequence, call.call, call.what) for call in calls] == [
        (1, "execute", "hooked"),
        (2, "run_code", None),
        (3, "run_code", None),
        (4, "delete", None),
    ]
    first, second = layers
    assert (first.depth, first.parent, second.depth, second.parent) == (1, None, 2, first.sha256)
    assert calls[2].parent_layer == first.sha256
    assert calls[3].layer == second.sha256
    assert second.stack == [f"f (layer#{first.sha256[:12]}:3)"]
    assert calls[0].time == "2026-11-18T11:06:40.000000Z"


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([START, record(2, "delete", path="a")], "1 records missing"),
        (
            [START, record(1, "delete", path="a"), record(1, "delete", path="b")],
            "1 records whose numbers stand twice",
        ),
        ([START, b"no JSON at all"], "1 lines that no hook writes"),
        ([START, b"[" * 100_000], "1 lines that no hook writes"),
        ([START, {**record(1, "delete"), "path": 5}], "1 lines that no hook writes"),
        ([START, {**record(1, "delete"), "t": -1}], "1 lines that no hook writes"),
        ([START, {**record(1, "delete"), "n": 10**30}], "1 lines that no hook writes"),
        ([record(0, "delete", path="a")], "does not begin as a hook's log does"),
        ([{**START, "witness": "strace"}], "does not begin as a hook's log does"),
        ([b""], "does not begin as a hook's log does"),
    ],
)
def test_what_no_hook_writes_is_tampering(tmp_path: Path, records: list[Any], said: str) -> None:
    (word,) = words(write(tmp_path, *records))
    assert word.startswith("bypass: ")
    assert said in word


def test_no_link_is_followed_and_no_pipe_is_read(tmp_path: Path) -> None:
    secret = write(tmp_path, START, code(1, "secret"), name="secret.txt") / "secret.txt"
    log = tmp_path / "log"
    log.mkdir()
    (log / "link.jsonl").symlink_to(secret)
    os.mkfifo(log / "pipe.jsonl")
    (log / "folder.jsonl").mkdir()
    assert words(log) == [f"bypass: {name}.jsonl is no regular file" for name in ("folder", "link", "pipe")]
    assert read(log)[1] == []


def test_half_a_line_of_a_killed_process_is_nobodys_fault(tmp_path: Path) -> None:
    (write(tmp_path, START) / "node-7-0-1.jsonl").open("a").write('{"n":1,"t":17950')
    assert words(tmp_path) == []


def test_caps_are_kept_and_said(tmp_path: Path) -> None:
    write(tmp_path, START, *(code(number, f"text {number}") for number in range(1, 50)))
    calls, layers = read(tmp_path, caps=Caps(layers=10, calls=5))
    assert (len(layers), len(calls)) == (10, 7)
    assert words(tmp_path, caps=Caps(layers=10, calls=5)) == [
        "reach_limit: hooks' logs: calls",
        "reach_limit: hooks' logs: layers",
    ]
    assert "reach_limit: hooks' logs: output" in words(tmp_path, caps=Caps(bytes=2000))
    write(tmp_path, START, name="other.jsonl")
    assert words(tmp_path, caps=Caps(files=1)) == ["reach_limit: hooks' logs: files"]


def test_a_text_past_the_cap_is_cut_and_keeps_the_hash_of_all(tmp_path: Path) -> None:
    (layer,) = read(write(tmp_path, START, code(1, "x" * 100)), caps=Caps(text=10))[1]
    assert (layer.text, layer.truncated) == ("x" * 10, True)


def test_half_a_surrogate_pair_is_a_text_too(tmp_path: Path) -> None:
    line = json.dumps(code(1, "a\ud800b")).encode()
    assert b"\\ud800" in line
    (layer,) = read(write(tmp_path, START, line))[1]
    assert layer.text == "a?b"


def test_parents_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    for pid, parent in ((7, 8), (8, 7)):
        write(
            tmp_path,
            {**START, "pid": pid, "parent_pid": parent},
            {**code(1, f"text {pid}"), "origin": "command", "parent": 1},
            record(2, "execute", executable="node", child=1, layer=1),
            record(3, "spawned", child=1, pid=parent),
            name=f"{pid}.jsonl",
        )
    assert [layer.depth for layer in read(tmp_path)[1]] == [1, 1]


def test_bytes_that_are_none_are_no_layer(tmp_path: Path) -> None:
    assert read(write(tmp_path, START, {**code(1, ""), "origin": "wasm", "bytes": "###"}))[1] == []


_value = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.text(max_size=5), max_size=3),
)
_fields = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "parent",
            "layer",
            "origin",
            "text",
            "bytes",
            "stack",
            "path",
            "pid",
            "child",
            "thread",
            "size",
            "port",
            "what",
            "url",
        ]
    ),
    _value,
    max_size=6,
)
_record = st.builds(
    lambda number, call, fields: {"n": number, "t": NOW + number, "call": call, **fields},
    st.integers(0, 6),
    st.sampled_from(
        ["start", "run_code", "execute", "spawned", "start_worker", "delete", "fault", "nonsense", "request"]
    ),
    _fields,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(_record, st.binary(max_size=30)), max_size=8), st.booleans())
def test_whatever_stands_in_a_log_reading_it_ends(
    tmp_path_factory: pytest.TempPathFactory, records: list[Any], honest: bool
) -> None:
    folder = tmp_path_factory.mktemp("log")
    write(folder, *([START] if honest else []), *records)
    calls, layers = read(folder)
    known = {layer.sha256 for layer in layers}
    assert [call.sequence for call in calls] == list(range(1, len(calls) + 1))
    assert all(layer.parent is None or layer.parent in known for layer in layers)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_follows_the_head_of_a_module_is_told_of(data: st.DataObject) -> None:
    whole = bytearray(module(b"text of the module"))
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(8, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert ";; strings" in told_of(bytes(whole[: data.draw(st.integers(8, len(whole)))]))


def test_imports_of_every_kind() -> None:
    imports = (
        b"\x04"
        + b"\x01a\x01t\x01\x70\x00\x05"
        + b"\x01a\x01m\x02\x01\x01\x02"
        + b"\x01a\x01g\x03\x7f\x00"
        + b"\x01a\x01f\x00\x00"
    )
    data = b"\0asm\x01\0\0\0" + b"\x02" + bytes([len(imports)]) + imports
    assert told_of(data).splitlines()[:4] == [
        ';; import table "a" "t"',
        ';; import memory "a" "m"',
        ';; import global "a" "g"',
        ';; import function "a" "f"',
    ]


def test_lines_of_start_files_are_known_by_their_hash(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_text("/a/folder\nimport os; os.known = 1\n")
    write(
        tmp_path,
        START,
        {**code(1, "import os; os.known = 1\n"), "origin": "pth"},
        code(2, "run by it", parent=1),
        code(3, "not"),
    )
    assert [layer.text for layer in read(tmp_path, start_lines=start_lines([tmp_path]))[1]] == ["not"]


def test_the_bytes_of_web_assembly_are_what_is_hashed(tmp_path: Path) -> None:
    data = module(b"x")
    sent = {**code(1, ""), "origin": "wasm", "bytes": base64.b64encode(data).decode()}
    (layer,) = read(write(tmp_path, START, sent))[1]
    assert layer.text == told_of(data)
