"""STIX 2.1 bundles: the campaign with its indicators, actors, malware, techniques and courses of action.

Ids are UUIDv5 of what they stand for, so that the same pack gives the same bundle. What the format has no property for
stands in labels `clew:name=value`. https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from clew.campaign.exchange import pattern
from clew.campaign.exchange.drawn import Drawn
from clew.campaign.model import PHASES, Campaign, Claim, Confidence, Indicator, Step
from clew.campaign.page import shown
from clew.package.digest import from_hex
from clew.package.tree import mappings, text_of

_NAMESPACE = uuid.UUID("0d3f0f56-6a52-5f0c-8f0e-5a1b7c9e4d21")
_LABEL = "clew:"
_NUMBERS: dict[Confidence, int] = {"high": 85, "medium": 50, "low": 15}
_EPOCH = "1970-01-01T00:00:00Z"


def to_stix(campaign: Campaign) -> dict[str, Any]:
    """The whole bundle."""
    maker = _Maker(campaign)
    return {"type": "bundle", "id": maker.id("bundle", ""), "objects": list(maker.objects())}


class _Maker:
    def __init__(self, campaign: Campaign) -> None:
        self._campaign, self._time = campaign, _time(campaign.updated)
        self._sources = campaign.sources

    def id(self, type: str, key: str) -> str:
        return f"{type}--{uuid.uuid5(_NAMESPACE, f'{self._campaign.name}/{type}/{key}')}"

    def _object(self, type: str, key: str, **fields: Any) -> dict[str, Any]:
        made = {
            "type": type,
            "spec_version": "2.1",
            "id": self.id(type, key),
            "created": self._time,
            "modified": self._time,
        }
        return made | {name: value for name, value in fields.items() if value not in ("", None, [])}

    def objects(self) -> Iterator[dict[str, Any]]:
        """The campaign first, then all else with its relationships."""
        campaign = self._campaign
        whole = self._object(
            "campaign",
            "",
            name=campaign.title,
            description=campaign.summary,
            aliases=list(campaign.aliases),
            first_seen=_time(campaign.span.since),
            last_seen=_time(campaign.span.until),
            confidence=_NUMBERS[campaign.confidence],
            labels=[f"{_LABEL}name={campaign.name}"],
            external_references=[
                {"source_name": claim.about or "identifier", "external_id": claim.text}
                for claim in campaign.identifiers
            ],
        )
        yield whole
        for claim in campaign.actors:
            yield from self._related(whole, "attributed-to", self._claim("intrusion-set", claim))
        malware = [self._claim("malware", claim) | {"is_family": True} for claim in campaign.malware]
        techniques = [self._technique(one.id, one.name) for one in campaign.techniques]
        for made in (*malware, *techniques):
            yield from self._related(whole, "uses", made)
        for one in campaign.all_indicators():
            indicator = self._indicator(one)
            yield indicator
            yield self._relationship(indicator, "indicates", whole)
        for step in campaign.guidance.remediation:
            yield from self._step(step, "remediates", malware)
        for step in campaign.guidance.mitigation:
            yield from self._step(step, "mitigates", techniques)
        yield from self._notes(whole)

    def _related(self, whole: dict[str, Any], how: str, made: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield made
        yield self._relationship(whole, how, made)

    def _relationship(self, source: dict[str, Any], how: str, target: dict[str, Any]) -> dict[str, Any]:
        ends = {"source_ref": source["id"], "target_ref": target["id"]}
        return self._object(
            "relationship", f"{source['id']} {how} {target['id']}", relationship_type=how, **ends
        )

    def _claim(self, type: str, claim: Claim) -> dict[str, Any]:
        about = claim.about + (f" (others: {claim.conflict})" if claim.conflict else "")
        confidence = _NUMBERS[claim.confidence] if claim.confidence else None
        return self._object(
            type,
            claim.text,
            name=claim.text,
            description=about,
            confidence=confidence,
            external_references=self._refs(claim.sources),
        )

    def _technique(self, id: str, name: str) -> dict[str, Any]:
        url = f"https://attack.mitre.org/techniques/{id.replace('.', '/')}"
        reference = {"source_name": "mitre-attack", "external_id": id, "url": url}
        return self._object("attack-pattern", id, name=name, external_references=[reference])

    def _indicator(self, one: Indicator) -> dict[str, Any]:
        labels = {"kind": one.kind, "use": one.use, "platform": one.platform, "range": one.range}
        labels |= {"not": one.no, "conflict": one.conflict, "since": one.since, "until": one.until}
        labels |= {"purl": one.value if one.kind == "packages" else ""}
        return self._object(
            "indicator",
            f"{one.kind}/{one.value}/{one.versions}{one.range}",
            name=shown(one),
            description=one.about,
            indicator_types=["malicious-activity" if one.use == "hit" else "anomalous-activity"],
            pattern=pattern.written(one),
            pattern_type="stix",
            valid_from=_time(one.since or self._campaign.span.since),
            valid_until=_time(one.until) if one.until else "",
            confidence=_NUMBERS[one.confidence],
            labels=[f"{_LABEL}{name}={text}" for name, text in labels.items() if text],
            external_references=self._refs(one.sources),
        )

    def _step(self, step: Step, how: str, targets: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        commands = "".join(f"\n$ {command}" for command in step.commands)
        labels = [f"{_LABEL}phase={step.phase}", f"{_LABEL}verify={step.verify}"]
        labels += [f"{_LABEL}when={trigger}" for trigger in step.when]
        made = self._object(
            "course-of-action",
            step.id,
            name=step.id,
            description=step.text + commands,
            labels=labels,
            external_references=self._refs(step.sources),
        )
        yield made
        for target in targets[:1]:
            yield self._relationship(made, how, target)

    def _notes(self, whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for one in self._campaign.refused:
            labels = [f"{_LABEL}do_not_use={one.value}", f"{_LABEL}kind={one.kind}"]
            text = f"Do not use {one.value} as an indicator: {one.why}"
            yield self._object(
                "note", f"refused {one.value}", content=text, object_refs=[whole["id"]], labels=labels
            )
        for claim in self._campaign.guidance.notes:
            yield self._object("note", claim.text, content=claim.text, object_refs=[whole["id"]])

    def _refs(self, sources: tuple[str, ...]) -> list[dict[str, str]]:
        """A source by its title, with its id, and whom it relays, as the description."""
        made = []
        for name in sources:
            source = self._sources[name.partition(" (")[0]]
            reference = {"source_name": source.title, "description": name}
            made.append(reference | ({"url": source.url} if source.url else {}))
        return made


def _time(text: str) -> str:
    """A time as STIX writes it: UTC, with seconds."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return _EPOCH
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def from_stix(bundle: dict[str, Any]) -> Drawn:
    """What a bundle tells; objects of other types are counted, patterns that are not understood are told."""
    drawn = Drawn()
    unknown: dict[str, int] = {}
    for one in mappings(bundle.get("objects")):
        type = text_of(one.get("type"))
        if one.get("revoked"):
            drawn.said.append(f"{one.get('id')} is revoked: left out")
        elif (take := _TAKERS.get(type)) is not None:
            take(drawn, one)
        elif type not in ("relationship", "identity", "marking-definition", "extension-definition"):
            unknown[type] = unknown.get(type, 0) + 1
    drawn.said += [
        f"left out: {count} objects of the type '{type}'" for type, count in sorted(unknown.items())
    ]
    return drawn


