"""A real engine: what is done with it is recorded, and a hunt tells the risky from the ordinary, with what they did."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import clew
from clew.finding import Finding
from clew.runner.hunt import choose
from clew.settings import read_settings
from containers.machine import AuditLog, Machine, Recording, engine, lacking, until

NONE = ("--network", "none")
WORK = ("/bin/sh", "-c", "id; nc 127.0.0.1 9; sleep 0.1")
LEAVE = ("/bin/sh", "-c", "chroot /host /bin/true; sleep 0.1")
#: By name: what it is given, and the flag of that.
RISKY = {
    "root": ((*NONE, "-v", "/:/host:ro"), "mount=/"),
    "cap": ((*NONE, "--cap-add", "SYS_ADMIN"), "cap=SYS_ADMIN"),
    "pids": ((*NONE, "--pid", "host"), "pid=host"),
    "calls": ((*NONE, "--security-opt", "seccomp=unconfined"), "seccomp=unconfined"),
}
#: Those that are made in another way.
FLAGS = {name: flag for name, (_, flag) in RISKY.items()} | {
    "socket": "mount=*.sock",
    "implant": "network=host",
    "leaves": "mount=/",
}


class Day(msgspec.Struct):
    """What hunts find in the engine's records alone and with the audit log: by analytic and name of the container.

    `lacks` says why there is no audit log; `code` is how the recording ended.
    """

    by_engine: dict[tuple[str, str], Finding]
    by_audit: dict[tuple[str, str], Finding]
    lacks: str
    code: int


def hunted(names: dict[str, str], *logs: Path) -> dict[tuple[str, str], Finding]:
    detections = [d for d in choose(read_settings({})) if d.name in {"AN0693/docker", "AN0613"}]
    result = clew.hunt(logs, detections)
    assert result.tally.complete
    return {(found.analytic, names[str(found.per["container"])]): found for found in result.findings}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with engine(tmp_path_factory.mktemp("e")) as found:
        yield found


@pytest.fixture(scope="module")
def day(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("day")
    with AuditLog(folder / "audit.log") as audit:
        recording = Recording(machine, folder / "engine.jsonl")
        run(machine, "plain", *NONE)
        run(machine, "folder", *NONE, "-v", f"{folder}:/data")
        machine.docker("run", "-d", "--name", "served", *NONE, "tiny:1", "sleep", "60")
        machine.docker("exec", "served", "ls", "/")
        for name, (given, _) in RISKY.items():
            run(machine, name, *given)
        run(machine, "socket", *NONE, "-v", f"{machine.socket}:/var/run/docker.sock")
        machine.docker("commit", "served", "local/implant:1")
        run(machine, "implant", "--network", "host", image="local/implant:1")
        run(machine, "leaves", *NONE, "-v", "/:/host:ro", work=LEAVE)
        listed = machine.docker("ps", "-a", "--format", "{{.ID}} {{.Names}}").splitlines()
        names = dict(line.split() for line in listed)
        machine.docker("rm", "-f", *names.values())
        until(lambda: all(recording.wrote(f'"Action":"destroy","Actor":{{"ID":"{id}') for id in names))
        code = recording.end()
    by_audit = {} if audit.lacks else hunted(names, recording.file, audit.file)
    return Day(hunted(names, recording.file), by_audit, audit.lacks, code)


def run(
    machine: Machine, name: str, *given: str, image: str = "tiny:1", work: tuple[str, ...] = WORK
) -> None:
    done = machine.try_docker("run", "--name", name, *given, image, *work)
    assert done.returncode == 0, done.stderr


def test_the_risky_ones_are_found_with_every_trait_and_no_other(day: Day) -> None:
    assert {name: (found.level, set(found.traits)) for (_, name), found in day.by_engine.items()} == {
        name: ("high", {"create.unknown_image", "create.host_access", f"create.flag={flag}"})
        for name, flag in FLAGS.items()
    }
    unknown = {"create.not_admin", "create.remote_api"}
    assert all(set(found.unknown) == unknown for found in day.by_engine.values())
    assert day.code == 0


def test_what_they_did_is_in_the_hosts_audit_log(day: Day) -> None:
    if day.lacks:
        lacking(day.lacks)
    found = {name: finding for (analytic, name), finding in day.by_audit.items() if analytic == "AN0693"}
    assert {name: finding.level for name, finding in found.items()} == dict.fromkeys(FLAGS, "critical")
    for finding in found.values():
        [activity] = [stage for stage in finding.stages if stage.name == "activity"]
        assert activity.events[0].fields["process.name"] == "sh"  # and not runc, which made the container
        assert activity.count >= 3


def test_who_leaves_a_container_for_its_host_is_found(day: Day) -> None:
    if day.lacks:
        lacking(day.lacks)
    [(name, found)] = [(name, one) for (analytic, name), one in day.by_audit.items() if analytic == "AN0613"]
    assert (name, found.level) == ("leaves", "high")
    done = {stage.name: stage.events[0].fields["process.name"] for stage in found.stages}
    assert done["program"] == "true"


def test_an_engine_that_starts_again_is_recorded_on(machine: Machine, tmp_path: Path) -> None:
    recording = Recording(machine, tmp_path / "engine.jsonl")
    run(machine, "before", *NONE)
    machine.stop()
    machine.start()
    until(lambda: "there again" in recording.said)
    run(machine, "after", *RISKY["cap"][0])
    until(lambda: recording.wrote('"name":"after"'))
    machine.docker("rm", "before", "after")
    until(lambda: recording.wrote('"Action":"destroy"'))
    assert recording.end() == 4
    assert (
        "lost " in recording.said and "events since" in recording.said and "may be missing" in recording.said
    )
    id = next(one["Id"] for one in map(json.loads, recording.file.open()) if one.get("Name") == "/after")
    [(found, finding)] = hunted({id[:12]: "after"}, recording.file).items()
    assert (found, finding.level) == (("AN0693", "after"), "high")
