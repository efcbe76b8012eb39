"""Whatever is wrong with some input, the hunt goes on, says so and ends with 4, and nothing else is lost."""

import bz2
import gzip
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

import evtx_file
import sysmon

RECORDS = sysmon.incident()
INCIDENT = sysmon.lines(*RECORDS).encode()


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def broken_log() -> bytes:
    """An event log of another host whose second chunk of three is garbage."""
    log = bytearray(evtx_file.log(sysmon.incident(sysmon.evtx, host="ws2"), per_chunk=2))
    second = evtx_file.HEADER + evtx_file.CHUNK
    log[second : second + evtx_file.CHUNK] = b"\xaa" * evtx_file.CHUNK
    return bytes(log)


def open_log() -> bytes:
    """An event log that was copied while it was open: a dirty header and a tail of zeros."""
    log = evtx_file.log(sysmon.incident(sysmon.evtx, host="ws3"), flags=1)
    return log + bytes(2 * evtx_file.CHUNK + 100)


def deep() -> bytes:
    """An archive in an archive in an archive."""
    return zipped(("good.json", b"{}\n"), ("deep.zip", zipped(("deeper.zip", zipped(("x", INCIDENT))))))


FAULTS: dict[str, tuple[bytes, str]] = {
    "a cut gzip": (gzip.compress(os.urandom(999).hex().encode())[:-20], "gzip: the stream is cut (after "),
    "a cut bzip2": (bz2.compress(INCIDENT)[:-20], "bzip2: the stream is cut (after "),
    "a cut tar": (tarred("member", INCIDENT)[:900], "!member: the archive ends in it"),
    "an archive in archives": (deep(), "!deep.zip!deeper.zip: zip: nested too deep"),
    "a bomb": (zipped(("big", b'{"x":"' + b"y" * (300 << 20)), ("more", b"{}")), "it may be a bomb"),
    "a broken chunk": (broken_log(), "chunk 1 at byte 69632: nothing in it is legible; 2 records are lost"),
    "a bad line": (b'{"a":1}\nbad\n{"b":2}\n', ":2: not a JSON object"),
    "zeros": (bytes(5000), ": no format that Clew reads"),
    "zeros in a line": (b'{"a":1}\n{"b":"\0"}\n', ":2: not a JSON object"),
    "a program": (b"MZ\x90\0" + bytes(range(256)) * 40, ": no format that Clew reads"),
    "an overlong line": (b'{"x":"' + b"y" * (20 << 20) + b'"}\n', ":1: the line is longer than 16 MiB"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["a", "z"])  # before the good log, and behind it
def test_nothing_else_is_lost(clew: Any, fault: str, name: str) -> None:
    data, said = FAULTS[fault]
    Path("logs").mkdir()
    Path("logs", name).write_bytes(data)
    Path("logs/log.jsonl").write_bytes(INCIDENT)
    ran = clew("hunt", "logs", "-f", "jsonl")
    assert ran.code == 4
    assert said in ran.err
    assert f"logs/{name}" in ran.err
    assert [json.loads(line)["level"] for line in ran.out.splitlines()] == ["high"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", ""),
        (open_log(), "Note: logs/a: the log was not closed (dirty)"),
        (
            zipped(("../../climbs.json", b"{}\n")),
            "its path climbs out of the archive; nothing is written there",
        ),
        (tarred("/etc/climbs.json", b"{}\n"), "its path climbs out of the archive; nothing is written there"),
    ],
)
def test_what_is_only_odd_is_read(clew: Any, data: bytes, said: str) -> None:
    Path("logs").mkdir()
    Path("logs/a").write_bytes(data)
    Path("logs/log.jsonl").write_bytes(INCIDENT)
    ran = clew("hunt", "logs", "-f", "jsonl")
    assert ran.code == 0
    assert said in ran.err
    assert not list(Path.cwd().parent.rglob("climbs.json"))
    assert 1 <= len(ran.out.splitlines()) <= 2  # the open log holds the incident too


@pytest.mark.parametrize("end", [b"", b'"}', b'"}\n', b'"}\r\n'])
@pytest.mark.parametrize("before", [b"", INCIDENT])
def test_a_last_line_beyond_the_buffer_of_the_scan(clew: Any, before: bytes, end: bytes) -> None:
    """DuckDB gives no row and no error for a last line of more than 32 MiB."""
    Path("log.jsonl").write_bytes(before + b'{"x":"' + b"y" * (40 << 20) + end)
    ran = clew("hunt", "log.jsonl")
    assert ran.code == 4
    lines = before.count(b"\n")
    assert f"log.jsonl:{lines + 1}: the line is longer than 16 MiB" in ran.err
    assert f"{lines} events" in ran.err


def test_a_chunk_that_is_garbage_costs_its_own_records_only(clew: Any) -> None:
    Path("log.evtx").write_bytes(broken_log())
    ran = clew("hunt", "log.evtx")
    assert "3 events" in ran.err
    assert "2 rejected" in ran.err


def test_a_dirty_header_that_knows_of_no_chunk(clew: Any) -> None:
    log = bytearray(open_log())
    struct.pack_into("<QQQ", log, 8, 0, 0, 1)
    struct.pack_into("<H", log, 42, 0)
    Path("log.evtx").write_bytes(log)
    ran = clew("hunt", "log.evtx", "-f", "jsonl")
    assert ran.code == 0
    assert json.loads(ran.out)["level"] == "high"


def powerless(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command so that permissions count, for root too: without the capabilities that pass them over."""
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("as root this needs setpriv (util-linux)")
        drop = ("--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
        command = ("setpriv", *drop, *command)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_files_and_folders_without_permission(tmp_path: Path) -> None:
    Path(tmp_path, "closed").mkdir()
    Path(tmp_path, "closed/b.jsonl").write_bytes(INCIDENT)
    Path(tmp_path, "a.jsonl").write_bytes(INCIDENT)
    Path(tmp_path, "log.jsonl").write_bytes(INCIDENT)
    Path(tmp_path, "a.jsonl").chmod(0)
    Path(tmp_path, "closed").chmod(0)
    try:
        ran = powerless(sys.executable, "-m", "clew.cli.main", "hunt", str(tmp_path), "-f", "jsonl")
    finally:
        Path(tmp_path, "closed").chmod(0o700)
    assert ran.returncode == 4
    assert f"{tmp_path}/a.jsonl: Permission denied" in ran.stderr
    assert f"{tmp_path}/closed: Permission denied" in ran.stderr
    assert json.loads(ran.stdout)["level"] == "high"


def test_thousands_of_small_files_go_through_together(clew: Any) -> None:
    Path("logs").mkdir()
    for number in range(3000):
        Path(f"logs/{number:04}.jsonl").write_text(
            json.dumps(RECORDS[number % 5] if number > 2994 else {}) + "\n"
        )
    start = time.perf_counter()
    ran = clew("hunt", "logs", "-f", "jsonl")
    assert time.perf_counter() - start < 30  # alone, each would cost 100 ms and more
    assert "Read 3,000 records in 3,000 files: 5 events" in ran.err
    assert json.loads(ran.out)["level"] == "high"
