"""Logs of a sweep: which files are some, the hunt through them, and what its findings say of the campaign."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import msgspec

from clew.archive import Leaf, leaves
from clew.archive import kind_of as packed_as
from clew.campaign.compile import LEVELS, compiled, looked
from clew.campaign.model import KINDS, Campaign, Indicator, Kind, Trigger, Use
from clew.campaign.page import shown
from clew.campaign.sweep.model import Blind, Evidence
from clew.campaign.sweep.places import Places, exposed, moment
from clew.campaign.sweep.sift import sifted
from clew.detection.condition import compile, either
from clew.finding import EvidenceEvent, Finding, rank
from clew.pipeline import Progress
from clew.read import READERS, jsonlines
from clew.read import documents as json_documents
from clew.record import Reject
from clew.report.sentence import sentence
from clew.runner.hunt import Hunt, hunt
from clew.settings import Settings

_NAME = re.compile(
    r".*(\.(evtx|json|jsonl|ndjson|log|xml|csv|tsv|parquet|txt)(\.\d+)?|(syslog|messages|secure)(\.\d+)?)"
    r"(\.(gz|bz2|xz|zst))?",
    re.IGNORECASE,
)
#: JSON may be anything; telemetry names one of these early.
_TELEMETRY = re.compile(
    rb'"(@timestamp|EventID|event_id|event_type|class_uid|_path|ts|EventTime|UtcTime|winlog[^"]*|_source)"'
)
#: Logs that no reader knows are searched as text.
_TEXT = re.compile(r".*\.log(\.\d+)?(\.(gz|bz2|xz|zst))?", re.IGNORECASE)
_PACKED = (".zip", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".7z", ".rar")
#: Of so many indicators of a kind the first few tell where all of them are looked for.
_SOME = 50
#: How many members of an archive are looked at to tell whether it holds logs.
_MEMBERS = 20
_TRIGGERS: Mapping[Kind, Trigger] = {
    **dict.fromkeys(("domains", "addresses", "urls", "user_agents"), "network"),
    **dict.fromkeys(("hashes", "files", "registry", "post_bodies"), "host"),
    "packages": "installed",
}


def kind_of(path: Path) -> Literal["log", "text", "archive", ""]:
    """What a file that was come upon is, by its name and then by its first bytes.

    A log that a hunt reads, a log that is plain text, an archive in which no log was found, or something else.
    """
    if not may_be_log(path.name):
        return ""
    packed = path.name.lower().endswith(_PACKED)
    try:
        if any(map(_is_telemetry, _heads(path))):
            return "log"
    except OSError:
        return "log"  # whoever reads it says why it cannot be
    if packed:
        return "archive"
    return (
        "text"
        if _TEXT.fullmatch(path.name)
        else "log"
        if path.suffix.lower() in (".evtx", ".parquet")
        else ""
    )


def may_be_log(name: str) -> bool:
    """Whether a file of that name may be a log, or an archive of some."""
    return name.lower().endswith(_PACKED) or _NAME.fullmatch(name) is not None


def _heads(path: Path) -> Iterator[bytes]:
    """The first bytes of the file, or of the first members that an archive has."""
    with path.open("rb", buffering=0) as raw:
        stream: io.BufferedReader = io.BufferedReader(raw)
        head = stream.peek()
        if packed_as(head):
            yield from _inside(path, stream)
        else:
            yield head


def _inside(path: Path, stream: io.BufferedReader) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="clew-") as spill:
        found = leaves(str(path), stream, Path(spill), path)
        for leaf in islice((one for one in found if isinstance(one, Leaf)), _MEMBERS):
            yield leaf.head
            while leaf.stream.read(1 << 20):
                pass  # a member of an archive is read before the next one is asked for


def _is_telemetry(head: bytes) -> bool:
    reader = next((reader for reader in READERS if reader.claims(head)), None)
    return reader is not None and (reader not in (json_documents, jsonlines) or bool(_TELEMETRY.search(head)))


def through(
    campaign: Campaign,
    logs: Mapping[Path, str],
    settings: Settings,
    places: Places,
    progress: Progress = lambda file, done: None,
) -> Hunt:
    """Hunt through the logs, each with the name by which the user knows it, into the places."""
    campaign = sifted(campaign, [*logs])
    detections = [*compiled(campaign), *campaign.detections]
    result = hunt(_there(logs, places), detections, settings, progress=progress)
    tests: dict[str, list[tuple[Indicator, Callable[[Any], bool]]]] = {}
    for finding in result.findings:
        for one in _evidence(campaign, finding, tests):
            told, file = _known(one.path, logs)
            places.at("log", file).evidence.append(msgspec.structs.replace(one, path=told))
    for reject in result.tally.rejects:
        told, file = _known(reject.path, logs)
        places.unread("log", file, msgspec.structs.replace(reject, path=told))
    return result


def _there(logs: Mapping[Path, str], places: Places) -> Iterator[Path]:
    """The logs that are there still when they are asked for: on a host that lives, some go meanwhile."""
    for path, name in logs.items():
        if path.exists():
            places.at("log", name).looked += 1
            yield path
        else:
            places.unread("log", name, Reject(name, 0, "it vanished before it was read"))


def _known(path: str, logs: Mapping[Path, str]) -> tuple[str, str]:
    """A log's path as the user knows it, and that of the file it stands in: it may be a member of an archive."""
    outer, sign, member = path.partition("!")
    name = logs.get(Path(outer))
    return (name + sign + member, name) if name is not None else (path, path)


