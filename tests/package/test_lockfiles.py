"""Each kind of package file: its entries with their lines, and what becomes of a broken one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clew.package.lock import READERS, bill_reader, read, reader_of
from clew.package.model import Listed, Reader
from clew.record import Note, Reject
from package.samples import SAMPLES

SHA1 = "2553649f2322049666871cea80a5d0d6adc700ca"


def listed(name: str, text: str) -> list[Listed]:
    return [item for item in items(name, text) if isinstance(item, Listed)]


def rejects(name: str, text: str | bytes) -> list[Reject]:
    return [item for item in items(name, text) if isinstance(item, Reject)]


def reader_at(name: str) -> Reader | None:
    path = Path(name)
    return reader_of(path.name, "/".join(path.parts[-3:-1]))


def items(name: str, text: str | bytes) -> list:
    reader = reader_at(name)
    assert reader is not None
    return list(read(name, text if isinstance(text, bytes) else text.encode(), reader))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.case)
def test_every_entry_with_its_line(sample) -> None:
    found = listed(sample.name, sample.text)
    assert not rejects(sample.name, sample.text)
    assert {(str(item.package), item.line) for item in found} == set(sample.expected)


#: People write these, and leave out the last line end.
WRITTEN_BY_HAND = ("requirements",)


@pytest.mark.parametrize(
    "sample", [s for s in SAMPLES if s.case not in WRITTEN_BY_HAND], ids=lambda sample: sample.case
)
def test_a_file_that_was_cut_is_said_to_be_and_read_up_to_the_cut(sample) -> None:
    whole = {str(item.package) for item in listed(sample.name, sample.text)}
    assert len(sample.text.splitlines()) > 3
    half = sample.text[: int(len(sample.text) * 0.8)]
    half = half[:-1] if half.endswith("\n") else half
    told = rejects(sample.name, half)
    assert told, "nothing was said of the cut"
    assert all(reject.position and "cut" in reject.reason for reject in told[:1])
    assert {str(item.package) for item in listed(sample.name, half)} & whole


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.case)
def test_no_beginning_of_a_file_ends_a_reader(sample) -> None:
    for end in range(0, len(sample.text), 7):
        items(sample.name, sample.text[:end])
        items(sample.name, sample.text[:end] + '"}\n]]>\x00{[')


def test_every_reader_has_a_sample() -> None:
    assert {reader.KIND for reader in READERS} == {reader_at(sample.name).KIND for sample in SAMPLES}  # type: ignore[union-attr]


def test_hashes_come_in_one_form() -> None:
    lock = (
        'axios@^1.14.0:\n  version "1.14.1"\n'
        f'  resolved "https://registry.yarnpkg.com/axios/-/axios-1.14.1.tgz#{SHA1}"\n'
        "  integrity sha1-JVNknyMiBJZmhxzqgKXQ1q3HAMo=\n"
    )
    assert set(listed("yarn.lock", lock)[0].hashes) == {f"sha1:{SHA1}"}


def test_an_alias_is_the_package_that_it_stands_for() -> None:
    lock = {"lockfileVersion": 3, "packages": {"node_modules/http": {"name": "axios", "version": "1.14.1"}}}
    assert str(listed("package-lock.json", json.dumps(lock, indent=1) + "\n")[0].package) == "axios@1.14.1"
    old = {"lockfileVersion": 1, "dependencies": {"http": {"version": "npm:axios@1.14.1"}}}
    assert str(listed("package-lock.json", json.dumps(old, indent=1) + "\n")[0].package) == "axios@1.14.1"
    classic = '"http@npm:axios@^1":\n  version "1.14.1"\n'
    assert str(listed("yarn.lock", classic)[0].package) == "axios@1.14.1"


def test_dependencies_inside_dependencies_are_read() -> None:
    inner = {"axios": {"version": "1.14.1"}}
    lock = {
        "lockfileVersion": 1,
        "dependencies": {"a": {"version": "1.0.0", "requires": {"axios": "^1"}, "dependencies": inner}},
    }
    found = listed("package-lock.json", json.dumps(lock, indent=1) + "\n")
    assert [(str(item.package), item.line) for item in found] == [("a@1.0.0", 4), ("axios@1.14.1", 10)]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a//b", "..", "a\\b", "a b", "x/../y"])
def test_a_name_that_is_a_path_is_refused_with_its_line(name: str) -> None:
    lock = {
        "lockfileVersion": 1,
        "dependencies": {name: {"version": "1.0.0"}, "axios": {"version": "1.14.1"}},
    }
    text = json.dumps(lock, indent=1) + "\n"
    told = rejects("package-lock.json", text)
    assert [reject.position for reject in told] == [4]
    assert "path" in told[0].reason or "no name" in told[0].reason
    assert [str(item.package) for item in listed("package-lock.json", text)] == ["axios@1.14.1"]


def test_a_merge_conflict_is_told_with_its_line() -> None:
    text = '{\n "packages": {\n  "node_modules/a": {"version": "1.0.0"},\n<<<<<<< ours\n  "node_modules/b": {}\n }\n}\n'
    told = rejects("package-lock.json", text)
    assert told[0].position == 4 and "not JSON from here on" in told[0].reason
    assert [str(item.package) for item in listed("package-lock.json", text)] == ["a@1.0.0"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("package-lock.json", b"", "empty"),
        ("package-lock.json", b"[]", "no JSON object"),
        ("package-lock.json", b"{}", "neither"),
        ("package-lock.json", b'{"packages": {}}\xff', "not UTF-8"),
        ("pnpm-lock.yaml", b"a: 1\n", "no lockfile of pnpm"),
        ("bun.lockb", b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n\x00\xff", "save-text-lockfile"),
        ("x.spdx.json", b'{"spdxVersion": "SPDX-3.0"}', "SPDX 3"),
        ("bom.json", b'{"components": [{"purl": "npm/axios"}], "bomFormat": "CycloneDX"}', "no package URL"),
        ("go.sum", b"github.com/a/b v1.0.0\n", "go.sum"),
        ("requirements.txt", b"foo == == 1\n", "no requirement"),
        ("poetry.lock", b"[[package]]\nversion = '1'\n", "without a name"),
    ],
)
def test_what_is_none_says_so(name: str, data: bytes, reason: str) -> None:
    assert any(reason in reject.reason for reject in rejects(name, data))


def test_a_range_is_no_version() -> None:
    found = listed(
        "package.json", '{"dependencies": {"axios": "^1.14.0", "b": "git+ssh://x/y", "c": "npm:d@1.x"}}'
    )
    assert [(str(item.package), item.asked) for item in found] == [("axios", "^1.14.0"), ("d", "1.x")]
    found = listed(
        "requirements.txt", "axios>=1,<2  # why\nPinned_Name==1.0 \\\n  --hash=sha256:" + "a" * 64 + "\n"
    )
    assert [(str(item.package), item.asked) for item in found] == [
        ("axios", "<2,>=1"),
        ("pinned-name@1.0", ""),
    ]
    assert found[1].hashes == ("sha256:" + "a" * 64,)


def test_a_reference_to_another_file_is_noted() -> None:
    notes = [item for item in items("requirements.txt", "-r base.txt\n") if isinstance(item, Note)]
    assert "base.txt" in notes[0].text


def test_a_bill_of_materials_under_another_name_is_told_by_its_head() -> None:
    assert bill_reader(b'{"bomFormat": "CycloneDX"').KIND == "CycloneDX"  # type: ignore[union-attr]
    assert bill_reader(b'{"spdxVersion": "SPDX-2.3"').KIND == "SPDX"  # type: ignore[union-attr]
    assert bill_reader(b'{"compilerOptions": {}') is None


def test_a_lockfile_that_is_cut_behind_a_version_names_it() -> None:
    text = '{"lockfileVersion": 3, "packages": {"node_modules/axios": {"version": "1.14.1"'
    found = listed("package-lock.json", text)
    assert [str(one.package) for one in found] == ["axios@1.14.1"]
    half = listed("package-lock.json", text[:-1])
    assert not [one for one in half if one.package.version], "half a version is none"
