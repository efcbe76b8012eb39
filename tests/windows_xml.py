"""Writes Windows events as XML for tests, as Windows, Splunk and pretty printers do."""

from typing import Any
from xml.sax.saxutils import escape

XMLNS = "http://schemas.microsoft.com/win/2004/08/events/event"


def event(record: dict[str, Any], quote: str = "'", xmlns: str = XMLNS, layout: str = "") -> str:
    """The XML of an event as the evtx library's JSON has it; `layout` comes between any two tags of structure."""
    found = record["Event"]
    namespace = f" xmlns={quote}{xmlns}{quote}" if xmlns else ""
    parts = [f"<Event{namespace}>", "<System>"]
    parts += [_element(name, value, quote) for name, value in found["System"].items()]
    parts += ["</System>", "<EventData>"]
    parts += [_element("Data", value, quote, {"Name": name}) for name, value in found["EventData"].items()]
    return layout.join((*parts, "</EventData>", "</Event>"))


def _element(name: str, value: Any, quote: str, attributes: dict[str, Any] | None = None) -> str:
    attributes = attributes or {}
    if isinstance(value, dict):
        attributes, value = value["#attributes"], value.get("#text")
    written = "".join(f" {k}={quote}{_quoted(v, quote)}{quote}" for k, v in attributes.items())
    if value is None:
        return f"<{name}{written}/>"
    return f"<{name}{written}>{escape(str(value))}</{name}>"


def _quoted(value: Any, quote: str) -> str:
    return escape(str(value), {quote: "&apos;" if quote == "'" else "&quot;"})
