"""Runs a harmless script under a hook, as plain `node` or `python`, and reads what the hook wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import msgspec

from clew.vetting import capture
from clew.vetting.trace import Call, Layer
from vetting.corpus.hiding import node as program


class Seen(msgspec.Struct):
    """What a hook told of a script, and what the script printed."""

    calls: list[Call]
    layers: list[Layer]
    out: str
    code: int

    def of(self, kind: str, /, **fields: object) -> list[Call]:
        """The calls of a name whose fields are these."""
        return [
            call
            for call in self.calls
            if call.call == kind and all(getattr(call, field) == value for field, value in fields.items())
        ]

    def layer(self, text: str) -> Layer:
        """The one layer whose text has this in it, and that no deeper layer has."""
        return max((layer for layer in self.layers if text in layer.text), key=lambda layer: layer.depth)


def _log(folder: Path) -> Path:
    log = folder / "log"
    shutil.rmtree(log, ignore_errors=True)
    log.mkdir()
    return log


def read(log: Path, **options: Any) -> tuple[list[Call], list[Layer]]:
    """The logs of a folder, as of one package."""
    given = {
        "package": "pkg:npm/sample@1.0.0",
        "digest": "0" * 64,
        "platform": "linux",
        "phase": "postinstall",
        **options,
    }
    return capture.read(log, **given)


def _seen(command: list[str], environment: dict[str, str], folder: Path, log: Path, **options: Any) -> Seen:
    """Run it; the calls and layers are what the hook told."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    calls, layers = read(log, **options)
    return Seen(calls, layers, done.stdout + done.stderr, done.returncode)


def node(
    script: str, folder: Path, *, platform: capture.Platform = "linux", name: str = "run.js", **options: Any
) -> Seen:
    """Run a script in `folder` under Node's hook."""
    log = _log(folder)
    (folder / name).write_text(script)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "NPM_TOKEN": "decoy"}
    environment |= capture.environment("npm", capture.HOOKS, log, platform)
    return _seen([program(), name], environment, folder, log, platform=platform, **options)


@cache
def _interpreter() -> Path:
    """An interpreter with a site folder of its own, where the hook's .pth file goes."""
    folder = Path(mkdtemp(prefix="clew-capture-"))
    venv.create(folder, with_pip=False, symlinks=True)
    return folder


def python(script: str, folder: Path, *, platform: capture.Platform = "linux", **options: Any) -> Seen:
    """Run a script in `folder` under Python's hook."""
    log = _log(folder)
    interpreter = _interpreter()
    (site,) = interpreter.glob("lib/python*/site-packages")
    (site / "00.pth").write_text(capture.path_file(capture.HOOKS, log, platform))
    (folder / "run.py").write_text(script)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "NPM_TOKEN": "decoy",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return _seen(
        [str(interpreter / "bin" / "python"), "run.py"],
        environment,
        folder,
        log,
        platform=platform,
        **options,
    )
