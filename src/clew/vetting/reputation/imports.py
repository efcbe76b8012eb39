"""Which dependencies a package's own code names at all: one that it never names was declared for its install script.

https://github.com/axios/axios/issues/10636 tells of such a one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from clew.vetting.subject import Subject

_CODE = re.compile(r"\.(?:[cm]?[jt]sx?|vue|svelte|json|sh|css|scss|html?|node-gyp|gyp|gypi)$", re.IGNORECASE)
_NOT_CODE = re.compile(
    r"(?:^|/)(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|[^/]+\.map)$|(?:^|/)node_modules/"
)
_LARGEST, _MOST = 8 << 20, 128 << 20


def never_named(subject: Subject, names: Iterable[str]) -> list[str] | None:
    """Those dependencies that stand in none of the package's files and scripts; None where there is no code to read.

    A name counts where it is quoted, alone or with a path behind it (`'x'`, `"x/y"`), or is a word of a script.
    """
    left = {name: _quoted(name) for name in names if not name.startswith("@types/")}
    texts = size = 0
    for path in subject.files:
        if not left or size > _MOST:
            break
        if not _CODE.search(path) or _NOT_CODE.search(path):
            continue
        text = _read(subject, path)
        if text is not None:
            texts, size = texts + 1, size + len(text)
            left = {name: quoted for name, quoted in left.items() if not quoted.search(text)}
    scripts = subject.manifest.get("scripts")
    words = " ".join(map(str, scripts.values())) if isinstance(scripts, dict) else ""
    return [name for name in left if name not in words] if texts else None


def _quoted(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"[\"'`/]" + re.escape(name.encode()) + rb"(?:[\"'`/]|\\\")")


def _read(subject: Subject, path: str) -> bytes | None:
    file = subject.folder / path
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return None
        return file.read_bytes()
    except OSError:
        return None