def _evidence(
    campaign: Campaign, finding: Finding, tests: dict[str, list[tuple[Indicator, Callable[[Any], bool]]]]
) -> Iterator[Evidence]:
    event = next(event for stage in finding.stages for event in stage.events)
    if finding.analytic != campaign.name or not finding.variant:
        if moment(finding.last) >= moment(campaign.span.since):
            yield _behaviour(campaign, finding, event)
        return
    kind, _, use = finding.variant.rpartition("-")
    known = tests.setdefault(finding.variant, [])
    if not known:
        known += _tests(campaign, kind, use)
    for one, holds in known:
        if holds(event.fields) and (found := _seen(campaign, finding, event, one)):
            yield found


def _tests(campaign: Campaign, kind: str, use: str) -> Iterator[tuple[Indicator, Callable[[Any], bool]]]:
    for one in campaign.all_indicators():
        if one.kind == kind and one.use == use:
            yield one, compile(either(place.condition() for place in looked(one)))


def _seen(campaign: Campaign, finding: Finding, event: EvidenceEvent, one: Indicator) -> Evidence | None:
    """Outside the time in which the indicator is valid, a hit is but a lead, and a lead is nothing."""
    early = one.since and moment(finding.last) < moment(one.since)
    late = one.until and moment(finding.first) > moment(one.until)
    if one.use == "lead" and (early or late):
        return None
    use: Use = "lead" if early or late else one.use
    said = told(event) + ("; outside the time in which it is known to be bad" if early or late else "")
    return Evidence(
        use=use,
        level=LEVELS[use],
        trigger=_TRIGGERS.get(one.kind, "network"),
        kind=one.kind,
        indicator=shown(one),
        what=said,
        path=event.log.path,
        position=event.log.position,
        first=finding.first,
        last=finding.last,
        exposed=exposed(campaign, finding.first, finding.last),
        count=sum(stage.count for stage in finding.stages),
        finding=finding.id,
    )


def told(event: EvidenceEvent) -> str:
    """What an event says, in a line: of names and requests on the wire who asked for what."""
    fields = event.fields
    who = fields.get("host.name") or fields.get("source.ip") or "somebody"
    if asked := fields.get("dns.question.name"):
        answers = f", and was told {fields['dns.resolved_ip']}" if fields.get("dns.resolved_ip") else ""
        return f"{who} asked for the name {asked}{answers}"
    if method := fields.get("http.request.method"):
        host = fields.get("url.domain") or fields.get("destination.ip") or ""
        port = f":{fields['destination.port']}" if fields.get("destination.port") else ""
        url = fields.get("url.full") or f"{host}{port}{fields.get('url.original', '')}"
        return f"{who} sent {method} {url} as {fields.get('user_agent.original', 'nobody')}"
    if name := fields.get("tls.client.server_name"):
        return f"{who} opened TLS to {name} at {fields.get('destination.ip', '')}"
    return sentence(event)


def _behaviour(campaign: Campaign, finding: Finding, event: EvidenceEvent) -> Evidence:
    """A chain without indicators: the pack's own is a hit from high on, a shipped one shows what to look at."""
    name = f"{finding.analytic}/{finding.variant}" if finding.variant else finding.analytic
    own = any(one.name == name and one.path.startswith(campaign.path) for one in campaign.detections)
    values = ", ".join(map(str, (*finding.scope.values(), *finding.bound.values())))
    return Evidence(
        use="hit" if own and rank(finding.level) >= rank("high") else "lead",
        level=finding.level,
        trigger="behaviour",
        kind="analytic",
        indicator=name,
        what=f"{finding.title}: {values}",
        path=event.log.path,
        position=event.log.position,
        first=finding.first,
        last=finding.last,
        exposed=exposed(campaign, finding.first, finding.last),
        count=sum(stage.count for stage in finding.stages),
        finding=finding.id,
    )


def blind(campaign: Campaign, result: Hunt | None) -> Iterator[Blind]:
    """The kinds of indicators for which the logs had no events at all, and analytics of which stages lacked them."""
    if result is None:
        names = [
            KINDS[kind].partition(",")[0] for kind in KINDS if any(map(looked, campaign.indicators[kind]))
        ]
        names += [f"the behaviour of {detection.name}" for detection in campaign.detections]
        yield Blind(f"in logs: {', '.join(names)}", "there were no logs")
        return
    seen = result.tally.components
    for kind, title in KINDS.items():
        asked = sorted(
            {
                c
                for one in campaign.indicators[kind][:_SOME]
                for place in looked(one)
                for c in place.components
            }
        )
        if asked and not any(seen.get(component) for component in asked):
            yield Blind(f"{title.partition(',')[0]} in logs", f"no events of {', '.join(asked)}")
    lacking: dict[str, list[str]] = {}
    for one in result.blind:
        if not one.detection.startswith(f"{campaign.name}/"):
            lacking.setdefault(one.detection, []).append(f"{one.stage} ({one.component})")
    for name, stages in lacking.items():
        yield Blind(f"stages of {name}", f"no events for {', '.join(stages)}")
