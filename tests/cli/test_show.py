"""`clew show` as a user runs it: findings again, with their raw records."""

import gzip
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import evtx_file
import sysmon

RECORDS = sysmon.incident()
STAGES = ["write", "first_run", "script_child", "egress"]


@pytest.fixture
def found(clew: Any) -> str:
    """The id of the one finding in findings.jsonl, which was made of log.jsonl."""
    Path("log.jsonl").write_text(sysmon.lines(*RECORDS))
    return hunted(clew, "log.jsonl")


def hunted(clew: Any, *logs: str) -> str:
    clew("hunt", *logs, "-o", "findings.jsonl")
    return str(json.loads(Path("findings.jsonl").read_text().splitlines()[0])["id"])


def shown(clew: Any, *arguments: str) -> list[Any]:
    return [
        json.loads(line)
        for line in clew("show", "findings.jsonl", "-f", "jsonl", *arguments).out.splitlines()
    ]


def test_the_thread_with_its_raw_records(clew: Any, found: str, snapshot: Any) -> None:
    ran = clew("show", "findings.jsonl", found[:6])
    assert ran.code == 0
    assert ran.out == snapshot(name="out")
    assert ran.err == "Showed 4 raw records.\n"


def test_json_lines(clew: Any, found: str) -> None:
    lines = shown(clew)
    assert [line["stage"] for line in lines] == STAGES
    assert [json.loads(line["raw"]) for line in lines] == RECORDS[1:]
    assert lines[0] | {"raw": ""} == {
        "finding": found, "stage": "write", "path": "log.jsonl", "position": 2, "raw": "",
    }  # fmt: skip


def test_event_logs_in_archives(clew: Any) -> None:
    with zipfile.ZipFile("logs.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/sysmon.evtx", evtx_file.log(sysmon.incident(sysmon.evtx), per_chunk=2))
        archive.writestr("other.jsonl", "{}\n" * 10)
    hunted(clew, "logs.zip")
    lines = shown(clew)
    assert [(line["path"], line["position"]) for line in lines] == [
        ("logs.zip!a/sysmon.evtx", n) for n in (2, 3, 4, 5)
    ]
    assert [json.loads(line["raw"])["Event"]["System"]["EventID"] for line in lines] == ["11", "1", "1", "3"]


def test_records_that_are_no_longer_the_same_are_not_shown(clew: Any, found: str, snapshot: Any) -> None:
    lines = sysmon.lines(*RECORDS).splitlines(keepends=True)
    lines[2] = lines[2].replace('"RecordNumber": 3', '"RecordNumber": 33')
    lines[3] = '{"other": 1}\n'
    Path("log.jsonl").write_text("".join(lines[:4]))
    ran = clew("show", "findings.jsonl")
    assert ran.code == 4
    assert ran.err == "Showed 1 raw record. 3 could not be shown.\n"
    assert ran.out == snapshot
    assert [(line["raw"] is None, line.get("reason")) for line in shown(clew)][1:] == [
        (True, "the source has changed: another record stands there"),
        (True, "the source has changed: another record stands there"),
        (True, "the source has changed: it holds no such record"),
    ]


def test_records_without_a_number_are_told_by_their_bytes(clew: Any) -> None:
    for record in (records := sysmon.incident()):
        del record["RecordNumber"]
    Path("log.jsonl").write_text(sysmon.lines(*records))
    hunted(clew, "log.jsonl")
    assert clew("show", "findings.jsonl").code == 0
    Path("log.jsonl").write_text(sysmon.lines(*records).replace("whoami", "WHOAMI"))
    assert [line["stage"] for line in shown(clew) if line["raw"] is None] == ["script_child"]


def test_lines_that_are_not_utf8_or_end_as_in_windows(clew: Any) -> None:
    for record in (records := sysmon.incident()):
        del record["RecordNumber"]
    records[3]["CommandLine"] = "cmd /c stra\u00dfe"
    text = "".join(json.dumps(record, ensure_ascii=False) + "\r\n" for record in records)
    Path("log.jsonl").write_bytes(text.encode("latin-1"))
    hunted(clew, "log.jsonl")
    raws = [json.loads(line["raw"]) for line in shown(clew)]
    assert raws == records[1:]


def test_copies_of_a_record_in_several_files_are_each_shown(clew: Any, found: str) -> None:
    Path("copy.jsonl.gz").write_bytes(gzip.compress(b"\n" + sysmon.lines(*RECORDS).encode()))
    first = Path("findings.jsonl").read_text()
    hunted(clew, "copy.jsonl.gz")
    second = Path("findings.jsonl").read_text()
    both = first + second.replace(found, found[::-1])
    Path("findings.jsonl").write_text(both)
    assert [(line["path"], line["position"], json.loads(line["raw"])) for line in shown(clew)] == [
        (path, n + first, RECORDS[n - 1])
        for path, first in (("log.jsonl", 0), ("copy.jsonl.gz", 1))
        for n in (2, 3, 4, 5)
    ]


