"""A report as one HTML page: no scripts, nothing from the network, every text from logs harmless.

Every value that a template shows goes through `_shown`, then through jinja's escaping. The page's own
Content-Security-Policy allows its one style sheet, by hash, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import IO, Any

import jinja2
import msgspec
from markupsafe import Markup

from clew.finding import LEVELS, Ancestor, ElementValue, EvidenceEvent, EvidenceStage, Finding, rank
from clew.report import graph, summary, timeline
from clew.report.account import Account, Report
from clew.report.raw import Raw
from clew.report.sentence import sentence
from clew.report.table import by_gravity, thread, unseen
from clew.report.text import cut, elapsed, length, moment, plain, short

_TEXT, _REJECTS = 4_000, 100


class Moment(msgspec.Struct, frozen=True):
    """An event of a thread, with all that is shown of it."""

    event: EvidenceEvent
    stage: EvidenceStage
    elapsed: str
    words: str
    raw: Raw


class Detail(msgspec.Struct, frozen=True):
    """A finding, with all that is shown of it."""

    finding: Finding
    name: str
    asked: int
    graph: graph.Graph
    thread: tuple[Moment, ...]
    lineage: tuple[tuple[Ancestor, ...], ...]
    unseen: str


class Asked(msgspec.Struct, frozen=True):
    """A detection as it was in force for some of the findings: its values, and what to do about them."""

    number: int
    name: str
    title: str
    mutable: Mapping[str, ElementValue]
    triage: tuple[str, ...]


def write(report: Report, out: IO[bytes]) -> None:
    """Write the page, finding by finding, in UTF-8."""
    style = files("clew.report").joinpath("templates/style.css").read_text("utf-8")
    findings = by_gravity(report.findings)
    asked = _asked(findings)
    page = (
        _environment()
        .get_template("page.html")
        .generate(
            style=Markup(style),
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            account=report.account,
            **_closing(report.account),
            findings=findings,
            found=summary.found(findings),
            levels=[(level, sum(f.level == level for f in findings)) for level in reversed(LEVELS)],
            details=(_detail(finding, asked[_key(finding)], report) for finding in findings),
            asked=list(asked.values()),
            timeline=timeline.draw(findings) if findings else None,
        )
    )
    for part in page:
        out.write(part.encode())


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("clew.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=moment, length=length, short=short, listed=_listed, length_of=len)
    environment.globals.update(box_width=graph.WIDTH, box_height=graph.HEIGHT)
    return environment


def _shown(value: object) -> object:
    """What a page may hold of a text: no control characters, none that hide or turn text, and not too much."""
    if isinstance(value, Markup):
        return value
    # A text of a megabyte is cut first; an escape is six characters at most.
    text = str(value)
    return cut(text, _TEXT) if text.isascii() and text.isprintable() else plain(cut(text, _TEXT))


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def _closing(account: Account | None) -> dict[str, Any]:
    """What the closing lines of a hunt say, for the page."""
    if account is None:
        return {
            "read": "",
            "incomplete": False,
            "rejects": (),
            "more_rejects": 0,
            "notes": (),
            "more_notes": 0,
        }
    tally = account.tally
    rejects, notes = tally.rejects[:_REJECTS], tally.notes[:_REJECTS]
    lost = tally.records["rejected"] + tally.unread
    return {
        "read": summary.read(tally),
        "incomplete": not tally.complete or bool(account.evicted or account.dropped) or account.interrupted,
        "rejects": rejects,
        "more_rejects": lost - sum(reject.count if reject.position else 1 for reject in rejects),
        "notes": notes,
        "more_notes": tally.noted - len(notes),
    }


def _detail(finding: Finding, asked: Asked, report: Report) -> Detail:
    shown = thread(finding)
    return Detail(
        finding,
        asked.name,
        asked.number,
        graph.draw(finding),
        tuple(
            Moment(
                event,
                stage,
                elapsed(shown[0][0].time, event.time),
                short(sentence(event), 400),
                _cut(report.recall(event)),
            )
            for event, stage in shown
        ),
        tuple(_lines(finding.lineage)),
        unseen(finding),
    )


def _cut(raw: Raw) -> Raw:
    return raw if raw.text is None else Raw(cut(raw.text, _TEXT - 100))


def _lines(lineage: Iterable[Ancestor]) -> list[tuple[Ancestor, ...]]:
    """The ancestors of each process of the thread, the eldest first; what a longer line begins with is left out."""
    lines: dict[str, list[Ancestor]] = {}
    for ancestor in lineage:
        lines.setdefault(ancestor.of, []).insert(0, ancestor)
    found = [tuple(line) for line in lines.values()]
    names = [tuple(one.entity_id for one in line) for line in found]
    return [
        line
        for line, own in zip(found, names, strict=True)
        if not any(own == other[: len(own)] and len(other) > len(own) for other in names)
    ]


def _key(finding: Finding) -> tuple[object, ...]:
    return (finding.analytic, finding.variant, finding.triage, msgspec.json.encode(finding.mutable))


def _asked(findings: Sequence[Finding]) -> dict[tuple[object, ...], Asked]:
    """The detections behind the findings, each once however many findings it has."""
    asked: dict[tuple[object, ...], Asked] = {}
    for one in sorted(findings, key=lambda one: (-rank(one.level), one.analytic, one.variant or "")):
        if (key := _key(one)) not in asked:
            name = f"{one.analytic}/{one.variant}" if one.variant else one.analytic
            triage = tuple(one.triage.strip().splitlines())
            asked[key] = Asked(len(asked) + 1, name, one.title, one.mutable, triage)
    return asked
