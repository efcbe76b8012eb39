"""Advisories from files: the version counts, and a record that was withdrawn does not."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.errors import UsageError
from clew.vetting.advisory import facts, load
from clew.vetting.subject import Subject

Record = dict[str, Any]


def record(id: str = "MAL-2026-1", name: str = "left", ecosystem: str = "npm", **affected: Any) -> Record:
    about = affected or {"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]}
    return {
        "id": id,
        "schema_version": "1.7.0",
        "summary": f"Malicious code in {name}",
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **about}],
    }


def vetted(name: str = "left", version: str = "1.2.0", ecosystem: Any = "npm") -> Subject:
    return Subject(
        ecosystem=ecosystem, name=name, version=version, folder=Path("/x"), sha256="", files={}, manifest={}
    )


def weights(path: Path, package: Subject) -> list[tuple[str, str]]:
    return [(fact.rule, fact.weight) for fact in facts(package, load(path, package).found)]


def put(path: Path, *records: Record) -> Path:
    path.write_bytes(b"\n".join(map(msgspec.json.encode, records)) + b"\n")
    return path


BOUNDED = {"ranges": [{"type": "SEMVER", "events": [{"introduced": "1.2.0"}, {"fixed": "1.2.2"}]}]}


@pytest.mark.parametrize(
    ("told", "version", "found"),
    [
        (record(), "1.2.0", "block"),
        (record(versions=["1.2.0"]), "1.2.0", "block"),
        (record(versions=["1.2.0"]), "1.2.1", ""),
        (record(**BOUNDED), "1.2.1", "block"),
        (record(**BOUNDED), "1.2.2", ""),
        (record(**BOUNDED), "1.1.9", ""),
        (record(**BOUNDED), "latest", "review"),
        (record() | {"withdrawn": "2026-04-01T00:00:00Z"}, "1.2.0", ""),
        (record("GHSA-aaaa-bbbb-cccc"), "1.2.0", "note"),
        (record(ecosystem="PyPI"), "1.2.0", ""),
        (record(name="left-pad"), "1.2.0", ""),
        (record(ranges=[{"type": "GIT", "events": [{"introduced": "0"}]}]), "1.2.0", ""),
    ],
)
def test_a_record_is_about_its_versions(told: Record, version: str, found: str, tmp_path: Path) -> None:
    package = vetted(version=version)
    expected = [(f"advisory.{told['id']}", found)] if found else []
    assert weights(put(tmp_path / "a.json", told), package) == expected


def test_the_evidence_is_the_record(tmp_path: Path) -> None:
    package = vetted("@acme/left")
    [fact] = facts(package, load(put(tmp_path / "a.json", record(name="@acme/left")), package).found)
    assert fact.evidence == "MAL-2026-1: Malicious code in @acme/left"
    assert fact.side == "advisory"


def test_names_of_python_are_spelt_in_many_ways(tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", record(name="Left_Pad", ecosystem="PyPI", versions=["1.0"]))
    assert weights(path, vetted("left-pad", "1.0.0", "pypi")) == [("advisory.MAL-2026-1", "block")]


def test_a_folder_a_zip_and_a_file_of_lines_say_the_same(tmp_path: Path) -> None:
    told = [record("MAL-1", versions=["9"]), record("MAL-2"), record("MAL-3", name="other")]
    folder = tmp_path / "osv" / "npm"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for one in told:
            put(folder / f"{one['id']}.json", one)
            archive.writestr(f"{one['id']}.json", msgspec.json.encode(one))
    put(tmp_path / "lines.json", *told)
    for path in (tmp_path / "osv", tmp_path / "all.zip", tmp_path / "lines.json"):
        found = load(path, vetted())
        assert found.read == 3
        assert found.faults == []
        assert [fact.rule for fact in facts(vetted(), found.found)] == ["advisory.MAL-2"]


def test_what_is_no_record_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"left": ')
    put(tmp_path / "b.json", record())
    found = load(tmp_path, vetted())
    assert len(found.faults) == 1 and "a.json" in found.faults[0]
    assert found.read == 1
    with pytest.raises(UsageError, match=r"c\.json"):
        load(tmp_path / "c.json", vetted())