def test_logs_that_have_moved(clew: Any) -> None:
    Path("old/day").mkdir(parents=True)
    Path("old/day/log.jsonl").write_text(sysmon.lines(*RECORDS))
    hunted(clew, "old")
    Path("old").rename("new")
    ran = clew("show", "findings.jsonl")
    assert ran.code == 4
    assert "not shown: No such file or directory" in ran.out
    assert clew("show", "findings.jsonl", "--path-from", "old/", "--path-to", "new/").code == 0
    Path("case").mkdir()
    Path("new").rename("case/old")
    assert clew("show", "findings.jsonl", "--path-to", "case").code == 0
    assert clew("show", "findings.jsonl", "--path-from", "old").code == 2


def test_standard_input_cannot_be_read_again(clew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = sysmon.lines(*RECORDS).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    hunted(clew, "-")
    ran = clew("show", "findings.jsonl")
    assert ran.code == 4
    assert ran.out.count("not shown: it came from standard input, which is gone") == 4


def test_hostile_text_is_made_harmless(clew: Any) -> None:
    records = sysmon.incident()
    records[3]["Description"] = "\u202e[red]x[/red]\x7f"
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    Path("log.jsonl").write_text(text)
    hunted(clew, "log.jsonl")
    ran = clew("show", "findings.jsonl")
    assert "\u202e" not in ran.out
    assert "\x7f" not in ran.out
    assert r'"\u202e[red]x[/red]\x7f"' in ran.out
    assert shown(clew)[2]["raw"] == text.splitlines()[3]


def test_several_findings_and_their_revisions(clew: Any, found: str) -> None:
    other = json.loads(Path("findings.jsonl").read_text()) | {"revision": 2, "title": "newer"}
    third = other | {"id": "zz" + found[2:], "title": "third"}
    text = Path("findings.jsonl").read_text() + f"{json.dumps(other)}\n\n{json.dumps(third)}\n"
    Path("findings.jsonl").write_text(text)
    assert [line["finding"] for line in shown(clew)] == [found] * 4 + [third["id"]] * 4
    assert [line["finding"] for line in shown(clew, "zz", third["id"])] == [third["id"]] * 4
    assert "  newer  [" in clew("show", "findings.jsonl", found).out


def test_wrong_use(clew: Any, found: str) -> None:
    assert "there is no finding ffff" in clew("show", "findings.jsonl", "ffff").err
    second = json.loads(Path("findings.jsonl").read_text()) | {"id": found[:-1] + "z"}
    with Path("findings.jsonl").open("a") as file:
        file.write(json.dumps(second) + "\n")
    ran = clew("show", "findings.jsonl", found[:5])
    assert ran.code == 2
    assert f"{found[:5]} may be 2 findings: {found}, {found[:-1]}z; give more of the id" in ran.err.replace(
        "\n", ""
    )
    assert clew("show", "nowhere.jsonl").code == 2
    ran = clew("show", "log.jsonl")
    assert ran.code == 2
    assert "there are no findings in it" in ran.err


def test_a_finding_whose_time_is_none(clew: Any, found: str) -> None:
    text = Path("findings.jsonl").read_text()
    Path("odd.jsonl").write_text(text.replace('"@timestamp":"2026-03', '"@timestamp":"2026-99'))
    ran = clew("show", "odd.jsonl")
    assert ran.code == 2
    assert "(line 1: not a finding: '2026-99" in ran.err
    assert "is no time in ISO 8601 with its zone" in ran.err


def test_a_cut_line_of_findings(clew: Any, found: str) -> None:
    text = Path("findings.jsonl").read_text()
    Path("findings.jsonl").write_text(text + text[:100])
    ran = clew("show", "findings.jsonl")
    assert ran.code == 4
    assert "findings.jsonl:2: not a finding: " in ran.err
    assert "Showed 4 raw records." in ran.err


def test_the_values_in_force_and_what_to_do_stand_below_the_thread(clew: Any, found: str) -> None:
    out = clew("show", "findings.jsonl").out
    assert out.index("Values in force: AN0862") < out.index("What to do about AN0862")
    assert "TimeWindow" in out and "90m" in out


def test_findings_of_two_sites_show_the_values_of_each(clew: Any, found: str) -> None:
    Path("clew.toml").write_text('[elements.AN0862]\nTimeWindow = "3h"\n')
    Path("log.jsonl").write_text(sysmon.lines(*RECORDS, *sysmon.incident(host="ws2.corp.example")))
    clew("hunt", "log.jsonl", "-o", "again.jsonl")
    both = [*Path("findings.jsonl").read_text().splitlines(), *Path("again.jsonl").read_text().splitlines()]
    one, other = both[0], next(line for line in both[1:] if "ws2" in line)
    Path("both.jsonl").write_text(f"{one}\n{other}\n")
    out = clew("show", "both.jsonl").out
    ids = [json.loads(line)["id"][:8] for line in (one, other)]
    assert all(f"Values in force: AN0862 for {id}" in out for id in ids)
    assert out.count("What to do about AN0862") == 1


def test_a_page_of_one_finding(clew: Any, found: str) -> None:
    ran = clew("show", "findings.jsonl", found[:6], "-f", "html")
    assert ran.code == 0
    assert ran.out.lower().startswith("<!doctype html>") and "Values in force" in ran.out
    assert "CommandLine" in ran.out  # of a raw record
    assert ran.err == "Showed 4 raw records.\n"
