"""Packages by where they lie on a disk: a path's components -> the package that lies there.

Only names are looked at, since what a package says of itself can be rewritten: Axios' dropper swapped its own
manifest. The version is empty where the path does not tell it; `MANIFESTS` says who does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from clew.package.model import Package, PackageError, package

#: The file in a package's folder that names its version, by type.
MANIFESTS: Mapping[str, str] = {"npm": "package.json"}

_VERSION = r"v?\d+(?:\.\d+)*[^/]*"
_HEX = r"[0-9a-f]{8,64}"
_PNPM = re.compile(r"((?:@[^+@]+\+)?[^@]+)@([^_(]+)(?:[_(].*)?")
_YARN_1 = re.compile(rf"npm-(@[^-]+-)?(.+?)-({_VERSION}?)-(?:[0-9a-f]{{40}}|integrity)(?:-integrity)?")
_BUN = re.compile(r"(.+?)@([^@]+)(?:@@.*)?")
_PYTHON = re.compile(r"([A-Za-z0-9][A-Za-z0-9._]*)-([^-]+)(?:-py[\d.]+)?\.(?:dist-info|egg-info|egg)")
_DASHED = re.compile(rf"(.+?)-({_VERSION})")
_TARBALL = re.compile(rf"(?:.*/)?(.+?)-({_VERSION})\.tgz")
_BERRY = re.compile(rf"(@[^-]+-)?(.+)-npm-({_VERSION}?)-{_HEX}(?:-{_HEX})?\.zip")
_WHEEL = re.compile(r"([A-Za-z0-9][A-Za-z0-9._]*)-([^-]+)(?:-[^-]+){3,4}\.whl")


def of_folder(parts: Sequence[str]) -> Package | None:
    """The package whose folder this is, by the last components of its path; None for any other folder."""
    name, parent, above = parts[-1], _at(parts, 2), _at(parts, 3)
    if name.startswith("."):
        return None
    if parent == "node_modules":
        return None if name.startswith(("@", ".")) else _made("npm", name)
    if above == "node_modules" and parent.startswith("@"):
        return _made("npm", f"{parent}/{name}")
    if name.endswith(("-info", ".egg")):
        return _matched("pypi", _PYTHON, name)
    if read := _FOLDERS.get(parent):
        return read(name)
    if above == "cache" and parent.startswith("@") and "install" in parts:
        return _matched("npm", _BUN, f"{parent}/{name}")
    if "@v" in name and "mod" in parts:
        return _module(parts)
    if above == "src" and "registry" in parts:
        return _matched("cargo", _DASHED, name)
    return None


def of_file(parts: Sequence[str]) -> Package | None:
    """The package whose archive this is, by its file name and the folders that caches have."""
    name = parts[-1]
    if name.endswith(".tgz"):
        scope = _at(parts, 4) if _at(parts, 2) == "-" else _at(parts, 2)
        match = _TARBALL.fullmatch(name)
        return (
            _made("npm", f"{scope}/{match[1]}" if scope.startswith("@") else match[1], match[2])
            if match
            else None
        )
    if name.endswith(".zip"):
        match = _BERRY.fullmatch(name)
        return _made("npm", _scoped(match[1], match[2]), match[3]) if match else None
    if name.endswith(".whl"):
        return _matched("pypi", _WHEEL, name)
    for ending, type in ((".crate", "cargo"), (".gem", "gem")):
        if name.endswith(ending):
            return _matched(type, _DASHED, name.removesuffix(ending))
    return None


def _at(parts: Sequence[str], back: int) -> str:
    return parts[-back] if len(parts) >= back else ""


def _made(type: str, name: str, version: str = "") -> Package | None:
    try:
        return package(type, name, version)
    except PackageError:
        return None


def _matched(type: str, pattern: re.Pattern[str], text: str) -> Package | None:
    match = pattern.fullmatch(text)
    return _made(type, match[1], match[2]) if match else None


def _pnpm(name: str) -> Package | None:
    """`node_modules/.pnpm/@scope+name@1.0.0_peer@2.0.0`."""
    match = _PNPM.fullmatch(name)
    return (
        _made("npm", match[1].replace("+", "/", 1) if name.startswith("@") else match[1], match[2])
        if match
        else None
    )


def _yarn(name: str) -> Package | None:
    """`v6/npm-axios-1.14.1-<sha1>-integrity`; a hyphen inside a scope cannot be told from the one behind it."""
    match = _YARN_1.fullmatch(name)
    return _made("npm", _scoped(match[1], match[2]), match[3]) if match else None


def _scoped(scope: str | None, name: str) -> str:
    return f"{scope.rstrip('-')}/{name}" if scope else name


def _module(parts: Sequence[str]) -> Package | None:
    """`pkg/mod/github.com/!burnt!sushi/toml@v1.0.0`: capitals are written with `!`."""
    start = len(parts) - 1 - list(reversed(parts)).index("mod") + 1
    path, _, version = "/".join(parts[start:]).rpartition("@")
    return _made("golang", re.sub(r"!([a-z])", lambda m: m[1].upper(), path), version) if path else None


_FOLDERS: Mapping[str, Callable[[str], Package | None]] = {
    ".pnpm": _pnpm,
    **{f"v{number}": _yarn for number in range(1, 9)},
    "cache": lambda name: _matched("npm", _BUN, name) if "@" in name else None,
    "gems": lambda name: _matched("gem", _DASHED, name),
}
