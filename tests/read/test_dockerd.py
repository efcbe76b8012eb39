"""dockerd's log: each line a record, and the data of a form with the request that they belong to."""

import json
from pathlib import Path
from typing import Any

import pytest

from taken import Read, made, read

CREATE = r"""time="2026-11-24T02:32:17.706931975Z" level=debug msg="Calling POST /v1.41/containers/create?name=web1"
time="2026-11-24T02:32:17.707188383Z" level=debug msg="form data: {\"Cmd\":[\"echo\",\"a\\\\\\\"b\"],\"HostConfig\":{\"Privileged\":true}}"
"""


def taken(text: str, folder: Path) -> tuple[list[dict[str, Any]], Read]:
    result = read(made(folder / "dockerd.log", text.encode()), folder=folder)
    return [json.loads(line) for line in result.lines.values()], result


def test_a_request_and_its_form(tmp_path: Path) -> None:
    [call, form], result = taken(CREATE, tmp_path)
    assert call == {
        "dockerd": "request",
        "time": "2026-11-24T02:32:17.706931975Z",
        "level": "debug",
        "msg": "Calling POST /v1.41/containers/create?name=web1",
        "method": "POST",
        "uri": "/v1.41/containers/create?name=web1",
    }
    assert form["dockerd"] == "container_create" and form["uri"] == call["uri"]
    assert json.loads(form["form"]) == {"Cmd": ["echo", 'a\\"b'], "HostConfig": {"Privileged": True}}
    assert result.readers == {"dockerd"}


@pytest.mark.parametrize(
    ("request_line", "what"),
    [
        ("POST /v1.41/containers/0a1b/start", "container_start"),
        ("POST /containers/web1/restart?t=1", "container_start"),
        ("POST /v1.41/commit?container=web1&repo=r", "commit"),
        ("POST /v1.41/images/local/busybox:1.0/tag?repo=x", "image_tag"),
        ("POST /v1.41/images/create?fromImage=alpine", "image_create"),
        ("GET /v1.41/containers/create", "request"),
        ("DELETE /v1.41/containers/web1?force=1", "request"),
        ("POST /v1.41/containers/web1/exec", "request"),
    ],
)
def test_what_is_asked_for(tmp_path: Path, request_line: str, what: str) -> None:
    [record], _ = taken(f'time="2026-11-24T02:32:17Z" level=debug msg="Calling {request_line}"\n', tmp_path)
    assert record["dockerd"] == what


def test_a_form_belongs_to_the_request_before_it_only(tmp_path: Path) -> None:
    form = CREATE.splitlines()[1]
    records, _ = taken(CREATE + form + "\n", tmp_path)
    assert [record["dockerd"] for record in records] == ["request", "container_create", "text"]


def test_other_entries(tmp_path: Path) -> None:
    line = r'time="2026-11-24T02:32:17Z" level=warning msg="a \x1b[31m\t\u00e4 \"b\"" error="no such \\ file" module=libcontainerd'
    [record], _ = taken(line + "\n", tmp_path)
    assert record == {
        "dockerd": "text",
        "time": "2026-11-24T02:32:17Z",
        "level": "warning",
        "msg": 'a \x1b[31m\tä "b"',
        "error": "no such \\ file",
        "module": "libcontainerd",
    }


def test_lines_that_are_no_entries(tmp_path: Path) -> None:
    text = CREATE + 'goroutine 1 [running]:\ntime="2026-11-24T02:32:18Z" level=debug msg="Calling PO'
    records, result = taken(text, tmp_path)
    assert len(records) == 2
    assert [(one.position, one.reason) for one in result.rejects] == [
        (3, "no entry of dockerd's log"),
        (4, "the last line is cut: no entry of dockerd's log"),
    ]
