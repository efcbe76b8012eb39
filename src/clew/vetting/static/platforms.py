"""Which other systems code names: there it may do what it does not do here.

As Node names them (https://nodejs.org/api/process.html#processplatform, https://nodejs.org/api/os.html#ostype) and
Python (https://docs.python.org/3/library/sys.html#sys.platform, os.name, platform.system); and shells (uname, OSTYPE).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import re2

from clew.vetting.machine import is_machines
from clew.vetting.static.code import Code
from clew.vetting.static.role import install_commands
from clew.vetting.subject import Subject
from clew.vetting.trace import Call, Detonation, Layer, Platform

_QUOTE = r"[\"'`]"
_NAMED: dict[Platform, re2._Regexp] = {
    "win32": re2.compile(
        rf"{_QUOTE}(?:win(?:32|64)?|Windows(?:_NT)?|nt|cygwin|msys)\*?{_QUOTE}|{_QUOTE}win32\W"
        r"|\bwin(?:32|dows)\s*:"
        rf"|(?i:\bplatform\b[^\n]{{0,40}}{_QUOTE}win|\bplatform\b[^\n]{{0,40}}/\^?win|/\^?win[^/\n]{{0,9}}/i?\.test\()"
        r"|\b(?:LOCAL)?APPDATA\b|\bWindows_NT\b|\b_?winreg\b|\bwindll\b|\bgetwindowsversion\b|\bSTARTUPINFO\b"
        r"|\b(?:MINGW|MSYS|CYGWIN)|(?i:\bpowershell(?:\.exe)?\s+-|\bcmd(?:\.exe)?\s+/c\b)"
    ),
    "darwin": re2.compile(
        rf"{_QUOTE}(?i:darwin|macos|osx)\*?{_QUOTE}|{_QUOTE}darwin\W"
        r"|\bdarwin\s*:"
        rf"|(?i:\bplatform\b[^\n]{{0,40}}{_QUOTE}(?:darwin|mac)|\bplatform\b[^\n]{{0,40}}/\^?(?:darwin|mac)"
        r"|/\^?darwin[^/\n]{0,9}/i?\.test\()"
        r"|\bDarwin\b|\bdarwin\*|\bosascript\b|\blaunchctl\b"
    ),
}
#: What the hooks say was asked, where a package asks which system this is.
_QUESTIONS = ("process.platform", "sys.platform")


def of_install(subject: Subject, code: Sequence[Code]) -> dict[Platform, str]:
    """The systems that the package says it is for, and those that what installing runs names; each with where."""
    told = _of_manifest(subject)
    for name, command in install_commands(subject):
        told |= _new(_named(command.encode()), f"the {name} script", told)
    return _of_files((one for one in code if one.role == "install"), told)


def _of_code(code: Sequence[Code]) -> dict[Platform, str]:
    """Those that any of the code names, but for tests and documents."""
    return _of_files((one for one in code if one.role != "aside"), {})


def _asks(call: Call) -> bool:
    """Whether the package asks which system this is; what it starts, such as node-gyp, asks too."""
    asked = call.call == "read_environment" and call.name in _QUESTIONS
    return asked and not is_machines((call.stack or [""])[0])


def _of_layers(layers: Iterable[Layer]) -> dict[Platform, str]:
    """Those that are named only after decoding."""
    told: dict[Platform, str] = {}
    for layer in layers:
        told |= _new(_named(layer.text.encode("utf-8", "replace")), f"the layer {layer.sha256[:12]}", told)
    return told


def of_run(run: Detonation, code: Sequence[Code]) -> dict[Platform, str]:
    """Those that a run leads to: named in its layers; or, where it asked which system this is, by any of its code.

    A package that asks, and whose code names none, compares with what nobody can read: it may mean each of them.
    """
    told = _of_layers(run.layers)
    if not any(map(_asks, run.calls)):
        return told
    told |= {name: where for name, where in _of_code(code).items() if name not in told}
    return told or dict.fromkeys(_NAMED, "since it asks for its system and names none that can be read")


def _of_manifest(subject: Subject) -> dict[Platform, str]:
    """https://docs.npmjs.com/cli/v11/configuring-npm/package-json#os"""
    given = subject.manifest.get("os") if subject.ecosystem == "npm" else None
    names = given if isinstance(given, list) else [given]
    return {platform: "which package.json names" for platform in _NAMED if platform in names}


def _of_files(code: Iterable[Code], told: dict[Platform, str]) -> dict[Platform, str]:
    for one in code:
        if len(told) == len(_NAMED):
            break
        told |= _new(_named(one.bare, tuple(told)), one.path, told)
    return told


def _named(text: bytes, told: Sequence[Platform] = ()) -> list[Platform]:
    return [name for name, pattern in _NAMED.items() if name not in told and pattern.search(text)]


def _new(names: Iterable[Platform], where: str, told: dict[Platform, str]) -> dict[Platform, str]:
    return {name: f"which {where} names" for name in names if name not in told}
