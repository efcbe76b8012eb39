"""NAME@VERSION -> its archive, by the user's own client, with nothing of the package run.

npm packs what the registry has, with scripts off. pip downloads wheels; for an sdist it would run the package's
setup.py to learn its name, so that one is taken from the index that pip is set to (PEP 691) and checked against the
hash there.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import msgspec
from packaging.version import InvalidVersion, Version

from clew.errors import TargetError, UsageError
from clew.package.version import same
from clew.vetting.subject import Ecosystem

_SECONDS = 180
_LARGEST = 1 << 30
_NPM = re.compile(r"(?P<name>(?:@[\w.~-]+/)?[\w.~-]+)(?:@(?P<version>[\w.+~-]+))?")
_PYPI = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*?)(?:(?:==|@)(?P<version>[\w.+!-]+))?")
_SIMPLE = "application/vnd.pypi.simple.v1+json"
_INDEX = re.compile(r"(?m)^(?P<where>[^=\s]*)\.index-url='(?P<url>[^']+)'")


def fetch(ecosystem: Ecosystem, target: str, folder: Path) -> Path:
    """The package's archive, in `folder`.

    Raises UsageError for what names no package, TargetError where the client does not get it.
    """
    match = (_NPM if ecosystem == "npm" else _PYPI).fullmatch(target)
    if match is None or target.startswith((".", "-")):
        raise UsageError(
            f"'{target}' is neither a file, nor a folder, nor a package such as {_LIKE[ecosystem]}"
        )
    if ecosystem == "npm":
        return _npm(match["name"], match["version"], folder)
    return _wheel(match["name"], match["version"], folder) or sdist(match["name"], match["version"], folder)


_LIKE = {"npm": "axios@1.14.0 or @scope/name@1.0.0", "pypi": "requests@2.32.0"}


def _npm(name: str, version: str | None, folder: Path) -> Path:
    spec = f"{name}@{version}" if version else name
    if not shutil.which("npm"):
        raise TargetError(f"{spec}: npm is not there to fetch it; give the file that 'npm pack {spec}' makes")
    ran = _run(
        ["npm", "pack", spec, "--ignore-scripts", "--loglevel=error", f"--pack-destination={folder}"], spec
    )
    return _only(folder, spec, ran.stderr)


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if found := shutil.which("pip") or shutil.which("pip3"):
        return [found]
    raise TargetError("pip is not there to fetch the package; give its wheel or sdist as a file")


def _wheel(name: str, version: str | None, folder: Path) -> Path | None:
    """Its wheel for this machine; None where it has none."""
    spec = f"{name}=={version}" if version else name
    flags = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--no-input", "--quiet"]
    ran = _run([*_pip(), "download", *flags, f"--dest={folder}", "--", spec], spec, check=False)
    if ran.returncode and "No matching distribution" not in ran.stderr:
        raise TargetError(f"{spec}: pip cannot fetch it: {_last(ran.stderr)}")
    return None if ran.returncode else _only(folder, spec, ran.stderr)


class _File(msgspec.Struct):
    filename: str
    url: str
    hashes: dict[str, str] = {}


class _Page(msgspec.Struct):
    files: list[_File]


def sdist(name: str, version: str | None, folder: Path) -> Path:
    """Its sdist. Which file is of that version is told by its name (PEP 625, and the older spellings)."""
    spec = f"{name}=={version}" if version else name
    index = _index()
    project = f"{index.rstrip('/')}/{re.sub(r'[-_.]+', '-', name).lower()}/"
    try:
        page = msgspec.json.decode(_get(project, accept=_SIMPLE), type=_Page)
    except (msgspec.DecodeError, OSError) as error:
        raise TargetError(f"{spec}: the index that pip is set to does not tell its files: {error}") from error
    named = [file for file in page.files if _is_sdist(file.filename, name, version)]
    if not named:
        raise TargetError(f"{spec}: the index has neither a wheel for this machine nor an sdist of it")
    chosen = max(named, key=lambda file: _precedence(file.filename))
    data = _get(urllib.parse.urljoin(project, chosen.url))
    if chosen.hashes.get("sha256", hashlib.sha256(data).hexdigest()) != hashlib.sha256(data).hexdigest():
        raise TargetError(f"{spec}: {chosen.filename} does not have the hash that the index gives")
    path = folder / Path(chosen.filename).name
    path.write_bytes(data)
    return path


def _is_sdist(filename: str, name: str, version: str | None) -> bool:
    own, _, number = _stem(filename).rpartition("-")
    folded = re.sub(r"[-_.]+", "-", own).lower() == re.sub(r"[-_.]+", "-", name).lower()
    return _stem(filename) != filename and folded and (version is None or same("pypi", number, version))


def _stem(filename: str) -> str:
    return re.sub(r"\.(tar\.gz|tgz|tar\.bz2|tar\.xz|zip)$", "", filename)


def _precedence(filename: str) -> tuple[bool, Version]:
    """Releases before pre-releases, then by version, as pip chooses."""
    try:
        version = Version(_stem(filename).rpartition("-")[2])
    except InvalidVersion:
        return False, Version("0")
    return not version.is_prerelease, version


def _index() -> str:
    """The index that pip is set to; the environment's word is the last."""
    told = os.environ.get("PIP_INDEX_URL")
    if not told:
        ran = _run([*_pip(), "config", "list"], "pip", check=False)
        told = next((match["url"] for match in _INDEX.finditer(ran.stdout)), None)
    return told or "https://pypi.org/simple"


def _get(url: str, accept: str = "*/*") -> bytes:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise TargetError(f"the index names a file that is not on the web ({parts.scheme}:)")
    headers = {"Accept": accept, "User-Agent": "clew"}
    if parts.username:
        word = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(word.encode()).decode()
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    try:
        with urllib.request.urlopen(urllib.request.Request(plain, headers=headers), timeout=60) as answer:
            data: bytes = answer.read(_LARGEST)
    except urllib.error.URLError as error:
        raise TargetError(f"the index does not answer: {error.reason}") from error
    return data


def _run(command: Sequence[str], spec: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TargetError(f"{spec}: {command[0]} gave no answer within {_SECONDS} s") from error
    except OSError as error:
        raise TargetError(f"{spec}: {command[0]} cannot be started: {error.strerror}") from error
    if check and ran.returncode:
        raise TargetError(f"{spec}: {Path(command[0]).name} cannot fetch it: {_last(ran.stderr)}")
    return ran


def _last(said: str) -> str:
    """What a client says last, which is why it failed."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and "complete log" not in line]
    wrong = [line for line in lines if line.lower().startswith(("error", "npm error"))]
    return (wrong or lines or ["it does not say why"])[0][:300]


def _only(folder: Path, spec: str, said: str) -> Path:
    found = [path for path in folder.iterdir() if path.is_file()]
    if len(found) != 1:
        raise TargetError(f"{spec}: the client gave no archive: {_last(said)}")
    return found[0]
