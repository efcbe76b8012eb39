"""What a site sets in clew.toml, as a hunt heeds it."""

import json
from pathlib import Path
from typing import Any

import sysmon

INCIDENT = sysmon.lines(*sysmon.incident())


def test_exceptions_of_the_site(clew: Any) -> None:
    Path("log.jsonl").write_text(INCIDENT)
    Path("clew.toml").write_text(
        """
[[except]]
detection = "AN0862"
stage = "script_child"
where = {"process.name" = "cmd.exe"}
because = "our tool starts cmd"
until = 2099-12-31

[[except]]
detection = "AN0862"
where = {"$binary|endswith" = 'old.exe'}
because = "gone since long"
until = 2020-01-01
""",
    )
    ran = clew("hunt", "log.jsonl", "-f", "jsonl")
    assert json.loads(ran.out)["level"] == "low"  # high without the exception
    assert "Held back by the exception clew.toml:2: 1 (our tool starts cmd)" in ran.err
    assert "Expired exception clew.toml:9" in ran.err


def test_values_of_the_site(clew: Any) -> None:
    Path("log.jsonl").write_text(INCIDENT)
    Path("clew.toml").write_text('[elements.AN0862]\nTimeWindow = "1s"\n')
    assert "Found nothing." in clew("hunt", "log.jsonl").err
    Path("clew.toml").write_text('[[host]]\nmatch = "other-*"\n[host.elements.AN0862]\nTimeWindow = "1s"\n')
    found = json.loads(clew("hunt", "log.jsonl", "-f", "jsonl").out)
    assert found["mutable"]["TimeWindow"] == {"value": "90m", "origin": "default"}
