"""poetry.lock, uv.lock and Cargo.lock: TOML with one `[[package]]` a package, written by tools.

The blocks are read line by line, so that each has its line and a broken one costs no other; whether the file is
whole, TOML itself is asked. https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile,
https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import zip_longest

from clew.package.digest import from_hex, from_labelled
from clew.package.model import Document, Item

_FIELD = re.compile(r'(name|version|checksum)\s*=\s*"([^"]*)"')
_HASH = re.compile(r'\bhash\s*=\s*"([^"]+)"')
_SDIST = re.compile(r"\.(tar\.(gz|bz2|xz)|zip)\b")
_WHERE = re.compile(r"at line (\d+)")


class Blocks:
    """Such a lockfile; `own` names the source of packages that lie in the project itself."""

    def __init__(self, kind: str, name: str, type: str, own: re.Pattern[str]) -> None:
        self.KIND, self.NAMES = kind, (name,)
        self._type, self._own = type, own

    def read(self, document: Document) -> Iterator[Item]:
        """One entry a block that is no part of the project."""
        yield from _broken(document)
        for line, text in _blocks(document):
            head = re.split(r"^\[", text, maxsplit=1, flags=re.MULTILINE)[0]
            fields = dict(reversed(_FIELD.findall(head)))
            if "name" not in fields:
                yield document.reject(line, "a package without a name")
            elif not self._own.search(head):
                hashes = [*from_labelled(_HASH.findall(text))]
                hashes += filter(None, [from_hex("sha256", fields.get("checksum", ""))])
                yield document.listed(
                    self._type,
                    fields["name"],
                    fields.get("version", ""),
                    line,
                    hashes=hashes,
                    script=_built(text),
                )


def _built(text: str) -> bool | None:
    """Whether a Python package is built when it is installed, since it has an sdist and no wheel."""
    return False if ".whl" in text else True if _SDIST.search(text) else None


def _broken(document: Document) -> Iterator[Item]:
    try:
        tomllib.loads(document.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _WHERE.search(str(error))
        line = int(found[1]) if found else document.text.count("\n") + 1
        yield document.reject(line, f"not TOML, or cut: {error}; its packages were read one by one")
        return
    yield from document.cut()


def _blocks(document: Document) -> Iterator[tuple[int, str]]:
    """The texts of the packages, each with the line on which it begins."""
    heads = list(re.finditer(r"^\[\[package\]\][ \t\r]*$", document.text, re.MULTILINE))
    for head, after in zip_longest(heads, heads[1:]):
        end = after.start() if after else len(document.text)
        yield document.line(head.start()), document.text[head.end() : end]


poetry = Blocks("poetry.lock", "poetry.lock", "pypi", re.compile(r"(?!)"))
uv = Blocks(
    "uv.lock",
    "uv.lock",
    "pypi",
    re.compile(r"^source\s*=\s*\{\s*(virtual|editable|directory)\b", re.MULTILINE),
)
cargo = Blocks("Cargo.lock", "cargo.lock", "cargo", re.compile(r"(?!)"))
