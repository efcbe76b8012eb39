"""What a package says of itself: package.json, or the metadata of an sdist or a wheel.

https://docs.npmjs.com/cli/v11/configuring-npm/package-json,
https://packaging.python.org/en/latest/specifications/core-metadata/
"""

from __future__ import annotations

import email.parser
import email.policy
import tomllib
from pathlib import Path

import msgspec

from clew.errors import TargetError

_LARGEST = 8 << 20


def of_npm(folder: Path, shown: Path) -> dict[str, object]:
    """package.json; its name and version are texts. `shown` stands in messages. Raises TargetError."""
    path = folder / "package.json"
    if not path.is_file() or path.is_symlink():
        raise TargetError(f"{shown}: no npm package: it has no package.json")
    try:
        value = msgspec.json.decode(_bytes(path, shown).removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TargetError(f"{shown}: its package.json is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise TargetError(f"{shown}: its package.json is no JSON object")
    for key in ("name", "version"):
        if not isinstance(value.get(key), str) or not value[key]:
            raise TargetError(f"{shown}: its package.json has no {key}")
    return value


def of_pypi(folder: Path, shown: Path) -> dict[str, object]:
    """PKG-INFO, METADATA, or for a source tree what pyproject.toml says; fields that are repeated are lists."""
    for path in (*sorted(folder.glob("*.dist-info/METADATA")), folder / "PKG-INFO"):
        if path.is_file() and not path.is_symlink():
            return _fields(_bytes(path, shown))
    return _project(folder, shown)


def _fields(data: bytes) -> dict[str, object]:
    message = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(data)
    fields: dict[str, object] = {}
    for name in dict.fromkeys(message.keys()):
        values = [str(value) for value in message.get_all(name, [])]
        fields[name] = values[0] if len(values) == 1 else values
    return fields


def _project(folder: Path, shown: Path) -> dict[str, object]:
    path = folder / "pyproject.toml"
    if path.is_file():
        try:
            project = tomllib.loads(_bytes(path, shown).decode("utf-8")).get("project", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TargetError(f"{shown}: its pyproject.toml is not TOML: {error}") from error
        if isinstance(project, dict) and isinstance(project.get("name"), str):
            return {
                "Name": project["name"],
                "Version": str(project.get("version", "0")),
                "Requires-Dist": [str(one) for one in project.get("dependencies") or ()],
            }
    if (folder / "setup.py").is_file():
        return {"Name": shown.name.partition("-")[0], "Version": "0"}
    raise TargetError(
        f"{shown}: no Python package: no PKG-INFO, no METADATA, no pyproject.toml and no setup.py"
    )


def _bytes(path: Path, shown: Path) -> bytes:
    if path.stat().st_size > _LARGEST:
        raise TargetError(f"{shown}: its {path.name} has more than {_LARGEST >> 20} MB")
    return path.read_bytes()
