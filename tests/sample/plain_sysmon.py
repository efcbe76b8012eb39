"""Reads a line of any of the sample's dialects into one shape, apart from the product's own reader."""

import json
from datetime import UTC, datetime
from typing import NamedTuple


class Record(NamedTuple):
    """`time` is UtcTime in microseconds; `data` are Sysmon's fields as text, GUIDs without braces."""

    host: str
    code: int
    time: int
    data: dict[str, str]


def read(text: str) -> Record:
    found = json.loads(text)
    if "Event" in found:
        system, fields = found["Event"]["System"], found["Event"]["EventData"]
        host, code = system["Computer"], system["EventID"]
    else:
        fields, host, code = found, found["Hostname"], found["EventID"]
    data = {name: _text(name, value) for name, value in fields.items()}
    moment = datetime.fromisoformat(data["UtcTime"]).replace(tzinfo=UTC)
    return Record(host, code, round(moment.timestamp() * 1_000_000), data)


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if name.lower().endswith("guid"):
        return str(value).strip("{}").lower()
    return str(value)
