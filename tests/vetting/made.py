"""Harmless packages for the tests of vetting, made from texts."""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clew.vetting.subject import Ecosystem, Subject
from clew.vetting.target import take


def manifest(name: str = "demo", version: str = "1.0.0", **fields: Any) -> dict[str, Any]:
    return {"name": name, "version": version, "main": "index.js", **fields}


def tarball(path: Path, files: Mapping[str, str | bytes], top: str = "package/") -> Path:
    """A .tgz with these files."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            add(archive, top + name, content)
    return path


def add(archive: tarfile.TarFile, name: str, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def npm_tarball(path: Path, files: Mapping[str, str | bytes] = {}, **fields: Any) -> Path:
    """An npm package: these files and a package.json with these fields."""
    return tarball(
        path, {"package.json": json.dumps(manifest(**fields)), "index.js": "module.exports = 1\n", **files}
    )


def wheel(path: Path, files: Mapping[str, str]) -> Path:
    name, version = path.name.split("-")[:2]
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: six\nRequires-Dist: idna\n\nHello\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
        for member, content in files.items():
            archive.writestr(member, content)
    return path


def sdist(path: Path, files: Mapping[str, str]) -> Path:
    stem = path.name.removesuffix(".tar.gz")
    name, _, version = stem.rpartition("-")
    return tarball(path, {"PKG-INFO": f"Name: {name}\nVersion: {version}\n\n", **files}, f"{stem}/")


def subject(
    folder: Path, files: Mapping[str, str | bytes], ecosystem: Ecosystem = "npm", **fields: Any
) -> Subject:
    """A subject with these files, as taken out of its archive."""
    if ecosystem == "npm":
        archive = npm_tarball(folder / "demo-1.0.0.tgz", files, **fields)
    else:
        archive = sdist(folder / "demo-1.0.0.tar.gz", files)  # type: ignore[arg-type]
    workplace = folder / "work"
    workplace.mkdir()
    return take(ecosystem, str(archive), workplace)
