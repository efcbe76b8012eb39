"""Records that nobody wants are told from the library's JSON by their code, and counted."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from evtx import PyEvtxParser

import evtx_file
import evtx_template
import sysmon
from clew.normalise.mapping import mappings
from clew.normalise.pretest import pretest
from clew.read import evtx
from clew.read.source import Source
from clew.record import Batch, Item, Skipped
from fuzz.sifting import agree

TEST = pretest(mappings(), frozenset({"file_creation"}))


def read(data: bytes, folder: Path) -> list[Item]:
    return list(evtx.read(Source("a.evtx", data[:65536], io.BytesIO(data), None, TEST), folder))


def codes(items: list[Item]) -> list[str]:
    [batch] = [item for item in items if isinstance(item, Batch)]
    return [json.loads(line)["Event"]["System"]["EventID"] for line in batch.lines.read_text().splitlines()]


def test_only_wanted_records_go_on_at_their_true_positions(tmp_path: Path) -> None:
    events = [sysmon.evtx(code, n, n + 1) for n, code in enumerate([10, 11, 12, 11, 110, 1, 11])]
    items = read(evtx_file.log(events, per_chunk=2), tmp_path)
    assert codes(items) == ["11", "11", "11"]
    [batch] = [item for item in items if isinstance(item, Batch)]
    assert [batch.place(row)[1] for row in range(3)] == [2, 4, 7]
    assert sum(item.count for item in items if isinstance(item, Skipped)) == 4


def test_the_others_are_counted_where_a_chunk_goes_alone_too(tmp_path: Path) -> None:
    events = [sysmon.evtx(code, n, n + 1) for n, code in enumerate([10, 11, 12, 11])]
    data = bytearray(evtx_file.log(events, per_chunk=4))
    begin, end = evtx_file.spot(bytes(data), 3)
    data[begin:end] = bytes(end - begin)
    items = read(bytes(data), tmp_path)
    assert codes(items) == ["11", "11"]
    assert sum(item.count for item in items if isinstance(item, Skipped)) == 1


BEGIN = (
    '{"Event":{"#attributes":{"xmlns":"http://x"},"System":{"Provider":{"#attributes":'
    '{"Name":"P","Guid":"{1-2}"}},"EventID":'
)


@pytest.mark.parametrize(
    ("rest", "passes"),
    [
        ('11,"Version":0}}}', True),
        ('10,"Version":0}}}', False),
        ('{"#attributes":{"Qualifiers":0},"#text":11},"Version":0}}}', True),
        ('{"#attributes":{"Qualifiers":16384},"#text":110},"Version":0}}}', False),
        ('10,"Version":0,"EventID":11}}}', True),
        ('10,"Version":0},"EventData":{"EventID":11}}}', True),
        (r'10,"Version":0},"EventData":{"Text":"\"EventID\":11,"}}}', False),
    ],
)
def test_the_code_at_its_place_decides(rest: str, passes: bool) -> None:
    assert evtx._passes(BEGIN + rest, TEST) is passes


def test_the_library_writes_what_the_short_way_expects() -> None:
    """Else every record would take the long way, unnoticed."""
    data = evtx_file.log([sysmon.evtx(11, 0, 1)])
    [record] = PyEvtxParser(io.BytesIO(data)).records_json()
    assert evtx._BEGIN.match(record["data"])


def _cut(log: bytearray) -> None:
    del log[-evtx_file.CHUNK - 30_000 :]


def _zeroed_record(log: bytearray) -> None:
    begin, end = evtx_file.spot(bytes(log), 4)
    log[begin:end] = bytes(end - begin)


def _zero_tail(log: bytearray) -> None:
    log[-evtx_file.CHUNK :] = bytes(evtx_file.CHUNK)


def _broken_chunk(log: bytearray) -> None:
    at = evtx_file.HEADER + evtx_file.CHUNK + 600
    log[at : at + 500] = b"\xff" * 500


def _dirty(log: bytearray) -> None:
    log[120] = 1


def _undecodable(log: bytearray) -> None:
    """The records' checksums hold, and one of them is no binary XML."""
    begin, end = evtx_file.spot(bytes(log), 9)
    log[begin + 24 : end - 4] = b"\x55" * (end - begin - 28)
    at = evtx_file.HEADER + evtx_file.CHUNK
    free = int.from_bytes(log[at + 48 : at + 52], "little")
    log[at : at + evtx_file.CHUNK] = evtx_file.closed(log[at : at + free], 7, 6, 512)


@pytest.mark.parametrize("fault", [_cut, _zeroed_record, _zero_tail, _broken_chunk, _dirty, _undecodable])
@pytest.mark.parametrize("templates", [True, False])
def test_faults_are_told_with_a_pretest_as_without(
    fault: Callable[[bytearray], None], templates: bool, tmp_path: Path
) -> None:
    codes = [10, 11, 12, 11, 4, 1]
    chunks = [
        evtx_template.chunk(codes, 1 + 6 * n)
        if templates
        else evtx_file.chunk(
            [sysmon.evtx(code, 6 * n, 6 * n + at) for at, code in enumerate(codes, 1)], 1 + 6 * n
        )
        for n in range(3)
    ]
    log = bytearray(evtx_file.joined(chunks, 19))
    sound = agree(bytes(log), tmp_path)
    assert sound == (9, 0, 9)
    fault(log)
    found, lost, skipped = agree(bytes(log), tmp_path)
    assert 0 < found <= 9
    assert skipped
    assert found + lost + skipped == 18
