"""The calls that the tree witnesses: what was deleted, changed or added, and what was gone and put back."""

from __future__ import annotations

from clew.vetting.detonate.scribe import Scribe
from clew.vetting.sandbox.plan import Ended, Entry
from clew.vetting.trace import Call


def changes(ended: Ended, traced: list[Call], own: frozenset[str], scribe: Scribe) -> list[Call]:
    """How the tree differs after a step; `own` are the paths inside of the files that the package came with."""
    at = ended.started + ended.seconds
    found = [scribe.note(at, "tree", "find_deleted", path=path) for path in ended.deleted]
    for path, entry in ended.changed.items():
        found.append(scribe.note(at, "tree", "find_changed", path=path, **_about(entry)))
    for path, entry in ended.added.items():
        found.append(scribe.note(at, "tree", "find_added", path=path, **_about(entry)))
    gone = {call.path for call in traced if call.path and call.call in ("delete", "rename")}
    restored = sorted((gone & own) - {*ended.deleted, *ended.changed})
    return found + [scribe.note(at, "tree", "find_unchanged", path=path) for path in restored]


def _about(entry: Entry) -> dict[str, object]:
    executable = entry.mode & 0o111 and not entry.content.startswith("->")
    target = entry.content[3:] if entry.content.startswith("-> ") else None
    return {"size": entry.size, "mode": f"{entry.mode:o}" if executable else None, "target": target}
