"""Which files of a package are code, and which of them installing runs.

A rule's word weighs by where it stands: most in what `npm install` or `pip install` runs by itself, least in tests
and examples that nothing of the package loads.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Literal

import re2

from clew.vetting.subject import Subject

Role = Literal["install", "code", "aside"]
Language = Literal["javascript", "python", "shell"]

#: npm's order: https://docs.npmjs.com/cli/v11/using-npm/scripts#npm-install
INSTALL_SCRIPTS = ("preinstall", "install", "postinstall")

_ENDINGS: dict[str, Language] = {
    **dict.fromkeys((".js", ".cjs", ".mjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"), "javascript"),
    **dict.fromkeys((".py", ".pyw", ".pyi", ".pth"), "python"),
    **dict.fromkeys((".sh", ".bash", ".ps1", ".psm1", ".bat", ".cmd", ".vbs", ".applescript"), "shell"),
}
_TYPES = re.compile(r"\.d\.[mc]?ts$|\.pyi$")
_ASIDE = re.compile(
    r"(^|/)(tests?|__tests__|specs?|testing|fixtures?|__mocks__|docs?|examples?|samples?|demos?|bench(marks?)?|\.github)/"
    r"|(^|/)(test_[^/]+|[^/]+_test|conftest)\.py$|\.(test|spec|bench)\.[mc]?[jt]sx?$",
    re.IGNORECASE,
)
_LOADS = re2.compile(
    rb"""(?:require\(|from\s|import\(|import\s|\b(?:node|sh|bash|python3?)\s+|fork\(|exec\w*\([^)]{0,20}?)\s*["'`]?((?:\./|\.\./)[\w./@-]+)"""
)
_RUN = re.compile(r"[\w./@-]+\.(?:[cm]?js|py|sh)\b|(?<=node )[\w./@-]+")
_STARTED = re.compile(rb"#![^\n]{0,80}\b(node|deno|bun|python[\d.]*|(?:ba|z|da)?sh)\b")


def language(path: str, head: bytes) -> Language | None:
    """What a file is written in, by its ending or its first line; None for what is no code (types too)."""
    if _TYPES.search(path):
        return None
    ending = posixpath.splitext(path)[1].lower()
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    if (started := _STARTED.match(head)) is None:
        return None
    program = started[1].decode()
    if program in ("node", "deno", "bun"):
        return "javascript"
    return "python" if program.startswith("python") else "shell"


def install_commands(subject: Subject) -> Iterator[tuple[str, str]]:
    """npm's scripts that run when the package is installed, by name."""
    scripts = subject.manifest.get("scripts") if subject.ecosystem == "npm" else None
    if isinstance(scripts, dict):
        yield from ((name, scripts[name]) for name in INSTALL_SCRIPTS if isinstance(scripts.get(name), str))
    if subject.ecosystem == "npm" and "binding.gyp" in subject.files and not _has_install(scripts):
        yield "install", "node-gyp rebuild"


def _has_install(scripts: object) -> bool:
    return isinstance(scripts, dict) and ("install" in scripts or "preinstall" in scripts)


class Roles:
    """The role of each file. `texts` are the code files that are there."""

    def __init__(self, subject: Subject, texts: dict[str, bytes]) -> None:
        self._install = _reached(_installed(subject), texts)
        self._loaded = _reached(_mains(subject), texts)
        self._own = subject.name.replace("-", "_").lower() + "/" if subject.ecosystem == "pypi" else "\0"

    def of(self, path: str) -> Role:
        """`install` for what installing runs or loads, `aside` for tests and documents that nothing loads."""
        if path in self._install:
            return "install"
        inside = path[len(self._own) :] if path.lower().startswith(self._own) else path
        return "aside" if _ASIDE.search(inside) and path not in self._loaded else "code"


def _installed(subject: Subject) -> Iterator[str]:
    if subject.ecosystem == "pypi":
        yield from (path for path in subject.files if path == "setup.py" or path.endswith(".pth"))
        return
    for _, command in install_commands(subject):
        yield from _RUN.findall(command)


def _mains(subject: Subject) -> Iterator[str]:
    """What package.json names anywhere: main, bin, exports; all of a Python package counts as code."""
    stack: list[object] = [
        subject.manifest.get(key) for key in ("main", "bin", "exports", "module", "browser")
    ]
    while stack:
        match stack.pop():
            case str() as path:
                yield path
            case dict() as inner:
                stack.extend(inner.values())
            case list() as inner:
                stack.extend(inner)


def _reached(starts: Iterable[str], texts: dict[str, bytes]) -> set[str]:
    """The files named, and those that they load by relative paths."""
    found: set[str] = set()
    stack = [("", start) for start in starts]
    while stack:
        folder, name = stack.pop()
        path = _resolved(posixpath.normpath(posixpath.join(folder, name)), texts)
        if path and path not in found:
            found.add(path)
            loads = (match[1].decode("utf-8", "replace") for match in _LOADS.finditer(texts[path]))
            stack += [(posixpath.dirname(path), loaded) for loaded in loads]
    return found


def _resolved(path: str, texts: dict[str, bytes]) -> str:
    endings = ("", ".js", ".cjs", ".mjs", ".ts", ".py", "/index.js")
    return next((path + ending for ending in endings if path + ending in texts), "")
