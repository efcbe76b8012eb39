"""What nearly every record says of itself, whatever its format: who wrote it, what kind it is, where and when.

Mappings read records that they know. Here it is the others that matter, so each thing is looked for under all
the names that exporters give it: Windows events as the evtx library, NXLog, Splunk and winlogbeat write them, ECS,
Suricata and Zeek, and what is usual in JSON logs. Paths are DuckDB's (https://duckdb.org/docs/stable/data/json/json_functions).
"""

from __future__ import annotations

from clew.database import quote

_SYSTEM = "$.Event.System."

#: Where the record says it, most telling first.
PLACES: dict[str, tuple[str, ...]] = {
    "provider": (
        *(
            f'{_SYSTEM}Provider."#attributes".Name',
            "$.winlog.provider_name",
            "$.SourceName",
            "$.ProviderName",
        ),
        *("$.source_name", "$.event.provider", "$.event.module", "$.metadata.product.name"),
    ),
    "channel": (
        *(f"{_SYSTEM}Channel", "$.winlog.channel", "$.Channel", "$.log_name", "$.event.dataset"),
        "$.class_name",
    ),
    "code": (
        *(f'{_SYSTEM}EventID."#text"', f"{_SYSTEM}EventID", "$.winlog.event_id", "$.EventID", "$.event_id"),
        *(
            "$.event.code",
            "$.event_type",
            "$._path",
            '$."@stream"',
            "$.event.category[0]",
            "$.event.category",
        ),
        *('$."event.category"', "$.class_uid"),
    ),
    "host": (
        *(f"{_SYSTEM}Computer", "$.winlog.computer_name", "$.Hostname", "$.ComputerName", "$.Computer"),
        *("$.host.name", "$.computer_name", "$.hostname", "$.host", "$.node_name", "$.device.hostname"),
    ),
}

#: Clocks other than the event's own: what wrote the record, what collected it.
CLOCKS: dict[str, str] = {
    "System.TimeCreated": f'{_SYSTEM}TimeCreated."#attributes".SystemTime',
    "TimeCreated": "$.TimeCreated",
    "EventTime": "$.EventTime",
    "EventReceivedTime": "$.EventReceivedTime",
    "@timestamp": '$."@timestamp"',
    "event.created": "$.event.created",
    "event.ingested": "$.event.ingested",
}

#: The event's own time, where a record has that beside its clocks; and times of records that have no such clock.
_OWN = ("$.UtcTime", "$.Event.EventData.UtcTime", "$.winlog.event_data.UtcTime")
_TIMES = ("$.timestamp", "$.time", "$.ts", "$.requestReceivedTimestamp", "$.Timestamp")

MACROS = r"""
-- A time as text (UTC where it has no offset, which DuckDB would leave out), or since 1970 in s, ms, us or ns.
CREATE OR REPLACE MACRO sources_time(x) AS CASE
    WHEN regexp_full_match(x, '\d{9,19}(\.\d*)?') THEN
        make_timestamp(try_cast(try_cast(x AS DOUBLE) * pow(10, 6 - CASE
            WHEN strpos(x || '.', '.') <= 12 THEN 0 WHEN strpos(x || '.', '.') <= 15 THEN 3
            WHEN strpos(x || '.', '.') <= 18 THEN 6 ELSE 9 END) AS BIGINT))
    ELSE clew_time(x) END;

CREATE OR REPLACE MACRO sources_text(x) AS CASE WHEN x NOT IN ('', '-') AND x NOT LIKE '{%' THEN x END;
"""


def statement(lines: str) -> str:
    """SQL with a row for each one of `lines` (row, line): PLACES, `clocks`, `time` and, without a kind, `keys`."""
    paths = [path for found in PLACES.values() for path in found] + [*CLOCKS.values(), *_OWN, *_TIMES]
    number = {path: at for at, path in enumerate(paths, 1)}
    fields = [
        f"coalesce({', '.join(f'sources_text(found[{number[path]}])' for path in found)}) AS {field}"
        for field, found in PLACES.items()
    ]
    clocks = ", ".join(f"sources_time(found[{number[path]}])" for path in CLOCKS.values())
    own, times = (
        ", ".join(f"sources_time(found[{number[path]}])" for path in paths) for paths in (_OWN, _TIMES)
    )
    return f"""
SELECT *, coalesce({own}, list_any_value(clocks), {times}) AS time,
    CASE WHEN provider IS NULL AND channel IS NULL AND code IS NULL THEN
        left(array_to_string(list_sort(try(json_keys(line))), ' '), 200) END AS keys
    FROM (SELECT "row", line, found, {", ".join(fields)}, [{clocks}] AS clocks
    FROM (SELECT "row", line, try(json_extract_string(line, [{", ".join(map(quote, paths))}])) AS found
    FROM (SELECT "row", clew_unwrapped(line) AS line FROM {lines})))"""
