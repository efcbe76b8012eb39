"""The table `[clock]` of clew.toml: by how much the clocks of some log sources are wrong, on all hosts or on some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from clew.duration import DurationError, parse_duration
from clew.errors import Fault, SettingsError
from clew.normalise.clock import Clocks, Correction
from clew.normalise.extent import is_called
from clew.normalise.mapping import mappings
from clew.settings import Settings, TomlFile
from clew.settings.file import KeyPath
from clew.suggest import did_you_mean, one_of

_EXAMPLE = 'write "WinEventLog:Security" = "+19h"'


def clocks(settings: Settings) -> Clocks:
    """The corrections in force. Raises SettingsError."""
    faults: list[Fault] = []
    found = read_clocks(settings.files, faults)
    if faults:
        raise SettingsError(faults)
    return found


def read_clocks(files: Sequence[TomlFile], faults: list[Fault]) -> Clocks:
    """The corrections of several files, those of the last first (`Settings.files`).

    What is wrong is left out, and `faults` tells of it.
    """
    return Clocks(tuple(one for file in reversed(files) for one in _corrections(file, faults)))


def _corrections(file: TomlFile, faults: list[Fault]) -> Iterator[Correction]:
    table = file.values.get("clock", {})
    if not isinstance(table, dict):
        faults.append(
            file.fault(("clock",), "'clock' is a table of log sources", f"[clock], then {_EXAMPLE}")
        )
        return
    for key, value in table.items():
        if isinstance(value, dict):
            for source, offset in value.items():
                yield from _correction(file, ("clock", key, source), offset, key, faults)
        else:
            yield from _correction(file, ("clock", key), value, "", faults)


def _correction(
    file: TomlFile, path: KeyPath, raw: Any, host: str, faults: list[Fault]
) -> Iterator[Correction]:
    source = str(path[-1])
    known = sorted({mapping.log_source for mapping in mappings()})
    if not any(is_called(one, source) for one in known):
        mend = did_you_mean(source, known, one_of(known))
        faults.append(file.fault(path, f"no log source that Clew reads is called '{source}'", mend))
        return
    try:
        yield Correction(source, _offset(raw), host)
    except DurationError as error:
        faults.append(file.fault(path, f"the clock of '{source}' cannot be wrong by {raw!r:.80}", str(error)))


def _offset(raw: Any) -> int:
    """Microseconds of `+19h`, `-90m` or `2s`."""
    if not isinstance(raw, str):
        raise DurationError(f"what is added to its times is a duration with its sign: {_EXAMPLE}")
    length = parse_duration(raw.lstrip().removeprefix("+").removeprefix("-").strip())
    return -length if raw.lstrip().startswith("-") else length
