"""What Docker and podman report, what docker inspect shows, what dockerd writes: events of one shape."""

import json
from pathlib import Path
from typing import Any

import pytest

from clew.event import SCHEMA
from clew.record import Tally
from normalise.test_kubernetes import picked
from normalise.test_sysmon import Events, events
from recordings import recording

ID = "93591edbae49c42f0f639124fc158f57be726d630072c1c07a018d7cac15708c"
Record = dict[str, Any]


def engine(action: str, kind: str = "container", of: str = ID, **attributes: str) -> Record:
    return {
        "Type": kind,
        "Action": action,
        "Actor": {"ID": of, "Attributes": {"image": "local/busybox:1.0", "name": "web1", **attributes}},
        "scope": "local",
        "time": 1795487538,
        "timeNano": 1795487538244003104,
    }


def inspected(config: Record, **more: Any) -> Record:
    return {
        "Id": ID,
        "Created": "2026-11-24T02:32:17.764426Z",
        "Name": "/web1",
        "Image": "sha256:" + "ab" * 32,
        "Config": {"Image": "local/busybox:1.0", "Cmd": ["sleep", "60"], "Entrypoint": None, "User": ""},
        "HostConfig": config,
        **more,
    }


def of(folder: Path, *records: Record) -> tuple[Events, Tally]:
    (folder / "log").write_text("".join(json.dumps(record) + "\n" for record in records))
    return events(folder / "log", folder)


def test_what_an_engine_reports(tmp_path: Path) -> None:
    digest = "sha256:" + "cd" * 32
    found, tally = of(
        tmp_path,
        engine("create"),
        engine("start"),
        engine("exec_create: sh -c ls: /data"),
        engine("exec_start: sh -c ls: /data"),
        engine("commit", imageID=digest, imageRef="local/implant:1"),
        engine("tag", "image", digest, name="local/updater:latest"),
        engine("connect", "network"),
    )
    columns = (
        "clew.component",
        "container.id",
        "container.name",
        "container.image.name",
        "process.command_line",
    )
    assert picked(found, *columns) == [
        ("container_creation", "93591edbae49", "web1", "local/busybox:1.0", None),
        ("container_start", "93591edbae49", "web1", "local/busybox:1.0", None),
        ("command_execution", "93591edbae49", "web1", "local/busybox:1.0", "sh -c ls: /data"),
        ("image_creation", "93591edbae49", "web1", "local/implant:1", None),
        ("image_modification", None, None, "local/updater:latest", None),
    ]
    assert picked(found[3:], "container.image.hash.all") == [(digest,), (digest,)]
    assert str(found[0]["@timestamp"]) == "2026-11-24 02:32:18.244003"
    assert {one["host.id"] for one in found} == {"localhost"}
    assert tally.records["not_parsed"] == 2
    assert {column for one in found for column in one} <= set(SCHEMA)


def test_what_is_pulled_and_pushed_has_its_tag(tmp_path: Path) -> None:
    """Their name is the image without its tag, their id the image with it, or with its digest."""
    digest = "sha256:" + "cd" * 32
    found, _ = of(
        tmp_path,
        engine("pull", "image", "kim/app:2", name="kim/app"),
        engine("push", "image", f"kim/app@{digest}", name="kim/app"),
        {
            "ID": "a1" * 32,
            "Name": "kim/app:2",
            "Status": "pull",
            "Time": "2026-11-24T02:30:37Z",
            "Type": "image",
        },
    )
    assert picked(found, "container.image.name", "container.image.tag", "container.image.hash.all") == [
        ("kim/app:2", "2", None),
        (f"kim/app@{digest}", None, digest),
        ("kim/app:2", "2", None),
    ]


def test_a_label_is_no_image(tmp_path: Path) -> None:
    """Labels stand among the attributes; one of another name changes nothing."""
    [found] = of(tmp_path, engine("create", **{"com.example.image": "other", "Image": "other"}))[0]
    assert found["container.image.name"] == "local/busybox:1.0"


@pytest.mark.parametrize("host", ["WEB1.example.com", {"name": "web1.example.com"}])
def test_a_collector_names_the_host(tmp_path: Path, host: object) -> None:
    [found] = of(tmp_path, {**engine("create"), "host": host})[0]
    assert found["host.id"] == "web1.example.com"


