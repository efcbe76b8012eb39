"""The trace of a vetted package: what each call becomes, and that its chains live in that package alone."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

from clew.event import SCHEMA
from clew.normalise.mapping import mappings, within
from clew.record import Tally
from clew.vetting.trace import Call, CallName
from normalise.test_kubernetes import picked
from normalise.test_sysmon import PLACE, Events, events
from normalise.vetting_records import DIGEST, FOLDER, call, lines, trace


def of(folder: Path, *calls: Call) -> tuple[Events, Tally]:
    (folder / "trace.jsonl").write_bytes(lines(list(calls)))
    return events(folder / "trace.jsonl", folder)


def test_every_call_has_a_channel() -> None:
    [mapping] = [one for one in mappings() if one.provider == "clew vet"]
    assert {channel.code for channel in mapping.channels} == set(get_args(CallName))


def test_every_field_of_a_call_is_read() -> None:
    """Two have names that are taken: `origin` and `code`."""
    [mapping] = [one for one in mappings() if one.provider == "clew vet"]
    told = {*Call.__struct_fields__} - {"time", "call"}
    assert told == {{"made_by": "origin", "status": "code"}.get(name, name) for name in mapping.reads}


def test_a_line_becomes_an_event(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    found, tally = of(tmp_path, *trace())
    assert tally.records["event"] == len(found) == len(get_args(CallName))
    assert {column for event in found for column in event} <= SCHEMA.keys()
    common = {name: value for name, value in found[0].items() if all(e.get(name) == value for e in found)}
    shown = [{k: v for k, v in e.items() if k not in (*PLACE, "event.id") and k not in common} for e in found]
    assert ({k: v for k, v in common.items() if k not in PLACE}, shown) == snapshot


def test_the_scope_is_the_package_its_archive_and_its_platform(tmp_path: Path) -> None:
    calls = [call(1, "exit"), msgspec.structs.replace(call(1, "exit"), platform="win32")]
    found, _ = of(tmp_path, *calls)
    purl = f"pkg:npm/%40acme/left@1.0.0?checksum=sha256:{DIGEST}"
    assert picked(found, "package.id", "host.id", "host.os.type") == [
        (f"{purl}&platform=linux", None, "linux"),
        (f"{purl}&platform=win32", None, "linux"),
    ]
    assert (
        picked(found, "package.name", "package.type", "package.version")
        == [("@acme/left", "npm", "1.0.0")] * 2
    )


def test_a_process_is_known_by_its_run(tmp_path: Path) -> None:
    install = call(1, "execute", pid=3, parent_pid=1)
    imported = msgspec.structs.replace(install, phase="import", sequence=2)
    found, _ = of(tmp_path, install, imported)
    ids = [event["process.entity_id"] for event in found]
    assert len({*ids}) == 2
    assert ids[0].endswith("/linux/postinstall/3")
    assert found[0]["process.parent.entity_id"] == ids[0].removesuffix("3") + "1"


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ({"port": 443, "path": "/a?b"}, "https://c2.example.com/a?b"),
        ({"port": 80}, "http://c2.example.com/"),
        ({"port": 8080, "path": "/"}, "http://c2.example.com:8080/"),
        ({}, "http://c2.example.com/"),
    ],
)
def test_a_request_has_its_url(told: dict[str, int | str], url: str, tmp_path: Path) -> None:
    [event], _ = of(tmp_path, call(1, "request", name="c2.example.com", **told))
    assert event["url.full"] == url


def test_the_script_that_ran_has_its_whole_path(tmp_path: Path) -> None:
    found, _ = of(tmp_path, *trace())
    assert found[0]["clew.process.script"] == f"{FOLDER}/setup.js"


def test_what_is_asked_of_packages_is_asked_of_no_other_log() -> None:
    asked = frozenset({within("file_access", "package.id")})
    assert {mapping.provider for mapping in mappings() if mapping.codes(asked)} == {"clew vet"}


def test_a_trace_of_a_later_form_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    record = msgspec.to_builtins(call(1, "exit")) | {"trace": 2, "call": "dance"}
    (tmp_path / "trace.jsonl").write_bytes(msgspec.json.encode(record) + b"\n{broken\n")
    found, tally = events(tmp_path / "trace.jsonl", tmp_path)
    assert (found, tally.records["not_parsed"], tally.records["rejected"]) == ([], 1, 1)
