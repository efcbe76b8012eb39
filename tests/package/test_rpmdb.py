"""rpm's database: what it names, its write-ahead log, and what in it is broken."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from clew.package import rpmdb
from clew.package.model import Listed, Package
from clew.record import Reject
from package.rpms import rpm_database, rpm_header


def read(tmp_path: Path, *headers: bytes) -> list[Listed | Reject]:
    rpm_database(tmp_path / "rpmdb.sqlite", headers)
    return list(rpmdb.read("db", tmp_path / "rpmdb.sqlite"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "package"),
    [
        (rpm_header("xz-libs", "5.6.0", "1.fc40", "Fedora Project"), ("fedora/xz-libs", "5.6.0-1.fc40")),
        (rpm_header("a", "1", "2", "Red Hat, Inc.", 3), ("redhat/a", "3:1-2")),
        (rpm_header("a", "1", "2", "openSUSE", 0), ("opensuse/a", "1-2")),
        (rpm_header("gpg-pubkey", "abc", "def"), ("gpg-pubkey", "abc-def")),
    ],
)
def test_a_package_is_named_by_its_vendor(header: bytes, package: tuple[str, str], tmp_path: Path) -> None:
    assert read(tmp_path, header) == [Listed(Package("rpm", *package), 1)]


GOOD = rpm_header("a", "1", "2", "Fedora Project")


@pytest.mark.parametrize(
    "bad",
    [b"", b"\0\0", GOOD[:-1], b"\xff" * 40, GOOD.replace(b"a\0", b"\n\0"), rpm_header("../a", "1", "2")],
)
def test_a_broken_header_costs_itself_alone(bad: bytes, tmp_path: Path) -> None:
    first, second = read(tmp_path, bad, GOOD)
    assert isinstance(first, Reject) and first.position == 1
    assert second == Listed(Package("rpm", "fedora/a", "1-2"), 2)


def test_a_database_that_was_cut_is_read_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "rpmdb.sqlite"
    rpm_database(path, [rpm_header(f"p{n}", "1", "1" * 2000) for n in range(20)])
    path.write_bytes(path.read_bytes()[:-9000])
    *entries, last = rpmdb.read("db", path)
    assert isinstance(last, Reject) and "cannot be read from here on" in last.reason
    assert all(isinstance(one, Listed) for one in entries)


def test_what_stands_in_the_write_ahead_log_is_there(tmp_path: Path) -> None:
    live = sqlite3.connect(tmp_path / "live")
    live.execute("PRAGMA journal_mode = WAL")
    live.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)")
    live.execute("INSERT INTO Packages VALUES (7, ?)", (GOOD,))
    live.commit()
    for end in ("", "-wal"):
        shutil.copy(tmp_path / f"live{end}", tmp_path / f"copy{end}")
    live.close()
    assert list(rpmdb.read("db", tmp_path / "copy")) == [Listed(Package("rpm", "fedora/a", "1-2"), 7)]


@pytest.mark.parametrize(
    "made", ["CREATE TABLE Other (x)", "CREATE VIEW Packages AS SELECT 1 AS hnum, '' AS blob"]
)
def test_another_database_is_none_of_rpm(made: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x") as database:
        database.execute(made)
    (reject,) = rpmdb.read("db", tmp_path / "x")
    assert isinstance(reject, Reject) and "no table of packages" in reject.reason
