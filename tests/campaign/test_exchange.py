"""Campaigns in the formats of others: there and back, and files of others as they are."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from campaign import disk
from campaign.packs import pack
from clew.campaign.exchange.pack import write
from clew.campaign.exchange.run import FORMS, draw
from clew.campaign.load import find_pack, load_campaigns
from clew.campaign.model import Campaign
from clew.cli.main import run


@pytest.fixture(scope="module")
def axios() -> Campaign:
    return load_campaigns([find_pack("axios-2026")])[0]


def drawn(path: Path) -> Campaign:
    folder = path.parent / "drawn-2026"
    write(draw(path), folder, path.name)
    return load_campaigns([folder])[0]


@pytest.mark.parametrize("form", ["stix", "misp", "csv"])
def test_indicators_come_back_as_they_were(form: Any, axios: Campaign, tmp_path: Path) -> None:
    back = drawn(disk.put(tmp_path / f"x.{form}", FORMS[form](axios)))
    assert back.indicators == axios.indicators


def test_a_bundle_brings_back_all_that_it_can_hold(axios: Campaign, tmp_path: Path) -> None:
    back = drawn(disk.put(tmp_path / "x.json", FORMS["stix"](axios)))
    assert (back.title, back.summary, back.aliases) == (axios.title, axios.summary, axios.aliases)
    assert [(one.value, one.kind, one.why) for one in back.refused] == [
        (o.value, o.kind, o.why) for o in axios.refused
    ]
    assert back.guidance.remediation == axios.guidance.remediation
    assert back.guidance.mitigation == axios.guidance.mitigation
    assert [one.id for one in back.techniques] == [one.id for one in axios.techniques]
    assert [one.text for one in back.malware] == [one.text for one in axios.malware]


def test_a_bundle_is_whole_and_the_same_each_time(axios: Campaign) -> None:
    text = FORMS["stix"](axios)
    assert text == FORMS["stix"](axios)
    objects = json.loads(text)["objects"]
    ids = [one["id"] for one in objects]
    assert len(ids) == len(set(ids))
    for one in objects:
        assert one["id"].startswith(one["type"] + "--") and one["spec_version"] == "2.1"
        for key in ("source_ref", "target_ref"):
            assert one.get(key, ids[0]) in ids
    types = {one["type"] for one in objects}
    assert types >= {
        "campaign",
        "indicator",
        "relationship",
        "course-of-action",
        "malware",
        "attack-pattern",
        "intrusion-set",
    }
    indicators = [one for one in objects if one["type"] == "indicator"]
    assert len(indicators) == len(axios.all_indicators())
    assert all(one["pattern_type"] == "stix" and one["valid_from"] for one in indicators)


def test_a_bundle_is_valid_for_the_library_of_the_standard(axios: Campaign) -> None:
    stix2 = pytest.importorskip("stix2", reason="pip install stix2")
    bundle = stix2.parse(FORMS["stix"](axios), version="2.1")
    assert len(bundle.objects) > 100


def test_only_what_may_be_blocked_is_on_the_block_list(axios: Campaign) -> None:
    lines = [line for line in FORMS["blocklist"](axios).splitlines() if not line.startswith("#")]
    assert lines == ["sfrclak.com", "142.11.206.73"]


def test_no_cell_acts_in_a_spreadsheet(tmp_path: Path) -> None:
    campaign = load_campaigns(
        [pack(tmp_path, domains="[{value: a.test, about: '=1+1', confidence: low, sources: [A]}]")]
    )[0]
    text = FORMS["csv"](campaign)
    assert [row["about"] for row in csv.DictReader(io.StringIO(text))] == ["'=1+1"]
    back = drawn(disk.put(tmp_path / "x.csv", text))
    assert back.indicators["domains"][0].about == "=1+1"


def test_a_table_of_somebody_else_is_guessed_and_refanged(tmp_path: Path) -> None:
    text = (
        "Indicator,Type,Comment\nhxxp://evil[.]test/a,URL,c2\nevil[.]test,,\n203[.]0[.]113[.]9,ip,\n"
        f"{'ab' * 32},SHA256,dropper\nkim[@]evil[.]test,,\nC:\\ProgramData\\x.exe,,\nwhat is this,,\n"
    )
    found = draw(disk.put(tmp_path / "x.csv", text))
    assert {kind: [one["value"] for one in many] for kind, many in found.indicators.items()} == {
        "urls": ["http://evil.test/a"],
        "domains": ["evil.test"],
        "addresses": ["203.0.113.9"],
        "hashes": ["ab" * 32],
        "emails": ["kim@evil.test"],
        "files": ["C:\\ProgramData\\x.exe"],
    }
    assert "refanged: evil[.]test is evil.test" in found.said
    assert any(said.startswith("line 8: 'what is this'") for said in found.said)


def osv(**more: Any) -> dict[str, Any]:
    record = {
        "id": "MAL-2026-1",
        "summary": "Malicious code in x",
        "published": "2026-03-31T02:07:58Z",
        **more,
    }
    return {"schema_version": "1.7.0", "modified": "2026-04-01T00:00:00Z", **record}


def affected(name: str = "x", ecosystem: str = "npm", **more: Any) -> dict[str, Any]:
    return {"package": {"ecosystem": ecosystem, "name": name}, **more}


def events(*pairs: tuple[str, str], type: str = "SEMVER") -> dict[str, Any]:
    return {"type": type, "events": [{name: version} for name, version in pairs]}


def test_versions_and_ranges_of_osv_records(tmp_path: Path) -> None:
    record = osv(
        affected=[
            affected("listed", versions=["1.0.1"]),
            affected("all", ranges=[events(("introduced", "0"))]),
            affected(
                "two",
                ranges=[
                    events(
                        ("introduced", "0"),
                        ("fixed", "1.0.0"),
                        ("introduced", "2.0.0"),
                        ("last_affected", "2.1.0"),
                    )
                ],
            ),
            affected(
                "Py_Thing", "PyPI", ranges=[events(("introduced", "1.0"), ("fixed", "1.5"), type="ECOSYSTEM")]
            ),
            affected("open", ranges=[events(("introduced", "3.0.0"))]),
            affected("git", ranges=[events(("introduced", "abc"), type="GIT")]),
            affected("x", "Bitnami", versions=["1"]),
            affected("../x", versions=["1"]),
        ]
    )
    path = disk.put(tmp_path / "x.json", record)
    said = draw(path).said
    assert (
        any("Bitnami" in one for one in said)
        and any("commits" in one for one in said)
        and any("path" in one for one in said)
    )
    made = [(one.value, one.versions, one.range) for one in drawn(path).indicators["packages"]]
    assert made == [
        ("pkg:npm/listed", ("1.0.1",), ""),
        ("pkg:npm/all", ("*",), ""),
        ("pkg:npm/two", (), "<1.0.0"),
        ("pkg:npm/two", (), ">=2.0.0 <=2.1.0"),
        ("pkg:pypi/py-thing", (), ">=1.0,<1.5"),
        ("pkg:npm/open", (), ">=3.0.0"),
    ]


def test_a_drawn_range_is_swept_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = osv(
        affected=[affected("two", ranges=[events(("introduced", "2.0.0"), ("last_affected", "2.1.0"))])]
    )
    folder = str(tmp_path / "two-2026")
    assert run(["campaigns", "import", str(disk.put(tmp_path / "x.json", record)), "-o", folder]) == 0
    for version, verdict in (
        ("2.1.0", "HIT"),
        ("2.0.1-beta.1", "HIT"),
        ("2.1.1", "NOT HIT"),
        ("1.9.9", "NOT HIT"),
    ):
        disk.installed(tmp_path / version, "two", version)
        capsys.readouterr()
        run(["campaigns", "sweep", folder, str(tmp_path / version)])
        assert capsys.readouterr().out.startswith(f"{verdict}:"), version


def test_what_was_withdrawn_is_left_out_and_said(tmp_path: Path) -> None:
    good, gone = (
        osv(affected=[affected("a", versions=["1"])]),
        osv(id="MAL-2026-2", withdrawn="2026-04-02T00:00:00Z", affected=[affected("b", versions=["1"])]),
    )
    found = draw(disk.put(tmp_path / "x.jsonl", f"{json.dumps(good)}\n{json.dumps(gone)}\n"))
    assert [one["value"] for one in found.indicators["packages"]] == ["pkg:npm/a"]
    assert found.said == ["MAL-2026-2 was withdrawn on 2026-04-02T00:00:00Z: left out"]


def test_a_bundle_of_somebody_else_with_objects_that_are_unknown(tmp_path: Path) -> None:
    def indicator(number: int, pattern: str, **more: Any) -> dict[str, Any]:
        return {
            "type": "indicator",
            "id": f"indicator--{number}",
            "pattern": pattern,
            "pattern_type": "stix",
            "name": "n",
            "valid_from": "2026-03-31T00:00:00Z",
            **more,
        }

    bundle = {
        "type": "bundle",
        "objects": [
            indicator(1, "[domain-name:value = 'evil[.]test' OR ipv4-addr:value = '203.0.113.9']"),
            indicator(
                2, "[file:hashes.'SHA-256' = '%s' AND file:name = 'x.exe']" % ("AB" * 32), confidence=90
            ),
            indicator(3, "[process:command_line MATCHES 'x']"),
            indicator(4, "rule x {}", pattern_type="yara"),
            indicator(5, "[domain-name:value = 'gone.test']", revoked=True),
            {"type": "x-acme-thing", "id": "x-acme-thing--1"},
            {"type": "grouping", "id": "grouping--1"},
            "no object",
        ],
    }
    found = draw(disk.put(tmp_path / "x.json", bundle))
    assert {
        kind: [(one["value"], one["confidence"]) for one in many] for kind, many in found.indicators.items()
    } == {
        "domains": [("evil.test", "medium")],
        "addresses": [("203.0.113.9", "medium")],
        "hashes": [("ab" * 32, "high")],
    }
    said = "\n".join(found.said)
    for part in (
        "refanged",
        "MATCHES",
        "rule x",
        "revoked",
        "1 objects of the type 'x-acme-thing'",
        "'grouping'",
    ):
        assert part in said
    assert "gone.test" not in json.dumps(found.indicators)


def test_an_event_of_somebody_else(tmp_path: Path) -> None:
    def attribute(type: str, value: str, **more: Any) -> dict[str, Any]:
        return {"type": type, "value": value, "to_ids": True, **more}

    event = {
        "info": "An event",
        "date": "2026-03-31",
        "Attribute": [
            attribute("hostname", "c2[.]evil[.]test"),
            attribute("ip-src", "203.0.113.9", to_ids=False),
            attribute("filename|sha256", "x.exe|" + "ab" * 32),
            attribute("domain", "gone.test", deleted=True),
            attribute("x509-fingerprint-sha1", "zz"),
        ],
        "Object": [{"name": "file", "Attribute": [attribute("md5", "cd" * 16)]}],
    }
    made = drawn(disk.put(tmp_path / "x.json", {"response": [{"Event": event}]}))
    assert [(one.kind, one.value, one.use) for one in made.all_indicators()] == [
        ("domains", "c2.evil.test", "hit"),
        ("addresses", "203.0.113.9/32", "lead"),
        ("hashes", "sha256:" + "ab" * 32, "hit"),
        ("hashes", "md5:" + "cd" * 16, "hit"),
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "bundle"}', "a,b\n1,2\n", '{"x": 1}', "\xff"])
def test_a_file_that_is_nothing_of_the_kind(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = disk.put(tmp_path / "x", text.encode("latin-1"))
    assert run(["campaigns", "import", str(path), "-o", str(tmp_path / "pack-2026")]) == 2
    assert str(path) in capsys.readouterr().err
    assert not (tmp_path / "pack-2026").exists()


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "axios.json"
    assert run(["campaigns", "export", "axios-2026", "-o", str(out)]) == 0
    assert run(["campaigns", "export", "axios-2026", "-f", "blocklist"]) == 0
    assert "sfrclak.com" in capsys.readouterr().out
    folder = str(tmp_path / "copy-2026")
    assert run(["campaigns", "import", str(out), "-o", folder]) == 0
    assert "43 indicators" in capsys.readouterr().out
    assert run(["campaigns", "import", str(out), "-o", folder]) == 2, "nothing is overwritten"
    disk.erased(tmp_path / "app")
    assert run(["campaigns", "sweep", folder, str(tmp_path / "app"), "--fail-on", "high"]) == 1
