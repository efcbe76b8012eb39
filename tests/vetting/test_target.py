"""Targets: what a package is taken out of, and that a hostile archive reaches nothing and is named."""

import hashlib
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from clew.errors import TargetError, UsageError
from clew.vetting.subject import Ecosystem, Subject
from clew.vetting.target import differs, take
from vetting.made import add, manifest, npm_tarball, sdist, tarball, wheel


def taken(tmp_path: Path, target: Path | str, ecosystem: Ecosystem = "npm") -> Subject:
    workplace = tmp_path / "work"
    workplace.mkdir()
    return take(ecosystem, str(target), workplace)


def test_an_npm_tarball_loses_its_first_folder_whatever_that_is_called(tmp_path: Path) -> None:
    path = tarball(
        tmp_path / "a.tgz", {"package.json": json.dumps(manifest("@a/b")), "lib/x.js": "1"}, "other/"
    )
    subject = taken(tmp_path, path)
    assert (subject.name, subject.version, subject.purl) == ("@a/b", "1.0.0", "pkg:npm/%40a/b@1.0.0")
    assert subject.files["lib/x.js"] == hashlib.sha256(b"1").hexdigest()
    assert (subject.folder / "lib/x.js").read_text() == "1"
    assert subject.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_folder_has_a_digest_of_its_files_and_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    (folder / "node_modules/x").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps(manifest()))
    (folder / "node_modules/x/index.js").write_text("1")
    (folder / "link.js").symlink_to("/etc/passwd")
    subject = taken(tmp_path, folder)
    assert list(subject.files) == ["package.json"]
    assert subject.remarks == ("1 links were passed over", "node_modules/ was passed over")
    before = subject.sha256
    (folder / "package.json").write_text(json.dumps(manifest(version="1.0.1")))
    assert take("npm", str(folder), tmp_path).sha256 != before


def test_a_wheel_and_an_sdist(tmp_path: Path) -> None:
    subject = taken(tmp_path, wheel(tmp_path / "demo-2.0-py3-none-any.whl", {"demo.py": "x = 1\n"}), "pypi")
    assert (subject.name, subject.version) == ("demo", "2.0")
    assert subject.manifest["Requires-Dist"] == ["six", "idna"]
    (tmp_path / "two").mkdir()
    source = taken(tmp_path / "two", sdist(tmp_path / "demo-2.1.tar.gz", {"setup.py": "1"}), "pypi")
    assert (source.version, sorted(source.files)) == ("2.1", ["PKG-INFO", "setup.py"])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"index.js": "1"}, "no package.json"),
        ({"package.json": "{"}, "is not JSON"),
        ({"package.json": "[" * 100_000}, "is not JSON"),
        ({"package.json": "[]"}, "no JSON object"),
        ({"package.json": '{"name": "x"}'}, "has no version"),
        ({"package.json": '{"name": 3, "version": "1"}'}, "has no name"),
        ({"package.json": '{"name": "../x", "version": "1"}'}, "is a path"),
        ({"package.json": '{"name": "/", "version": "1"}'}, "is a path"),
    ],
)
def test_what_is_no_npm_package_says_so(tmp_path: Path, files: dict[str, str], said: str) -> None:
    with pytest.raises(TargetError, match=said):
        taken(tmp_path, tarball(tmp_path / "bad.tgz", files))


@pytest.mark.parametrize(
    "name", ["package/../../../escaped", "/tmp/escaped", "package\\..\\..\\escaped", "C:\\escaped"]
)
def test_a_path_that_climbs_out_is_refused_and_nothing_is_written_there(tmp_path: Path, name: str) -> None:
    path = npm_tarball(tmp_path / "bad.tgz")
    with tarfile.open(tmp_path / "climbs.tgz", "w:gz") as archive:
        add(archive, "package/package.json", json.dumps(manifest()))
        add(archive, name, "x")
    assert path.exists()
    with pytest.raises(TargetError, match="climbs out"):
        taken(tmp_path, tmp_path / "climbs.tgz")
    assert not list(tmp_path.parent.rglob("escaped"))


def test_links_are_passed_over_and_told(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "links.tgz", "w:gz") as archive:
        add(archive, "package/package.json", json.dumps(manifest()))
        link = tarfile.TarInfo("package/passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        add(archive, "package/passwd/x", "through the link")
    subject = taken(tmp_path, tmp_path / "links.tgz")
    assert sorted(subject.files) == ["package.json", "passwd/x"]
    assert "links" in subject.remarks[0]
    assert not any(path.is_symlink() for path in subject.folder.rglob("*"))


def test_a_path_that_stands_twice_is_told(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "twice.tgz", "w:gz") as archive:
        add(archive, "package/package.json", json.dumps(manifest()))
        add(archive, "package/index.js", "harmless")
        add(archive, "package/index.js", "other")
    subject = taken(tmp_path, tmp_path / "twice.tgz")
    assert (subject.folder / "index.js").read_text() == "other"
    assert subject.remarks == ("it holds index.js twice; the last one counts",)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = npm_tarball(tmp_path / "bomb.tgz", {"zeros.js": b"\0" * (96 << 20)})
    with pytest.raises(TargetError, match="may be a bomb"):
        taken(tmp_path, path)


def test_a_cut_archive_and_a_file_that_is_none(tmp_path: Path) -> None:
    whole = npm_tarball(tmp_path / "whole.tgz", {"a.js": "x" * 5000}).read_bytes()
    (tmp_path / "cut.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TargetError, match=r"cut\.tgz"):
        taken(tmp_path, tmp_path / "cut.tgz")
    (tmp_path / "text.tgz").write_text("no archive")
    (tmp_path / "b").mkdir()
    with pytest.raises(TargetError, match="neither a tar nor a zip"):
        taken(tmp_path / "b", tmp_path / "text.tgz")


def test_a_zip_whose_member_climbs_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "demo-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("../escaped.py", "x")
    with pytest.raises(TargetError, match="climbs out"):
        taken(tmp_path, tmp_path / "demo-1.0-py3-none-any.whl", "pypi")


@pytest.mark.parametrize(
    "target", ["missing.tgz", "./nowhere", "a b", "-rf", "git+ssh://x/y", "user/repository"]
)
def test_what_names_nothing_is_a_usage_error_and_no_client_is_asked(tmp_path: Path, target: str) -> None:
    with pytest.raises(UsageError):
        taken(tmp_path, target)


def test_the_hash_of_a_lock_is_compared(tmp_path: Path) -> None:
    subject = taken(tmp_path, npm_tarball(tmp_path / "a.tgz"))
    data = (tmp_path / "a.tgz").read_bytes()
    right = f"sha512:{hashlib.sha512(data).hexdigest()}"
    assert differs(subject, [right, "sha1:" + "0" * 40]) == ""
    assert differs(subject, ["sha512:" + "0" * 128]) == "sha512:" + "0" * 128
    assert differs(subject, [f"sha256:{subject.sha256}", "sha256:" + "0" * 64]) == ""
    assert differs(subject, []) == ""
