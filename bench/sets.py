"""The recordings that nobody here wrote, found by CLEW_RECORDINGS, and what of them is one recording of Windows hosts.

A recording is what was recorded together: an archive, a folder of logs, or one log of a collection, since the samples
of a collection come from one machine at different times and have nothing to do with each other.
"""

import os
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

#: Folders whose archives are recordings, each; those whose archive is a collection of them; folders that are one.
ARCHIVES = ("otrf-security-datasets/atomic/windows", "otrf-security-datasets/compound", "splunk-attack-data")
COLLECTIONS = ("evtx-attack-samples", "evtx-to-mitre", "hayabusa-extra", "sigma-regression", "codeintegrity")
FOLDERS = ("splunk-attack-data/t1562.001_pwsh_dism_capattack",)
#: Recordings of other systems, and what is no recording.
OTHERS = ("linux", "Log4Shell", "apt29", "suricata", "LICENSE", "SOURCE")
_LOGS = (".evtx", ".json", ".jsonl", ".log", ".xml", ".txt", ".csv", ".zip", ".gz")
_ZEEK = "_zeek_logs.zip"


class Recording(msgspec.Struct, frozen=True):
    """One recording: its name, where it stands below CLEW_RECORDINGS, and the paths to hunt through."""

    name: str
    paths: tuple[Path, ...]


def root() -> Path:
    """The folder of recordings; ends the bench where there is none."""
    folder = os.environ.get("CLEW_RECORDINGS")
    if not folder:
        sys.exit("set CLEW_RECORDINGS to the folder of recordings")
    return Path(folder)


def windows(folder: Path, work: Path) -> Iterator[Recording]:
    """All recordings of Windows hosts; the logs of collections are unpacked into `work`."""
    for name in ARCHIVES:
        for path in _logs(folder / name):
            if not path.name.endswith(_ZEEK) and not any(
                path.is_relative_to(folder / one) for one in FOLDERS
            ):
                beside = path.with_name(path.stem + _ZEEK)
                yield _recording(folder, path, *([beside] if beside.exists() else []))
    for name in FOLDERS:
        yield _recording(folder, folder / name)
    for name in COLLECTIONS:
        for path in _logs(folder / name):
            if zipfile.is_zipfile(path):
                yield from _members(folder, path, work)
            else:
                yield _recording(folder, path)


def unpack(archive: Path, into: Path) -> Path:
    """The content of an archive, in a folder."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(into)
    else:
        with tarfile.open(archive) as opened:
            opened.extractall(into, filter="data")
    return into


def _logs(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in _LOGS)
    return [
        path for path in found if not any(word in str(path.relative_to(folder.parent)) for word in OTHERS)
    ]


def _recording(folder: Path, *paths: Path) -> Recording:
    return Recording(paths[0].relative_to(folder).as_posix(), paths)


def _members(folder: Path, archive: Path, work: Path) -> Iterator[Recording]:
    home = unpack(archive, work / archive.stem)
    for path in _logs(home):
        name = f"{archive.parent.relative_to(folder).as_posix()}/{path.relative_to(home).as_posix()}"
        yield Recording(name, (path,))
