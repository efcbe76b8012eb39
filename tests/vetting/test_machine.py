"""What of a run is the machine's own, and what only says that it is."""

import hashlib
from pathlib import Path
from typing import Any

from clew.vetting.machine import without_machine
from clew.vetting.trace import Call, Detonation, Layer
from vetting.made import subject

OWN = "#!/usr/bin/env node\nmodule.exports = 1\n"
WRAPPED = f"(function (exports, require, module, __filename, __dirname) {{ {OWN.partition('node')[2]}\n}})"


def layer(text: str, origin: str, file: str | None = None, parent: str | None = None) -> Layer:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Layer(
        sha256=digest, parent=parent, depth=1, origin=origin, phase="postinstall", pid=1, text=text, file=file
    )


def ran(one: Layer, what: Any = "run_code") -> Call:
    return Call(
        time="2026-11-24T10:00:00Z", sequence=1, package="x", digest="d", platform="linux", phase="postinstall",
        witness="node", call=what, layer=one.sha256, parent_layer=one.parent,
    )  # fmt: skip


def test_files_of_the_package_and_of_the_machine_are_no_layers(tmp_path: Path) -> None:
    npm = layer("npm's own", "file", "/usr/lib/node_modules/npm/lib/cli.js")
    plain, wrapped = layer(OWN, "eval"), layer(WRAPPED, "vm", "/home/user/project/node_modules/demo/cli.js")
    made = layer("x()", "eval", parent=npm.sha256)
    dropped = layer("y()", "file", "/home/user/dropped.js")
    changed = layer(WRAPPED + " ", "vm", "/home/user/project/node_modules/demo/cli.js")
    layers = [npm, plain, wrapped, made, dropped, changed]
    run = Detonation(calls=[*map(ran, layers), ran(npm, "connect")], layers=layers, seconds=1, phases=[])
    left = without_machine(run, subject(tmp_path, {"cli.js": OWN}))
    assert [one.text for one in left.layers] == ["x()", "y()", WRAPPED + " "]
    assert left.layers[0].parent is None
    assert [(call.call, call.layer) for call in left.calls] == [
        ("run_code", made.sha256),
        ("run_code", dropped.sha256),
        ("run_code", changed.sha256),
        ("connect", None),
    ]
    assert left.calls[0].parent_layer is None


def test_of_a_file_too_large_to_be_kept_whole_beginning_and_end_are_compared(tmp_path: Path) -> None:
    own = "x(1);\n" * 1000
    cut = layer(own[:750] + "\n" + own[-250:].rstrip(), "file", "/home/user/project/node_modules/demo/big.js")
    other = layer("y(2);\n" * 200, "file", cut.file)
    cut.truncated = other.truncated = True
    run = Detonation(calls=[], layers=[cut, other], seconds=1, phases=[])
    assert without_machine(run, subject(tmp_path, {"big.js": own})).layers == [other]
