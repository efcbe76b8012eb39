"""What is said where a detection differs from the analytic that it makes executable."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clew.attack.index import Index, attack_index
from clew.detection.check import Remark, check
from clew.detection.model import Detection, LogSource, Plan
from clew.finding import ElementValue

PLAN = Plan(scope="host.id", within=1, stages=(), levels=())


@pytest.fixture(scope="module")
def index() -> Index:
    return attack_index()


def faithful(analytic: str = "AN0862", **changes: Any) -> Detection:
    """A detection that says exactly what ATT&CK says."""
    index = attack_index()
    found = index.analytic(analytic)
    detection = Detection(
        analytic=found.id,
        strategy=found.strategy,
        technique=index.strategy(found.strategy).techniques[0].id,
        platform="".join(found.platforms).lower(),
        title="t",
        status="stable",
        plan=PLAN,
        log_sources=tuple(LogSource(s.component, s.name, s.channel) for s in found.log_sources),
        mutable={name: ElementValue("x", "content") for name in found.mutable},
        path="a.yaml",
    )
    return msgspec.structs.replace(detection, **changes)


def said(detection: Detection) -> list[tuple[str, str]]:
    return [(remark.kind, remark.message) for remark in check(detection, attack_index())]


def test_every_analytic_agrees_with_itself(index: Index) -> None:
    """No false alarm over all 2,032: the comparison reads ATT&CK's own spellings as they are."""
    wrong = [a.id for s in index.strategies() for a in s.analytics if check(faithful(a.id), index)]
    assert wrong == []


def test_every_single_omission_is_noticed(index: Index) -> None:
    """Over a fifteenth of the analytics: each log source and each element, left out, is forgotten."""
    for analytic in [a for s in index.strategies()[::15] for a in s.analytics]:
        whole = faithful(analytic.id)
        for name in whole.mutable:
            rest = {key: value for key, value in whole.mutable.items() if key != name}
            assert said(msgspec.structs.replace(whole, mutable=rest)) == [
                ("element_forgotten", f"mutable element forgotten: {name}")
            ]
        for number in range(len(whole.log_sources)):
            rest_sources = whole.log_sources[:number] + whole.log_sources[number + 1 :]
            kinds = [kind for kind, _ in said(msgspec.structs.replace(whole, log_sources=rest_sources))]
            assert kinds == (["log_source_forgotten"] if rest_sources else ["log_sources_empty"])


def test_the_laws_own_example_has_notes_only() -> None:
    """AN0862 as the design writes it: three elements of our own, nothing forgotten."""
    ours = ("ProgramExtensions", "ScriptHosts", "Installers")
    detection = faithful()
    extended = detection.mutable | {name: ElementValue("x", "content") for name in ours}
    remarks = check(msgspec.structs.replace(detection, mutable=extended), attack_index())
    assert [(r.kind, r.severity, r.mend) for r in remarks] == [("element_unknown", "note", "")] * 3
    assert str(remarks[0]) == "a.yaml: ATT&CK has no mutable element ProgramExtensions for AN0862"


def test_a_forgotten_log_source_is_named() -> None:
    detection = faithful()
    assert said(msgspec.structs.replace(detection, log_sources=detection.log_sources[:-1])) == [
        (
            "log_source_forgotten",
            "log source forgotten: network_traffic_flow NSM:Flow "
            "'First-time egress to non-approved update hosts right after install/update'",
        )
    ]


def test_no_log_sources_at_all_are_one_remark() -> None:
    message = "no log sources are given; ATT&CK names 8 for AN0862"
    assert said(faithful(log_sources=())) == [("log_sources_empty", message)]


def test_part_of_a_channel_list_counts_and_the_rest_is_named() -> None:
    detection = faithful()
    sources = tuple(
        LogSource(s.component, s.name, "EventCode=13") if s.channel == "EventCode=13, 14" else s
        for s in detection.log_sources
    )
    assert said(msgspec.structs.replace(detection, log_sources=sources)) == [
        (
            "log_source_partial",
            "log source given only in part: of windows_registry_key_modification WinEventLog:Sysmon "
            "'EventCode=13, 14', EventCode=14 is missing",
        )
    ]


def test_a_channel_list_may_be_split_and_spelt_otherwise() -> None:
    detection = faithful()
    split = [s for s in detection.log_sources if s.channel not in ("EventCode=13, 14", "EventCode=3, 22")]
    registry, network = "windows_registry_key_modification", "network_connection_creation"
    split += [LogSource(registry, "WinEventLog:Sysmon", f"EventCode={code}") for code in (14, 13)]
    split += [LogSource(network, "wineventlog:sysmon", "eventcode=22,3")]
    assert said(msgspec.structs.replace(detection, log_sources=tuple(split))) == []


def test_the_usual_name_stands_for_attacks_misspelling(index: Index) -> None:
    """AN1125 says NSM:FLow, AN0364 linuxsyslog."""
    for analytic, odd, usual in (
        ("AN1125", "NSM:FLow", "NSM:Flow"),
        ("AN0364", "linuxsyslog", "linux:syslog"),
    ):
        detection = faithful(analytic)
        assert odd in {source.name for source in detection.log_sources}
        mended = tuple(
            LogSource(s.component, usual if s.name == odd else s.name, s.channel)
            for s in detection.log_sources
        )
        assert check(msgspec.structs.replace(detection, log_sources=mended), index) == []