def test_podman(tmp_path: Path) -> None:
    record = {
        "ID": ID,
        "Image": "localhost/tiny:1",
        "Name": "live",
        "Status": "create",
        "Time": "2026-11-24T02:38:18.477871005Z",
        "Type": "container",
        "Attributes": {},
    }
    [found] = of(
        tmp_path, record, {**record, "Status": "died"}, {**record, "Type": "system", "Status": "refresh"}
    )[0]
    assert picked([found], "container.id", "container.name", "container.image.name", "container.runtime") == [
        ("93591edbae49", "live", "localhost/tiny:1", "podman")
    ]


@pytest.mark.parametrize(
    ("config", "flags"),
    [
        ({"Privileged": False, "Binds": None, "CapAdd": None, "PidMode": ""}, "none"),
        ({"Privileged": True, "PidMode": "host", "IpcMode": "host", "NetworkMode": "host"},
         "privileged pid=host network=host ipc=host"),
        ({"PidMode": "container:x", "NetworkMode": "none", "IpcMode": "private"}, "none"),
        ({"CapAdd": ["CAP_SYS_ADMIN", "net_admin", "ALL"]}, "cap=SYS_ADMIN cap=NET_ADMIN cap=ALL"),
        ({"SecurityOpt": ["seccomp=unconfined", "apparmor:unconfined", "no-new-privileges", "label=disable"]},
         "seccomp=unconfined apparmor=unconfined label=disable"),
        ({"Binds": ["/:/host:ro", "appdata:/data", "/run/docker.sock:/s", "/a b/:/c"]},
         "mount=/ mount=/run/docker.sock mount=/a%20b"),
        ({"Mounts": [{"Type": "bind", "Source": "/etc"}, {"Type": "volume", "Source": "x"}]}, "mount=/etc"),
        ({"Devices": [{"PathOnHost": "/dev/sda"}]}, "device=/dev/sda"),
    ],
)  # fmt: skip
def test_what_a_container_is_given_of_its_host(tmp_path: Path, config: Record, flags: str) -> None:
    [found] = of(tmp_path, inspected(config))[0]
    assert found["clew.container.flags"] == flags


def test_what_inspect_shows_is_the_creation(tmp_path: Path) -> None:
    (tmp_path / "inspect.json").write_text(json.dumps([inspected({"Privileged": True})], indent=4))
    [found] = events(tmp_path / "inspect.json", tmp_path)[0]
    assert str(found["@timestamp"]) == "2026-11-24 02:32:17.764426"
    assert picked([found], "clew.component", "container.id", "container.name", "clew.container.command") == [
        ("container_creation", "93591edbae49", "web1", "sleep 60")
    ]


def test_the_daemon_and_its_events_tell_of_the_same_containers(tmp_path: Path) -> None:
    said, daemon = events(recording("docker-events/rec1.dockerd-debug.log"), tmp_path)
    flags = {one["clew.container.flags"] for one in said if one["event.code"] == "container_create"}
    assert "privileged pid=host mount=/srv/dk/d.sock mount=/" in flags and "none" in flags
    assert "cap=SYS_ADMIN apparmor=unconfined" in flags
    seen, tally = events(recording("docker-events/rec1.cli.jsonl"), tmp_path)
    named = {one["container.name"] for one in seen if one["clew.component"] == "container_creation"}
    assert {
        one["container.name"]
        for one in said
        if one["event.code"] == "container_create" and "container.name" in one
    } <= named
    assert (daemon.total, tally.total) == (84, 65)
    assert daemon.complete and tally.complete and not tally.records["irrelevant"]


def test_both_forms_of_an_events_log_count_once(tmp_path: Path) -> None:
    cli, _ = events(recording("docker-events/rec1.cli.jsonl"), tmp_path)
    api, _ = events(recording("docker-events/rec1.api.jsonl"), tmp_path)
    assert [one["event.id"] for one in cli] == [one["event.id"] for one in api] and cli


@pytest.mark.parametrize("name", ["docker_events_sample.jsonl", "podman_events_sample.jsonl"])
def test_the_recordings_are_read_whole(name: str, tmp_path: Path) -> None:
    found, tally = events(recording(f"docker-events/{name}"), tmp_path)
    assert tally.complete and found and not tally.records["irrelevant"]
    assert all(len(one["container.id"]) == 12 for one in found if "container.id" in one)
