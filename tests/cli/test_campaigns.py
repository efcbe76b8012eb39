"""`clew campaigns` as a user runs it: what it prints and exits with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from campaign import disk
from clew.cli.main import run


def test_the_campaigns_that_ship_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["campaigns", "list"]) == 0
    assert "axios-2026  2026-03-17" in capsys.readouterr().out
    assert run(["campaigns", "list", "-f", "json"]) == 0
    assert "axios-2026" in [entry["name"] for entry in json.loads(capsys.readouterr().out)]


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("text", "Not for the tests"),
        ("md", "## Remediation"),
        ("html", "<h2>Remediation</h2>"),
        ("json", '"remediation"'),
        ("stix", '"course-of-action"'),
    ],
)
def test_the_whole_page_is_shown(form: str, part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["campaigns", "show", "axios-2026", "-f", form]) == 0
    out = capsys.readouterr().out
    assert part.replace("Not for the tests", "REMEDIATION") in out
    for text in ("sfrclak.com", "plain-crypto-js", "UNC1069", "GHSA-fw8c-xr5c-95f9", "T1195.002"):
        assert text.replace("-", "-") in out.replace("\\", "")


def test_one_value_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["campaigns", "show", "axios-2026", "packages[.]npm[.]org"]) == 0
    assert "do not use it" in capsys.readouterr().out
    assert run(["campaigns", "show", "axios-2026", "example.org"]) == 1
    assert "knows nothing of it" in capsys.readouterr().out


def test_a_new_pack_loads_and_is_not_written_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "acme-2026")
    assert run(["campaigns", "new", folder]) == 0
    assert run(["campaigns", "check", folder]) == 0
    assert "ok acme-2026: 0 indicators" in capsys.readouterr().out
    assert run(["campaigns", "new", folder]) == 2
    assert run(["campaigns", "new", str(tmp_path / "No Name")]) == 2
    (tmp_path / "acme-2026" / "indicators.yaml").write_text("domains: {}\nemail: []\n")
    assert run(["campaigns", "check", folder]) == 3
    err = capsys.readouterr().err
    assert "indicators.yaml:2:1: indicators.yaml has no key 'email' (did you mean 'emails'?)" in err


def test_a_folder_without_a_pack_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["campaigns", "check", str(tmp_path)]) == 2
    assert "no pack in this folder" in capsys.readouterr().err


def test_a_sweep_says_the_verdict_in_its_first_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.erased(tmp_path / "bad")
    disk.clean(tmp_path / "good")
    assert run(["campaigns", "sweep", "axios-2026", str(tmp_path / "good")]) == 0
    assert capsys.readouterr().out.startswith("NOT HIT: axios-2026")
    assert run(["campaigns", "sweep", "axios-2026", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("HIT: axios-2026")
    assert run(["campaigns", "sweep", "axios-2026", str(tmp_path), "--fail-on", "high"]) == 1
    assert "What to do now:" in capsys.readouterr().out
    assert run(["campaigns", "sweep", "axios-2026", str(tmp_path / "good"), "--fail-on", "low"]) == 0
    disk.put(tmp_path / "good/yarn.lock", "axios@^1:\n  version")
    assert run(["campaigns", "sweep", "axios-2026", str(tmp_path / "good")]) == 4
    assert "COULD NOT LOOK" in capsys.readouterr().out
    assert run(["campaigns", "sweep", "axios-2026", str(tmp_path / "nowhere")]) == 2


@pytest.mark.parametrize(
    ("folder", "verdict"), [("bad", "hit"), ("good", "not_hit"), ("none", "could_not_look")]
)
def test_the_verdict_in_json(
    folder: str, verdict: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk.erased(tmp_path / "bad")
    disk.clean(tmp_path / "good")
    (tmp_path / "none").mkdir()
    run(["campaigns", "sweep", "axios-2026", str(tmp_path / folder), "-f", "json"])
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == verdict
    assert all(place["verdict"] in ("hit", "not_hit", "could_not_look") for place in document["places"])
