"""The layers of settings, from the defaults up to the flags."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from clew.errors import Fault, SettingsError
from clew.finding import Level
from clew.settings.file import TomlFile, read_toml
from clew.settings.option import OPTIONS, Option, OptionError, coerce
from clew.suggest import did_you_mean, one_of

FILE = "clew.toml"
SYSTEM = Path("/etc/clew") / FILE
#: Variables that begin like a setting and are none: where tests find recordings and how they run.
OF_THE_TESTS = frozenset(
    ("CLEW_RECORDINGS", "CLEW_RECORDINGS_REQUIRED", "CLEW_ATTACK_SOURCE", "CLEW_EXAMPLES", "CLEW_UPDATE_DOCS")
)
#: Tables of clew.toml that others read: values of elements, values for some hosts, exceptions, clocks, the inventory.
TABLES = ("elements", "host", "except", "clock", "hosts")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force: sizes in bytes, durations in microseconds, None where it is left to Clew.

    `origins` tells where each value came from. `files` are the settings files that were read, those that lie
    over others last; the tables of `TABLES` are taken from them.
    """

    memory_limit: int
    threads: int | None
    temp_directory: Path | None
    skew: int
    lateness: int
    network_lateness: int
    fail_on: Level | None
    detections: tuple[Path, ...]
    evidence_cap: int
    state_cap: int
    facts_cap: int
    gathered_cap: int
    origins: dict[str, str]
    files: tuple[TomlFile, ...] = ()


class _Raw(msgspec.Struct, frozen=True):
    """A value as it was written. `fault` is where a fault is reported, without its message."""

    value: Any
    origin: str
    folder: Path
    place: Fault


def read_settings(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    system: Path = SYSTEM,
) -> Settings:
    """The settings in force. A flag that was not given is None or missing.

    `environ` and `folder` are the process's own by default; `system` is the system's file.

    Raises:
        SettingsError: with everything that is unknown or of the wrong type, in all layers.
    """
    environ = os.environ if environ is None else environ
    folder = folder or Path.cwd()
    faults: list[Fault] = []
    files = tuple(_files(environ, folder, system, faults))
    layers = [_from_file(file, home, faults) for file, home in files]
    layers += [_from_environ(environ, folder, faults), _from_flags(flags or {}, folder)]
    chosen: dict[str, _Raw] = {}
    for layer in layers:
        chosen.update(layer)
    values: dict[str, Any] = {option.name: _value(option, chosen, folder, faults) for option in OPTIONS}
    if faults:
        raise SettingsError(faults)
    origins = {option.name: "default" for option in OPTIONS} | {
        name: raw.origin for name, raw in chosen.items()
    }
    return Settings(**values, origins=origins, files=tuple(file for file, _ in files))


def _files(
    environ: Mapping[str, str], folder: Path, system: Path, faults: list[Fault]
) -> Iterator[tuple[TomlFile, Path]]:
    """The settings files that are there, lowest first, with the folder that their paths are relative to."""
    for path in (system, _user_file(environ), folder / FILE):
        if path is None:
            continue
        shown = FILE if path.parent == folder else str(path)
        file = read_toml(path, shown, faults)
        if file is not None:
            yield file, path.parent


def _user_file(environ: Mapping[str, str]) -> Path | None:
    if environ.get("XDG_CONFIG_HOME"):
        return Path(environ["XDG_CONFIG_HOME"]) / "clew" / FILE
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(home) / ".config" / "clew" / FILE if home else None


def _from_file(file: TomlFile, home: Path, faults: list[Fault]) -> dict[str, _Raw]:
    known = [option.name for option in OPTIONS]
    found = {}
    for name, value in file.values.items():
        if name in known:
            found[name] = _Raw(value, file.origin(name), home, file.fault((name,), ""))
        elif name not in TABLES:
            mend = did_you_mean(name, (*known, *TABLES), one_of([*known, *TABLES]))
            faults.append(file.fault((name,), f"no setting is called '{name}'", mend))
    return found


def _from_environ(environ: Mapping[str, str], folder: Path, faults: list[Fault]) -> dict[str, _Raw]:
    options = {option.variable: option for option in OPTIONS}
    found = {}
    mine = (name for name in environ if name.startswith("CLEW_") and name not in OF_THE_TESTS)
    for variable in sorted(mine):
        option = options.get(variable)
        if option is None:
            mend = did_you_mean(variable, options, one_of(options))
            faults.append(Fault(variable, 0, 0, "no setting has this variable", mend))
        elif environ[variable]:
            raw: Any = environ[variable]
            value = raw.split(os.pathsep) if option.type == "paths" else raw
            found[option.name] = _Raw(value, variable, folder, Fault(variable, 0, 0, ""))
    return found


def _from_flags(flags: Mapping[str, Any], folder: Path) -> dict[str, _Raw]:
    found = {}
    for name, value in flags.items():
        if value is not None:
            flag = f"--{name.replace('_', '-')}"
            found[name] = _Raw(value, f"flag {flag}", folder, Fault(flag, 0, 0, ""))
    return found


def _value(option: Option, chosen: Mapping[str, _Raw], folder: Path, faults: list[Fault]) -> Any:
    raw = chosen.get(option.name)
    if raw is None:
        return None if option.default is None else coerce(option, option.default, folder)
    try:
        return coerce(option, raw.value, raw.folder)
    except OptionError as error:
        message = f"'{option.name}' cannot be {raw.value!r:.80}"
        faults.append(msgspec.structs.replace(raw.place, message=message, mend=str(error)))
        return None
