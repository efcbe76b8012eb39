"""`clew detections new`: the skeleton of every analytic loads, and says what ATT&CK says."""

import pytest

from clew.attack.index import attack_index
from clew.detection.check import check
from clew.detection.head import PLATFORMS
from clew.detection.load import load_text
from clew.runner.guess import guess, words_of
from clew.runner.skeleton import skeleton

INDEX = attack_index()
ANALYTICS = [analytic for strategy in INDEX.strategies() for analytic in strategy.analytics]
#: One in nineteen of all, so that every platform and domain is among them.
SAMPLE = ANALYTICS[::19]


def test_the_sample_has_every_platform() -> None:
    platforms = {load_text(skeleton(analytic, INDEX))[0].platform for analytic in SAMPLE}
    assert platforms == set(PLATFORMS)


@pytest.mark.parametrize("analytic", SAMPLE, ids=lambda analytic: analytic.id)
def test_it_loads_and_agrees_with_attack(analytic) -> None:  # type: ignore[no-untyped-def]
    text = skeleton(analytic, INDEX)
    (detection,) = load_text(text)
    remarks = check(detection, INDEX)
    assert {remark.kind for remark in remarks} <= {"element_forgotten"}
    for remark in remarks:  # what no stage can use yet stands there as a comment
        name = remark.message.rpartition(" ")[2]
        assert any(line.startswith("# ") and f"{name}:" in line for line in text.splitlines()), name
    used = {way.component for stage in detection.plan.stages for way in stage.alternatives}
    assert {source.component for source in detection.log_sources} <= used


def test_an0862() -> None:
    (detection,) = load_text(skeleton(INDEX.analytic("AN0862"), INDEX))
    assert (detection.strategy, detection.technique, detection.platform) == (
        "DET0309",
        "T1195.002",
        "windows",
    )
    assert list(detection.mutable) == ["TimeWindow", "ApprovedUpdateHosts", "ApprovedSigners", "ProgramPaths"]
    assert len(detection.log_sources) == 8
    assert detection.status == "test"


def test_an_analytic_without_log_sources_elements_or_platform() -> None:
    bare = next(a for a in ANALYTICS if not a.log_sources)
    assert load_text(skeleton(bare, INDEX))[0].log_sources == ()
    assert "ATT&CK names none" in skeleton(next(a for a in ANALYTICS if not a.platforms), INDEX)
    assert load_text(skeleton(next(a for a in ANALYTICS if not a.mutable), INDEX))[0].mutable == {}


@pytest.mark.parametrize(
    ("name", "type_", "column"),
    [
        ("TimeWindow", "duration", ""),
        ("ApprovedUpdateHosts", "domains", "destination.domain"),
        ("ApprovedSigners", "strings", "dll.code_signature.subject_name"),
        ("ProgramPaths", "paths", "file.path"),
        ("MgmtCIDRs", "cidrs", "destination.ip"),
        ("FailureThreshold", "number", ""),
        ("CommandLineRegex", "regex", "process.command_line"),
        ("RegistryPath", "paths", "registry.path"),
        ("UserContext", "strings", "user.name"),
        ("DestinationPort", "strings", "destination.port"),
        ("AppIntegrationID", "strings", "process.name"),
        ("GeoLocation", "strings", "process.name"),
    ],
)
def test_guesses(name: str, type_: str, column: str) -> None:
    found = guess(name, "windows")
    assert (found.type, found.column) == (type_, column)


def test_guesses_by_platform() -> None:
    assert guess("ApprovedImages", "containers").type == "images"
    assert guess("MonitoredPaths", "linux").default == "[/opt/example/]"


def test_words_of_a_name() -> None:
    assert words_of("AllowedTeamIDs") == ["allowed", "team", "ids"]
    assert words_of("URIPathRegex") == ["uri", "path", "regex"]
    assert words_of("user_context") == ["user", "context"]
