"""Windows event logs, whole and broken: every record comes out, or is told to be lost."""

import json
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evtx_file
import sysmon
from clew.record import Note
from evtx_file import CHUNK, HEADER
from recordings import unpacked
from taken import Read, made, read

EVENTS = [sysmon.evtx(11, n, n + 100, TargetFilename=f"C:\\{n}.exe") for n in range(1, 11)]
LOG = evtx_file.log(EVENTS)  # chunks with the records 1-4, 5-8, 9-10


def taken(data: bytes, folder: Path) -> Read:
    return read(made(folder / "a.evtx", data), folder=folder)


def numbers(result: Read) -> list[int]:
    return [position for _, position in result.lines]


def zeroed(number: int, data: bytes = LOG) -> bytes:
    start, end = evtx_file.spot(data, number)
    return data[:start] + bytes(end - start) + data[end:]


def test_a_log_is_read_record_by_record(tmp_path: Path) -> None:
    result = taken(LOG, tmp_path)
    assert numbers(result) == list(range(1, 11))
    assert result.readers == {"evtx"}
    assert result.rejects == result.notes == []
    event = json.loads(result.lines["a.evtx", 3])["Event"]
    assert event["EventData"]["TargetFilename"] == "C:\\3.exe"
    assert event["System"]["EventRecordID"] == "103"


def test_numbers_of_a_live_log_are_kept_also_where_the_oldest_chunk_is_in_the_middle(tmp_path: Path) -> None:
    newer, older = evtx_file.log(EVENTS[4:], first=505), evtx_file.log(EVENTS[:4], first=501)
    result = taken(newer + older[HEADER:], tmp_path)
    assert numbers(result) == [*range(505, 511), *range(501, 505)]
    assert result.rejects == result.notes == []


@pytest.mark.parametrize("number", range(1, 11))
def test_a_zeroed_record_loses_no_other(tmp_path: Path, number: int) -> None:
    result = taken(zeroed(number), tmp_path)
    assert numbers(result) == [n for n in range(1, 11) if n != number]
    [reject] = result.rejects
    assert (reject.position, reject.count) == (number, 1)
    at, _ = evtx_file.spot(LOG, number)
    assert reject.reason.startswith(f"chunk {(number - 1) // 4} at byte {at}: ")
    assert "checksums of 1 chunks do not hold" in result.notes[0].text


def test_a_record_that_cannot_be_decoded_loses_no_other(tmp_path: Path) -> None:
    start, end = evtx_file.spot(LOG, 6)
    result = taken(LOG[: start + 24] + b"\xff" * (end - start - 28) + LOG[end - 4 :], tmp_path)
    assert numbers(result) == [n for n in range(1, 11) if n != 6]
    [reject] = result.rejects
    assert (reject.position, reject.count) == (6, 1)
    assert reject.reason.startswith("chunk 1 at byte 69632: cannot be decoded: ")
    assert "0xff" in reject.reason


def test_neighbours_that_are_lost_are_told_together(tmp_path: Path) -> None:
    result = taken(zeroed(2, zeroed(3)), tmp_path)
    assert [(r.position, r.count) for r in result.rejects] == [(2, 2)]
    assert result.total == 10


def test_a_chunk_without_its_signature_is_read(tmp_path: Path) -> None:
    result = taken(LOG[:HEADER] + bytes(8) + LOG[HEADER + 8 :], tmp_path)
    assert numbers(result) == list(range(1, 11))
    assert len(result.notes) == 1


def test_a_chunk_without_its_header_is_read_from_its_records(tmp_path: Path) -> None:
    result = taken(LOG[:HEADER] + bytes(512) + LOG[HEADER + 512 :], tmp_path)
    assert numbers(result) == list(range(1, 11))
    assert result.rejects == []


@pytest.mark.parametrize(("filler", "word"), [(b"\0", "all zeros"), (b"\xaa", "nothing in it is legible")])
def test_a_chunk_that_is_gone_is_counted_by_its_neighbours(tmp_path: Path, filler: bytes, word: str) -> None:
    second = HEADER + CHUNK
    result = taken(LOG[:second] + filler * CHUNK + LOG[second + CHUNK :], tmp_path)
    assert numbers(result) == [1, 2, 3, 4, 9, 10]
    [reject] = result.rejects
    assert (reject.position, reject.count) == (5, 4)
    assert word in reject.reason


def test_of_the_first_chunk_nobody_knows_how_many_are_lost(tmp_path: Path) -> None:
    result = taken(LOG[:HEADER] + b"\xaa" * CHUNK + LOG[HEADER + CHUNK :], tmp_path)
    [reject] = result.rejects
    assert reject.position == 0
    assert "how many records are lost is not known" in reject.reason


@pytest.mark.parametrize(
    ("length", "lost"),
    [
        (HEADER, {1: 10}),
        (HEADER + CHUNK, {5: 6}),
        (evtx_file.spot(LOG, 7)[0] + 40, {7: 2, 9: 2}),  # in the middle of a record
        (evtx_file.spot(LOG, 7)[0], {7: 2, 9: 2}),  # in the middle of a chunk
    ],
)
def test_a_log_that_is_cut(tmp_path: Path, length: int, lost: dict[int, int]) -> None:
    result = taken(LOG[:length], tmp_path)
    assert numbers(result) == list(range(1, min(lost)))
    assert {r.position: r.count for r in result.rejects} == lost
    assert result.total == 10


