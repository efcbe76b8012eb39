"""Suricata's EVE: one JSON object an event, whose kind stands in event_type and has its data in an object beside it.

https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
"""

from __future__ import annotations

from clew.normalise.shape import Dialect

SURICATA_PROVIDER = "Suricata"

SURICATA = Dialect(
    name="suricata",
    head=dict.fromkeys(("event_type", "timestamp", "src_ip"), "VARCHAR"),
    is_this="h.event_type IS NOT NULL AND h.timestamp IS NOT NULL AND (h.src_ip IS NOT NULL OR h.event_type = 'stats')",
    provider=f"'{SURICATA_PROVIDER}'",
    code="h.event_type",
    codes=("event_type",),
    body={"timestamp": "VARCHAR"},
    system={
        "channel": "code",
        "computer": "NULL::VARCHAR",
        "record_id": "NULL::VARCHAR",  # EVE has one form, so a copy of a record is known by its bytes
        "written": "b.timestamp",
    },
    data=(),
    dots=None,
    only=SURICATA_PROVIDER,
)
