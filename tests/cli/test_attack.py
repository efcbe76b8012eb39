"""`clew attack show` and `clew attack search`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clew.cli.attack import app
from clew.cli.main import run as whole_command
from clew.errors import UsageError

DOCS = Path(__file__).resolve().parents[2] / "docs" / "attack.md"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def run(*words: str) -> None:
    app(list(words), result_action="return_value")


def text_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    captured = capsys.readouterr()
    assert captured.err == ""
    return [line.rstrip() for line in captured.out.splitlines()]


def test_show_a_strategy(capsys: pytest.CaptureFixture[str]) -> None:
    run("show", "det0309")
    lines = text_of(capsys)
    assert lines[0].startswith("DET0309  Compromised software/update chain")
    assert "technique  T1195.002 Compromise Software Supply Chain (initial-access)" in lines
    assert "page       https://attack.mitre.org/detectionstrategies/DET0309" in lines
    assert [line for line in lines if line.startswith("AN")] == [
        "AN0862  Windows",
        "AN0863  Linux",
        "AN0864  macOS",
    ]
    assert "mutable elements: AllowedTeamIDs, BrewTapsAllowList, TimeWindow" in lines


def test_show_an_analytic_with_a_log_source_on_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    run("show", "AN0862")
    rows = [line.split(maxsplit=2) for line in text_of(capsys)]
    assert ["process_creation", "WinEventLog:Sysmon", "EventCode=1"] in rows
    assert ["windows_registry_key_modification", "WinEventLog:Sysmon", "EventCode=13, 14"] in rows
    assert [
        "file_metadata",
        "WinEventLog:Microsoft-Windows-CodeIntegrity/Operational",
        "Unsigned or invalid image for newly installed/updated binaries",
    ] in rows


def test_show_a_technique_with_its_subtechniques(capsys: pytest.CaptureFixture[str]) -> None:
    run("show", "T1195")
    lines = text_of(capsys)
    assert "page       https://attack.mitre.org/techniques/T1195" in lines
    assert any(line.startswith("DET0537") and "AN1480 Windows" in line for line in lines)
    assert any(line.startswith("T1195.002") and line.endswith("DET0309") for line in lines)


def test_the_page_of_a_subtechnique(capsys: pytest.CaptureFixture[str]) -> None:
    run("show", "T1195.002")
    assert "page       https://attack.mitre.org/techniques/T1195/002" in text_of(capsys)


def test_show_what_has_no_analytic_and_what_has_no_log_source(capsys: pytest.CaptureFixture[str]) -> None:
    run("show", "DET0748")
    assert "ATT&CK gives no analytic for it." in text_of(capsys)


def test_text_of_attack_is_never_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """AN0148's channel has square brackets and colons, which rich would read as styles and emoji."""
    run("show", "AN0148")
    assert any("[.*@internaldomain.com](mailto:.*@internaldomain.com)" in line for line in text_of(capsys))


def test_show_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    run("show", "AN0862", "-f", "json")
    document = json.loads(capsys.readouterr().out)
    assert (document["id"], document["strategy"], document["platforms"]) == ("AN0862", "DET0309", ["Windows"])
    assert document["log_sources"][4] == {
        "component": "windows_registry_key_modification",
        "component_id": "DC0063",
        "name": "WinEventLog:Sysmon",
        "channel": "EventCode=13, 14",
    }
    run("show", "DET0309", "--format", "json")
    strategy = json.loads(capsys.readouterr().out)
    assert strategy["analytics"][0] == document
    run("show", "T1195", "-f", "json")
    technique = json.loads(capsys.readouterr().out)
    assert technique["technique"]["id"] == "T1195"
    assert [s["id"] for s in technique["strategies"]] == ["DET0537"]
    assert [t["id"] for t in technique["subtechniques"]] == ["T1195.001", "T1195.002", "T1195.003"]


def test_an_unknown_id_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=r"did you mean AN0862\?") as caught:
        run("show", "AN862", "-f", "json")
    assert caught.value.exit_code == 2
    assert capsys.readouterr().out == ""


def test_search(capsys: pytest.CaptureFixture[str]) -> None:
    run("search", "npm")
    heading, row = text_of(capsys)
    assert heading.split() == ["strategy", "technique", "name", "analytics"]
    assert row.split()[:2] == ["DET0252", "T1204.005"]
    assert row.endswith("AN0698 Linux, AN0700 macOS")


def test_search_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    run("search", "npm", "macos", "-f", "json")
    (hit,) = json.loads(capsys.readouterr().out)
    assert (hit["id"], hit["domain"]) == ("DET0252", "enterprise-attack")
    assert hit["analytics"] == [{"id": "AN0700", "platforms": ["macOS"]}]
    assert hit["techniques"][0]["id"] == "T1204.005"


def test_an_unknown_id_through_the_whole_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert whole_command(["attack", "show", "AN862"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("clew: 'AN862' is no ")
    assert captured.err.endswith("did you mean AN0862?\n")
    assert whole_command(["attack", "show", "AN0862"]) == 0
    assert whole_command(["attack", "show", "AN0862", "-f", "yaml"]) == 2


def test_a_search_without_a_hit_says_so_beside_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    run("search", "zzz\x1b[31m")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "nothing in ATT&CK 18.1 holds all of: zzz\\x1b[31m\n"
    run("search", "zzz", "-f", "json")
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("words", [(), (" ",)])
def test_a_search_without_words_is_a_usage_error(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="needs at least one word"):
        run("search", *words)


def test_a_narrow_screen_keeps_the_first_column_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    run("show", "AN0862")
    lines = text_of(capsys)
    assert any(line.startswith("windows_registry_key_modification") for line in lines)
    table = lines[
        lines.index("page       https://attack.mitre.org/detectionstrategies/DET0309#AN0862") + 1 : -1
    ]
    assert max(map(len, table)) <= 70


def test_escape_codes_only_where_they_are_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("show", "AN0862")
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    run("show", "AN0862")
    assert "\x1b[1m" in capsys.readouterr().out, "a terminal gets bold headings"


def test_importing_the_command_is_cheap() -> None:
    """`clew --help` imports every command: none may load the index, rich's tables or DuckDB."""
    code = (
        "import sys, cyclopts; before = set(sys.modules); import clew.cli.attack; "
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = run.stdout.split()
    assert "clew.cli.attack" in loaded
    assert not [name for name in loaded if name.split(".")[0] in ("rich", "duckdb", "pyarrow", "sigma")]
    assert "clew.attack.index" not in loaded


def examples() -> list[tuple[list[str], list[str]]]:
    """The console blocks of docs/attack.md: a command and what it prints."""
    found = []
    for block in DOCS.read_text(encoding="utf-8").split("```console\n")[1:]:
        command, *output = block.split("\n```")[0].splitlines()
        found.append((command.removeprefix("$ clew attack ").split(), output))
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda example: " ".join(example[0]))
def test_the_examples_of_the_documentation_are_real(
    example: tuple[list[str], list[str]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words, output = example
    monkeypatch.setenv("COLUMNS", "120")
    try:
        run(*words)
    except UsageError as error:
        assert [str(error)] == output
    else:
        assert text_of(capsys) == output


def test_the_example_that_an_empty_search_gives_finds_something(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="as in: clew attack") as error:
        run("search")
    run(*str(error.value).rpartition("clew attack ")[2].split())
    assert "DET" in capsys.readouterr().out
