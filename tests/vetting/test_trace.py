"""The trace: a line stands for itself, and what it says comes back."""

from __future__ import annotations

import msgspec

from clew.vetting.trace import Call


def _call() -> Call:
    return Call(
        time="2026-11-24T10:00:00.123456Z",
        sequence=17,
        package="pkg:npm/left@1.0.0",
        digest="9f2c",
        platform="linux",
        phase="postinstall",
        witness="node",
        call="run_code",
        layer="51ab",
        origin="eval",
    )


def test_a_line_names_its_version_and_leaves_out_what_was_not_told() -> None:
    line = msgspec.json.decode(msgspec.json.encode(_call()))

    assert line["trace"] == 1
    assert "path" not in line


def test_a_line_comes_back_as_it_was() -> None:
    assert msgspec.json.decode(msgspec.json.encode(_call()), type=Call) == _call()
