"""Lists of values that detections share: `content/lists/<platform>/<name>.yaml`, every value with its source.

A detection's element takes its default from them::

    Installers: {type: strings, default: {lists: [windows/installers, windows/package-managers]}, about: ...}

A list is a file of entries, so that whoever reviews or trims it sees why a value stands there::

    about: programs that install or update others
    entries:
      - about: Windows Installer
        source: https://learn.microsoft.com/windows/win32/msi/windows-installer-portal
        values: [msiexec.exe]
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import msgspec

from clew.detection.block import Block, Faults, block, texts
from clew.detection.document import Mapping, Mark, Node, compose
from clew.errors import Fault
from clew.suggest import did_you_mean


class Entry(msgspec.Struct, frozen=True):
    """Values that are told by one source: a URL, or the name of a document."""

    about: str
    source: str
    values: tuple[str, ...]


class SharedList(msgspec.Struct, frozen=True):
    """A list as it stands in its file."""

    name: str
    about: str
    entries: tuple[Entry, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """All values, in the order of the file."""
        return tuple(value for entry in self.entries for value in entry.values)


def shared_lists() -> dict[str, Path]:
    """The files of all lists that ship, by name: `windows/installers`."""
    root = Path(str(files("clew"))) / "content" / "lists"
    return {path.relative_to(root).with_suffix("").as_posix(): path for path in sorted(root.rglob("*.yaml"))}


def default_of(node: Node, faults: Faults) -> list[str] | None:
    """The values of a default that refers to lists; None where it does not. Faults are noted at the reference."""
    if not isinstance(node, Mapping) or set(node.nodes) != {"lists"}:
        return None
    values: dict[str, None] = {}
    for name, mark in texts(node.nodes["lists"], faults, "'lists'"):
        found = _named(name, mark, faults)
        values.update(dict.fromkeys(found.values if found else ()))
    return list(values)


def _named(name: str, mark: Mark, faults: Faults) -> SharedList | None:
    known = shared_lists()
    if name not in known:
        faults.add(mark, f"no list is called '{name}'", did_you_mean(name, known))
        return None
    found, wrong = read_list(name, known[name])
    if wrong:
        faults.add(mark, f"the list '{name}' is not right: {wrong[0]}", "mend the list")
    return found


def read_list(name: str, path: Path) -> tuple[SharedList | None, list[Fault]]:
    """A list from its file, and what is wrong with that."""
    faults = Faults(str(path))
    node = compose(path.read_text("utf-8"), str(path), faults.found)
    top = block(node, faults, "a list", ("about", "entries")) if node is not None else None
    if top is None:
        return None, faults.found
    about = top.text("about", "say in a line what stands in it") or ""
    items = top.items("entries", "write entries: and below it - {about: ..., source: ..., values: [...]}")
    blocks = (block(item, faults, "an entry", ("about", "source", "values")) for item in items)
    return SharedList(name, about, tuple(_entry(b) for b in blocks if b is not None)), faults.found


def _entry(entry: Block) -> Entry:
    values = entry.get("values", "the values that the source tells")
    return Entry(
        entry.text("about", "say what the values are") or "",
        entry.text("source", "say who tells it: a URL, or the name of a document") or "",
        tuple(value for value, _ in texts(values, entry.faults, "'values'")) if values else (),
    )
