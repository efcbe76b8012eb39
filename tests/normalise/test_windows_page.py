"""docs/windows.md is made from the mappings and from what the records of each id become."""

import os
from pathlib import Path

from clew.normalise.mapping import Mapping, mappings
from normalise.test_sysmon import Events, events
from normalise.test_windows import LOGS
from normalise.windows_dialects import written
from normalise.windows_names import NAMES

PAGE = Path(__file__).parents[2] / "docs" / "windows.md"
#: Every event has these.
COMMON = frozenset(
    (
        *("@timestamp", "event.id", "event.sequence", "event.code", "event.provider", "clew.component"),
        *("clew.log_source", "host.id", "host.name", "host.os.type"),
        *("clew.log.source", "log.file.path", "log.position"),
    )
)
INTRODUCTION = """# Windows logs beside Sysmon

What Clew reads of other Windows logs than [Sysmon](sysmon.md), in the same dialects. This page is made from the mappings
in `src/clew/normalise/` and from a record of each id.

The time is that of the record, in UTC. NXLog writes local time without its zone: where the collector added the UTC of
the receipt (`@timestamp`) beside NXLog's own `EventReceivedTime`, the zone is told from the two, to a quarter of an hour;
else the time is taken as it stands. NXLog cuts it to a second. It keeps of data without names and of UserData only the
message, which is read where it says what matters.

These logs name processes by pid. Once everything is read, a pid is taken for the process whose creation is the last one
recorded on that host up to the event (or within the two seconds after it), by Sysmon's GUID where Sysmon recorded it, else
by host, pid and time of the creation. A process that was there before the recording is host/pid/0. A pid that was used
again while the creation was not recorded cannot be told from the one before.

Whose security id stands in the record's header is in
`user.id`; Winlogbeat and NXLog resolve it, and fill `user.name` too.

"""


def page(found: dict[str, Events]) -> str:
    common = ", ".join(f"`{column}`" for column in sorted(COMMON))
    parts = [INTRODUCTION + f"All have {common}.\n"]
    parts += [
        _section(mapping, found[mapping.provider]) for mapping in mappings() if mapping.provider in LOGS
    ]
    return "\n".join(parts)


def _section(mapping: Mapping, found: Events) -> str:
    names = NAMES[mapping.provider]
    rows = [_row(code, names[code], found) for code in sorted({c.code for c in mapping.channels})]
    cannot = [f"* {columns}: {why}" for columns, why in mapping.cannot.items()]
    return "\n".join(
        (
            f"## {mapping.log_source}",
            "",
            f"Provider `{mapping.provider}`. <{mapping.specification}>",
            "",
            "| id | what | data component | columns |",
            "|---|---|---|---|",
            *rows,
            "",
            "What cannot be filled:",
            "",
            *cannot,
            "",
        )
    )


def _row(code: int, what: str, found: Events) -> str:
    mine = [event for event in found if event["event.code"] == str(code)]
    components = ", ".join(dict.fromkeys(f"`{event['clew.component']}`" for event in mine))
    columns = sorted({column for event in mine for column in event} - COMMON)
    return f"| {code} | {what} | {components} | {', '.join(f'`{column}`' for column in columns)} |"


def test_the_page_is_current(tmp_path: Path) -> None:
    """Set CLEW_UPDATE_DOCS=1 to write it anew."""
    made = page({name: events(written(log, "evtx", tmp_path), tmp_path)[0] for name, log in LOGS.items()})
    if os.environ.get("CLEW_UPDATE_DOCS"):
        PAGE.write_text(made, "utf-8")
    assert PAGE.read_text("utf-8") == made
