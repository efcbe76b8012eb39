"""The Elastic Common Schema: documents of any producer, nested, with dotted keys, or both in one.

What a document is, is told by `event.category`, `event.type` and, for a fork, `event.action`. Category and type may
be one text or a list; of a list the entry that says most counts, by the order here. The code is category/type; that
of a network event without a process ends in /sensor.

https://www.elastic.co/docs/reference/ecs/ecs-category-field-values-reference
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from clew.normalise.shape import Dialect, Shape, merged, nested, path, spellings

ECS_PROVIDER = "ECS"

#: Of several categories the first of these that is there.
_CATEGORIES = (
    *("registry", "driver", "library", "file", "network", "process", "iam", "session", "authentication"),
)
#: Of several types the first of these.
_TYPES = (*("creation", "deletion", "change", "start", "end", "access", "connection", "protocol", "info"),)
#: Kinds that tell of no event on a host: the finding of a rule, a measurement, what was found to be there.
_NO_EVENT = ("alert", "signal", "metric", "state", "asset", "enrichment", "pipeline_error")
_PROCESS = ("process.entity_id", "process.pid", "process.executable", "process.name")
_HEAD = ("event.kind", "event.category", "event.type", "event.action", "event.provider", "event.module")
_SYSTEM = {
    "channel": ("event.dataset", "data_stream.dataset"),
    "computer": ("host.name", "host.hostname"),
    "record_id": ("event.id",),
    "written": ("@timestamp",),
}


def _shape(fields: Iterable[str]) -> Shape:
    """What is read of fields, in every spelling."""
    places = (place for field in fields for place in spellings(field))
    return reduce(merged, (nested(place, "VARCHAR") for place in places))


def _sql(*fields: str, whole: str = "e") -> str:
    """SQL for the first of some fields that is there, in whatever spelling."""
    return f"coalesce({', '.join(path(whole, *place) for field in fields for place in spellings(field))})"


def _named(field: str, names: Iterable[str]) -> str:
    """SQL that gives the first of these names that a field has."""
    words = f"clew_words({_sql(field)})"
    cases = " ".join(f"WHEN contains({words}, '\"{name}\"') THEN '{name}'" for name in names)
    return f"CASE {cases} END"


def _code() -> str:
    category, type_, process = (
        _named("event.category", _CATEGORIES),
        _named("event.type", _TYPES),
        _sql(*_PROCESS),
    )
    sensor = f"CASE WHEN {process} IS NULL THEN '/sensor' ELSE '' END"
    types = f"clew_words({_sql('event.type')})"
    actions = f"clew_words({_sql('event.action')})"
    begins = f"coalesce({types} LIKE '%\"start\"%', false)"
    none = ", ".join(f"'{kind}'" for kind in _NO_EVENT)
    return f"""CASE
        WHEN {_sql("event.kind")} IN ({none}) THEN {_sql("event.kind")}
        WHEN {category} = 'network' THEN 'network/' || CASE
            WHEN {_sql("dns.question.name")} IS NOT NULL THEN 'dns' || {sensor}
            WHEN {types} LIKE '%"protocol"%' AND NOT {begins}
                AND NOT ({types} LIKE '%"connection"%' AND {process} IS NOT NULL) THEN 'protocol'
            WHEN {types} LIKE '%"end"%' AND NOT {begins} THEN 'end'
            WHEN {begins} OR {types} LIKE '%"connection"%' THEN 'start' || {sensor}
            ELSE coalesce({type_}, '') END
        WHEN {category} = 'process' AND {actions} LIKE '%"fork"%' AND {actions} NOT LIKE '%"exec"%' THEN 'process/fork'
        WHEN {category} = 'iam' THEN 'iam/' || {_named("event.type", ("user", "group"))} || '/' || {type_}
        ELSE {category} || '/' || {type_} END"""


def _ecs(called: str, is_this: str, *, mixed: bool) -> Dialect:
    """The dialect of documents that have objects only, or are `mixed`."""
    return Dialect(
        name=called,
        head={},
        apart=_shape((*_HEAD, *_PROCESS, "dns.question.name")),
        signs=('"event"', '"event.'),
        is_this=f"{_sql('event.category')} IS NOT NULL AND {is_this}",
        provider=f"CASE WHEN {_named('event.category', _CATEGORIES)} IS NOT NULL THEN '{ECS_PROVIDER}' "
        f"ELSE {_sql('event.provider', 'event.module')} END",
        code=_code(),
        codes=("category",),
        body=_shape(field for fields in _SYSTEM.values() for field in fields),
        system={part: _sql(*fields, whole="b") for part, fields in _SYSTEM.items()},
        data=(),
        dots=None,
        only=ECS_PROVIDER,
        mixed=mixed,
        parted=True,
    )


#: A dot in a key, or what looks like one in a text: then the other dialect reads it as well.
_DOTTED = r"""regexp_matches(line, '"[A-Za-z_]+\.[A-Za-z0-9_.]+"\s*:')"""
ECS = _ecs("ecs", f"NOT {_DOTTED}", mixed=False)
ECS_MIXED = _ecs("ecs with dotted keys", "true", mixed=True)
