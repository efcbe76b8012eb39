"""Keys: the form of a value that links compare (R8)."""

from __future__ import annotations

from clew.database import name
from clew.event import SCHEMA

_MACROS = {
    **{"path": "clew_key_path", "process": "clew_key_process"},
    **dict.fromkeys(("host", "domain"), "clew_key_fold"),
    "image": "clew_key_image",
}


def key(column: str) -> str:
    """SQL of the key of a column of an event."""
    macro = _MACROS.get(SCHEMA[column].kind, "clew_key")
    return f'{macro}({name(column)}::VARCHAR, "host.os.type")'
