"""Writes calls down: what is the same for all calls of a phase is said once."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from clew.vetting.trace import Call, CallName, Platform, Witness

_LONGEST = 8_192


class Scribe(msgspec.Struct, frozen=True, kw_only=True):
    """One phase of one run."""

    package: str
    digest: str
    platform: Platform
    phase: str

    def note(self, time: float, witness: Witness, call: CallName, **fields: Any) -> Call:
        """A call at `time` (seconds since 1970), its sequence to be given when all are together."""
        short = {name: _short(value) for name, value in fields.items() if value is not None}
        return Call(
            time=moment(time),
            sequence=0,
            package=self.package,
            digest=self.digest,
            platform=self.platform,
            phase=self.phase,
            witness=witness,
            call=call,
            **short,
        )


def moment(time: float) -> str:
    """Seconds since 1970 in the trace's form: UTC, six digits, so that order of text is order of time."""
    at = datetime.datetime.fromtimestamp(min(max(time, 0.0), 4e9), datetime.UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds(call: Call) -> float:
    """The time of a call in seconds since 1970; 0 where it is none (the hooks' logs are the package's to forge)."""
    try:
        return datetime.datetime.fromisoformat(call.time).timestamp()
    except ValueError:
        return 0.0


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, list):
        return [_short(item) for item in value[:200]]
    return value
