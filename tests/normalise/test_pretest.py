"""The cheap test never holds back a record that is wanted."""

import json
from pathlib import Path

import pytest

import sysmon
from clew.database import Limits, connect
from clew.normalise import lines
from clew.normalise.lines import parts
from clew.normalise.mapping import mappings
from clew.normalise.pretest import pretest
from clew.normalise.scan import Normaliser
from clew.record import LINE_BYTES, Batch, Span, Tally

WANTED = frozenset({"file_creation"})
TEST = pretest(mappings(), WANTED)
CREATED = sysmon.flat(11, 1, 1, TargetFilename="a.exe")
OTHER = json.dumps(sysmon.flat(10, 1, 2, TargetFilename="a.exe"))


def qualified(code: object) -> str:
    event = sysmon.evtx(11, 1, 1, TargetFilename="a.exe")
    event["Event"]["System"]["EventID"] = {"#attributes": {"Qualifiers": 0}, "#text": code}
    return json.dumps(event)


SPELLINGS = [
    json.dumps(CREATED),
    json.dumps(CREATED, separators=(",", ":")),
    json.dumps({**CREATED, "EventID": "11"}),
    json.dumps(CREATED).replace('"EventID": 11', '"EventID" \t:\t11 '),
    json.dumps(CREATED).replace('"EventID": 11', r'"\u0045ventID": 11'),
    json.dumps(CREATED).replace('"EventID": 11', r'"Event\u0049\u0044": 11'),
    json.dumps({**CREATED, "EventID": "11"}).replace('"11"', r'"\u00311"'),
    json.dumps({"EventData": {"EventID": 10}, **CREATED}),
    json.dumps(sysmon.evtx(11, 1, 1, TargetFilename="a.exe"), separators=(",", ":")),
    "  " + json.dumps(CREATED) + "  ",
]


@pytest.mark.parametrize("line", SPELLINGS)
def test_every_spelling_of_a_wanted_record_passes_and_becomes_an_event(tmp_path: Path, line: str) -> None:
    assert TEST.passes(line)
    (tmp_path / "log").write_text(f"{OTHER}\n{line}\n{OTHER}\n", newline="")
    tally = Tally()
    [_] = Normaliser(connect(Limits()), WANTED).normalise(
        Batch(tmp_path / "log", (Span(0, "log", "x"),)), tally
    )
    assert (tally.records["event"], tally.records["not_parsed"], tally.total) == (1, 2, 3)


def test_an_event_id_with_qualifiers_passes() -> None:
    assert TEST.passes(qualified(11))
    assert TEST.passes(qualified("11"))
    assert not TEST.passes(qualified(110))


@pytest.mark.parametrize("code", [1, 110, 111, 10, 22])
def test_other_kinds_do_not_pass(code: int) -> None:
    record = sysmon.evtx(code, 1, 1, CommandLine=r"C:\users\u00c4 EventID 11")
    assert not TEST.passes(json.dumps(record, ensure_ascii=False).replace(r"\\u00c4", r"\\x"))


def key(kind: str, **more: str) -> str:
    return json.dumps(sysmon.flat(12, 1, 1, TargetObject="HKLM\\\\SOFTWARE", EventType=kind, **more))


def test_a_code_of_several_components_is_told_by_the_action() -> None:
    """Sysmon 12 creates a key, deletes it, or deletes a value; only the last is a modification."""
    test = pretest(mappings(), frozenset({"windows_registry_key_modification"}))
    assert test.passes(key("DeleteValue"))
    assert test.passes(json.dumps({"EventType": "DeleteValue", "EventID": 12}))
    assert test.passes(key("DeleteValue").replace("DeleteValue", r"\u0044eleteValue"))
    assert not test.passes(key("CreateKey"))
    assert not test.passes(key("DeleteKey"))
    assert pretest(mappings(), frozenset({"windows_registry_key_creation"})).passes(key("CreateKey"))


def test_what_only_its_action_tells_apart_is_not_parsed(tmp_path: Path) -> None:
    lines = [key("DeleteValue"), key("CreateKey", RuleName="DeleteValue"), key("CreateKey")]
    (tmp_path / "log").write_text("\n".join(lines) + "\n")
    tally = Tally()
    normaliser = Normaliser(connect(Limits()), frozenset({"windows_registry_key_modification"}))
    [_] = normaliser.normalise(Batch(tmp_path / "log", (Span(0, "log", "x"),)), tally)
    assert (tally.records["event"], tally.records["not_parsed"], tally.total) == (1, 2, 3)
    assert tally.components == {"windows_registry_key_modification": 1}


def test_rows_stay_true_from_part_to_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PART_BYTES", 1 << 20)
    monkeypatch.setattr(lines, "_LINES", 1000)
    wanted = json.dumps({**CREATED, "CommandLine": "x" * 1000})
    text = [wanted if n % 3 == 0 else "" if n % 3 == 1 else OTHER for n in range(9000)]
    (tmp_path / "log").write_text("\n".join(text) + "\n")
    batch = Batch(tmp_path / "log", (Span(0, "log", "x"),))
    database = connect(Limits())
    made = list(parts(database, batch, TEST))
    assert len(made) > 2
    found = {row["row"]: row["line"] for part in made for row in part.lines.to_pylist()}
    assert found == {n: line for n, line in enumerate(text) if n % 3 != 2}
    assert (made[-1].end, sum(part.skipped for part in made)) == (9000, 3000)
    again = [
        row for part in parts(database, batch, TEST, start=4001) for row in part.lines["row"].to_pylist()
    ]
    assert again == [n for n in sorted(found) if n >= 4001]


def test_a_line_that_cannot_be_scanned_far_into_a_file_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts before it have been taken when it is met; the rest is repaired and taken once."""
    from clew import pipeline
    from clew.detection.load import load_text
    from clew.select.tables import Candidates

    monkeypatch.setattr(lines, "PART_BYTES", 4 << 20)
    made = [json.dumps(sysmon.flat(11, n, n + 1, TargetFilename="y" * 1000)) for n in range(60_000)]
    bad = b'{"EventID": 11, "x": "\xff"}'
    long = b'{"EventID": 11, "x": "' + b"z" * (LINE_BYTES + 1) + b'"}'
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\n".join([*(line.encode() for line in made), bad, long, made[0].encode(), b""]))
    [detection] = load_text(FRAME)
    database, tally = connect(Limits()), Tally()
    parts_taken: list[int] = []
    taken = pipeline.normalise

    def counted(*args: object) -> object:
        for row in taken(*args):  # type: ignore[arg-type]
            parts_taken.append(row)
            yield row

    monkeypatch.setattr(pipeline, "normalise", counted)
    candidates = Candidates(database, [detection])
    work = pipeline.Workplace(database, tmp_path / "spill", tally, lambda file, done: None)
    work.spill.mkdir()
    pipeline.gather([path], candidates, work)
    assert len(parts_taken) > 3
    assert tally.records["event"] == 60_000
    assert tally.records["duplicate"] == 1
    assert tally.total == 60_003
    assert [(r.position, r.reason) for r in tally.rejects] == [(60_002, "the line is longer than 16 MiB")]
    assert sorted(row.event.position for _, row in candidates.rows()) == list(range(1, 60_001))


FRAME = """
analytic: AN0001
strategy: DET0001
technique: T1552.005
platform: windows
title: t
status: test
chain:
  scope: host.id
  within: 1h
  stages:
    write: {on: file_creation, bind: {file: file.path}}
  findings: {low: write}
  per: [$file]
"""
