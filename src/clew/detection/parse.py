"""From the text of one file to its detection: head, elements, chain and tests."""

from __future__ import annotations

from clew.detection.block import Block, Faults, block
from clew.detection.case import read_cases
from clew.detection.chain import KEYS as CHAIN_KEYS
from clew.detection.chain import read_plan
from clew.detection.document import Leaf, compose
from clew.detection.head import Head, check_used, read_elements, read_head
from clew.detection.model import Case, Detection, Plan
from clew.detection.reading import Reading, references
from clew.detection.values import Profile, SiteValues, profiles
from clew.errors import Fault

KEYS = (
    "analytic",
    "variant",
    "strategy",
    "technique",
    "platform",
    "title",
    "status",
    "log_sources",
    "mutable",
    "chain",
    "triage",
    "tests",
)


def parse(text: str, path: str, site: SiteValues, skew: int, faults: list[Fault]) -> list[Detection]:
    """The profiles of the one detection in a text; none where something is wrong with it. `faults` tells that,
    and which of the site's values do not suit.
    """
    gathered = Faults(path)
    node = compose(text, path, gathered.found)
    if node is None and not gathered.found:
        gathered.found.append(Fault(path, 0, 0, "the file is empty", "write a detection, or remove the file"))
    top = block(node, gathered, "a detection", KEYS) if node is not None else None
    detections = _detections(top, site, skew) if top is not None else []
    faults.extend(gathered.found)
    return [] if any(fault.path == path for fault in gathered.found) else detections


def _detections(top: Block, site: SiteValues, skew: int) -> list[Detection]:
    head = read_head(top)
    elements = read_elements(top)
    chain = top.block(
        "chain", CHAIN_KEYS, "a detection is a chain of stages: chain: {scope: ..., stages: ...}"
    )
    cases = _cases(top, needed=head.status not in ("test", ""))
    by_host = chain is not None and _lives_on_host(chain)
    found: list[Detection] = []
    for profile in profiles(head.name, elements, site, by_host, top.faults.found.append):
        reading = Reading(top.faults, profile.typed)
        plan = read_plan(chain, reading, skew) if chain is not None else None
        if plan is not None:
            found.append(_detection(head, plan, profile, cases, top.faults.path))
    if chain is not None:
        check_used(top, elements, set(references(chain.node)))
    return found


def _lives_on_host(chain: Block) -> bool:
    scope = chain.node.nodes.get("scope")
    return isinstance(scope, Leaf) and scope.value == "host.id"


def _cases(top: Block, needed: bool) -> tuple[Case, ...]:
    mend = "show what it finds and what it must not find (only under status test may they be missing)"
    cases = read_cases(top.items("tests", mend if needed else "", may_be_empty=not needed), top.faults)
    if needed and cases:
        if all(case.expect is None for case in cases):
            top.faults.add(top.key_at("tests"), "no test expects a finding", "add one that must fire")
        if all(case.expect is not None for case in cases):
            top.faults.add(top.key_at("tests"), "no test is a near miss", "add one with 'expect: none'")
    return cases


def _detection(head: Head, plan: Plan, profile: Profile, cases: tuple[Case, ...], path: str) -> Detection:
    return Detection(
        analytic=head.analytic,
        strategy=head.strategy,
        technique=head.technique,
        platform=head.platform,
        title=head.title,
        status=head.status,
        plan=plan,
        variant=head.variant,
        log_sources=head.log_sources,
        mutable=profile.shown,
        triage=head.triage,
        path=path,
        tests=cases,
        hosts=profile.hosts,
    )
