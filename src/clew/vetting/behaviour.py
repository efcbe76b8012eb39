"""What a package did in the sandbox, as facts: its trace is a log source, and the hunts' own engine reads it.

The detections whose scope is a vetted package are the named behaviours. The level that a finding reaches is what the
fact weighs: critical and high block, medium asks for a person's look, low only explains.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from clew.detection.load import read_detections, shipped
from clew.detection.model import Detection
from clew.detection.site import read_site
from clew.detection.values import Setting, SiteValues
from clew.errors import ContentError, Fault
from clew.finding import EvidenceEvent, Finding, Level
from clew.report.sentence import sentence
from clew.report.text import short
from clew.runner.hunt import hunt
from clew.settings import Settings, read_settings
from clew.vetting.declared import declared_hosts
from clew.vetting.fact import Fact, Place, Weight
from clew.vetting.subject import Subject
from clew.vetting.trace import Call, Detonation, Platform


class Behaviour(msgspec.Struct, frozen=True):
    """What a detection of vetted packages is called as a fact; `technique` is what it shows of the package."""

    name: str
    technique: str
    title: str


#: By the analytic that the detection makes executable. Two are one: DET0720 says the same of two platforms.
BEHAVIOURS = {
    "AN0022": Behaviour("second-stage-fetch", "T1105", "fetches a program and runs it"),
    "AN0128": Behaviour("environment-check", "T1497", "looks where it runs"),
    "AN0356": Behaviour("masquerading-version", "T1036", "puts another manifest in the place of its own"),
    "AN0393": Behaviour("self-erasure", "T1070.004", "deletes its own code"),
    "AN0397": Behaviour("long-sleep", "T1497.003", "asks to wait longer than anybody watches"),
    "AN0698": Behaviour("install-time-egress", "T1071", "calls a host that it does not name as its own"),
    "AN0857": Behaviour("credential-read", "T1552.001", "reads secrets"),
    "AN0887": Behaviour("instrumentation-bypass", "T1562", "does what those who watch it do not see"),
    "AN0989": Behaviour("decoy-exfiltration", "T1041", "steals secrets: the value of a decoy left"),
    "AN1429": Behaviour("child-shell", "T1059", "starts a shell"),
    "AN1576": Behaviour("persistence", "T1543", "sees to it that something runs again"),
    "AN1851": Behaviour("decode-then-run", "T1027", "runs code that it made while it ran"),
    "AN1852": Behaviour("decode-then-run", "T1027", "runs code that it made while it ran"),
}
_WEIGHTS: dict[Level, Weight] = {"critical": "block", "high": "block", "medium": "review", "low": "note"}
_ORDER: tuple[Weight, ...] = ("block", "review", "note")
#: Facts of one behaviour and weight that are told; a build starts hundreds of shells.
_SHOWN = 5
_EVIDENCE, _SENTENCE = 600, 200  # characters
#: Where every run begins: the process that the sandbox itself started says nothing of the package.
_OPENING = "start"


def facts(detonation: Detonation, subject: Subject) -> list[Fact]:
    """What the trace of a run shows of the package, the heaviest first. Raises ContentError for faulty settings."""
    settings = msgspec.structs.replace(
        read_settings(), threads=1
    )  # planning is all the work, and has one thread
    with tempfile.TemporaryDirectory(prefix="clew-trace-", dir=settings.temp_directory) as folder:
        trace = Path(folder) / "trace.jsonl"
        write(detonation.calls, trace)
        found = hunt([trace], behaviours(subject, detonation.calls, settings), settings)
    if found.interrupted:
        raise KeyboardInterrupt
    told = [_fact(finding, subject, detonation.calls) for finding in found.findings]
    return _abridged(_once(told))


def write(calls: Iterable[Call], path: Path) -> None:
    """Write a trace as the log that `clew hunt` reads."""
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        file.writelines(encoder.encode(call) + b"\n" for call in calls)


def behaviours(subject: Subject, calls: Sequence[Call], settings: Settings) -> list[Detection]:
    """The detections of vetted packages with the site's values, and the hosts that this package names as its own.

    Only hosts that it called matter, so most packages have the same detections, which are compiled once.
    """
    called = {call.name.lower() for call in calls if call.name}
    hosts = tuple(
        host
        for host in sorted(declared_hosts(subject, calls))
        if any(name == host or name.endswith(f".{host}") for name in called)
    )
    faults: list[Fault] = []
    site = read_site(settings.files, faults)
    if faults:
        raise ContentError(faults)
    return list(_shipped(hosts, settings.skew) if site == SiteValues() else _read(hosts, settings.skew, site))


def _read(hosts: tuple[str, ...], skew: int, site: SiteValues) -> tuple[Detection, ...]:
    declared = Setting("DeclaredHosts", list(hosts), "the package's manifest", 0, 0, change="add")
    files = sorted(path for name in BEHAVIOURS for path in shipped().glob(f"*/{name}_vetting_*.yaml"))
    faults: list[Fault] = []
    found = read_detections(files, SiteValues((*site.settings, declared), site.hosts), skew, faults)
    if faults:
        raise ContentError(faults)
    return tuple(found)


@lru_cache(maxsize=8)
def _shipped(hosts: tuple[str, ...], skew: int) -> tuple[Detection, ...]:
    return _read(hosts, skew, SiteValues())


def _once(told: Sequence[tuple[Platform, Fact]]) -> list[Fact]:
    """In order: the heaviest first, and what was seen on Linux before the rest. What only explains is told of one
    system."""
    known = {fact.rule for platform, fact in told if platform == "linux"}
    fresh = [one for one in told if one[0] == "linux" or one[1].weight != "note" or one[1].rule not in known]
    fresh.sort(key=lambda one: (_ORDER.index(one[1].weight), one[0] != "linux"))
    return [fact for _, fact in fresh]


def _fact(finding: Finding, subject: Subject, calls: Sequence[Call]) -> tuple[Platform, Fact]:
    """The fact, and the system as on which the package was run when it was seen."""
    behaviour = BEHAVIOURS[finding.analytic]
    shown = [stage.events[0] for stage in finding.stages if stage.events and stage.name != _OPENING]
    events = shown or [event for stage in finding.stages for event in stage.events]
    said = dict.fromkeys(short(sentence(event), _SENTENCE) for event in events)
    platform = calls[events[0].log.position - 1].platform
    where = "" if platform == "linux" else f", as on {platform}"
    return platform, Fact(
        rule=f"behaviour.{behaviour.name}",
        side="behaviour",
        weight=_WEIGHTS[finding.level],
        title=f"{behaviour.title}{where}",
        evidence=short("; ".join(said), _EVIDENCE),
        technique=behaviour.technique,
        place=_place(events, subject, calls),
    )


def _place(events: Sequence[EvidenceEvent], subject: Subject, calls: Sequence[Call]) -> Place:
    """The first call, its layer, and the package's file that any of them is about or was run from."""
    layers = [event.fields.get("clew.api.layer") for event in events]
    paths = [
        str(event.fields[column])
        for event in events
        for column in ("file.path", "clew.process.script")
        if event.fields.get(column)
    ]
    files = (name for path in paths if (name := _own_file(path, subject)))
    return Place(
        file=next(files, None),
        layer=next((str(layer) for layer in layers if layer), None),
        sequence=calls[events[0].log.position - 1].sequence,  # a line is a call
    )


def _own_file(path: str, subject: Subject) -> str | None:
    """The package's file that a path inside the sandbox is: the longest that it ends with."""
    parts = path.split("/")
    return next((name for n in range(len(parts)) if (name := "/".join(parts[n:])) in subject.files), None)


def _abridged(told: Sequence[Fact]) -> list[Fact]:
    """At most so many of one behaviour and weight; the last says how many more there were. The same is told once."""
    kept: dict[tuple[str, Weight], list[Fact]] = {}
    for fact in told:
        alike = kept.setdefault((fact.rule, fact.weight), [])
        if fact.evidence not in [one.evidence for one in alike]:
            alike.append(fact)
    shown: list[Fact] = []
    for alike in kept.values():
        shown += alike[:_SHOWN]
        if (more := len(alike) - _SHOWN) > 0:
            evidence = f"{shown[-1].evidence} … and {more} more like it"
            shown[-1] = msgspec.structs.replace(shown[-1], evidence=evidence)
    return shown
