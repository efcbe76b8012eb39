"""The settings that there are: name, type, default, meaning; and what a value of each type may look like."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from clew.duration import DurationError, parse_duration
from clew.finding import LEVELS

OptionType: TypeAlias = Literal["size", "count", "duration", "path", "paths", "level"]
#: size: bytes; count: a number of 1 or more; duration: microseconds; level: None for never.
OptionValue: TypeAlias = "int | str | Path | tuple[Path, ...] | None"


class Option(msgspec.Struct, frozen=True):
    """One setting. `default` is written as a user would write it; None leaves it to Clew."""

    name: str
    type: OptionType
    default: str | int | tuple[str, ...] | None
    about: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"CLEW_{self.name.upper()}"


OPTIONS: tuple[Option, ...] = (
    Option("memory_limit", "size", "500MB", "memory that DuckDB may use; the chain's state comes on top"),
    Option("threads", "count", None, "threads that DuckDB may use; all cores by default"),
    Option("temp_directory", "path", None, "where DuckDB spills; a new folder of the system by default"),
    Option("skew", "duration", "2s", "by how much events may stand out of order in their own recording"),
    Option("lateness", "duration", "1s", "live: how long to wait for late records of local files"),
    Option("network_lateness", "duration", "30s", "live: the same for records from the network and queues"),
    Option("fail_on", "level", "never", "the lowest level of a finding that makes the exit code 1"),
    Option("detections", "paths", (), "files and folders of detections to use instead of the shipped ones"),
    Option("evidence_cap", "count", 50, "events that a finding shows for one stage; the count is not capped"),
    Option(
        "state_cap", "size", "256MB", "memory for open chains; past it those with least progress go first"
    ),
    Option(
        "facts_cap",
        "count",
        1_000_000,
        "what is remembered of hosts, addresses, names, signatures and processes, each; past it the oldest goes",
    ),
    Option(
        "gathered_cap",
        "count",
        100_000_000,
        "candidates, creations and ends of processes, and numbers of events that are kept on disk, each; past it "
        "the oldest goes",
    ),
)

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s*(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)", re.IGNORECASE)
_POWERS = "KMGT"


class OptionError(ValueError):
    """A value does not suit its setting; the text says what does."""


def coerce(option: Option, raw: Any, folder: Path) -> OptionValue:
    """A raw value (from TOML, the environment or a flag) in its type; paths are relative to `folder`.

    Raises:
        OptionError: the value does not suit.
    """
    match option.type:
        case "size":
            return _size(raw)
        case "count":
            return _count(raw)
        case "duration":
            return _duration(raw)
        case "level":
            return _level(raw)
        case "path":
            return _path(raw, folder)
        case "paths":
            return _paths(raw, folder)


def _size(raw: Any) -> int:
    found = _SIZE.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        raise OptionError("a size is text with a unit: 500MB, 2GiB")
    unit = found[2].upper()
    base = 1024 if "I" in unit else 1000
    power = 0 if unit == "B" else _POWERS.index(unit[0]) + 1
    size = int(float(found[1]) * base**power)
    if size < 1:
        raise OptionError("a size is greater than nothing")
    return size


def _count(raw: Any) -> int:
    if isinstance(raw, str) and re.fullmatch(r"\d{1,9}", raw.strip()):
        raw = int(raw)
    if type(raw) is not int or not 1 <= raw <= 1_000_000_000:
        raise OptionError("a whole number of 1 or more")
    return raw


def _duration(raw: Any) -> int:
    if isinstance(raw, str):
        try:
            return parse_duration(raw.strip())
        except DurationError as error:
            raise OptionError(str(error)) from None
    raise OptionError("a duration is text: 2s, 90m")


def _level(raw: Any) -> str | None:
    if raw == "never":
        return None
    if isinstance(raw, str) and raw in LEVELS:
        return raw
    raise OptionError(f"one of never, {', '.join(LEVELS)}")


def _path(raw: Any, folder: Path) -> Path:
    if isinstance(raw, Path):
        return raw
    if not isinstance(raw, str) or not raw or "\0" in raw:
        raise OptionError("a path is text")
    return folder / Path(raw).expanduser()


def _paths(raw: Any, folder: Path) -> tuple[Path, ...]:
    if not isinstance(raw, list | tuple):
        raise OptionError('a list of paths: ["detections/"]')
    return tuple(_path(part, folder) for part in raw)
