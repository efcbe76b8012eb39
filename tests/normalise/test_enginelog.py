"""What dockerd, containerd and CRI-O write, and `ctr events` prints: what each becomes, and of which pod it is."""

import json
from pathlib import Path

from clew.event import SCHEMA
from clew.record import Tally
from normalise.test_kubernetes import picked
from normalise.test_sysmon import Events, events
from read.test_logrus import CRI, ID, SANDBOX, line, written_in_json

SHORT = ID[:12]
POD = ("shop", "web-1", "nginx")
PLACE = ("orchestrator.namespace", "orchestrator.resource.name", "container.name")


def of(folder: Path, *lines: str) -> tuple[Events, Tally]:
    (folder / "log").write_text("".join(f"{one}\n" for one in lines))
    return events(folder / "log", folder)


def test_containerd(tmp_path: Path) -> None:
    found, tally = of(tmp_path, *map(line, CRI))
    assert tally.complete and (tally.records["event"], tally.records["not_parsed"]) == (6, 2)
    columns = ("clew.component", "clew.log_source", "container.id", "event.outcome", "process.command_line")
    assert picked(found, *columns) == [
        ("container_creation", "containerd:runtime", SHORT, "success", None),
        ("container_start", "containerd:runtime", SHORT, "success", None),
        ("command_execution", "containerd:runtime", SHORT, None, "sh -c id"),
        ("command_execution", "containerd:runtime", SHORT, None, "cat /tmp/health"),
        ("image_creation", "containerd:runtime", None, None, None),
        ("container_start", "containerd:runtime", SHORT, "failure", None),
    ]
    assert picked(found[:4], *PLACE) == [POD] * 4 and found[4]["container.image.name"] == "nginx:stable"
    assert {column for one in found for column in one} <= set(SCHEMA)


def test_in_json_it_is_the_same(tmp_path: Path) -> None:
    [found] = of(tmp_path, *map(written_in_json, (CRI[0], CRI[2])))[0]
    assert picked([found], "container.id", *PLACE) == [(SHORT, *POD)]


def test_cri_o(tmp_path: Path) -> None:
    fields = {"PID": "133675", "containerID": ID, "description": "shop/web-1/nginx", "sandboxID": SANDBOX}
    header = "2026-11-24T02:32:17.600Z node1 crio[7]: "
    found, tally = of(
        tmp_path,
        header + line(f"Created container {ID}: shop/web-1/nginx"),
        header + line("Started container", **fields),
        header + line("Created container of nobody"),
    )
    columns = ("clew.component", "clew.log_source", "container.id", "clew.container.pid", "host.id")
    assert picked(found, *columns) == [
        ("container_creation", "cri-o:runtime", SHORT, None, "node1"),
        ("container_start", "cri-o:runtime", SHORT, 133675, "node1"),
    ]
    assert picked(found, *PLACE) == [POD] * 2 and tally.records["not_parsed"] == 1


def test_events_of_containerd(tmp_path: Path) -> None:
    def event(topic: str, namespace: str = "k8s.io", **told: object) -> str:
        return f"2026-11-25 01:26:22.799250159 +0000 UTC {namespace} {topic} {json.dumps(told)}"

    image = "docker.io/library/alpine@sha256:" + "ec" * 32
    found, tally = of(
        tmp_path,
        event("/containers/create", id=ID, image=image, runtime={"name": "io.containerd.runc.v2"}),
        event("/tasks/start", container_id=ID, pid=26904),
        event("/tasks/exec-added", "moby", container_id=ID, exec_id="e98a"),
        event("/images/create", "default", name="docker.io/library/nginx:1.27"),
        event("/tasks/exit", container_id=ID, id=ID, pid=26904),
    )
    columns = ("clew.component", "container.id", "container.image.name", "clew.container.pid")
    assert picked(found, *columns) == [
        ("container_creation", SHORT, image, None),
        ("container_start", SHORT, None, 26904),
        ("command_execution", SHORT, None, None),
        ("image_creation", None, "docker.io/library/nginx:1.27", None),
    ]
    assert picked(found, "orchestrator.type", "container.runtime") == [
        ("kubernetes", "containerd"),
        ("kubernetes", "containerd"),
        (None, "docker"),
        (None, "containerd"),
    ]
    assert tally.complete and tally.records["not_parsed"] == 1
    assert str(found[1]["@timestamp"]) == "2026-11-25 01:26:22.799250"


def test_what_dockerd_is_asked_for(tmp_path: Path) -> None:
    """A request with a form counts once, by the form; in JSON as well."""
    form = 'form data: {"Cmd":["id"],"Image":"a","HostConfig":{"PidMode":"host"}}'
    requests = [
        "Calling POST /v1.41/containers/create?name=web1",
        form,
        "Calling POST /v1.41/containers/web1/start",
        "Calling GET /v1.41/containers/create",
        "Calling POST /v1.41/containers/web1/exec",
        'form data: {"Cmd":["ls"]}',
        "Calling POST /v1.41/images/local/busybox:1.0/tag?repo=x",
        "Calling DELETE /v1.41/containers/web1?force=1",
    ]
    found, tally = of(tmp_path, *map(line, requests))
    assert picked(found, "event.code", "container.name", "clew.container.flags") == [
        ("container_create", "web1", "pid=host"),
        ("container_start", "web1", None),
        ("exec_create", "web1", None),
        ("image_tag", None, None),
    ]
    assert tally.records["not_parsed"] == 4
    assert picked(of(tmp_path, *map(written_in_json, requests))[0], "event.code") == picked(
        found, "event.code"
    )


def test_a_plugins_decisions_stand_in_dockerds_log(tmp_path: Path) -> None:
    asked = {"Method": "POST", "Path": "/v1.41/containers/create", "Body": None, "User": "kim"}
    decision = {"input": asked, "result": False, "timestamp": "2026-11-24T02:32:17Z"}
    log = [line("Starting up"), line(f"2026/11/24 02:32:17 {json.dumps(decision)}", plugin="396f")]
    [found] = of(tmp_path, *log)[0]
    assert picked([found], "clew.log_source", "user.name", "event.outcome") == [
        ("docker:api", "kim", "failure")
    ]
