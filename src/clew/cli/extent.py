"""The options that ask for a part of the logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from clew.errors import UsageError
from clew.moment import MomentError, parse_moment

if TYPE_CHECKING:
    from clew.normalise.extent import Extent


@Parameter(name="*", group="Part of the logs")
@dataclass(frozen=True)
class Part:
    """Which part of the logs is asked for.

    Parameters
    ----------
    since
        Leave out what happened before: 2026-03-31, 2026-03-31T00:21:58Z, or 24h (ago). UTC where no offset is written.
    until
        Leave out what happened from then on; a bare date is included.
    host
        Only this host, by its name with or without the domain; * and ? stand for anything. May be repeated.
    source
        Only this log source, as "clew sources" lists them: WinEventLog:Sysmon, or Sysmon. May be repeated.
    """

    since: str | None = None
    until: str | None = None
    host: Annotated[tuple[str, ...], Parameter(negative=())] = ()
    source: Annotated[tuple[str, ...], Parameter(negative=())] = ()

    def extent(self) -> Extent:
        """What that comes to now. Raises UsageError."""
        from clew.normalise.extent import Extent

        extent = Extent(
            _moment("--since", self.since), _moment("--until", self.until, end=True), self.host, self.source
        )
        extent.check()
        return extent


#: All that is in the logs.
WHOLE = Part()


def _moment(option: str, written: str | None, end: bool = False) -> int | None:
    try:
        return None if written is None else parse_moment(written, datetime.now(UTC), end)
    except MomentError as error:
        raise UsageError(f"{option} {written}: {error}") from error
