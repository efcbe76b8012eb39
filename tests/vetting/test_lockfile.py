"""Lockfiles: what of them is vetted, what a change adds, and what they do not tell."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clew.errors import UsageError
from clew.vetting.lockfile import read_lockfile


def locked(*packages: str, version: int = 3) -> str:
    """A package-lock.json; a name that ends with ! has an install script."""
    entries: dict[str, Any] = {"": {"name": "app"}}
    for name in packages:
        entry: dict[str, Any] = {"version": "1.0.0"} | (
            {"hasInstallScript": True} if name.endswith("!") else {}
        )
        entries[f"node_modules/{name.rstrip('!')}"] = entry
    if version == 1:
        plain = {name.removeprefix("node_modules/"): entry for name, entry in entries.items() if name}
        return json.dumps({"lockfileVersion": 1, "dependencies": plain}) + "\n"
    return json.dumps({"lockfileVersion": version, "packages": entries}, indent=1) + "\n"


def scripts(path: Path, **options: Any) -> dict[str, bool | None]:
    return {str(entry.package): entry.script for entry in read_lockfile(path, **options).entries}


def put(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_npm_pnpm_uv_and_poetry_tell_what_runs(tmp_path: Path) -> None:
    assert scripts(put(tmp_path / "package-lock.json", locked("a", "b!"))) == {
        "a@1.0.0": False,
        "b@1.0.0": True,
    }
    pnpm = "lockfileVersion: '6.0'\n\npackages:\n\n  /a@1.0.0:\n    requiresBuild: true\n\n  /b@1.0.0:\n    dev: false\n"
    assert scripts(put(tmp_path / "pnpm-lock.yaml", pnpm)) == {"a@1.0.0": True, "b@1.0.0": False}
    uv = (
        '[[package]]\nname = "a"\nversion = "1.0"\nsource = { registry = "x" }\nsdist = { url = "https://x/a-1.0.tar.gz" }\n'
        '\n[[package]]\nname = "b"\nversion = "1.0"\nsource = { registry = "x" }\n'
        'wheels = [\n    { url = "https://x/b-1.0-py3-none-any.whl" },\n]\n'
    )
    assert scripts(put(tmp_path / "uv.lock", uv)) == {"a@1.0": True, "b@1.0": False}


def test_where_the_file_does_not_tell_node_modules_does(tmp_path: Path) -> None:
    path = put(tmp_path / "package-lock.json", locked("a", "@s/b", "c", "gone", version=1))
    for name, said in {
        "a": {"scripts": {"postinstall": "x"}},
        "@s/b": {},
        "c": {"scripts": {"test": "x"}},
    }.items():
        folder = tmp_path / "node_modules" / name
        folder.mkdir(parents=True)
        put(folder / "package.json", json.dumps({"name": name, "version": "1.0.0", **said}))
    assert scripts(path) == {"a@1.0.0": True, "@s/b@1.0.0": False, "c@1.0.0": False, "gone@1.0.0": None}
    put(tmp_path / "node_modules/c/binding.gyp", "{}")
    assert scripts(path)["c@1.0.0"] is True


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def test_since_a_revision_only_what_was_added_is_left(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    path = put(tmp_path / "app/package-lock.json", locked("a!", "b!"))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    put(path, locked("a!", "b!", "c!"))
    assert scripts(path, since="HEAD") == {"c@1.0.0": True}
    (tmp_path / "new").mkdir()
    assert len(scripts(put(tmp_path / "new/package-lock.json", locked("a!", "b!")), since="HEAD")) == 2
    for wrong in ("nowhere", "--output=x"):
        with pytest.raises(UsageError, match="no such revision"):
            read_lockfile(path, wrong)


def test_what_is_broken_is_kept_with_its_reason(tmp_path: Path) -> None:
    path = put(tmp_path / "package-lock.json", locked("a!", "b!")[:120])
    assert [reject.path for reject in read_lockfile(path).rejects] == [str(path)]
    for name in ("none.json", "missing/package-lock.json"):
        with pytest.raises(UsageError):
            read_lockfile(tmp_path / name)
