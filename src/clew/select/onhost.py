"""Whose values a detection has on which hosts: SQL over their names."""

from __future__ import annotations

import re

from clew.database import quote
from clew.detection.model import HostSet


def on_hosts(hosts: HostSet) -> str:
    """Whether a row's host is one of those that a detection's values are for."""
    id, label = 'lower("host.id")', "split_part(lower(\"host.id\"), '.', 1)"
    rules = " ".join(
        f"WHEN regexp_full_match({id}, {glob}) OR regexp_full_match({label}, {glob}) THEN {mine}"
        for pattern, mine in hosts.rules
        for glob in (quote(_glob(pattern)),)
    )
    return f"CASE {rules} ELSE {hosts.otherwise} END" if rules else str(hosts.otherwise)


def _glob(pattern: str) -> str:
    wild = {"*": ".*", "?": "."}
    return "".join(wild.get(sign, re.escape(sign)) for sign in pattern.lower())
