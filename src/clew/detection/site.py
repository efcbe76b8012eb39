"""The tables `[elements]` and `[[host]]` of clew.toml, read into the values of a site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from clew.detection.model import Detection
from clew.detection.values import Change, HostValues, Setting, SiteValues, applies_to
from clew.errors import Fault
from clew.settings import TomlFile
from clew.settings.file import KeyPath
from clew.suggest import did_you_mean, one_of

#: `AN0862` or `AN0862/npm`: under [elements] a table of such a name is a detection, any other an element.
_DETECTION = re.compile(r"AN[0-9]{4}(/[a-z0-9_-]+)?")
_CHANGES: tuple[Change, ...] = ("add", "remove")


def read_site(files: Sequence[TomlFile], faults: list[Fault]) -> SiteValues:
    """The values that a site sets, those of later files over those of earlier ones (`Settings.files`).

    Of the `[[host]]` of several files those of the last come first: the first that fits a host is its own.
    What has the wrong shape is left out, and `faults` tells of it.
    """
    settings = [setting for file in files for setting in _elements(file, ("elements",), faults)]
    hosts = [host for file in reversed(files) for host in _hosts(file, faults)]
    return SiteValues(tuple(settings), tuple(hosts))


def unused(site: SiteValues, detections: Sequence[Detection]) -> Iterator[Fault]:
    """The settings that none of the detections heeds: a name that is misspelt, or one that is no longer there."""
    names = [detection.name for detection in detections]
    elements = sorted({element for detection in detections for element in detection.mutable})
    for setting in (*site.settings, *(one for host in site.hosts for one in host.settings)):
        if setting.detection:
            if not any(applies_to(setting.detection, name) for name in names):
                message = f"no detection in use is called '{setting.detection}'"
                yield setting.fault(message, did_you_mean(setting.detection, names))
        elif setting.element not in elements:
            message = f"no detection in use has an element '{setting.element}'"
            yield setting.fault(message, did_you_mean(setting.element, elements))


def _hosts(file: TomlFile, faults: list[Fault]) -> Iterator[HostValues]:
    tables = file.values.get("host", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        faults.append(file.fault(("host",), "'host' is a list of tables", "write [[host]]"))
        return
    for index, table in enumerate(tables):
        path: KeyPath = ("host", index)
        for key in table:
            if key not in ("match", "elements"):
                mend = did_you_mean(key, ("match", "elements"), one_of(("match", "elements")))
                faults.append(file.fault((*path, key), f"'host' has no key '{key}'", mend))
        patterns = table.get("match")
        patterns = [patterns] if isinstance(patterns, str) else patterns
        settings = tuple(_elements(file, (*path, "elements"), faults))
        if isinstance(patterns, list) and patterns and all(isinstance(p, str) and p for p in patterns):
            yield HostValues(tuple(patterns), settings)
        else:
            message = "'match' is a pattern of host ids, or a list of them"
            faults.append(file.fault((*path, "match"), message, 'write match = ["build-*"]'))


def _elements(file: TomlFile, path: KeyPath, faults: list[Fault]) -> Iterator[Setting]:
    """What a table of elements sets; for all detections first, then for single ones and their variants."""
    table: Any = file.values
    for key in path:
        table = table[key] if isinstance(key, int) else table.get(key, {})
    if not isinstance(table, dict):
        faults.append(file.fault(path, "'elements' is a table of element names", "write [elements]"))
        return
    detections = sorted(name for name in table if _DETECTION.fullmatch(name))
    for name, raw in table.items():
        if name not in detections:
            yield from _setting(file, (*path, name), raw, "", faults)
    for detection in detections:
        if not isinstance(table[detection], dict):
            message = f"'{detection}' is a table of its elements"
            faults.append(file.fault((*path, detection), message, f"write [elements.{detection}]"))
            continue
        for name, raw in table[detection].items():
            yield from _setting(file, (*path, detection, name), raw, detection, faults)


def _setting(
    file: TomlFile, path: KeyPath, raw: Any, detection: str, faults: list[Fault]
) -> Iterator[Setting]:
    name = str(path[-1])
    line, column = file.place(*path)
    if not isinstance(raw, dict):
        yield Setting(name, raw, file.path, line, column, detection)
        return
    for key in raw:
        if key not in _CHANGES:
            mend = (
                f"{name} = {{add = [...], remove = [...]}}; a table for one detection is called like AN0862"
            )
            faults.append(file.fault((*path, key), f"'{name}' cannot be changed by '{key}'", mend))
    for change in _CHANGES:
        if change in raw:
            yield Setting(name, raw[change], file.path, line, column, detection, change)
