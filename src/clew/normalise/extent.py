"""The part of the logs that is asked for: `--since`, `--until`, `--host`, `--source`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

import msgspec

from clew.database import quote
from clew.errors import UsageError
from clew.normalise.mapping import mappings
from clew.suggest import did_you_mean, one_of


class Extent(msgspec.Struct, frozen=True):
    """Events from `since` on and before `until` (microseconds, UTC), of these hosts and log sources.

    None and () ask for all. A host goes by its name, with its domain or without; a log source by ATT&CK's name of
    it, or what stands behind the colon there: WinEventLog:Sysmon, Sysmon. Both in any case, with * and ?.
    """

    since: int | None = None
    until: int | None = None
    hosts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def takes(self, log_sources: Iterable[str]) -> bool:
        """Whether records of one of these log sources are asked for."""
        return not self.sources or any(map(self._asks_for, log_sources))

    def _asks_for(self, log_source: str) -> bool:
        return any(is_called(log_source, source) for source in self.sources)

    def check(self) -> None:
        """Raise UsageError for a period that has no time in it, and for a log source that no mapping provides."""
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise UsageError("--since is not before --until: nothing can lie between them")
        known = _known()
        for source in self.sources:
            if not any(is_called(one, source) for one in known):
                names = [*known, *(one.partition(":")[2] for one in known)]
                mend = did_you_mean(source, names, one_of(known))
                raise UsageError(f"--source {source}: no log source that Clew reads has this name ({mend})")

    def columns(self) -> frozenset[str]:
        """The columns that tell whether an event is asked for."""
        columns = {"@timestamp", "host.name"} if self.hosts else {"@timestamp"}
        return frozenset(columns | {"event.provider", "clew.log_source"} if self.sources else columns)

    def outside(self) -> str:
        """SQL over events that is true for those that are not asked for; empty where that can be said of none."""
        tests = list(self._tests())
        return f"NOT coalesce({' AND '.join(tests)}, false)" if tests else ""

    def _tests(self) -> Iterator[str]:
        if self.since is not None:
            yield f'epoch_us("@timestamp") >= {self.since}'
        if self.until is not None:
            yield f'epoch_us("@timestamp") < {self.until}'
        if self.hosts:
            yield on_host(self.hosts)
        if self.sources:  # a mapping may have events of several log sources
            wanted = ", ".join(quote(source) for source in _known() if self._asks_for(source))
            yield f'"clew.log_source" IN ({wanted})'


def _known() -> list[str]:
    return sorted({source for mapping in mappings() for source in mapping.log_sources})


def on_host(patterns: Iterable[str]) -> str:
    """SQL over events that is true for those of hosts that a pattern fits, with the domain or without."""
    name = 'lower("host.name")'
    quoted = [quote(pattern.lower()) for pattern in patterns]
    ways = [f"{name} GLOB {pattern} OR split_part({name}, '.', 1) GLOB {pattern}" for pattern in quoted]
    return f"({' OR '.join(ways)})"


def is_called(log_source: str, pattern: str) -> bool:
    """Whether a pattern fits ATT&CK's name of a log source, or what stands behind the colon there."""
    names = (log_source.lower(), log_source.lower().partition(":")[2])
    return any(fnmatchcase(name, pattern.lower()) for name in names if name)


#: All that is in the logs.
EVERYTHING = Extent()
