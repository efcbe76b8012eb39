"""The data file: made by scripts/attack-index, facts only, the same bytes from the same source."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import warnings
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.attack.index import DATA_FILE, Index
from clew.attack.table import Table, decode, encode

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "attack-index"
SHIPPED = files("clew.attack").joinpath(DATA_FILE)
SOURCE_NAME = "attack-18.1-detections.json"


def source_file() -> Path:
    """MITRE's objects: CLEW_ATTACK_SOURCE, or beside the folder of recordings. Where missing: a loud skip."""
    named = os.environ.get("CLEW_ATTACK_SOURCE")
    recordings = os.environ.get("CLEW_RECORDINGS")
    beside = Path(recordings).resolve().parent / "attack" / SOURCE_NAME if recordings else None
    path = Path(named) if named else beside
    if path is None or not path.is_file():
        reason = (
            f"the shipped {DATA_FILE} was NOT compared with its source ({path or 'not named'}): set "
            f"CLEW_ATTACK_SOURCE to {SOURCE_NAME}, or CLEW_RECORDINGS to a folder beside attack/"
        )
        if os.environ.get("CLEW_RECORDINGS_REQUIRED"):
            pytest.fail(reason)
        warnings.warn(reason, stacklevel=2)
        pytest.skip(reason)
    return path


def make_table(document: dict[str, Any]) -> Table:
    table = runpy.run_path(str(SCRIPT))["make_table"](document)
    assert isinstance(table, Table)
    return table


def analytic(id_: str, **changes: Any) -> dict[str, Any]:
    source = {"component": "DC0002", "component_name": "B b", "name": "x:y", "channel": "c"}
    whole = {
        "id": id_,
        "platforms": ["Windows"],
        "modified": "2025-01-02",
        "description": "prose of MITRE",
        "log_sources": [source, source | {"component": "DC0001", "channel": "None"}],
        "mutable_elements": [{"field": "Z", "description": "prose"}, {"field": "A", "description": "prose"}],
    }
    return whole | changes


def document() -> dict[str, Any]:
    technique = {"id": "T2", "name": "Two", "tactics": ["impact"]}
    strategy = {"name": "n", "domain": "ics-attack", "modified": "2025-01-01", "techniques": [technique]}
    return {
        "source": "MITRE ATT&CK v77.7 detection objects",
        "strategies": [
            strategy | {"id": "DET2", "analytics": [analytic("AN3", platforms=["None"]), analytic("AN2")]},
            strategy | {"id": "DET1", "analytics": []},
        ],
        "data_components": [
            {"id": "DC0002", "name": "B b", "description": "prose"},
            {"id": "DC0001", "name": "A/a", "description": "prose"},
        ],
    }


def test_the_shipped_file_is_what_the_script_makes(tmp_path: Path) -> None:
    output = tmp_path / "made.json"
    subprocess.run(
        [sys.executable, str(SCRIPT), str(source_file()), "--output", str(output)],
        check=True,
        capture_output=True,
    )
    assert output.read_bytes() == SHIPPED.read_bytes()


def test_the_shipped_file_holds_every_fact_and_no_prose() -> None:
    source = json.loads(source_file().read_bytes())
    index = Index(decode(SHIPPED.read_bytes()))
    text = SHIPPED.read_text(encoding="utf-8")
    for strategy in source["strategies"]:
        ours = index.strategy(strategy["id"])
        assert [a.id for a in ours.analytics] == sorted(a["id"] for a in strategy["analytics"])
        assert (ours.name, ours.domain, ours.modified) == tuple(
            strategy[key] for key in ("name", "domain", "modified")
        )
        assert msgspec.to_builtins(ours.techniques, builtin_types=()) == tuple(
            {**t, "tactics": tuple(t["tactics"])} for t in strategy["techniques"]
        )
        for one in strategy["analytics"]:
            found = index.analytic(one["id"])
            assert [(s.component_id, s.name, s.channel) for s in found.log_sources] == [
                (s["component"], s["name"], s["channel"]) for s in one["log_sources"]
            ]
            assert list(found.mutable) == [m["field"] for m in one["mutable_elements"]]
            assert found.platforms == tuple(p for p in one["platforms"] if p != "None")
            assert found.modified == one["modified"]
            assert one["description"][:60] not in text


def test_encoding_is_the_inverse_of_decoding() -> None:
    data = SHIPPED.read_bytes()
    assert encode(decode(data)) == data


def test_the_shipped_file_is_sorted() -> None:
    table = decode(SHIPPED.read_bytes())
    for rows in (table.components, table.techniques, table.sources, table.elements, table.strategies):
        assert list(rows) == sorted(set(rows))
    for strategy in table.strategies:
        assert list(strategy.analytics) == sorted(strategy.analytics)


def test_the_shipped_file_has_no_control_characters() -> None:
    """What `clew attack` prints is this file, so nothing in it may move a terminal's cursor."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert all(c.isprintable() or c == "\n" for c in text)
    assert "\\u" not in text and "\\n" not in text and "\\t" not in text


def test_the_order_of_the_source_does_not_matter() -> None:
    straight, shuffled = document(), document()
    for entry in (
        shuffled["strategies"][0]["analytics"],
        shuffled["strategies"],
        shuffled["data_components"],
    ):
        entry.reverse()
    assert shuffled != straight
    assert encode(make_table(shuffled)) == encode(make_table(straight))


def test_the_script_takes_facts_and_keeps_attacks_order_inside_an_analytic() -> None:
    table = make_table(document())
    assert b"prose" not in encode(table)
    assert table.version == "77.7"
    index = Index(table)
    assert [s.id for s in index.strategies()] == ["DET1", "DET2"]
    assert index.strategy("DET1").analytics == ()
    assert [a.id for a in index.strategy("DET2").analytics] == ["AN2", "AN3"]
    two, three = index.strategy("DET2").analytics
    assert (two.platforms, three.platforms) == (("Windows",), ())
    assert two.mutable == ("Z", "A")
    assert [(s.component, s.component_id, s.channel) for s in two.log_sources] == [
        ("b_b", "DC0002", "c"),
        ("a_a", "DC0001", "None"),
    ]


def test_a_source_without_a_release_is_refused() -> None:
    with pytest.raises(SystemExit, match="no release of ATT&CK in the text 'objects'"):
        make_table(document() | {"source": "objects"})


def test_a_missing_source_is_a_usage_error(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "no.json")], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "no.json: no such file" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_notice_reproduces_mitres_designation_and_licence() -> None:
    """MITRE's licence allows copies that carry both."""
    notice = (SCRIPT.parent.parent / "NOTICE").read_text(encoding="utf-8")
    designation = decode(SHIPPED.read_bytes()).notice.split(" ATT&CK's licence")[0]
    assert designation.startswith("© 2025 The MITRE Corporation.")
    assert designation in notice
    assert "non-exclusive, royalty-free license to use ATT&CK®" in notice
