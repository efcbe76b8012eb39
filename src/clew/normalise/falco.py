"""Falco's JSON output: what a rule found, with those fields of the system call that the rule's output names.

The code is the system call, `evt.type`; an alert that does not name it is `alert`.

https://falco.org/docs/concepts/outputs/formatting/, https://falco.org/docs/reference/rules/supported-fields/
"""

from __future__ import annotations

from clew.normalise.shape import Dialect

FALCO_PROVIDER = "Falco"

FALCO = Dialect(
    name="falco",
    head=dict.fromkeys(("rule", "priority", "output_fields"), "VARCHAR"),
    is_this="h.rule IS NOT NULL AND h.priority IS NOT NULL AND h.output_fields IS NOT NULL",
    provider=f"'{FALCO_PROVIDER}'",
    code="""coalesce(try(json_extract_string(h.output_fields, '$."evt.type"')), 'alert')""",
    codes=("evt.type",),
    body={"time": "VARCHAR"},
    system={
        "channel": "'syscall'",
        "computer": "NULL::VARCHAR",
        "record_id": "NULL::VARCHAR",
        "written": "b.time",
    },
    data=(),
    dots=None,
    only=FALCO_PROVIDER,
)
