"""containerd's events, as `ctr events` prints them."""

import json
from pathlib import Path

from taken import made, read

START = '2026-11-25 01:26:22.799250159 +0000 UTC k8s.io /tasks/start {"container_id":"e7de","pid":26904}'


def test_an_event(tmp_path: Path) -> None:
    result = read(made(tmp_path / "log", f"{START}\n\n".encode()), folder=tmp_path)
    [record] = result.lines.values()
    assert json.loads(record) == {
        "engine": "containerd events",
        "entry": "/tasks/start",
        "time": "2026-11-25T01:26:22.799250159Z",
        "namespace": "k8s.io",
        "event": {"container_id": "e7de", "pid": 26904},
    }
    assert result.readers == {"ctr events"} and not result.rejects


def test_lines_that_are_no_events(tmp_path: Path) -> None:
    text = f"{START}\nctr: connection refused\n{START[:-9]}"
    result = read(made(tmp_path / "log", text.encode()), folder=tmp_path)
    assert len(result.lines) == 1 and [one.position for one in result.rejects] == [2, 3]
    assert result.rejects[1].reason.startswith("the last line is cut: its JSON is cut or broken")
