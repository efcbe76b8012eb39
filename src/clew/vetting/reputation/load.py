"""Recorded documents of registries: which is whose, and which of two of one package is the older."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from clew.errors import UsageError
from clew.package.model import PackageError, package
from clew.vetting.reputation import npm, pypi
from clew.vetting.reputation.metadata import Metadata
from clew.vetting.subject import Subject

#: Packuments of packages with thousands of versions have tens of megabytes.
_LARGEST = 256 << 20


def load(path: Path) -> Metadata:
    """The metadata in a file: npm's packument or PyPI's JSON of a project. Raises UsageError for anything else."""
    document = _document(path)
    if npm.is_packument(document):
        return npm.read(document, str(path))
    if pypi.is_project(document):
        return pypi.read(document, str(path))
    raise UsageError(f"{path}: {_lack(document)}")


def gather(paths: Iterable[Path], subject: Subject) -> Metadata | None:
    """The package's own metadata out of files and folders of `*.json`, with that of others beside it.

    Of two documents of the package the newer one is its own and the other its `earlier` one. None where there is no
    document of it; raises UsageError for a file that is none.
    """
    found = [load(path) for path in _files(paths)]
    name = _spelt(subject.ecosystem, subject.name)
    alike = [one for one in found if one.ecosystem == subject.ecosystem]
    own = sorted(
        (one for one in alike if _spelt(one.ecosystem, one.name) == name), key=lambda one: one.serial
    )
    if not own:
        return None
    others = {_spelt(one.ecosystem, one.name): one for one in alike if one not in own}
    earlier = own[-2] if len(own) > 1 else None
    return msgspec.structs.replace(own[-1], others=others, earlier=earlier)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*.json") if file.is_file())
        else:
            yield path


def _document(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path}: larger than {_LARGEST >> 20} MB")
        document = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: no JSON: {error}") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path}: {_lack({})}")
    return document


def _lack(document: dict[str, Any]) -> str:
    if isinstance(document.get("info"), dict):
        return "PyPI's document of one release alone; record that of the project: https://pypi.org/pypi/NAME/json"
    if isinstance(document.get("versions"), list):
        return "what npm view prints, which has one release only; record https://registry.npmjs.org/NAME"
    return "neither npm's packument (https://registry.npmjs.org/NAME) nor PyPI's JSON (https://pypi.org/pypi/NAME/json)"


def _spelt(type: str, name: str) -> str:
    try:
        return package(type, name).name
    except PackageError:
        return name
