"""Templates -> the archive that a registry would have."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from vetting.corpus.hiding import WAYS

SOURCES = Path(__file__).parent / "sources"
_HIDE = re.compile(r"<<(\w+):([\w.-]+)>>")
_SUFFIX = ".in"


def files(source: Path) -> dict[str, bytes]:
    """The files of a package by path: its templates, with what they hide put in. `hidden/` holds that."""
    found = {}
    for path in sorted(source.rglob("*" + _SUFFIX)):
        name = path.relative_to(source).as_posix().removesuffix(_SUFFIX)
        if not name.startswith("hidden/"):
            found[name] = render(path, source).encode()
    return found


def render(path: Path, source: Path) -> str:
    """A template with each ``<<way:file>>`` replaced by that file, rendered and hidden that way."""
    text = path.read_text().replace("<<name>>", source.name)
    return _HIDE.sub(
        lambda match: WAYS[match.group(1)](render(_hidden(match.group(2), source), source).strip()), text
    )


def _hidden(name: str, source: Path) -> Path:
    own = source / "hidden" / (name + _SUFFIX)
    return own if own.exists() else SOURCES / "shared" / (name + _SUFFIX)


def npm(source: Path, folder: Path) -> Path:
    """A tarball as `npm pack` makes it."""
    contents = files(source)
    manifest = json.loads(contents["package.json"])
    return _tarball(folder / f"{manifest['name']}-{manifest['version']}.tgz", "package/", contents)


def sdist(source: Path, folder: Path) -> Path:
    """A source distribution (https://packaging.python.org/en/latest/specifications/source-distribution-format/)."""
    stem = f"{source.name.replace('-', '_')}-1.0.0"
    metadata = f"Metadata-Version: 2.1\nName: {source.name}\nVersion: 1.0.0\n"
    contents = {"PKG-INFO": metadata.encode(), **files(source)}
    return _tarball(folder / f"{stem}.tar.gz", stem + "/", contents)


def wheel(source: Path, folder: Path) -> Path:
    """A wheel (https://packaging.python.org/en/latest/specifications/binary-distribution-format/)."""
    stem = f"{source.name.replace('-', '_')}-1.0.0"
    information = f"{stem}.dist-info"
    contents = {
        **files(source),
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {source.name}\nVersion: 1.0.0\n".encode(),
        f"{information}/WHEEL": b"Wheel-Version: 1.0\nGenerator: corpus\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in contents.items()]
    contents[f"{information}/RECORD"] = "\n".join([*rows, f"{information}/RECORD,,", ""]).encode()
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return path


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _tarball(path: Path, top: str, contents: Mapping[str, bytes]) -> Path:
    bare = io.BytesIO()
    with tarfile.open(fileobj=bare, mode="w") as archive:
        for name, data in contents.items():
            member = tarfile.TarInfo(top + name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    path.write_bytes(gzip.compress(bare.getvalue(), mtime=0))
    return path
