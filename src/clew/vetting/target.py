"""What the user names -> the subject: a tarball, a wheel, an sdist, a folder, or NAME@VERSION."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from clew.errors import TargetError, UsageError
from clew.package.model import PackageError, package
from clew.vetting import manifest
from clew.vetting.fetch import fetch
from clew.vetting.subject import Ecosystem, Subject
from clew.vetting.unpack import Unpacked, digest_of, files_under, unpack


def take(ecosystem: Ecosystem, target: str, workplace: Path) -> Subject:
    """The subject that a target names; what is unpacked or fetched is written under `workplace`.

    A path that is there comes before a package of that name. Raises UsageError, TargetError.
    """
    path = Path(target)
    if path.is_dir():
        return _folder(ecosystem, path.resolve())
    if path.is_file():
        return _archive(ecosystem, path.resolve(), workplace)
    if path.suffix in _ENDINGS or target.startswith((".", "/")):
        raise UsageError(f"{target}: there is no such file")
    fetched = workplace / "fetched"
    fetched.mkdir()
    return _archive(ecosystem, fetch(ecosystem, target, fetched), workplace)


_ENDINGS = (".tgz", ".gz", ".whl", ".zip", ".bz2", ".xz")


def _archive(ecosystem: Ecosystem, path: Path, workplace: Path) -> Subject:
    folder = workplace / "unpacked"
    folder.mkdir()
    unpacked = unpack(path, folder, strip=1 if ecosystem == "npm" else 0)
    if ecosystem == "pypi" and path.suffix != ".whl":
        folder, unpacked = _out_of_one(folder, unpacked)
    return _subject(ecosystem, folder, unpacked, path, digest_of(path))


def _out_of_one(folder: Path, unpacked: Unpacked) -> tuple[Path, Unpacked]:
    """The one folder in which an sdist has everything."""
    tops = {path.partition("/")[0] for path in unpacked.files}
    if len(tops) != 1 or not (folder / (top := tops.pop())).is_dir():
        return folder, unpacked
    files = {path.partition("/")[2]: digest for path, digest in unpacked.files.items()}
    return folder / top, Unpacked(files, unpacked.remarks)


def _folder(ecosystem: Ecosystem, folder: Path) -> Subject:
    unpacked = files_under(folder)
    listed = "".join(f"{path}\0{digest}\n" for path, digest in sorted(unpacked.files.items()))
    return _subject(
        ecosystem,
        folder,
        unpacked,
        None,
        hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest(),
    )


def _subject(
    ecosystem: Ecosystem, folder: Path, unpacked: Unpacked, archive: Path | None, sha256: str
) -> Subject:
    read = manifest.of_npm if ecosystem == "npm" else manifest.of_pypi
    said = read(folder, archive or folder)
    keys = ("name", "version") if ecosystem == "npm" else ("Name", "Version")
    name, version = (said.get(key) for key in keys)
    if not isinstance(name, str) or not isinstance(version, str):
        raise TargetError(f"{archive or folder}: its metadata does not say its name and version")
    try:
        package(ecosystem, name, version)
    except PackageError as error:
        raise TargetError(f"{archive or folder}: {error}") from error
    return Subject(
        ecosystem=ecosystem,
        name=name,
        version=version,
        folder=folder,
        sha256=sha256,
        files=unpacked.files,
        manifest=said,
        archive=archive,
        remarks=unpacked.remarks,
    )


def differs(subject: Subject, hashes: Sequence[str]) -> str:
    """The lock's hash that the archive does not have, as `sha512:<hex>`; empty where it has it or there is none.

    Of several hashes of one kind (the files of a release) the archive must have one; the strongest kind decides.
    """
    if subject.archive is None or not hashes:
        return ""
    kind = max((one.partition(":")[0] for one in hashes), key=_STRENGTH.index)
    wanted = [one for one in hashes if one.startswith(kind + ":")]
    with subject.archive.open("rb") as file:
        own = f"{kind}:{hashlib.file_digest(file, kind).hexdigest()}"
    return "" if own in wanted else wanted[0]


_STRENGTH = ("md5", "sha1", "sha256", "sha384", "sha512")
