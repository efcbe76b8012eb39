"""docs/sysmon.md is made from the mapping and from what the records of each id become."""

import os
from pathlib import Path

from clew.normalise.mapping import mappings
from normalise.test_sysmon import Events, events, written

PAGE = Path(__file__).parents[2] / "docs" / "sysmon.md"
NAMES = (
    *("Process creation", "File creation time changed", "Network connection", "Service state changed"),
    *("Process terminated", "Driver loaded", "Image loaded", "CreateRemoteThread", "RawAccessRead"),
    *("ProcessAccess", "FileCreate", "Registry object added or deleted", "Registry value set"),
    *("Registry object renamed", "FileCreateStreamHash", "Configuration changed", "Pipe created"),
    *("Pipe connected", "WMI filter", "WMI consumer", "WMI consumer bound to filter", "DNS query"),
    *("File delete archived", "Clipboard changed", "Process tampering", "File delete logged"),
    *("File block executable", "File block shredding", "File executable detected", "Error"),
)
#: Every event has these.
COMMON = frozenset(
    (
        *("@timestamp", "event.id", "event.sequence", "event.code", "event.provider", "clew.component"),
        *("clew.log_source", "host.id", "host.name", "host.os.type", "rule.name"),
        *("clew.log.source", "log.file.path", "log.position"),
    )
)
#: The process that acts; most ids name it.
ACTOR = ("process.entity_id", "process.pid", "process.executable", "process.name", "user.name")

INTRODUCTION = """# Sysmon

Every event id of Sysmon for Windows, 1 to 29 and 255, in the fields of Sysmon 15 (schema 4.90); older versions write fewer.
This page is made from `src/clew/normalise/sysmon.sql` and from a record of each id.

The time is Sysmon's own `UtcTime`. The clock of the collector is often another, by hours in real recordings.

## Dialects

| written by | as | what is lost |
|---|---|---|
| Windows, `wevtutil epl` | EVTX | nothing |
| Event Viewer, `wevtutil qe /f:xml` | XML, with or without `<Events>` around it | nothing |
| Splunk, XmlWinEventLog | XML, one event a line | nothing |
| `evtx_dump`, the `evtx` library | JSON, `{"Event": {"System": ..., "EventData": ...}}` | nothing |
| Winlogbeat 6 | JSON, `event_data` | nothing |
| Winlogbeat 7 and later | JSON, `winlog.event_data`, nested or with dotted keys | nothing |
| Winlogbeat with Elastic's pipeline for Sysmon | JSON, ECS names, nested or with dotted keys | hashes of ids 27 and 28, the upper half of a QWORD, an account without domain |
| NXLog | JSON, flat | the version in id 4 |
| OTRF's Security Datasets | JSON, flat | the record number, so two exports are not known as one |

One log that was exported twice, by whatever collectors, counts once.

## Columns of each id

"""


def page(found: Events) -> str:
    [sysmon] = (m for m in mappings() if m.log_source == "WinEventLog:Sysmon")
    rows = [_row(code, name, found) for code, name in zip((*range(1, 30), 255), NAMES, strict=True)]
    cannot = [f"* {columns}: {why}" for columns, why in sysmon.cannot.items()]
    common = ", ".join(f"`{column}`" for column in sorted(COMMON))
    return "\n".join(
        (
            INTRODUCTION + f"All have {common}. *Actor* stands for",
            ", ".join(f"`{column}`" for column in ACTOR) + ".",
            "",
            "| id | what | data component | columns |",
            "|---|---|---|---|",
            *rows,
            "",
            "Id 12 is a creation, a deletion or a modification by its `event.action`. Ids 18 to 21, 24, 26 to 29",
            "and 255 have no channel in ATT&CK 18: their components are ours. ATT&CK counts id 25 as process access.",
            "",
            "## What cannot be filled",
            "",
            *cannot,
            "",
        )
    )


def _row(code: int, name: str, found: Events) -> str:
    mine = [event for event in found if event["event.code"] == str(code)]
    components = ", ".join(dict.fromkeys(f"`{event['clew.component']}`" for event in mine))
    columns = sorted({column for event in mine for column in event} - COMMON)
    actor = set(ACTOR) <= set(columns) and "*actor*"
    named = [f"`{column}`" for column in columns if not (actor and column in ACTOR)]
    return f"| {code} | {name} | {components} | {', '.join([*([actor] if actor else []), *named])} |"


def test_the_page_is_current(tmp_path: Path) -> None:
    """Set CLEW_UPDATE_DOCS=1 to write it anew."""
    made = page(events(written("evtx", tmp_path), tmp_path)[0])
    if os.environ.get("CLEW_UPDATE_DOCS"):
        PAGE.write_text(made, "utf-8")
    assert PAGE.read_text("utf-8") == made
