"""Reads a line of any of the sample's dialects into one shape, apart from the product's own reader."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any, NamedTuple


class Record(NamedTuple):
    """`time` is UtcTime in microseconds; `data` are Sysmon's fields as text, GUIDs without braces."""

    host: str
    code: int
    time: int
    data: dict[str, str]


def read(text: str) -> Record:
    host, code, fields = _xml(text) if text.startswith("<") else _json(json.loads(text))
    data = {name: _text(name, value) for name, value in fields.items()}
    moment = datetime.fromisoformat(data["UtcTime"]).replace(tzinfo=UTC)
    return Record(host, int(code), round(moment.timestamp() * 1_000_000), data)


def _json(found: dict[str, Any]) -> tuple[str, Any, dict[str, Any]]:
    if "Event" in found:
        system = found["Event"]["System"]
        return system["Computer"], system["EventID"], found["Event"]["EventData"]
    if "event_data" in found:
        return found["computer_name"], found["event_id"], found["event_data"]
    if "winlog" in found:
        return found["winlog"]["computer_name"], found["winlog"]["event_id"], found["winlog"]["event_data"]
    if "winlog.event_id" in found:
        start = "winlog.event_data."
        data = {name.removeprefix(start): value for name, value in found.items() if name.startswith(start)}
        return found["winlog.computer_name"], found["winlog.event_id"], data
    return found["Hostname"], found["EventID"], found


def _xml(text: str) -> tuple[str, Any, dict[str, str]]:
    data = re.findall("<Data Name='([^']*)'>([^<]*)</Data>", text)
    [host] = re.findall("<Computer>(.*)</Computer>", text)
    [code] = re.findall("<EventID>(.*)</EventID>", text)
    return host, code, {name: unescape(value) for name, value in data}


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if name.lower().endswith("guid"):
        return str(value).strip("{}").lower()
    return str(value)