def _labels(one: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for label in one.get("labels") or ():
        if isinstance(label, str) and label.startswith(_LABEL):
            name, _, text = label.removeprefix(_LABEL).partition("=")
            found.setdefault(name, []).append(text)
    return found


def _confidence(one: dict[str, Any]) -> Confidence:
    """STIX's numbers by its own scale of low, medium and high; medium where there is none."""
    number = one.get("confidence")
    if not isinstance(number, int):
        return "medium"
    return "high" if number >= 70 else "medium" if number >= 30 else "low"


def _sources(drawn: Drawn, one: dict[str, Any]) -> list[str]:
    """The references as sources, each under the id that an export of ours gave it, or its own name."""
    names = []
    for reference in mappings(one.get("external_references")):
        title = text_of(reference.get("source_name"))
        if title and title != "mitre-attack":
            name = text_of(reference.get("description")) if title in _titles(drawn, reference) else ""
            id = (name or title).partition(" (")[0]
            id = "".join(sign if sign.isalnum() or sign in "_-" else "-" for sign in id)[:60]
            drawn.sources.setdefault(id, {"title": title, "kind": "secondary", **_url(reference)})
            names.append(id + (name[len(name.partition(" (")[0]) :] if name else ""))
    return names


def _titles(drawn: Drawn, reference: dict[str, Any]) -> tuple[str, ...]:
    """The title itself where its description is short enough to be an id."""
    short = text_of(reference.get("description"))
    return (text_of(reference.get("source_name")),) if short and len(short.partition(" (")[0]) <= 12 else ()


def _url(reference: dict[str, Any]) -> dict[str, str]:
    return {"url": text_of(reference.get("url"))} if reference.get("url") else {}


def _campaign(drawn: Drawn, one: dict[str, Any]) -> None:
    drawn.title, drawn.summary = text_of(one.get("name")), text_of(one.get("description"))
    drawn.since, drawn.until = text_of(one.get("first_seen")), text_of(one.get("last_seen"))
    drawn.aliases = [alias for alias in one.get("aliases") or () if isinstance(alias, str)]


def _indicator(drawn: Drawn, one: dict[str, Any]) -> None:
    labels, written = _labels(one), text_of(one.get("pattern"))
    name, said = text_of(one.get("name")), text_of(one.get("description"))
    first = {key: texts[0] for key, texts in labels.items()}
    more: dict[str, Any] = {
        key: first.get(key, "") for key in ("use", "platform", "range", "not", "conflict")
    }
    ours = "kind" in first
    more["since"] = first.get("since", "") if ours else text_of(one.get("valid_from"))
    more["until"] = first.get("until", "") if ours else text_of(one.get("valid_until"))
    more["sources"] = _sources(drawn, one)
    if purl := first.get("purl"):
        more["versions"] = pattern.versions(written) or ([] if more["range"] else ["*"])
        more |= _archives(written)
        drawn.add("packages", purl, said or name, _confidence(one), **more)
        return
    found = pattern.read(written) if text_of(one.get("pattern_type")) in ("stix", "") else []
    if not found:
        drawn.said.append(f"left out: a pattern that is not understood: {written[:200]}")
    for read in found:
        drawn.add(read.kind, read.value, said or name, _confidence(one), data=read.data, **more)


def _archives(written: str) -> dict[str, str]:
    """The hashes of a package's archive."""
    found = [c for c in pattern.comparisons(written) if c.object == "file" and c.path.startswith("hashes.")]
    digests = (from_hex(c.path.partition(".")[2], c.values[0]) for c in found)
    return {digest.partition(":")[0]: digest.partition(":")[2] for digest in digests if digest}


def _actor(drawn: Drawn, one: dict[str, Any]) -> None:
    drawn.actors.append(_told(drawn, one))


def _malware(drawn: Drawn, one: dict[str, Any]) -> None:
    drawn.malware.append(_told(drawn, one))


def _told(drawn: Drawn, one: dict[str, Any]) -> dict[str, Any]:
    fields = {"text": text_of(one.get("name")) or "unnamed", "about": text_of(one.get("description"))}
    fields |= {"confidence": _confidence(one)} if "confidence" in one else {}
    return {key: value for key, value in fields.items() if value} | {"sources": _sources(drawn, one)}


def _technique(drawn: Drawn, one: dict[str, Any]) -> None:
    for reference in mappings(one.get("external_references")):
        if reference.get("source_name") == "mitre-attack" and reference.get("external_id"):
            drawn.techniques.append({"id": str(reference["external_id"]), "name": text_of(one.get("name"))})


def _step(drawn: Drawn, one: dict[str, Any]) -> None:
    labels = _labels(one)
    text, *commands = text_of(one.get("description")).split("\n$ ")
    phase = labels.get("phase", ["contain"])[0]
    drawn.steps.append(
        {
            "id": text_of(one.get("name"))[:60] or f"S{len(drawn.steps) + 1}",
            "phase": phase if phase in PHASES else "contain",
            "text": text or text_of(one.get("name")),
            "commands": commands,
            "verify": labels.get("verify", ["somebody checked it"])[0],
            "when": labels.get("when", ["any"]),
            "sources": _sources(drawn, one),
        }
    )


def _note(drawn: Drawn, one: dict[str, Any]) -> None:
    labels = _labels(one)
    text = text_of(one.get("content"))
    if "do_not_use" in labels:
        value, kind = labels["do_not_use"][0], labels.get("kind", ["claims"])[0]
        drawn.refused.append({"value": value, "kind": kind, "why": text.partition(": ")[2] or text})
    elif text:
        drawn.notes.append({"text": text})


_TAKERS = {
    "campaign": _campaign,
    "indicator": _indicator,
    "intrusion-set": _actor,
    "threat-actor": _actor,
    "malware": _malware,
    "tool": _malware,
    "attack-pattern": _technique,
    "course-of-action": _step,
    "note": _note,
}
