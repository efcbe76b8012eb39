"""What the shipped detections find in the Windows recordings: what must fire, what must not, and all the rest.

Anchors are chains that people have looked at: a malicious one must reach high, or the bench says why it cannot; a
benign one must stay below. Over everything else it counts findings per level and 100,000 events, of which at
most one in 100,000 may be at high or more, and shows the thread of each. Recordings are found by CLEW_RECORDINGS;
arguments choose those whose names have one of them in it.

Where a recording's clocks disagree it is hunted by the corrections that Clew proposes, as an analyst would.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from clew.detection.load import load_detections, shipped
from clew.detection.model import Detection
from clew.finding import LEVELS, Finding, rank
from clew.report.clock import block
from clew.report.sentence import sentence
from clew.report.text import elapsed, moment, plain, short
from clew.runner.hunt import Hunt, hunt
from clew.settings import read_settings
from sets import Recording, root, windows

GRAVE = rank("high")
#: Findings at high or more over everything else, in 100,000 events.
MOST = 1.0


class Anchor(msgspec.Struct, frozen=True):
    """Chains that were looked at: a part of their recording's name, and parts of the written programs' paths."""

    recording: str
    programs: tuple[str, ...]
    malicious: bool
    what: str
    #: Why it cannot be told, where that is known: what it does is in no log source of the analytic.
    because: str = ""


_SPLUNK = ("T1053.005_nxlog", "T1136.001__atomic", "T1112__account_lockout")
_UPDATERS = ("EdgeUpdate", "OneDrive", "TiWorker", "TrustedInstaller", "FaceFodUninstaller")
ANCHORS = (
    Anchor(
        "LSASS_campaign_02", ("winx64_payload.exe",), True, "a picture that unpacks itself drops a payload"
    ),
    Anchor(
        "DE_timestomp_and_dll_sideloading",
        ("NvSmart.exe",),
        True,
        "a false Flash update side-loads a library",
    ),
    Anchor(
        "aptsimulator_cobaltstrike",
        ("CreateNamedPipe.exe",),
        True,
        "7z drops a program into C:\\TMP",
        "only makes a named pipe (Sysmon 17): no child, call, persistence or library of its own",
    ),
    *(Anchor(name, ("Public\\splunkd.exe",), True, "an agent poses as Splunk's daemon") for name in _SPLUNK),
    *(Anchor(name, ("streamfwd.exe",), False, "Splunk's forwarder sets itself up") for name in _SPLUNK),
    Anchor(
        "dcom_iertutil_dll_hijack", ("OneDrive",), False, "OneDrive updates itself (writes are not recorded)"
    ),
    Anchor("dcom_shellwindows_stager", ("Teams",), False, "Squirrel updates Teams (writes are not recorded)"),
    Anchor("t1562.001_pwsh_dism", ("DismHost.exe",), False, "DISM unpacks its host and runs it"),
    *(
        Anchor(name, _UPDATERS, False, "Windows, Edge and OneDrive update themselves")
        for name in ("ninjacopy", *(f"LSASS_campaign_{number:02}" for number in range(1, 5)))
    ),
)


class Rest(msgspec.Struct):
    """All that is no anchor."""

    events: int = 0
    recordings: int = 0
    levels: Counter[str] = msgspec.field(default_factory=Counter)
    grave: list[tuple[str, Finding]] = []


class Row(msgspec.Struct, frozen=True):
    """What became of an anchor: the gravest finding of it, and what the recording has no events of."""

    anchor: Anchor
    finding: Finding | None
    lacks: tuple[str, ...]

    @property
    def level(self) -> str:
        """In a word."""
        return self.finding.level if self.finding else "none"

    @property
    def reached(self) -> bool:
        """Whether it is at high or more."""
        return self.finding is not None and rank(self.finding.level) >= GRAVE

    @property
    def holds(self) -> bool:
        """Whether it is as it must be: a benign one below high, a malicious one not, but where it is known why."""
        return self.reached == self.anchor.malicious or bool(self.anchor.because)


def judge(anchors: Sequence[Anchor], result: Hunt) -> tuple[list[Row], list[Finding]]:
    """The anchors of one recording, and the findings that are of none."""
    rows, rest = [], list(result.findings)
    for anchor in anchors:
        mine = [one for one in rest if _is_of(anchor, one)]
        rest = [one for one in rest if one not in mine]
        gravest = max(mine, key=lambda one: rank(one.level), default=None)
        rows.append(Row(anchor, gravest, tuple(sorted({blind.component for blind in result.blind}))))
    return rows, rest


def _is_of(anchor: Anchor, finding: Finding) -> bool:
    binary = str(finding.per.get("binary", "")).lower()
    return any(program.lower() in binary for program in anchor.programs)


def run(recording: Recording, detections: Sequence[Detection], home: Path) -> Hunt:
    """A hunt, with its clocks set right where they disagree."""
    result = hunt(recording.paths, detections, read_settings(environ={}, folder=home))
    if lines := list(block(result.twins)):
        (home / "clew.toml").write_text("\n".join(lines))
        result = hunt(recording.paths, detections, read_settings(environ={}, folder=home))
        (home / "clew.toml").unlink()
    return result


def main() -> None:
    rows: list[Row] = []
    rest = Rest()
    detections = load_detections([shipped()])
    with tempfile.TemporaryDirectory() as work:
        home = Path(work, "home")
        home.mkdir()
        for recording in windows(root(), Path(work)):
            if sys.argv[1:] and not any(word in recording.name for word in sys.argv[1:]):
                continue
            result = run(recording, detections, home)
            mine = [anchor for anchor in ANCHORS if anchor.recording in recording.name]
            found, others = judge(mine, result)
            rows += found
            rest.events += result.tally.records["event"]
            rest.recordings += 1
            rest.levels.update(one.level for one in others)
            rest.grave += [(recording.name, one) for one in others if rank(one.level) >= GRAVE]
    for line in (*table(rows), *summary(rest)):
        print(line)
    wrong = sum(not row.holds for row in rows)
    if wrong or per_100_000(len(rest.grave), rest.events) > MOST:
        sys.exit(f"{wrong} anchors are not as they must be, {len(rest.grave)} other findings reach high")


def per_100_000(count: int, events: int) -> float:
    return count * 100_000 / events if events else 0.0


def table(rows: Sequence[Row]) -> Iterator[str]:
    yield f"{'malicious: must reach high':<34} {'level':<9} what happens"
    for row in rows:
        if row.anchor.malicious:
            yield f"{row.anchor.recording:<34} {row.level:<9} {row.anchor.what}"
            yield f"{'':<34} {'':<9} no events at all of {', '.join(row.lacks)}"
            if row.anchor.because and not row.reached:
                yield f"{'':<34} {'':<9} {row.anchor.because}"
    yield f"\n{'benign: must stay below high':<34} {'level':<9} what happens"
    for row in rows:
        if not row.anchor.malicious:
            yield f"{row.anchor.recording:<34} {row.level:<9} {row.anchor.what}"
    yield ""


def summary(rest: Rest) -> Iterator[str]:
    yield f"everything else: {rest.events:,} events in {rest.recordings:,} recordings"
    for level in reversed(LEVELS):
        rate = per_100_000(rest.levels[level], rest.events)
        yield f"  {level:<9} {rest.levels[level]:>4}   {rate:5.2f} in 100,000 events"
    for name, finding in rest.grave:
        yield f"\n{finding.level}: {plain(finding.per.get('binary'))}, {plain(name)}"
        yield from thread(finding)


def thread(finding: Finding) -> Iterator[str]:
    """The events of a finding in order of time."""
    yield f"  from {moment(finding.first)}" + (
        f", because of {', '.join(finding.traits)}" if finding.traits else ""
    )
    shown = [(event, stage) for stage in finding.stages for event in stage.events]
    for event, stage in sorted(shown, key=lambda pair: pair[0].time):
        yield f"  {elapsed(finding.first, event.time):>12}  {stage.name:<17} {short(sentence(event), 150)}"


if __name__ == "__main__":
    main()
