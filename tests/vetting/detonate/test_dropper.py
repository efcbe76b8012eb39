"""A whole detonation: what the witnesses outside tell of an install script that does what droppers do."""

import pytest

from clew.vetting.detonate import detonate
from clew.vetting.trace import Call, Detonation
from vetting import machine
from vetting.detonate import packages

PACKAGE = "/home/user/project/node_modules/quiet-door"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Detonation:
    machine.sandbox("npm")
    folder = tmp_path_factory.mktemp("dropper")
    return detonate(packages.dropper(folder), workplace=folder)


def calls(told: Detonation, *names: str) -> list[Call]:
    return [call for call in told.calls if call.call in names]


def test_the_phases_are_npms_then_those_of_a_user(told: Detonation) -> None:
    assert told.phases == ["postinstall", "import"]


def test_calls_stand_in_order_of_time(told: Detonation) -> None:
    assert [call.sequence for call in told.calls] == list(range(len(told.calls)))
    assert [call.time for call in told.calls] == sorted(call.time for call in told.calls)


def test_every_program_that_ran_is_told_with_its_parent(told: Detonation) -> None:
    ran = {tuple(call.arguments or ()): call for call in calls(told, "execute") if call.witness == "strace"}
    script = ran["node", "setup.js"]
    shell = ran["/bin/sh", "-c", "echo harmless > dropped.txt; chmod 755 dropped.txt"]
    assert shell.parent_pid == script.pid
    assert ran["chmod", "755", "dropped.txt"].parent_pid == shell.pid
    assert script.directory == PACKAGE


def test_what_it_did_to_files_is_told_by_strace(told: Detonation) -> None:
    found = {(call.call, call.path) for call in told.calls if call.witness == "strace"}
    assert {
        ("write", f"{PACKAGE}/dropped.txt"),
        ("change_mode", f"{PACKAGE}/dropped.txt"),
        ("read", "/home/user/.npmrc"),
        ("delete", f"{PACKAGE}/setup.js"),
        ("rename", f"{PACKAGE}/package.md"),
    } <= found


def test_the_tree_shows_what_it_tried_to_hide(told: Detonation) -> None:
    found = {(call.call, call.path) for call in told.calls if call.witness == "tree"}
    assert found == {
        ("find_deleted", f"{PACKAGE}/setup.js"),
        ("find_deleted", f"{PACKAGE}/package.md"),
        ("find_changed", f"{PACKAGE}/package.json"),
        ("find_added", f"{PACKAGE}/dropped.txt"),
    }


def test_the_sinkhole_read_what_tls_hides(told: Detonation) -> None:
    (request,) = calls(told, "request")
    assert (request.method, request.name, request.path, request.port) == (
        "POST",
        "c2.example.com",
        "/beacon?v=1",
        443,
    )
    assert request.body == '{"token":"<NPM_TOKEN>"}'
    assert ("c2.example.com", "A") in {(call.name, call.type) for call in calls(told, "resolve")}
    assert {call.name for call in calls(told, "handshake")} == {"c2.example.com"}


def test_a_raw_connection_keeps_the_address_that_was_called(told: Detonation) -> None:
    sent = [call for call in calls(told, "send") if call.witness == "sinkhole"]
    assert [(call.address, call.port, call.transport) for call in sent] == [("198.51.100.7", 4444, "tcp")]
    assert all(call.pid is not None for call in sent)


def test_decoys_that_left_are_proof_of_theft_whatever_their_form(told: Detonation) -> None:
    assert [(call.decoy, call.name, call.address) for call in calls(told, "exfiltrate")] == [
        ("NPM_TOKEN", "c2.example.com", "198.18.0.1"),
        ("AWS_SECRET_ACCESS_KEY", None, "198.51.100.7"),
    ]


def test_two_runs_tell_the_same(told: Detonation) -> None:
    text = " ".join(f"{call.path} {call.directory} {call.arguments} {call.body}" for call in told.calls)
    assert "/home/" not in text.replace("/home/user/", "")
    assert "npm_" not in text.replace("npm_lifecycle", "")