@pytest.mark.parametrize(
    ("own", "message", "mend"),
    [
        (
            LogSource("process_creation", "WinEventLog:Security", "EventCode=4688"),
            "ATT&CK has no such log source for AN0862: "
            "process_creation WinEventLog:Security 'EventCode=4688'",
            "did you mean 'process_creation WinEventLog:Sysmon 'EventCode=1''?",
        ),
        (
            LogSource("file_creation", "WinEventLog:Sysmon", "EventCode=7"),
            "ATT&CK has no such log source for AN0862: file_creation WinEventLog:Sysmon 'EventCode=7'",
            "did you mean 'file_creation WinEventLog:Sysmon 'EventCode=11''?",
        ),
        (
            LogSource("process_creation", "WinEventLog:Sysmon", "EventCode=1, 5"),
            "ATT&CK has no such log source for AN0862: "
            "EventCode=5 of process_creation WinEventLog:Sysmon 'EventCode=1, 5'",
            "did you mean 'process_creation WinEventLog:Sysmon 'EventCode=1''?",
        ),
    ],
)
def test_a_log_source_that_attack_does_not_have(own: LogSource, message: str, mend: str) -> None:
    detection = faithful()
    extended = msgspec.structs.replace(detection, log_sources=(*detection.log_sources, own))
    assert check(extended, attack_index()) == [
        Remark(path="a.yaml", kind="log_source_unknown", message=message, mend=mend)
    ]


def test_an_element_misspelt_is_a_warning_with_the_right_name() -> None:
    detection = faithful()
    renamed = {"ApprovedSigner" if k == "ApprovedSigners" else k: v for k, v in detection.mutable.items()}
    forgotten, unknown = check(msgspec.structs.replace(detection, mutable=renamed), attack_index())
    assert (forgotten.kind, forgotten.severity) == ("element_forgotten", "warning")
    assert (unknown.kind, unknown.severity) == ("element_unknown", "warning")
    assert unknown.mend == "did you mean 'ApprovedSigners'?"


def test_an_element_spelt_with_other_case_or_blanks_is_the_same(index: Index) -> None:
    analytics = [a for s in index.strategies() for a in s.analytics if "IP Address" in a.mutable]
    assert analytics, "a name that no %Placeholder% can spell"
    for analytic in analytics:
        detection = faithful(analytic.id)
        spelt = {name.replace(" ", ""): value for name, value in detection.mutable.items()}
        assert check(msgspec.structs.replace(detection, mutable=spelt), index) == []


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (
            {"strategy": "DET0009"},
            "strategy_wrong",
            "strategy 'DET0009' is not that of AN0862, which is part of DET0309 in ATT&CK",
        ),
        (
            {"technique": "T1195"},
            "technique_wrong",
            "technique 'T1195' is not that of AN0862, which detects T1195.002 in ATT&CK",
        ),
        (
            {"platform": "linux"},
            "platform_wrong",
            "platform 'linux' is not that of AN0862, which is for Windows in ATT&CK",
        ),
    ],
)
def test_a_wrong_id_is_named(change: dict[str, str], kind: str, message: str) -> None:
    assert said(faithful(**change)) == [(kind, message)]


def test_ids_in_lower_case_are_the_same() -> None:
    assert said(faithful(analytic="an0862")) == []
    assert said(faithful(strategy="det0309", technique="t1195.002", platform="WINDOWS")) == []


def test_platforms_are_compared_without_blanks_and_case(index: Index) -> None:
    (analytic, *_) = [
        a for s in index.strategies() for a in s.analytics if a.platforms == ("Network Devices",)
    ]
    detection = faithful(analytic.id)
    for spelling in ("network_devices", "network-devices", "Network Devices"):
        assert check(msgspec.structs.replace(detection, platform=spelling), index) == []


def test_an_unknown_analytic_is_the_only_remark() -> None:
    detection = msgspec.structs.replace(faithful(), analytic="AN862", log_sources=())
    assert said(detection) == [
        ("analytic_unknown", "'AN862' is no analytic of ATT&CK 18.1; did you mean AN0862?")
    ]


def of_vetting(**changes: Any) -> Detection:
    """A detection of vetted packages, which stands for an analytic whose log sources are of hosts."""
    changes.setdefault("log_sources", (LogSource("process_creation", "Application Vetting", "execute"),))
    plan = msgspec.structs.replace(PLAN, scope="package.id")
    return faithful("AN0022", plan=plan, mutable={}, **changes)


def test_a_detection_of_vetted_packages_needs_no_log_source_of_hosts(index: Index) -> None:
    remarks = check(of_vetting(), index)
    assert {(remark.severity, remark.kind) for remark in remarks} == {("note", "element_forgotten")}


@pytest.mark.parametrize(
    ("sources", "kind", "words"),
    [
        ((), "log_sources_empty", "Application Vetting"),
        ((LogSource("driver_load", "Application Vetting", "x"),), "log_source_unknown", "driver_load"),
        ((LogSource("process_creation", "auditd:SYSCALL", "execve"),), "log_source_unknown", "auditd"),
    ],
)
def test_it_names_what_the_trace_has(
    sources: tuple[LogSource, ...], kind: str, words: str, index: Index
) -> None:
    [remark] = [one for one in check(of_vetting(log_sources=sources), index) if one.severity == "warning"]
    assert remark.kind == kind
    assert words in str(remark)
