"""The calls that the tree witnesses: what was deleted, changed or added, and what was touched and put back."""

from __future__ import annotations

from clew.vetting.detonate.scribe import Scribe
from clew.vetting.sandbox.plan import Ended, Entry
from clew.vetting.trace import Call

_TOUCHES = ("write", "delete", "rename", "link", "change_mode")


def changes(ended: Ended, traced: list[Call], package: str, scribe: Scribe) -> list[Call]:
    """How the tree differs after a step; `package` is the package's folder inside."""
    at = ended.started + ended.seconds
    found = [scribe.note(at, "tree", "find_deleted", path=path) for path in ended.deleted]
    for path, entry in ended.changed.items():
        found.append(scribe.note(at, "tree", "find_changed", path=path, **_about(entry)))
    for path, entry in ended.added.items():
        found.append(scribe.note(at, "tree", "find_added", path=path, **_about(entry)))
    different = {*ended.deleted, *ended.changed, *ended.added}
    touched = {
        path
        for call in traced
        if call.call in _TOUCHES
        for path in (call.path, call.target)
        if path and path.startswith(f"{package}/") and path not in different
    }
    restored = [path for path in sorted(touched) if _was_there(path, traced)]
    return found + [scribe.note(at, "tree", "find_unchanged", path=path) for path in restored]


def _was_there(path: str, traced: list[Call]) -> bool:
    """Whether the path was the package's own file, which it deleted or moved before something else took its place."""
    return any(call.path == path and call.call in ("delete", "rename") for call in traced)


def _about(entry: Entry) -> dict[str, object]:
    executable = entry.mode & 0o111 and not entry.content.startswith("->")
    target = entry.content[3:] if entry.content.startswith("-> ") else None
    return {"size": entry.size, "mode": f"{entry.mode:o}" if executable else None, "target": target}
