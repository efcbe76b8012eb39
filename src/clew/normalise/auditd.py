"""The Linux audit log: one record an event, as `read.auditevent` puts it together.

The code is the system call with what became of it (execve, open/write, connect/unix), or the type of a record that is
of no system call (USER_LOGIN).

https://github.com/linux-audit/audit-documentation
"""

from __future__ import annotations

from clew.normalise.shape import Dialect

AUDITD_PROVIDER = "auditd"

#: Of so many digits nobody could tell a double from its neighbours.
_MICROSECONDS = "(try_cast(b.time AS DECIMAL(21, 6)) * 1000000)::BIGINT"

AUDITD = Dialect(
    name="auditd",
    head=dict.fromkeys(("serial", "call", "fields"), "VARCHAR"),
    is_this="h.serial IS NOT NULL AND h.call IS NOT NULL AND h.fields IS NOT NULL",
    provider=f"'{AUDITD_PROVIDER}'",
    code="h.call",
    codes=("call",),
    body={
        **dict.fromkeys(("time", "serial", "node"), "VARCHAR"),
        "#syslog": {"hostname": "VARCHAR"},
    },
    system={
        "channel": "'audit'",
        "computer": 'coalesce(b.node, b."#syslog".hostname)',
        "record_id": "b.serial",
        "written": f"try(make_timestamp({_MICROSECONDS}))::VARCHAR",
    },
    data=(),
    dots=None,
    only=AUDITD_PROVIDER,
)
