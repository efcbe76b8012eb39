"""Documents that repeat what the code says are compared with the code."""

import os
from pathlib import Path

from clew.event import COLUMNS

DOCS = Path(__file__).parent.parent / "docs"


def events_page() -> str:
    rows = "\n".join(
        f"| `{c.name}` | {c.type} | {c.kind or ''} | {c.about}{'; only traits may read it' if c.lineage else ''} |"
        for c in COLUMNS
    )
    return f"""# The columns of an event

One table, flat columns with the names of the [Elastic Common Schema](https://www.elastic.co/docs/reference/ecs); what
ECS lacks starts with `clew.`. A detection that uses another name is an error. *Kind* says how links compare two values:
paths, hosts and domains without case where the system has none, and so on. This page is made from `src/clew/event.py`.

| column | type | kind | meaning |
|---|---|---|---|
{rows}
"""


def test_the_page_of_columns_is_current() -> None:
    """Set CLEW_UPDATE_DOCS=1 to write it anew."""
    page = DOCS / "events.md"
    if os.environ.get("CLEW_UPDATE_DOCS"):
        page.write_text(events_page(), "utf-8")
    assert page.read_text("utf-8") == events_page()
