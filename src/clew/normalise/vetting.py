"""The trace of a vetted package: one line of JSON for each thing that it did in the sandbox (`clew.vetting.trace`).

The code is the call. A line names the version of its form in `trace`.
"""

from __future__ import annotations

from clew.normalise.shape import Dialect, Part

VETTING_PROVIDER = "clew vet"

VETTING = Dialect(
    name="vetting",
    head=dict.fromkeys(("trace", "call", "witness"), "VARCHAR"),
    is_this="h.trace IS NOT NULL AND h.call IS NOT NULL AND h.witness IS NOT NULL",
    provider=f"'{VETTING_PROVIDER}'",
    code="h.call",
    codes=("call",),
    body={"time": "VARCHAR"},
    system={
        "channel": "'trace'",
        "computer": "NULL::VARCHAR",
        "record_id": "NULL::VARCHAR",
        "written": "b.time",
    },
    data=(),
    dots=None,
    only=VETTING_PROVIDER,
    #: `origin` and `code` are the one shape's own names.
    renamed={
        VETTING_PROVIDER: {
            "made_by": Part({"origin": "VARCHAR"}, "b.origin"),
            "status": Part({"code": "VARCHAR"}, "b.code"),
        }
    },
)
