"""A JSON Schema (draft 2020-12) of detection files, for the completion and checking of editors.

It is made from the tables that the loader reads by, and knows less than the loader: what hangs on what, which
variables are bound and whether an element is declared is told by loading only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from clew.detection import chain, head, parse, stage
from clew.detection.case import EXPECTED
from clew.detection.component import COMPONENTS
from clew.detection.element import TYPES
from clew.event import COLUMNS
from clew.finding import LEVELS

Schema: TypeAlias = "dict[str, Any]"

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DURATION = r"^(([0-9]{1,15}(us|ms|[smhdw]))+|%[A-Za-z_][A-Za-z0-9_]*%)$"
_ELEMENT = "^%[A-Za-z_][A-Za-z0-9_]*%$"
_NAME = "^[a-z][a-z0-9_]{0,60}$"
_VARIABLE = "^[A-Za-z_][A-Za-z0-9_]*$"
_EVENT = r"^[+-]?[0-9][0-9a-z]*\s+[a-z_]+$"
_REQUIRED = ("analytic", "strategy", "technique", "platform", "title", "status", "chain")


def schema() -> Schema:
    """The schema as data; `json.dumps` makes the file of it."""
    return {
        "$schema": DIALECT,
        "title": "Clew detection",
        **_mapping(_top(), parse.KEYS, _REQUIRED),
        "allOf": [
            _when({"const": "stable"}, ["triage"]),
            _when({"not": {"const": "test"}}, ["log_sources", "tests"]),
        ],
        "$defs": _definitions(),
    }


def _when(status: Schema, required: list[str]) -> Schema:
    condition = {"properties": {"status": status}, "required": ["status"]}
    filled = {key: {"minItems": 1} for key in required}  # says nothing about text
    return {"if": condition, "then": {"required": required, "properties": filled}}


def _mapping(properties: Mapping[str, Schema], keys: Iterable[str], required: Iterable[str] = ()) -> Schema:
    """A mapping with exactly those keys, in the order of the loader's table."""
    return {
        "type": "object",
        "properties": {key: properties[key] for key in keys},
        "required": list(required),
        "additionalProperties": False,
    }


def _ref(name: str, about: str = "") -> Schema:
    return {"$ref": f"#/$defs/{name}"} | ({"description": about} if about else {})


def _text(about: str, pattern: str = "") -> Schema:
    return {"type": "string", "minLength": 1, "description": about} | (
        {"pattern": pattern} if pattern else {}
    )


def _choice(about: str, words: Iterable[str]) -> Schema:
    return {"enum": list(words), "description": about}


def _list(items: Schema, about: str, least: int = 1) -> Schema:
    return {"type": "array", "minItems": least, "items": items, "description": about}


def _named(values: Schema, names: str, about: str) -> Schema:
    """A mapping whose keys are free names."""
    names_schema = {"pattern": names}
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": names_schema,
        "additionalProperties": values,
        "description": about,
    }


def _one_or_more(items: Schema, about: str) -> Schema:
    return {"oneOf": [items, _list(items, about)], "description": about}


def _top() -> dict[str, Schema]:
    return {
        "analytic": _text("ATT&CK's id of the analytic: AN0862", f"^{head.ANALYTIC}$"),
        "variant": _text("tells several detections of one analytic apart", f"^{head.VARIANT}$"),
        "strategy": _text("ATT&CK's id of the detection strategy: DET0309", f"^{head.STRATEGY}$"),
        "technique": _text("ATT&CK's id of the technique: T1195.002", f"^{head.TECHNIQUE}$"),
        "platform": _choice("where it looks", head.PLATFORMS),
        "title": _text("in one line, what it finds"),
        "status": _choice("how far it is, in Sigma's words", head.STATUSES),
        "log_sources": _list(_ref("log_source"), "ATT&CK's log sources; coverage is computed from them", 0),
        "mutable": _named(_ref("element"), f"^{head.ELEMENT}$", "what a site can set"),
        "chain": _ref("chain"),
        "triage": _text("what to do with a finding; shown with every one"),
        "tests": _list(_ref("test"), "what it finds, and near misses", 0),
    }


