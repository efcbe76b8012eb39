"""Harmless packages that do what droppers do, and honest ones that do the same things.

They are built from the readable sources beside this file, and hidden only while tests run. All of it is harmless: it
echoes, touches files in its own folder and HOME, and calls names under example.com. Those that delete or call are
still to be run inside the sandbox alone::

    from vetting.corpus import ENTRIES, build

    archive = build("plain-dropper", tmp_path)   # plain-dropper-1.0.0.tgz
    ENTRIES["plain-dropper"].evidence            # ("update.c2.example.com", "echo harmless-child")
"""

from __future__ import annotations

from pathlib import Path

from vetting.corpus import packing
from vetting.corpus.entries import DROPPERS, TWINS, Entry

__all__ = ["ENTRIES", "NAMES", "Entry", "build", "unpacked"]

ENTRIES = {entry.name: entry for entry in (*DROPPERS, *TWINS)}
NAMES = tuple(ENTRIES)

_PACK = {"npm": packing.npm, "sdist": packing.sdist, "wheel": packing.wheel}


def build(name: str, folder: Path) -> Path:
    """Make a package of the corpus in `folder`; the path of its archive."""
    entry = ENTRIES[name]
    return _PACK[entry.form](_source(entry), folder)


def unpacked(name: str, folder: Path) -> Path:
    """Make a folder with the files of a package, as its archive has them; its path."""
    top = folder / name
    for path, data in packing.files(_source(ENTRIES[name])).items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(data)
    return top


def _source(entry: Entry) -> Path:
    return packing.SOURCES / entry.ecosystem / entry.name
