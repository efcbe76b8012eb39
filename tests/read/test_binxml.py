"""Records that nobody wants are told from their binary XML; where there is any doubt a record may be wanted."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from evtx import PyEvtxParser

import evtx_file
import evtx_template
import sysmon
from clew.normalise.mapping import mappings
from clew.normalise.pretest import pretest
from clew.read import evtx
from clew.read.binxml import Sieve
from clew.read.chunk import look
from clew.read.source import Source
from clew.record import Batch, Item, Pretest, Skipped
from recordings import recording

TEST = pretest(mappings(), frozenset({"file_creation"}))
PROVIDERS = ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Security-Auditing")
CODES = [10, 11, 12, 11, 110, 1, 11]


def read(data: bytes, folder: Path) -> list[Item]:
    return list(evtx.read(Source("a.evtx", data[:65536], io.BytesIO(data), None, TEST), folder))


def left(chunk: bytes, provider: str = evtx_template.PROVIDER) -> list[int]:
    sifted = Sieve(Pretest((), {provider: ("11",)})).sift(look(chunk, 0, 0))
    assert sifted is not None
    assert set(sifted.unsure) <= set(sifted.records)
    return sifted.records


def test_the_library_reads_what_is_written_here() -> None:
    log = evtx_file.joined([evtx_template.chunk(CODES)], 8)
    events = [json.loads(record["data"])["Event"] for record in PyEvtxParser(io.BytesIO(log)).records_json()]
    assert [event["System"]["EventID"] for event in events] == CODES
    assert {event["System"]["Computer"] for event in events} == {"ws1"}


def test_wanted_codes_are_left() -> None:
    assert left(evtx_template.chunk(CODES)) == [2, 4, 7]


@pytest.mark.parametrize("template", [{"place": None}, {"again": True}, {"sized": 1}, {"place": 9}])
def test_a_template_that_is_written_otherwise_tells_nothing(template: dict[str, int | bool | None]) -> None:
    assert left(evtx_template.chunk(CODES, **template)) == [1, 2, 3, 4, 5, 6, 7]


def test_the_same_code_of_another_provider_is_not_wanted() -> None:
    assert left(evtx_template.chunk(CODES), "MsiInstaller") == []


@pytest.mark.parametrize(
    "provider", [{}, {"Name": "a", "name": "b", "Guid": "c"}, {"Name": "a", "Other": "b"}]
)
def test_the_provider_is_told_by_its_name(provider: dict[str, str]) -> None:
    """Where it has none, the code alone decides."""
    chunk = evtx_template.chunk(CODES, provider=provider)
    assert left(chunk, "b") == ([] if provider else [2, 4, 7])
    assert left(chunk, "a") == [2, 4, 7]


@pytest.mark.parametrize("name", ["a\0", " a", "a\n"])
def test_a_name_that_may_be_read_in_two_ways_tells_no_provider(name: str) -> None:
    assert left(evtx_template.chunk(CODES, provider={"Name": name}), "other") == [2, 4, 7]


def test_two_names_tell_no_provider() -> None:
    assert left(evtx_template.chunk(CODES, provider={"Name": "a", "Name ": "b"}), "other") == []
    chunk = evtx_template.chunk(CODES, provider={"Name": "a", "Eman": "b"})
    twice = chunk.replace("Eman".encode("utf-16-le"), "Name".encode("utf-16-le"))
    sound = evtx_file.closed(bytearray(twice[: look(chunk, 0, 0).free]), 1, 7, 512)
    assert left(sound, "other") == [2, 4, 7]


def test_a_code_without_a_value_may_be_any() -> None:
    assert left(evtx_template.chunk([10, None, 12, 11])) == [2, 4]


def test_a_number_whose_size_is_not_that_of_its_type_tells_nothing_of_what_follows() -> None:
    """The library takes a byte for it all the same, so the code stands elsewhere than the sizes say."""
    chunk = evtx_template.chunk(CODES)
    begin, _ = evtx_file.spot(chunk, 3)
    data = bytearray(chunk[: look(chunk, 0, 0).free])
    assert data[begin + 42] == 1
    data[begin + 42] = 0
    assert left(evtx_file.closed(data, 1, 7, 512)) == [2, 3, 4, 7]


def test_a_name_that_is_longer_than_the_chunk_tells_nothing() -> None:
    chunk = evtx_template.chunk(CODES)
    data = bytearray(chunk[: look(chunk, 0, 0).free])
    place = data.index("Name".encode("utf-16-le")) - 2
    data[place : place + 2] = b"\xff\xff"
    assert left(evtx_file.closed(data, 1, 7, 512)) == [1, 2, 3, 4, 5, 6, 7]


def test_records_without_a_template_may_be_wanted() -> None:
    assert left(evtx_file.chunk([sysmon.evtx(10, 0, 1)], 1)) == [1]


def test_records_that_are_not_where_they_should_be_tell_nothing() -> None:
    for at, data in ((520, b"\x09"), (512, b"++"), (516, b"\xff\xff")):  # number, signature, size
        chunk = bytearray(evtx_template.chunk(CODES))
        chunk[at : at + len(data)] = data
        looked = look(bytes(chunk), 0, 0)
        assert looked.walked  # its checksum does not hold
        sound = evtx_file.closed(bytearray(chunk[: look(evtx_template.chunk(CODES), 0, 0).free]), 1, 7, 512)
        assert Sieve(TEST).sift(look(sound, 0, 0)) is None


def test_only_wanted_records_go_on_at_their_true_positions(tmp_path: Path) -> None:
    chunks = [evtx_template.chunk(CODES), evtx_template.chunk([10, 12], 8), evtx_template.chunk([11], 10)]
    items = read(evtx_file.joined(chunks, 11), tmp_path)
    [batch] = [item for item in items if isinstance(item, Batch)]
    lines = batch.lines.read_text().splitlines()
    assert [json.loads(line)["Event"]["System"]["EventID"] for line in lines] == [11] * 4
    assert [batch.place(row)[1] for row in range(4)] == [2, 4, 7, 10]
    assert items[:-1] == [Skipped("a.evtx", "evtx", 6)]


def test_a_record_that_cannot_be_decoded_is_still_rejected(tmp_path: Path) -> None:
    """The wanted records around it are read, those that nobody wants are counted."""
    chunk = bytearray(evtx_template.chunk(CODES))
    begin, end = evtx_file.spot(bytes(chunk), 4)
    chunk[begin + 24 : end - 4] = b"\x55" * (end - begin - 28)
    sound = evtx_file.closed(bytearray(chunk[: look(evtx_template.chunk(CODES), 0, 0).free]), 1, 7, 512)
    items = read(evtx_file.joined([sound], 8), tmp_path)
    [batch] = [item for item in items if isinstance(item, Batch)]
    assert [batch.place(row)[1] for row in range(2)] == [2, 7]
    assert sum(item.count for item in items if isinstance(item, Skipped)) == 4
    assert "1 record is lost" in str(items)


@pytest.mark.parametrize("name", ["evtx-attack-samples", "evtx-to-mitre", "hayabusa-extra"])
def test_no_wanted_record_is_left_out_of_recorded_logs(name: str) -> None:
    with zipfile.ZipFile(recording(f"{name}/{name}-dev.zip")) as archive:
        for member in archive.namelist():
            if member.endswith(".evtx"):
                check(archive.read(member), {1, 3, 11, 4624, 4688})


def check(log: bytes, codes: set[int]) -> None:
    sieve = Sieve(Pretest((), {who: [*map(str, codes)] for who in PROVIDERS}))
    for at in range(evtx_file.HEADER, len(log) - evtx_file.CHUNK + 1, evtx_file.CHUNK):
        chunk = look(log[at : at + evtx_file.CHUNK], 0, at)
        if chunk.walked:
            continue
        sifted = sieve.sift(chunk)
        if sifted is None:
            continue
        for record in PyEvtxParser(io.BytesIO(evtx._file([chunk]))).records_json():
            system = json.loads(record["data"])["Event"]["System"]
            code = system["EventID"]
            number = int(code["#text"] if isinstance(code, dict) else code)
            wanted = number in codes and system["Provider"]["#attributes"]["Name"] in PROVIDERS
            told = record["event_record_id"]
            assert told in sifted.records or not wanted
            assert told not in sifted.records or told in sifted.unsure or number in codes
