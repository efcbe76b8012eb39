"""Inert files with the names that the campaigns' files have, and clean ones beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SHA1 = "2553649f2322049666871cea80a5d0d6adc700ca"


def put(path: Path, content: str | bytes | dict[str, Any] = "inert\n") -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, dict):
        content = json.dumps(content, indent=1) + "\n"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def installed(folder: Path, name: str, version: str) -> Path:
    """A package in node_modules: its manifest and a file."""
    put(folder / "node_modules" / name / "index.js")
    return put(folder / "node_modules" / name / "package.json", {"name": name, "version": version})


def erased(folder: Path) -> None:
    """What the dropper leaves: the folder without setup.js, with the manifest that says 4.2.0."""
    installed(folder, "axios", "1.14.1")
    installed(folder, "plain-crypto-js", "4.2.0")


def clean(folder: Path) -> None:
    """A project that never saw the campaign."""
    installed(folder, "axios", "1.14.0")
    installed(folder, "crypto-js", "4.2.0")
    put(folder / "package.json", {"dependencies": {"axios": "^1.14.0", "crypto-js": "4.2.0"}})
    packages = {f"node_modules/{n}": {"version": v} for n, v in (("axios", "1.14.0"), ("crypto-js", "4.2.0"))}
    put(folder / "package-lock.json", {"lockfileVersion": 3, "packages": packages})


def windows(top: Path) -> None:
    """A Windows disk with the artefacts that are not erased."""
    for name in ("Windows/notepad.exe", "Users/kim/a.txt", "ProgramData/wt.exe", "ProgramData/system.bat"):
        put(top / name)
    put(top / "Users/kim/AppData/Local/Temp/6202033.ps1")


def reg_export(path: Path, data: str = r"C:\ProgramData\system.bat") -> Path:
    """An export of the Run key, as regedit writes it."""
    escaped = data.replace("\\", "\\\\")
    text = (
        "Windows Registry Editor Version 5.00\r\n\r\n"
        "[HKEY_USERS\\S-1-5-21-1-2-3-1001\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n"
        f'"OneDrive"="C:\\\\one.exe"\r\n"MicrosoftUpdate"="{escaped}"\r\n'
    )
    return put(path, text.encode("utf-16"))
