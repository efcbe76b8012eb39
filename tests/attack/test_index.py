"""The index answers with ATT&CK's facts; those asserted here are counted and read apart from our code."""

from __future__ import annotations

from collections import Counter

import pytest

from clew.attack.facts import Analytic, Strategy, Technique, component_name
from clew.attack.index import Index, attack_index
from clew.detection.component import COMPONENTS
from clew.errors import UsageError


@pytest.fixture(scope="module")
def index() -> Index:
    return attack_index()


def test_the_counts_are_those_of_the_release(index: Index) -> None:
    strategies = index.strategies()
    analytics = [analytic for strategy in strategies for analytic in strategy.analytics]
    sources = [source for analytic in analytics for source in analytic.log_sources]
    assert index.version == "18.1"
    assert (len(strategies), len(analytics), len(index.components())) == (898, 2032, 119)
    assert Counter(s.domain for s in strategies) == {
        "enterprise-attack": 691,
        "mobile-attack": 124,
        "ics-attack": 83,
    }
    assert (len(sources), len({source.name for source in sources})) == (4656, 281)
    assert len({name for analytic in analytics for name in analytic.mutable}) == 2556
    assert sum("TimeWindow" in analytic.mutable for analytic in analytics) == 581


def test_a_windows_analytic_as_attack_has_it(index: Index) -> None:
    analytic = index.analytic("AN0862")
    assert (analytic.strategy, analytic.platforms, analytic.modified) == (
        "DET0309",
        ("Windows",),
        "2025-11-12",
    )
    assert analytic.mutable == ("TimeWindow", "ApprovedUpdateHosts", "ApprovedSigners", "ProgramPaths")
    code_integrity = "WinEventLog:Microsoft-Windows-CodeIntegrity/Operational"
    assert [(s.component, s.name, s.channel) for s in analytic.log_sources] == [
        ("process_creation", "WinEventLog:Sysmon", "EventCode=1"),
        ("driver_load", "WinEventLog:Sysmon", "EventCode=6"),
        ("module_load", "WinEventLog:Sysmon", "EventCode=7"),
        ("file_creation", "WinEventLog:Sysmon", "EventCode=11"),
        ("windows_registry_key_modification", "WinEventLog:Sysmon", "EventCode=13, 14"),
        ("network_connection_creation", "WinEventLog:Sysmon", "EventCode=3, 22"),
        ("file_metadata", code_integrity, "Unsigned or invalid image for newly installed/updated binaries"),
        (
            "network_traffic_flow",
            "NSM:Flow",
            "First-time egress to non-approved update hosts right after install/update",
        ),
    ]
    assert [s.component_id for s in analytic.log_sources][:2] == ["DC0032", "DC0079"]


def test_a_strategy_with_its_technique(index: Index) -> None:
    strategy = index.strategy("DET0309")
    technique = Technique("T1195.002", "Compromise Software Supply Chain", ("initial-access",))
    assert strategy.techniques == (technique,)
    assert [(a.id, *a.platforms) for a in strategy.analytics] == [
        ("AN0862", "Windows"),
        ("AN0863", "Linux"),
        ("AN0864", "macOS"),
    ]
    assert index.strategies_of("T1195.002") == (strategy,)
    assert [t.id for t in index.subtechniques("T1195")] == ["T1195.001", "T1195.002", "T1195.003"]
    assert [s.id for s in index.strategies_of("T1195")] == ["DET0537"]
    assert index.subtechniques("T1195.002") == ()


def test_what_attack_leaves_open(index: Index) -> None:
    assert index.strategy("DET0748").analytics == ()
    ics = [a for s in index.strategies() if s.domain == "ics-attack" for a in s.analytics]
    assert len(ics) == 82
    assert {analytic.platforms for analytic in ics} == {()}, "ATT&CK's platform 'None' is no platform"


def test_every_analytic_leads_back_to_its_strategy(index: Index) -> None:
    for strategy in index.strategies():
        for analytic in strategy.analytics:
            assert index.analytic(analytic.id) is analytic
            assert index.strategy(analytic.strategy) is strategy


