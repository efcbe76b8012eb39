"""What Clew makes of real recordings: events by data component, the columns each mapping fills, and every record's end.

Over the Windows, Zeek and Suricata sets in the folder that CLEW_RECORDINGS names, or the sets that arguments name;
prints the tables of docs/recordings.md. Fails where the ends of a set's records do not add up to what its readers
handed on, or a record is rejected without one of the reasons in recordings.EXPLAINED.
"""

import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import duckdb

from clew.database import Limits, connect, name
from clew.event import COLUMNS
from clew.normalise.mapping import FILES, Mapping, mappings
from clew.normalise.scan import Normaliser
from clew.pipeline import normalise, read
from clew.record import STATUSES, Batch, Tally
from clew.runner.books import Books
from recordings import explanation

SETS = (
    *("codeintegrity", "evtx-attack-samples", "evtx-to-mitre", "hayabusa-extra", "otrf-security-datasets"),
    *("sigma-regression", "splunk-attack-data", "suricata-eve", "zeek-rita", "zeek-wrccdc", "zeek-zat"),
)
#: Every event has these, whatever the record says.
_GIVEN = ("event.id", "event.provider", "clew.component", "clew.log_source")
_STORED = tuple(column.name for column in COLUMNS if not column.lineage)


class Filled:
    """Of each mapping, by number: events by component, and by column those in which it is not null."""

    def __init__(self) -> None:
        self.events: dict[int, Counter[str]] = {}
        self.columns: dict[int, Counter[str]] = {}

    def add(self, database: duckdb.DuckDBPyConnection) -> None:
        """Count the table `event`."""
        counts = ", ".join(f"count({name(column)})" for column in _STORED)
        rows = database.execute(
            f'SELECT record.mapping, "clew.component", count(*), {counts} FROM event GROUP BY ALL'
        ).fetchall()
        for mapping, component, events, *filled in rows:
            self.events.setdefault(mapping, Counter())[component] += events
            self.columns.setdefault(mapping, Counter()).update(dict(zip(_STORED, filled, strict=True)))


def measured(folder: Path, filled: Filled) -> Tally:
    """Read a set to its end. Raises AccountingError where the ends of its records do not add up."""
    tally, books = Tally(keep=1_000_000), Books()
    with tempfile.TemporaryDirectory() as spill, connect(Limits(spill=Path(spill))) as database:
        normaliser = Normaliser(database)
        items = read(_files(folder), Path(spill), lambda file, done: None)
        for item in partial(books.watch, database=database)(items):
            if isinstance(item, Batch):
                for _ in normalise(normaliser, item, Path(spill), tally):
                    filled.add(database)
            else:
                tally.account(item)
    books.check(tally)
    return tally


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table in Markdown; numbers stand to the right."""
    columns = list(head)
    print("| " + " | ".join(columns) + " |")
    print("|" + "|".join("---" if n == 0 else "---:" for n in range(len(columns))) + "|")
    for row in rows:
        print("| " + " | ".join(f"{one:,}" if isinstance(one, int) else str(one) for one in row) + " |")
    print()


def strange(tally: Tally) -> list[str]:
    """Rejects that nothing explains."""
    return [f"{r.path}:{r.position}: {r.reason}" for r in tally.rejects if not explanation(r)]


def declared(mapping: Mapping) -> list[str]:
    """The columns that a mapping's SELECT gives."""
    given = re.findall(r'(\S+)\s+AS "([^"]+)"', mapping.select)
    found = dict.fromkeys(column for value, column in given if not value.startswith("NULL::"))
    return [column for column in found if column in _STORED and column not in _GIVEN]


def share(part: int, whole: int) -> str:
    """A share in percent; what is there is no nought."""
    return f"{100 * part / whole:.0f} %" if part * 100 >= whole else "< 1 %"


def columns(mapping: Mapping, number: int, filled: Filled) -> str:
    """Each column that a mapping declares with the share of its events that have it; those that none has last."""
    whole, counts = filled.events[number].total(), filled.columns[number]
    mine = declared(mapping)
    told = [f"`{column}` {share(counts[column], whole)}" for column in mine if counts[column]]
    never = [f"`{column}`" for column in mine if not counts[column]]
    return ", ".join(told) + (f"; in none: {', '.join(never)}" if never else "")


def main() -> None:
    root = os.environ.get("CLEW_RECORDINGS")
    if not root:
        sys.exit("set CLEW_RECORDINGS to the folder of recordings")
    filled = Filled()
    tallies = {one: measured(Path(root, one), filled) for one in sys.argv[1:] or SETS}
    print("## How every record ends\n")
    rows = [(s, t.total, *t.records.values(), t.unread, len(strange(t))) for s, t in tallies.items()]
    table(("set", "records", *(s.replace("_", " ") for s in STATUSES), "files not read", "unexplained"), rows)
    print("## Events by data component\n")
    sources = {n: f"{m.log_source} ({FILES[n]})" for n, m in enumerate(mappings())}
    table(
        ("log source", "data component", "events"),
        [
            (sources[n], c, count)
            for n, counts in sorted(filled.events.items())
            for c, count in counts.most_common()
        ],
    )
    print("## Columns\n")
    for number, counts in sorted(filled.events.items()):
        print(
            f"**{sources[number]}**, {counts.total():,} events: {columns(mappings()[number], number, filled)}\n"
        )
    faults = [fault for tally in tallies.values() for fault in strange(tally)]
    sys.exit("\n".join(faults) if faults else 0)


if __name__ == "__main__":
    main()
