"""MISP events. https://www.misp-standard.org/rfc/misp-standard-core.html"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, TypeAlias

from clew.campaign.exchange.drawn import Drawn
from clew.campaign.exchange.table import plain_value
from clew.campaign.model import CONFIDENCES, Campaign, Confidence, Indicator, Kind
from clew.package.digest import kind_of
from clew.package.model import from_purl
from clew.package.tree import mappings, text_of

_NAMESPACE = uuid.UUID("6b1c8a52-4c0e-5f9b-9d53-2f6a3b8f7e10")
_TAG = "clew:"
#: The tags of an attribute that are ours, by name.
_Tags: TypeAlias = dict[str, list[str]]
#: Our kinds: MISP's type and category.
_TYPES: dict[Kind, tuple[str, str]] = {
    "domains": ("domain", "Network activity"),
    "addresses": ("ip-dst", "Network activity"),
    "ports": ("port", "Network activity"),
    "urls": ("url", "Network activity"),
    "user_agents": ("user-agent", "Network activity"),
    "post_bodies": ("pattern-in-traffic", "Network activity"),
    "files": ("filename", "Artifacts dropped"),
    "registry": ("regkey", "Persistence mechanism"),
    "accounts": ("text", "Attribution"),
    "emails": ("email-src", "Attribution"),
    "packages": ("text", "Payload delivery"),
}
_KINDS: dict[str, Kind] = {
    **{type: kind for kind, (type, _) in _TYPES.items() if type != "text"},
    **dict.fromkeys(("hostname", "domain"), "domains"),
    **dict.fromkeys(("ip-src", "ip-dst"), "addresses"),
    **dict.fromkeys(("uri", "link"), "urls"),
    **dict.fromkeys(("md5", "sha1", "sha256", "sha512"), "hashes"),
    **dict.fromkeys(("email", "email-dst", "whois-registrant-email"), "emails"),
    "regkey|value": "registry",
}


def to_misp(campaign: Campaign) -> dict[str, Any]:
    """One event with an attribute an indicator; what is a lead or context is not for intrusion detection."""
    attributes = [_attribute(campaign, one) for one in campaign.all_indicators()]
    event = {
        "uuid": str(uuid.uuid5(_NAMESPACE, campaign.name)),
        "info": campaign.title,
        "date": campaign.span.since[:10],
        "threat_level_id": "1",
        "analysis": "2",
        "published": False,
        "Tag": [{"name": f"{_TAG}campaign={campaign.name}"}],
        "Attribute": attributes,
    }
    return {"Event": event}


def _attribute(campaign: Campaign, one: Indicator) -> dict[str, Any]:
    type, category = _TYPES.get(one.kind) or (one.value.partition(":")[0], "Payload delivery")
    value = plain_value(one)
    if one.kind == "registry" and one.data:
        type, value = "regkey|value", f"{value}|{one.data}"
    if one.kind == "ports":
        value = value.partition("/")[0]
    key = f"{campaign.name}/{one.kind}/{one.value}/{one.versions}{one.range}"
    texts = (("source", one.sources), ("version", one.versions), ("hash", one.hashes))
    tags = [f"{_TAG}{name}={text}" for name, text in _facts(one).items() if text]
    tags += [f"{_TAG}{name}={text}" for name, several in texts for text in several]
    made: dict[str, Any] = {
        "uuid": str(uuid.uuid5(_NAMESPACE, key)),
        "type": type,
        "category": category,
        "value": value,
        "comment": one.about,
        "to_ids": one.use == "hit",
        "Tag": [{"name": tag} for tag in tags],
    }
    return made | {name: text for name, text in (("first_seen", one.since), ("last_seen", one.until)) if text}


def _facts(one: Indicator) -> dict[str, str]:
    """What an attribute has no field for."""
    return {
        "kind": one.kind,
        "confidence": one.confidence,
        "use": one.use,
        "platform": one.platform,
        "range": one.range,
        "not": one.no,
        "conflict": one.conflict,
        "transport": one.value.partition("/")[2] if one.kind == "ports" else "",
    }


def from_misp(document: Any) -> Drawn:
    """The attributes of an event, of its objects too; deleted ones are left out."""
    drawn = Drawn()
    for event in _events(document):
        drawn.title = drawn.title or text_of(event.get("info"))
        drawn.since = drawn.since or text_of(event.get("date"))
        objects = [
            one for object_ in mappings(event.get("Object")) for one in mappings(object_.get("Attribute"))
        ]
        for attribute in (*mappings(event.get("Attribute")), *objects):
            _take(drawn, attribute)
    return drawn


def _events(document: Any) -> Iterator[dict[str, Any]]:
    responses = document.get("response", [document]) if isinstance(document, dict) else document
    for one in mappings(responses if isinstance(responses, list) else [responses]):
        event = one.get("Event", one)
        if isinstance(event, dict):
            yield event


def _take(drawn: Drawn, attribute: dict[str, Any]) -> None:
    type, value = text_of(attribute.get("type")), str(attribute.get("value") or "")
    tags: dict[str, list[str]] = {}
    for tag in mappings(attribute.get("Tag")):
        name, _, text = text_of(tag.get("name")).removeprefix(_TAG).partition("=")
        if text_of(tag.get("name")).startswith(_TAG):
            tags.setdefault(name, []).append(text)
    kind: Kind | None = next((one for one in _TYPES if [one] == tags.get("kind")), None) or _KINDS.get(type)
    if "|" in type and type != "regkey|value":  # filename|sha256: the hash is worth more than the name
        type, value = type.partition("|")[2], value.rpartition("|")[2]
        kind = _KINDS.get(type)
    if kind is None and kind_of(value):
        kind = "hashes"
    if kind is None or attribute.get("deleted"):
        why = "it is deleted" if attribute.get("deleted") else f"nothing is known of the type '{type}'"
        drawn.said.append(f"left out: {value[:200]}: {why}")
        return
    drawn.add(kind, *_described(kind, value, attribute, tags), **_more(drawn, kind, value, attribute, tags))


def _described(kind: Kind, value: str, attribute: dict[str, Any], tags: _Tags) -> tuple[str, str, Confidence]:
    level: Confidence = next((one for one in CONFIDENCES if [one] == tags.get("confidence")), "medium")
    if kind == "registry":
        value = value.partition("|")[0]
    if kind == "ports":
        value = f"{value}/{tags.get('transport', ['tcp'])[0]}"
    return value, text_of(attribute.get("comment")), level


def _more(drawn: Drawn, kind: Kind, value: str, attribute: dict[str, Any], tags: _Tags) -> dict[str, Any]:
    more: dict[str, Any] = {
        name: tags[name][0] for name in ("platform", "range", "not", "conflict") if name in tags
    }
    more["use"] = tags.get("use", ["hit" if attribute.get("to_ids") else "lead"])[0]
    more |= {"since": text_of(attribute.get("first_seen")), "until": text_of(attribute.get("last_seen"))}
    more["data"] = value.partition("|")[2] if kind == "registry" else ""
    more["sources"] = tags.get("source", [])
    for name in more["sources"]:
        drawn.sources.setdefault(
            name.partition(" (")[0], {"title": name.partition(" (")[0], "kind": "secondary"}
        )
    if kind == "packages":
        more["versions"] = tags.get("version") or [from_purl(value).version or "*"]
        more |= {digest.partition(":")[0]: digest.partition(":")[2] for digest in tags.get("hash", ())}
    return more
