"""CodeIntegrity's signer joins the decision that it belongs to, and no other one."""

from pathlib import Path
from typing import Any

from clew.database import Limits, connect
from clew.normalise.scan import Normaliser
from clew.read import read_file
from clew.record import Batch, Tally
from normalise.codeintegrity_records import CODEINTEGRITY, FIRST, decision, signer
from normalise.test_sysmon import Events, events
from normalise.windows_dialects import Log, Record, written

SIGNER = "dll.code_signature.subject_name"


def _signers(folder: Path, *records: Record, edit: Any = None) -> list[str | None]:
    path = written(Log(CODEINTEGRITY.provider, CODEINTEGRITY.channel, records), "evtx", folder)
    if edit:
        path.write_text("".join(edit(path.read_text("utf-8").splitlines(keepends=True))), "utf-8")
    return [event.get(SIGNER) for event in _decisions(events(path, folder)[0])]


def _decisions(found: Events) -> Events:
    ordered = sorted(found, key=lambda event: event["event.sequence"])
    return [event for event in ordered if event["event.code"] != "3089"]


def test_a_log_that_is_written_newest_first(tmp_path: Path) -> None:
    records = (
        decision(3077, FIRST),
        signer(FIRST),
        decision(3077, FIRST),
        signer(FIRST, PublisherName="Second"),
    )
    assert _signers(tmp_path, *records) == ["Example Software Ltd", "Second"]
    assert _signers(tmp_path, *records, edit=reversed) == ["Example Software Ltd", "Second"]


def test_what_stands_before_every_decision_belongs_to_none(tmp_path: Path) -> None:
    assert _signers(tmp_path, signer(FIRST), decision(3077, FIRST)) == [None]


def test_a_record_without_activity_has_no_signer(tmp_path: Path) -> None:
    assert _signers(tmp_path, decision(3077, ""), signer("")) == [None]


def test_the_same_activity_on_another_host(tmp_path: Path) -> None:
    def on_another(lines: list[str]) -> list[str]:
        return [lines[0], lines[1].replace("ws1.corp", "ws2.corp")]

    assert _signers(tmp_path, decision(3077, FIRST), signer(FIRST), edit=on_another) == [None]


def test_what_is_mapped_once_more_keeps_its_signer(tmp_path: Path) -> None:
    """Candidates are mapped again from their own records, when the signer's is no more at hand."""
    database = connect(Limits())
    normaliser = Normaliser(database, frozenset({"file_metadata"}), {"file.path"})
    path = written(
        Log(CODEINTEGRITY.provider, CODEINTEGRITY.channel, (decision(3077, FIRST), signer(FIRST))),
        "evtx",
        tmp_path,
    )
    for batch in (item for item in read_file(path, tmp_path) if isinstance(item, Batch)):
        for _ in normaliser.normalise(batch, Tally()):
            database.execute("CREATE TABLE kept AS SELECT record FROM event LIMIT 1")
    [(code, name)] = database.sql(
        f'SELECT "event.code", "{SIGNER}" FROM ({normaliser.whole("kept")})'
    ).fetchall()
    assert (code, name) == ("3077", "Example Software Ltd")


def test_a_signer_with_quotes_and_breaks_in_its_name(tmp_path: Path) -> None:
    name = 'A "B"\\C\nLtd'
    assert _signers(tmp_path, decision(3077, FIRST), signer(FIRST, PublisherName=name)) == [name]
