"""What of a run is the machine's own: programs and libraries that the sandbox shows read-only, such as npm itself.

A package that starts npm runs hundreds of npm's files. They are neither the package's nor made while it ran; nor are
the package's own files in the wrapper that Node puts around them.
"""

from __future__ import annotations

import hashlib
import re

import msgspec

from clew.vetting.subject import Subject
from clew.vetting.trace import Call, Detonation, Layer

#: What the sandbox shows of the machine; nothing inside can write there.
_MACHINE = ("/usr/", "/lib/", "/opt/")
#: It evaluates binding.gyp, Node's own settings for it, and each of their conditions; what these start is seen.
_GYP = "/node-gyp/gyp/pylib/gyp/"
#: https://nodejs.org/api/modules.html#the-module-wrapper
_WRAPPER = b"(function (exports, require, module, __filename, __dirname) { "
_CLOSINGS = (b"\n})", b"\n});")
_STARTED = re.compile(rb"\A#![^\n]*")


def without_machine(run: Detonation, subject: Subject) -> Detonation:
    """The run without layers that are no layers, and what it says of them."""
    published = set(subject.files.values())
    known = {layer.sha256 for layer in run.layers if layer.sha256 in published or _is_file(layer, subject)}
    gyp = {layer.sha256 for layer in run.layers if layer.origin == "file" and _GYP in (layer.file or "")}
    known |= {layer.sha256 for layer in run.layers if layer.parent in gyp & known}
    layers = [_rooted(layer, known) for layer in run.layers if layer.sha256 not in known]
    calls = [
        _plain(call, known) for call in run.calls if not (call.call == "run_code" and call.layer in known)
    ]
    return msgspec.structs.replace(run, layers=layers, calls=calls)


def is_machines(frame: str) -> bool:
    """Whether a frame of a stack, `name (file:line)`, is in a file of the machine's."""
    return frame.rpartition("(")[2].startswith(_MACHINE)


def _is_file(layer: Layer, subject: Subject) -> bool:
    """Whether it is a file of the machine, or one of the package's, as such or in its wrapper.

    The package's are compared with what was published, and not with what the log says of itself.
    """
    if layer.origin == "file" and (layer.file or "").startswith(_MACHINE):
        return True
    if layer.origin not in ("file", "vm") or not layer.file:
        return False
    path = next((path for path in subject.files if layer.file.endswith(f"/{path}")), None)
    if path is None:
        return False
    text = (subject.folder / path).read_bytes()
    wrapped = _WRAPPER + _STARTED.sub(b"", text)
    return any(_is_text(layer, whole) for whole in (text, *(wrapped + end for end in _CLOSINGS)))


def _is_text(layer: Layer, whole: bytes) -> bool:
    """Whether the layer is this text; of one that was cut, its beginning and its end must be."""
    if not layer.truncated:
        return hashlib.sha256(whole).hexdigest() == layer.sha256
    said = layer.text.encode("utf-8", "replace")
    return whole.startswith(said[: len(said) // 2]) and whole.rstrip().endswith(
        said[-len(said) // 8 :].rstrip()
    )


def _rooted(layer: Layer, known: set[str]) -> Layer:
    return msgspec.structs.replace(layer, parent=None) if layer.parent in known else layer


def _plain(call: Call, known: set[str]) -> Call:
    """What a file did is the file's, and no layer's."""
    if call.layer not in known and call.parent_layer not in known:
        return call
    layer = None if call.layer in known else call.layer
    parent = None if call.parent_layer in known else call.parent_layer
    return msgspec.structs.replace(call, layer=layer, parent_layer=parent)