def _definitions() -> Schema:
    source = {
        "component": _ref("component"),
        "name": _text("ATT&CK's name of the log source: WinEventLog:Sysmon"),
        "channel": _text("ATT&CK's channel: EventCode=1"),
    }
    element = {
        "type": _choice("; ".join(f"{name}: {words}" for name, (words, _) in TYPES.items()), TYPES),
        "default": {"description": "the value where a site sets none, or {lists: [windows/installers]}"},
        "about": _text("what it is for"),
    }
    test = {
        "name": _text("what the test shows"),
        "expect": _choice("the highest level that its events reach", EXPECTED),
        "events": _list(_ref("event"), "+3m process_creation: {process.name: cmd.exe}"),
    }
    return {
        "component": _choice("ATT&CK's data component, in snake case", COMPONENTS),
        "column": _choice("a column of Clew's events", (column.name for column in COLUMNS)),
        "duration": {"type": "string", "pattern": _DURATION, "description": "90m, 1h30m or %TimeWindow%"},
        "number": {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": _ELEMENT}]},
        "log_source": _mapping(source, source, source),
        "element": _mapping(element, element, element),
        "chain": _chain(),
        "stage": _mapping(_stage(), stage.KEYS),
        "alternative": _mapping(_stage(), stage.WAY_KEYS),
        "selections": _selections(),
        "test": _mapping(test, test, test),
        "event": _named({"type": "object"}, _EVENT, "an offset, a data component and columns")
        | {"maxProperties": 1},
    }


def _chain() -> Schema:
    levels: dict[str, Schema] = {
        level: _text(f"when {level} is reported: a and (b or c.trait)") for level in reversed(LEVELS)
    }
    properties = {
        "scope": _ref("column", "the entity inside which a chain lives"),
        "within": _ref("duration", "how long after the opening (or 'from') the chain may go on"),
        "from": _text("the stage from which 'within' counts; those above it may be of any age", _NAME),
        "stages": _named(_ref("stage"), _NAME, "the plan, the opening first"),
        "findings": _mapping(levels, levels) | {"minProperties": 1},
        "per": _one_or_more(_text("a variable", r"^\$\w+$"), "one finding per scope and these"),
    }
    return _mapping(properties, chain.KEYS, ("scope", "within", "stages", "findings"))


def _stage() -> dict[str, Schema]:
    columns = _one_or_more(_ref("column"), "columns")
    new = {"key": columns, "for": _ref("duration", "how long the key must not have been seen")}
    count = {
        "at_least": _ref("number"),
        "distinct": _ref("column", "count only different values of this"),
        "by": columns,
        "within": _ref("duration", "a sliding window; on an opening only"),
    }
    each = {"each": _ref("column"), "in": _one_or_more({"type": "string"}, "a trait for each value")}
    trait = {"anyOf": [_mapping(each, each, each), _ref("selections")]}
    return {
        "on": _ref("component"),
        "where": _ref("selections"),
        "link": _one_or_more(_text("FIELD = $var, FIELD in tree of $var, FIELD under $var"), "any of these"),
        "after": _text("the stage that it comes after, where no link is possible; needs 'weak'", _NAME),
        "bind": _named(_ref("column"), _VARIABLE, "variables for the links of the stages below"),
        "new": _mapping(new, new, new) | {"description": "only what was not seen before"},
        "count": _mapping(count, count, ("at_least",))
        | {"description": "filled by the n-th event, beside 'any' over all alternatives"},
        "within": _ref("duration", "counted from the parent"),
        "weak": _choice("the highest level that a match with this stage can reach", LEVELS),
        "at_least": _ref("number", "that many of the stage's traits must hold"),
        "any": _list(_ref("alternative"), "ways to fill the stage"),
        "traits": _named(trait, _NAME, "named selections on the event, for the conditions of the levels"),
    }


def _selections() -> Schema:
    """Columns are offered for completion; modifiers and named selections are checked by loading."""
    columns = {column.name: {"description": column.about} for column in COLUMNS}
    about = "Sigma's selections: {column|modifier: value}, or named ones and a condition"
    return {"type": "object", "minProperties": 1, "properties": columns, "description": about}
