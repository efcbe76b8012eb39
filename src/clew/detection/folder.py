r"""Folders as settings write them: `C:\ProgramData\`, `C:\Users\*\AppData\Local\`, `%TEMP%`, `/usr/bin/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from clew.detection.glob import Glob, escaped, fold, linear, parse_glob, pattern
from clew.suggest import did_you_mean

_PROFILES = (r"C:\Users\*", r"C:\Windows\System32\config\systemprofile", r"C:\Windows\ServiceProfiles\*")

#: What `%NAME%` at the start of a folder stands for. Profiles include those of the system's services.
#: Windows: https://learn.microsoft.com/windows/deployment/usmt/usmt-recognized-environment-variables
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "ALLUSERSPROFILE": (r"C:\ProgramData",),
    "APPDATA": tuple(rf"{profile}\AppData\Roaming" for profile in _PROFILES),
    "COMMONPROGRAMFILES": (r"C:\Program Files\Common Files",),
    "COMMONPROGRAMFILES(X86)": (r"C:\Program Files (x86)\Common Files",),
    "LOCALAPPDATA": tuple(rf"{profile}\AppData\Local" for profile in _PROFILES),
    "PROGRAMDATA": (r"C:\ProgramData",),
    "PROGRAMFILES": (r"C:\Program Files",),
    "PROGRAMFILES(X86)": (r"C:\Program Files (x86)",),
    "PUBLIC": (r"C:\Users\Public",),
    "SYSTEMDRIVE": ("C:",),
    "SYSTEMROOT": (r"C:\Windows",),
    "TEMP": (*(rf"{profile}\AppData\Local\Temp" for profile in _PROFILES), r"C:\Windows\Temp"),
    "TMP": (*(rf"{profile}\AppData\Local\Temp" for profile in _PROFILES), r"C:\Windows\Temp"),
    "USERPROFILE": _PROFILES,
    "WINDIR": (r"C:\Windows",),
    "HOME": ("/home/*", "/root", "/Users/*"),
    "TMPDIR": ("/tmp", "/var/tmp", "/private/tmp", "/private/var/folders/*/*/T"),
}

_ROOT = re.compile(r"[a-z*?]:|hk[a-z_]+|", re.IGNORECASE)
_VARIABLE = re.compile(r"%([A-Za-z_][A-Za-z0-9_()]*)%")


class Folder(msgspec.Struct, frozen=True, tag=True):
    r"""A folder, or a file: its path's components from the root on; a wildcard stays inside its component.

    The root of `/usr` and of `\\server` are empty components.
    """

    separator: Literal["\\", "/"]
    components: tuple[Glob, ...]

    def start(self) -> str | None:
        """The folded path with a separator at its end, or None where it has wildcards."""
        shapes = [component.shape() for component in self.components]
        if any(shape != "whole" for shape, _ in shapes):
            return None
        return "".join(fold(literal) + self.separator for _, literal in shapes)

    def pattern(self) -> str:
        """A regular expression for RE2 on a folded path with a separator at its end."""
        return "^" + self._joined(pattern)

    def regex(self) -> re.Pattern[str]:
        """The same for Python, whose `match` is to be asked."""
        return re.compile(self._joined(linear))

    def _joined(self, written: Callable[[Glob, str], str]) -> str:
        separator = escaped(self.separator)
        return "".join(written(part.folded(), f"[^{separator}]") + separator for part in self.components)


def parse_folders(text: str) -> tuple[Folder, ...]:
    """One folder, or several where a variable stands for several. Raises ValueError saying what is wrong."""
    if variable := _VARIABLE.match(text):
        name, rest = variable[1].upper(), text[variable.end() :]
        if name not in VARIABLES:
            known = did_you_mean(name, VARIABLES, "known are " + ", ".join(f"%{v}%" for v in VARIABLES))
            raise ValueError(f"%{variable[1]}% is no variable that can be resolved; {known}")
        if rest and rest[0] not in "\\/":
            raise ValueError(f"a separator is missing after %{variable[1]}%")
        return tuple(_folder(start + rest) for start in VARIABLES[name])
    return (_folder(text),)


def _folder(text: str) -> Folder:
    separator: Literal["\\", "/"] = "/" if text.startswith("/") else "\\"
    path = text if separator == "/" else text.replace("/", "\\")
    components = path.rstrip(separator).split(separator)
    if not _ROOT.fullmatch(components[0]):
        raise ValueError("it begins at no root, such as a drive, / or %VARIABLE%")
    if "" in components[2 if path.startswith("\\\\") else 1 :]:
        raise ValueError("a separator stands doubled; in single quotes one backslash is enough")
    if any(_VARIABLE.search(component) for component in components):
        raise ValueError("a variable stands at the start only")
    return Folder(separator, tuple(parse_glob(component) for component in components))
