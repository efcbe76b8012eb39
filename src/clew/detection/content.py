"""`elements.yaml`: what a folder of detections sets for all of them, over their own defaults.

It is a mapping of element names to values. So a list that several detections share is kept in one place.
"""

from __future__ import annotations

from clew.detection.document import Mapping, compose, plain
from clew.detection.values import Setting
from clew.errors import Fault

CONTENT_FILE = "elements.yaml"


def content_settings(text: str, path: str, faults: list[Fault]) -> tuple[Setting, ...]:
    """The settings of an `elements.yaml`, in the order of the file."""
    node = compose(text, path, faults)
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        message = f"{CONTENT_FILE} is a mapping of element names to values"
        faults.append(
            Fault(path, node.mark.line, node.mark.column, message, "write Installers: [msiexec.exe]")
        )
        return ()
    return tuple(
        Setting(name, plain(value), path, node.keys[name].line, node.keys[name].column)
        for name, value in node.nodes.items()
    )
