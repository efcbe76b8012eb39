"""Compressed files and archives, whole and broken: what came before the fault is kept, the rest is said."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evtx_file
import sysmon
from clew.archive import Found, Leaf, Trouble, leaves
from clew.archive.compression import zstd
from clew.archive.stream import Limits
from clew.record import Note
from packing import tarred, zipped
from taken import Read, made, read

LINES = sysmon.lines(
    *(sysmon.flat(11, n, n, TargetFilename=f"C:\\{n * 7919}.exe") for n in range(2000))
).encode()
COUNT = 2000
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}),
}


def taken(data: bytes, folder: Path, name: str = "a.bin") -> Read:
    return read(made(folder / name, data), folder=folder)


def found(data: bytes, folder: Path, limits: Limits) -> list[Found | bytes]:
    """What is found, with the content of leaves."""
    result: list[Found | bytes] = []
    path = made(folder / "x", data)
    with path.open("rb", buffering=1 << 18) as stream:
        for item in leaves("x", stream, folder, path, limits):
            result.append(item if not isinstance(item, Leaf) else item.stream.read())
    return result


@pytest.mark.parametrize("kind", PACKERS)
def test_compressed_files_are_told_by_their_content(tmp_path: Path, kind: str) -> None:
    result = taken(PACKERS[kind](LINES), tmp_path)
    assert b"\n".join(result.lines.values()) + b"\n" == LINES
    assert list(result.lines)[-1] == ("a.bin", COUNT)
    assert result.rejects == result.notes == []
    assert result.opened == ["a.bin"]


@pytest.mark.parametrize("kind", PACKERS)
def test_frames_one_after_another_are_one_file(tmp_path: Path, kind: str) -> None:
    pack = PACKERS[kind]
    result = taken(pack(LINES[:5000]) + pack(LINES[5000:]), tmp_path)
    assert b"\n".join(result.lines.values()) + b"\n" == LINES


@pytest.mark.parametrize("kind", PACKERS)
def test_of_a_cut_stream_what_came_before_is_kept(tmp_path: Path, kind: str) -> None:
    noise = random.Random(1)  # bzip2 gives whole blocks of 900 kB only
    text = b"".join(b'{"n":%d,"x":"%x"}\n' % (n, noise.getrandbits(400)) for n in range(20_000))
    packed = PACKERS[kind](text)
    result = taken(packed[: len(packed) * 3 // 4], tmp_path)
    got = b"\n".join(result.lines.values())
    assert text.startswith(got)
    assert len(got) > len(text) // 3
    [reject] = result.rejects
    assert (reject.path, reject.position) == ("a.bin", 0)
    assert reject.reason.startswith(f"{kind}: the stream is cut (after ")


def test_of_a_gzip_with_a_wrong_checksum_everything_is_kept_and_it_is_said(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(LINES))
    packed[-8] ^= 1
    result = taken(bytes(packed), tmp_path)
    assert len(result.lines) == COUNT
    assert [r.reason[:22] for r in result.rejects] == ["gzip: CRC check failed"]


@pytest.mark.parametrize("kind", PACKERS)
def test_a_corrupt_stream(tmp_path: Path, kind: str) -> None:
    packed = bytearray(PACKERS[kind](LINES))
    packed[len(packed) // 2 : len(packed) // 2 + 8] = b"\xa5" * 8
    result = taken(bytes(packed), tmp_path)
    assert [r.path for r in result.rejects if r.position == 0] == ["a.bin"]


@pytest.mark.parametrize(
    "how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_members_of_a_zip(tmp_path: Path, how: int) -> None:
    log = evtx_file.log([sysmon.evtx(11, n, n, TargetFilename="x") for n in range(5)])
    result = taken(zipped({"logs/a.json": LINES, "empty": b"", "logs/b": log}, how), tmp_path, "x.zip")
    assert result.opened == ["x.zip!logs/a.json", "x.zip!empty", "x.zip!logs/b"]
    assert len([1 for source, _ in result.lines if source == "x.zip!logs/a.json"]) == COUNT
    assert [place for place in result.lines if place[0] == "x.zip!logs/b"] == [
        ("x.zip!logs/b", n) for n in range(1, 6)
    ]
    assert result.readers == {"evtx", "jsonlines"}
    assert result.rejects == result.notes == []
    assert result.batches == 1


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_members_of_a_tar(tmp_path: Path, mode: str) -> None:
    result = taken(tarred({"a": LINES, "b/c.json": b'{"x":1}'}, mode), tmp_path, "x.tar")
    assert result.opened == ["x.tar!a", "x.tar!b/c.json"]
    assert len(result.lines) == COUNT + 1
    assert result.rejects == result.notes == []


def test_archives_in_archives_up_to_two(tmp_path: Path) -> None:
    inner = tarred({"log.json.gz": gzip.compress(b'{"a":1}\n')}, "w:gz")
    result = taken(
        zipped({"in.tgz": inner, "deep.zip": zipped({"deeper.zip": zipped({"x": b"{}"})})}), tmp_path, "o"
    )
    assert list(result.lines) == [("o!in.tgz!log.json.gz", 1)]
    [reject] = result.rejects
    assert (reject.path, reject.position) == ("o!deep.zip!deeper.zip", 0)
    assert "nested too deep" in reject.reason


def test_layers_of_compression_end(tmp_path: Path) -> None:
    data = b"{}"
    for _ in range(5):
        data = gzip.compress(data)
    assert [r.reason for r in taken(data, tmp_path).rejects] == ["gzip: nested too deep; unpack it yourself"]


def test_a_bomb_is_stopped_and_what_came_before_is_kept(tmp_path: Path) -> None:
    bomb = zipped({"good": LINES, "bomb": bytes(30 << 20), "after": LINES})
    items = found(bomb, tmp_path, Limits(ratio=100, grace=1 << 20))
    assert items[0] == LINES
    assert sum(len(item) for item in items if isinstance(item, bytes)) < 100 * len(bomb) + (1 << 20)
    troubles = [item for item in items if isinstance(item, Trouble)]
    assert {trouble.name for trouble in troubles} == {"x!bomb", "x"}
    assert all("it may be a bomb" in trouble.reason for trouble in troubles)


def test_limits_of_bytes_and_members(tmp_path: Path) -> None:
    many = zipped({str(n): b"{}" for n in range(20)})
    items = found(many, tmp_path, Limits(members=10))
    assert items[:10] == [b"{}"] * 10
    assert items[10:] == [Trouble("x", items[-1].reason)]  # type: ignore[union-attr]
    assert "more than 10 members" in items[-1].reason  # type: ignore[union-attr]
    items = found(gzip.compress(LINES), tmp_path, Limits(unpacked=1000))
    assert "unpacks to more than" in items[-1].reason  # type: ignore[union-attr]


@pytest.mark.parametrize("path", ["../../etc/cron.d/x", "/etc/x", "..\\..\\x", "C:\\x"])
def test_a_path_that_climbs_out_is_read_and_reaches_nothing(tmp_path: Path, path: str) -> None:
    result = taken(zipped({path: b"{}"}), tmp_path, "x.zip")
    assert list(result.lines) == [(f"x.zip!{path}", 1)]
    assert result.notes == [
        Note(f"x.zip!{path}", "its path climbs out of the archive; nothing is written there")
    ]
    assert {entry.name for entry in tmp_path.iterdir()} == {"x.zip", "spill"}


def test_an_encrypted_member_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"{}", "b": b"{}"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    result = taken(bytes(data), tmp_path, "x.zip")
    assert list(result.lines) == [("x.zip!b", 1)]
    assert [(r.path, r.reason) for r in result.rejects] == [
        ("x.zip!a", "zip: encrypted; unpack it with its password first")
    ]


def test_apple_double_files_are_passed_over(tmp_path: Path) -> None:
    junk = b"\x00\x05\x16\x07" + bytes(100)
    data = zipped({"a.json": b"{}", "__MACOSX/._a.json": junk, "__MACOSX/real.json": b"{}", "._x": junk})
    result = taken(data, tmp_path, "x.zip")
    assert result.opened == ["x.zip!a.json", "x.zip!__MACOSX/real.json"]
    assert result.notes == [Note("x.zip", "AppleDouble files of macOS passed over: 2")]
    assert result.rejects == []


def test_links_in_archives_are_passed_over(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("empty"))
    result = taken(out.getvalue(), tmp_path, "x.tar")
    assert result.opened == ["x.tar!empty"]
    assert [note.text for note in result.notes] == [
        "1 members that are no plain files (links, devices, sparse) were passed over"
    ]


def test_a_member_with_a_wrong_checksum(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": LINES, "b": b"{}"}, zipfile.ZIP_STORED))
    data[data.index(b'"EventID"') + 12] ^= 1
    result = taken(bytes(data), tmp_path, "x.zip")
    assert len(result.lines) == COUNT + 1
    [reject] = result.rejects
    assert reject.path == "x.zip!a"
    assert "Bad CRC-32" in reject.reason


def test_a_cut_tar_keeps_what_came_before(tmp_path: Path) -> None:
    data = tarred({"a": LINES, "b": LINES, "c": LINES})
    result = taken(data[: len(data) // 2], tmp_path, "x.tar")
    lines = [place for place in result.lines if place[0] == "x.tar!a"]
    assert len(lines) == COUNT
    assert 0 < len(result.lines) - COUNT < COUNT
    assert {(r.path, r.position) for r in result.rejects} == {("x.tar!b", 0), ("x.tar", 0)}


def test_a_broken_header_in_a_tar_is_no_silent_end(tmp_path: Path) -> None:
    data = bytearray(tarred({"a": b"{}", "b": b"{}"}))
    data[1024:1034] = b"\xff" * 10
    result = taken(bytes(data), tmp_path, "x.tar")
    assert list(result.lines) == [("x.tar!a", 1)]
    assert ["the rest of it is lost" in r.reason for r in result.rejects] == [True]


def test_a_cut_zip_is_said(tmp_path: Path) -> None:
    data = zipped({"a": LINES, "b": LINES})
    result = taken(data[: len(data) * 3 // 4], tmp_path, "x.zip")
    assert [r.path for r in result.rejects if r.position == 0][-1] == "x.zip"


def test_a_7z_archive_is_told_by_name(tmp_path: Path) -> None:
    result = taken(b"7z\xbc\xaf\x27\x1c" + bytes(100), tmp_path)
    assert [r.reason for r in result.rejects] == [
        "no format that Clew reads, but a 7z archive: unpack it first"
    ]


WHOLE = [
    *(pack(LINES[:20_000]) for pack in PACKERS.values()),
    zipped({"a": LINES[:20_000], "b": b"{}", "__MACOSX/._a": b"\x00\x05\x16\x07"}),
    tarred({"a": LINES[:20_000], "b": b"{}"}),
    tarred({"a": LINES[:20_000], "b": b"{}"}, "w:gz"),
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.integers(0, len(WHOLE) - 1),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=3),
    part=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_whatever_is_broken_is_said(
    tmp_path: Path, number: int, edits: list[tuple[float, bytes]], part: float
) -> None:
    data = WHOLE[number]
    broken = bytearray(data)
    for at, new in edits:
        place = int(at * (len(broken) - 10))
        broken[place : place + len(new)] = new
    whole, result = taken(data, tmp_path), taken(bytes(broken[: int(part * len(broken))]), tmp_path)
    lost = [place for place in whole.lines if place not in result.lines]
    assert result.rejects or result.notes or not (lost and int(part * len(data)))
