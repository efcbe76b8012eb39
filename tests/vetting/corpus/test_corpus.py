"""The corpus is what it says: complete, readable in the repository, hidden in the archives, the same each time."""

import ast
import json
import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from vetting.corpus import ENTRIES, NAMES, build, packing
from vetting.corpus.hiding import node

_HOSTS = re.compile(r"[\w.<>-]+\.(?:com|org|net|io|dev)\b")
#: Compiles each script as a module, and runs none.
_CHECK = """
for (const [filename, text] of JSON.parse(require('fs').readFileSync(0, 'utf8'))) {
  new (require('vm').Script)(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, { filename });
}
"""
_HONEST = ("www.w3.org",)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("corpus")
    return {name: build(name, folder) for name in NAMES}


def contents(archive: Path) -> dict[str, bytes]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            return {name: opened.read(name) for name in opened.namelist()}
    with tarfile.open(archive) as opened:
        return {member.name: opened.extractfile(member).read() for member in opened}  # type: ignore[union-attr]


def test_each_source_is_an_entry() -> None:
    sources = {path.name for kind in ("npm", "pypi") for path in (packing.SOURCES / kind).iterdir()}
    assert sources == set(NAMES)


def test_each_dropper_has_an_honest_twin() -> None:
    for entry in ENTRIES.values():
        if entry.verdict == "block":
            assert entry.twin is not None
            assert ENTRIES[entry.twin].verdict == "allow"
            assert entry.evidence
            assert entry.behaviours
        else:
            assert not entry.evidence


@pytest.mark.parametrize("name", NAMES)
def test_what_is_hidden_stands_nowhere_readable(archives: dict[str, Path], name: str) -> None:
    everything = b"\n".join(contents(archives[name]).values()).decode("latin-1")
    for text in ENTRIES[name].evidence:
        assert (text in everything) is not ENTRIES[name].hidden, text


def test_the_code_is_code(archives: dict[str, Path]) -> None:
    scripts = []
    for name, archive in archives.items():
        for path, data in contents(archive).items():
            assert b"<<" not in data.replace(b"<<'", b""), (name, path)
            if path.endswith(".py"):
                ast.parse(data)
            elif path.endswith(".js"):
                scripts.append([f"{name}/{path}", data.decode()])
            elif path.endswith("package.json"):
                assert json.loads(data)["name"] == name
    done = subprocess.run(
        [node(), "-e", _CHECK],
        check=False,
        input=json.dumps(scripts),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_nobody_is_called_but_example_com() -> None:
    for path in packing.SOURCES.rglob("*.in"):
        for host in _HOSTS.findall(path.read_text()):
            assert host.endswith(".example.com") or host in _HONEST, (path, host)


def test_the_same_archive_each_time(archives: dict[str, Path], tmp_path: Path) -> None:
    for name in ("plain-dropper", "layered-sdist", "start-file"):
        assert build(name, tmp_path).read_bytes() == archives[name].read_bytes()
