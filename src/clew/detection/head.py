"""The head of a detection: which analytic it is, where ATT&CK has it, which log sources it needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import msgspec

from clew.detection.block import Block, block
from clew.detection.component import COMPONENTS
from clew.detection.document import plain
from clew.detection.element import TYPES, Element, ElementData, ElementError, ElementType, coerce
from clew.detection.model import LogSource
from clew.detection.shared import default_of
from clew.suggest import did_you_mean

#: ATT&CK's platforms, in small letters.
PLATFORMS = (
    "android",
    "containers",
    "esxi",
    "iaas",
    "identity_provider",
    "ios",
    "linux",
    "macos",
    "network_devices",
    "office_suite",
    "pre",
    "saas",
    "windows",
)
#: Sigma's words. Under `test`, tests and log sources may be missing (R16).
STATUSES = ("stable", "test", "experimental", "deprecated")
ANALYTIC = r"AN[0-9]{4}"
STRATEGY = r"DET[0-9]{4}"
TECHNIQUE = r"T[0-9]{4}(\.[0-9]{3})?"
VARIANT = r"[a-z0-9][a-z0-9_-]{0,60}"
ELEMENT = r"[A-Za-z][A-Za-z0-9_]{0,80}"
#: In the place of a default that is wrong, so that its uses are not told as faults of their own.
_STAND_INS: Mapping[ElementType, ElementData] = {
    "duration": 3_600_000_000,
    "number": 1,
    "string": "*",
    "regex": ".",
}


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the chain; empty text where it is missing or wrong."""

    analytic: str
    strategy: str
    technique: str
    platform: str
    title: str
    status: str
    variant: str | None
    triage: str
    log_sources: tuple[LogSource, ...]

    @property
    def name(self) -> str:
        """`AN0862`, or `AN0862/npm` where there is a variant."""
        return f"{self.analytic}/{self.variant}" if self.variant else self.analytic


def read_head(top: Block) -> Head:
    """The head of a detection; what is wrong with it is noted."""
    status = top.choice("status", STATUSES, "say how far it is: status: test") or ""
    triage = top.text("triage", _triage_mend(status)) or ""
    return Head(
        analytic=_like(top, "analytic", ANALYTIC, "ATT&CK's id of the analytic: AN0862") or "",
        strategy=_like(top, "strategy", STRATEGY, "ATT&CK's id of the detection strategy: DET0309") or "",
        technique=_like(top, "technique", TECHNIQUE, "ATT&CK's id of the technique: T1195.002") or "",
        platform=top.choice("platform", PLATFORMS, "say where it looks: platform: windows") or "",
        title=top.text("title", "say in one line what it finds") or "",
        status=status,
        variant=_like(top, "variant", VARIANT, "small letters, digits, - and _"),
        triage=triage,
        log_sources=_log_sources(top, needed=status != "test"),
    )


def _triage_mend(status: str) -> str:
    return "status stable needs it: what to look at first, and what it often is" if status == "stable" else ""


def _like(top: Block, key: str, pattern: str, mend: str) -> str | None:
    written = top.text(key, "" if key == "variant" else mend)
    if written is not None and not re.fullmatch(pattern, written):
        top.faults.add(top.at(key), f"'{key}' cannot be '{written}'", mend)
        return None
    return written


def _log_sources(top: Block, needed: bool) -> tuple[LogSource, ...]:
    mend = "list ATT&CK's log sources: coverage is computed from them (status test may leave them out)"
    found = []
    for node in top.items("log_sources", mend if needed else "", may_be_empty=not needed):
        source = block(node, top.faults, "a log source", ("component", "name", "channel"))
        if source is not None:
            found.append(_log_source(source))
    return tuple(found)


def _log_source(source: Block) -> LogSource:
    component = source.text("component", "ATT&CK's data component, such as process_creation") or ""
    if component and component not in COMPONENTS:
        message = f"no data component is called '{component}'"
        source.faults.add(source.at("component"), message, did_you_mean(component, COMPONENTS))
    name = source.text("name", "ATT&CK's name of the log source: WinEventLog:Sysmon") or ""
    channel = source.text("channel", "ATT&CK's channel: EventCode=1") or ""
    return LogSource(component, name, channel)


def read_elements(top: Block) -> dict[str, Element]:
    """The mutable elements that a detection declares, with their defaults."""
    elements: dict[str, Element] = {}
    for name, mark, node in top.entries("mutable"):
        if not re.fullmatch(ELEMENT, name):
            top.faults.add(mark, f"'{name}' cannot name an element", "letters, digits and _: ApprovedSigners")
        declared = block(node, top.faults, f"the element '{name}'", ("type", "default", "about"))
        element = _element(name, declared) if declared else None
        if element is not None:
            elements[name] = element
    return elements


def _element(name: str, declared: Block) -> Element | None:
    types: Collection[str] = TYPES
    word = declared.choice("type", sorted(types), f"one of {', '.join(sorted(types))}")
    about = declared.text("about", "say in a few words what it is for") or ""
    default = declared.get("default", "every element has a default")
    type_ = next((known for known in TYPES if known == word), None)
    if type_ is None or default is None:
        return None
    try:
        shared = default_of(default, declared.faults)
        return Element(name, type_, coerce(type_, plain(default) if shared is None else shared), about)
    except ElementError as error:
        declared.faults.add(default.mark, f"the default of '{name}': {error}")
        return Element(name, type_, _STAND_INS.get(type_, ()), about)


def check_used(top: Block, elements: Collection[str], used: Collection[str]) -> None:
    """Note the elements that nothing refers to: setting them would change nothing."""
    for name, mark, _ in top.entries("mutable"):
        if name in elements and name not in used:
            mend = f"refer to it as '%{name}%', or remove it"
            top.faults.add(mark, f"nothing uses the element '{name}'", mend)