def test_ids_are_taken_in_any_case(index: Index) -> None:
    assert index.find(" det0309 ") is index.strategy("DET0309")
    assert index.find("an0862") is index.analytic("AN0862")
    assert index.find("t1195.002") is index.technique("T1195.002")
    kinds = {type(index.find(id_)) for id_ in ("DET0309", "AN0862", "T1195")}
    assert kinds == {Strategy, Analytic, Technique}


@pytest.mark.parametrize(
    ("method", "id_", "end"),
    [
        ("strategy", "det309", "'det309' is no detection strategy of ATT&CK 18.1; did you mean DET0309?"),
        ("analytic", "AN862", "'AN862' is no analytic of ATT&CK 18.1; did you mean AN0862?"),
        ("analytic", "AN9999", "; they run from AN0001 to AN2032"),
        ("strategy", "DET0899", "; they run from DET0001 to DET0898"),
        ("technique", "T1195.2", "; did you mean T1195.002?"),
        ("technique", "T1195/002", "; did you mean T1195.002?"),
        ("find", "DTE0309", "; did you mean DET0309 or DET0839 or DET0830?"),
        ("strategy", "AN0862", "'AN0862' is no detection strategy of ATT&CK 18.1"),
        (
            "find",
            "",
            "'' is no strategy (such as DET0309), analytic (AN0862) or technique (T1195.002) of ATT&CK 18.1",
        ),
    ],
)
def test_an_unknown_id_is_a_usage_error_with_a_hint(index: Index, method: str, id_: str, end: str) -> None:
    with pytest.raises(UsageError) as caught:
        getattr(index, method)(id_)
    assert str(caught.value).endswith(end)
    assert caught.value.exit_code == 2


def test_a_control_character_in_an_id_is_escaped(index: Index) -> None:
    with pytest.raises(UsageError) as caught:
        index.find("\x1b[31mDET")
    assert "\x1b" not in str(caught.value)


def test_components_are_those_that_detections_may_name(index: Index) -> None:
    assert tuple(sorted(c.component for c in index.components())) == COMPONENTS
    assert component_name("Process History/Live Data") == "process_history_live_data"
    assert component_name("OS API Execution") == "os_api_execution"


def test_search_wants_every_word_in_the_strategy_or_one_analytic(index: Index) -> None:
    both = index.search(["npm", "macos"])
    assert [(hit.strategy.id, [a.id for a in hit.analytics]) for hit in both] == [("DET0252", ["AN0700"])]
    assert [hit.strategy.id for hit in index.search(["NPM MacOS"])] == ["DET0252"]
    assert index.search(["npm", "windows"]) == ()


def test_search_gives_all_analytics_where_the_strategy_alone_holds_the_words(index: Index) -> None:
    (hit,) = index.search(["det0309"])
    assert hit.analytics == index.strategy("DET0309").analytics
    assert [hit.strategy.id for hit in index.search(["DET0748"])] == ["DET0748"], "one without analytics too"


def test_search_finds_log_sources_components_and_elements(index: Index) -> None:
    found = index.search(["journald:package", "approvedrepos"])
    assert ("DET0309", ["AN0863"]) in [(hit.strategy.id, [a.id for a in hit.analytics]) for hit in found]
    assert all("journald:package" in {s.name for s in a.log_sources} for h in found for a in h.analytics)
    loads = {hit.strategy.id for hit in index.search(["kernel_module_load"])}
    holding = {
        s.id
        for s in index.strategies()
        if any(c.component == "kernel_module_load" for a in s.analytics for c in a.log_sources)
    }
    assert holding and holding == loads


def test_search_puts_names_before_contents(index: Index) -> None:
    hits = index.search(["powershell"])
    named = ["powershell" in (hit.strategy.name + hit.strategy.techniques[0].name).lower() for hit in hits]
    assert True in named and False in named
    assert named == sorted(named, reverse=True)


def test_search_for_nothing_finds_nothing(index: Index) -> None:
    assert index.search([]) == index.search([" "]) == ()


def test_the_index_is_loaded_once() -> None:
    assert attack_index() is attack_index()
