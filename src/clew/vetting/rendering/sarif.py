"""SARIF 2.1.0, for code scanning: a rule for each fact's rule, a result for each fact that asks for a look.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html . Lines count from 1. What was seen in a layer has
no file: its place is a logical one. Fingerprints hold as long as the rule, the package's name and the place do, so
that a new version of a package does not show everything anew.
"""

from __future__ import annotations

import hashlib
import urllib.parse
from collections import Counter
from collections.abc import Sequence
from typing import Any

from clew import __version__
from clew.report.text import plain
from clew.vetting.fact import Fact
from clew.vetting.vetted import Result, Vetted

_LEVELS = {"block": "error", "review": "warning", "note": "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(result: Result) -> dict[str, Any]:
    """The log, of one run."""
    vetted = result.vetted
    found = [(one, fact) for one in vetted for fact in one.facts if fact.weight != "note"]
    rules = {fact.rule: fact for _, fact in reversed(found)}
    index = {rule: number for number, rule in enumerate(sorted(rules))}
    lost = result.lost
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "clew vet",
                        "version": __version__,
                        "rules": [_rule(rules[rule]) for rule in sorted(rules)],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not lost,
                        "toolExecutionNotifications": [
                            *(_notification("error", text) for text in lost),
                            *(_notification("warning", text) for text in _warnings(vetted)),
                        ],
                    }
                ],
                "results": _told_apart(
                    [_result(one, fact, index[fact.rule]) for one, fact in found]
                    + [_suppressed(one, held.fact, held.because) for one in vetted for held in one.held]
                ),
            }
        ],
    }


def _told_apart(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Results with one fingerprint are numbered, as code scanning does: else one would stand for all."""
    counts: Counter[str] = Counter()
    for result in results:
        prints = result["partialFingerprints"]
        for name, value in prints.items():
            counts[value] += 1
            prints[name] = f"{value}:{counts[value]}"
    return results


def _warnings(vetted: Sequence[Vetted]) -> list[str]:
    return [f"{one.package.purl}: {warning}" for one in vetted for warning in one.warnings]


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": plain(text)}}


def _rule(fact: Fact) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": fact.rule, "shortDescription": {"text": plain(_sentence(fact))}}
    rule["defaultConfiguration"] = {"level": _LEVELS[fact.weight]}
    if fact.technique:
        rule["helpUri"] = f"https://attack.mitre.org/techniques/{fact.technique.replace('.', '/')}/"
        rule["properties"] = {"tags": ["security", fact.technique]}
    return rule


def _result(one: Vetted, fact: Fact, index: int | None = None) -> dict[str, Any]:
    text = f"{one.package.name} {one.package.version} {fact.title}: {fact.evidence}"
    result: dict[str, Any] = {
        "ruleId": fact.rule,
        "level": _LEVELS[fact.weight],
        "message": {"text": plain(text)},
        "locations": [_location(one, fact)],
        "partialFingerprints": {"clewFact/v1": _fingerprint(one, fact)},
        "properties": {"purl": one.package.purl, "verdict": one.verdict.decision},
    }
    return result if index is None else {**result, "ruleIndex": index}


def _suppressed(one: Vetted, fact: Fact, because: str) -> dict[str, Any]:
    said = [{"kind": "external", "status": "accepted", "justification": plain(because)}]
    return {**_result(one, fact), "suppressions": said}


def _location(one: Vetted, fact: Fact) -> dict[str, Any]:
    """The file inside the package, or the lockfile's entry that named it; a layer as a logical place of the package."""
    place = fact.place
    name = f"{one.package.name}@{one.package.version}"
    if place.layer:
        logical = {
            "name": place.layer[:12],
            "fullyQualifiedName": f"{name}/layer/{place.layer}",
            "kind": "function",
        }
    else:
        logical = {"name": one.package.name, "fullyQualifiedName": one.package.purl, "kind": "module"}
    path = f"{name}/{place.file}" if place.file and not place.layer else name
    line = place.line if place.line and not place.layer else 1
    if one.locked:  # what stands in the repository, so that the alert has a place there
        path, line = one.locked.file, one.locked.line or 1
    uri = urllib.parse.quote(path.encode("utf-8", "replace"), safe="/@")
    physical = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _fingerprint(one: Vetted, fact: Fact) -> str:
    """Of what stays when a line is put in above, and when the version changes."""
    parts = (
        fact.rule,
        one.package.ecosystem,
        one.package.name,
        fact.place.file or "",
        fact.evidence if fact.place.file else "",
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _sentence(fact: Fact) -> str:
    return f"The package {fact.title}."
