"""Raw records are fetched from wherever a hunt may have read them, or it is said why they cannot be."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import evtx_file
import sysmon
from clew.archive.compression import zstd
from clew.read.fetch import Place, fetch
from taken import made, read

LINES = [f'{{"n":{n}}}'.encode() for n in range(1, 1001)]
TEXT = b"\n".join(LINES) + b"\n"
LOG = evtx_file.log([sysmon.evtx(11, n, n + 100, TargetFilename=f"C:\\{n}.exe") for n in range(1, 11)])


def fetched(places: Iterable[Place], folder: Path) -> dict[tuple[str, int], bytes | str]:
    """(file name, position) -> the record, or as text why it is missing; nothing stays in the spill folder."""
    spill = folder / "spill"
    spill.mkdir(exist_ok=True)
    found = {
        (one.place.path.removeprefix(f"{folder}/"), one.place.position): one.record or one.missing
        for one in fetch(places, spill)
    }
    assert not list(spill.iterdir())
    return found


def places(path: Path | str, *positions: int, reader: str = "jsonlines") -> list[Place]:
    return [Place(str(path), position, reader) for position in positions]


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd.compress], ids=lambda p: str(p.__name__)
)
def test_lines_of_plain_and_compressed_files(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = made(tmp_path / "a", pack(TEXT))
    assert fetched(places(path, 700, 1, 1000), tmp_path) == {("a", n): LINES[n - 1] for n in (1, 700, 1000)}


def test_members_of_archives_in_archives(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for name in ("other", "logs/a!b.json"):
            info = tarfile.TarInfo(name)
            info.size = len(TEXT)
            tar.addfile(info, io.BytesIO(TEXT))
    with zipfile.ZipFile(tmp_path / "x!1.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.evtx", LOG)
        archive.writestr("in.tgz", inner.getvalue())
    zipped = f"{tmp_path}/x!1.zip"
    found = fetched(
        [
            *places(f"{zipped}!in.tgz!logs/a!b.json", 5),
            *places(f"{zipped}!log.evtx", 7, reader="evtx"),
            *places(f"{zipped}!gone", 1),
        ],
        tmp_path,
    )
    assert found["x!1.zip!in.tgz!logs/a!b.json", 5] == LINES[4]
    assert b"C:\\\\7.exe" in found["x!1.zip!log.evtx", 7]  # type: ignore[operator]
    assert found["x!1.zip!gone", 1] == "the file has changed: there is no such source in it"


def test_whatever_is_read_can_be_fetched(tmp_path: Path) -> None:
    path = made(tmp_path / "a.evtx", evtx_file.log([sysmon.evtx(1, n, n) for n in range(9)], first=501))
    mark = made(tmp_path / "b", b'\xef\xbb\xbf{"a":1}\r\n\r\n{"b":"\xe4"}')
    wide = made(tmp_path / "c", '\ufeff{}\n\n{"x":"日本"}\n'.encode("utf-16-le"))
    result = read(path, mark, wide, folder=tmp_path)
    readers = {"a.evtx": "evtx"}
    wanted = [Place(f"{tmp_path}/{name}", n, readers.get(name, "jsonlines")) for name, n in result.lines]
    found = fetched(wanted, tmp_path)
    assert len(found) == len(wanted) == 13
    assert found["b", 3] == b'{"b":"\xe4"}'  # as it stands
    del found["b", 3], result.lines["b", 3]
    assert found == {place: line.strip() for place, line in result.lines.items()}


def test_reading_stops_behind_the_last_record_that_is_wanted(tmp_path: Path) -> None:
    cut = made(tmp_path / "a.gz", gzip.compress(TEXT * 100)[:-500])
    assert fetched(places(cut, 3), tmp_path) == {("a.gz", 3): LINES[2]}


def test_each_place_is_fetched_once(tmp_path: Path) -> None:
    path = made(tmp_path / "a", TEXT)
    assert len(list(fetch(places(path, 2, 2, 3), tmp_path))) == 2


@pytest.mark.parametrize(
    ("data", "reader", "why"),
    [
        (TEXT[:50], "jsonlines", "the source has changed: it holds no such record"),
        (TEXT, "syslog", "the source has changed: jsonlines reads it now, not syslog"),
        (b"\n" * 2000, "jsonlines", "the source has changed: nothing stands there"),
        (gzip.compress(TEXT)[:200], "jsonlines", "the source has changed: it holds no such record"),
        (b"Rar!", "jsonlines", "no format that Clew reads, but a RAR archive"),
        (LOG, "evtx", "the source has changed: it holds no such record"),
    ],
)
def test_what_is_no_longer_there_is_said(tmp_path: Path, data: bytes, reader: str, why: str) -> None:
    path = made(tmp_path / "a", data)
    [said] = fetched(places(path, 900, reader=reader), tmp_path).values()
    assert str(said).startswith(why)


def test_files_that_cannot_be_opened_are_said(tmp_path: Path) -> None:
    found = fetched(
        [*places("-", 1), *places(tmp_path / "gone", 1), *places(f"{tmp_path}/x.zip!a", 1)], tmp_path
    )
    assert found == {
        ("-", 1): "it came from standard input, which is gone",
        ("gone", 1): os.strerror(2),
        ("x.zip!a", 1): os.strerror(2),
    }


def test_a_record_that_the_reader_rejects_now(tmp_path: Path) -> None:
    start, end = evtx_file.spot(LOG, 7)
    path = made(tmp_path / "a", LOG[:start] + bytes(end - start) + LOG[end:])
    found = fetched(places(path, 7, 8, reader="evtx"), tmp_path)
    assert str(found["a", 7]).startswith("chunk 1 at byte ")
    assert b"8.exe" in found["a", 8]  # type: ignore[operator]


def test_logs_that_have_moved(tmp_path: Path) -> None:
    made(tmp_path / "new" / "a", TEXT)
    moved = lambda path: path.replace("/old/", f"{tmp_path}/new/")  # noqa: E731
    [one] = fetch(places("/old/a", 2), tmp_path, moved)
    assert (one.place.path, one.record) == ("/old/a", LINES[1])