def test_a_log_that_is_cut_in_its_header(tmp_path: Path) -> None:
    result = taken(LOG[:100], tmp_path)
    assert [(r.position, r.reason) for r in result.rejects] == [
        (0, "cut in the header of the event log: no record is left")
    ]


def test_a_zero_filled_tail_is_room_that_was_not_used_yet(tmp_path: Path) -> None:
    result = taken(LOG + bytes(3 * CHUNK + 777), tmp_path)
    assert numbers(result) == list(range(1, 11))
    assert result.rejects == result.notes == []


def test_a_dirty_log_is_read_beyond_what_its_headers_say(tmp_path: Path) -> None:
    """Windows writes the headers last: here they know only of two records of the last full chunk."""
    log = bytearray(evtx_file.log(EVENTS[:4], flags=1))
    struct.pack_into("<QQQQ", log, HEADER + 8, 1, 2, 1, 2)
    struct.pack_into("<II", log, HEADER + 44, 512, evtx_file.spot(LOG, 3)[0] - HEADER)
    result = taken(bytes(log), tmp_path)
    assert numbers(result) == [1, 2, 3, 4]
    assert result.rejects == []
    assert result.notes[0] == Note(
        "a.evtx", "the log was not closed (dirty); its chunks were read all the same"
    )


@pytest.mark.parametrize("length", [len(LOG), HEADER])
def test_a_chunk_that_was_begun_and_has_no_record_yet(tmp_path: Path, length: int) -> None:
    """Its numbers are -1, as Windows leaves them; behind its header stands what was in the room before."""
    log = bytearray(LOG[:length])
    begun = bytearray(evtx_file.chunk(EVENTS[:1], 1))
    struct.pack_into("<QQQQ", begun, 8, 1, *[2**64 - 1] * 3)
    struct.pack_into("<III", begun, 40, 128, 0, 512)
    begun[512:] = b"\t\0-\0" * 16256
    struct.pack_into("<I", log, 120, 1)  # dirty: the log was open
    result = taken(bytes(log + begun), tmp_path)
    assert numbers(result) == list(range(1, 11 if length > HEADER else 1))
    assert result.rejects == []


def test_records_of_a_chunk_whose_header_was_never_written_again(tmp_path: Path) -> None:
    """The header says -1 from when the chunk was begun; the records are there all the same."""
    log = bytearray(evtx_file.log(EVENTS[:4], flags=1))
    struct.pack_into("<QQQQ", log, HEADER + 8, 1, *[2**64 - 1] * 3)
    struct.pack_into("<III", log, HEADER + 40, 128, 0, 512)
    result = taken(bytes(log), tmp_path)
    assert numbers(result) == [1, 2, 3, 4]
    assert result.rejects == []


def test_a_line_end_in_a_broken_name_ends_no_line(tmp_path: Path) -> None:
    """The library writes names as they are."""
    name = "TimeCreated".encode("utf-16-le")
    result = taken(LOG.replace(name, b"\n\0" + name[2:]), tmp_path)
    assert numbers(result) == list(range(1, 11))
    assert all(line.endswith(b"}") for line in result.lines.values())


def test_old_records_behind_the_last_one_are_not_read(tmp_path: Path) -> None:
    """A chunk that is written over keeps what stood in it before behind its free space."""
    log = bytearray(evtx_file.log(EVENTS[:4], first=1))
    newer = evtx_file.chunk(EVENTS[4:6], 501)
    (free,) = struct.unpack_from("<I", newer, 48)
    log[HEADER : HEADER + free] = newer[:free]
    struct.pack_into("<I", log, 120, 1)
    result = taken(bytes(log), tmp_path)
    assert numbers(result) == [501, 502]
    assert result.rejects == []


def test_a_header_of_zeros_does_not_matter(tmp_path: Path) -> None:
    result = taken(LOG[:8] + bytes(HEADER - 8) + LOG[HEADER:], tmp_path)
    assert numbers(result) == list(range(1, 11))
    assert "checksum of its header" in result.notes[0].text


def test_all_recorded_logs_are_read_whole(tmp_path: Path) -> None:
    folder = unpacked("evtx-attack-samples/evtx-attack-samples-dev.zip", tmp_path / "logs")
    files = sorted(folder.rglob("*.evtx"))
    result = read(*files, folder=tmp_path)
    assert len(files) > 100
    assert len(result.lines) > 3000
    assert result.rejects == result.notes == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(
            st.one_of(st.integers(0, 200), st.integers(HEADER, HEADER + 900), st.integers(0, len(LOG) - 1)),
            st.one_of(st.binary(min_size=1, max_size=40), st.integers(1, 3000).map(bytes)),
        ),
        max_size=4,
    ),
    length=st.one_of(st.just(len(LOG)), st.integers(8, len(LOG))),
)
def test_whatever_is_broken_every_record_is_accounted_for(
    tmp_path: Path, edits: list[tuple[int, bytes]], length: int
) -> None:
    broken = bytearray(LOG)
    for at, data in edits:
        broken[at : at + len(data)] = data
    broken = bytearray(b"ElfFile\0") + broken[8:length]
    result = taken(bytes(broken), tmp_path)
    # Names are not escaped by the library: where one is broken the line may be no JSON, and is rejected later.
    assert all(line.startswith(b"{") and line.endswith(b"}") for line in result.lines.values())
    if len(numbers(result)) < 10:
        assert result.rejects or "header" in result.notes[0].text or "dirty" in result.notes[0].text
    places = [
        n for r in result.rejects if r.position for n in range(r.position, r.position + min(r.count, 99))
    ]
    assert not set(places) & set(numbers(result))
