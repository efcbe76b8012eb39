"""Zeek's logs: a record is told by the name of its log, or where nothing names that, by a field only this log has.

Zeek's JSON writer has dots in names (`id.orig_h`), as do its own logs that `read/zeek.py` reads; RockNSM's scripts
have underscores, and some pipelines make objects of them. The log's name stands in `_path` (json-streaming-logs,
Corelight, our reader) or `@stream` (RockNSM); the plain JSON writer has it in the name of the file only.
https://docs.zeek.org/en/master/log-formats.html
"""

from __future__ import annotations

from functools import reduce

from clew.normalise.shape import Dialect, merged, nested, path, spelt

ZEEK_PROVIDER = "Zeek"

#: A field that each record of a log has, and no other log's. A sip record has most that http has.
_MARKS = {
    "sip": "request_path",
    "conn": "conn_state",
    "dns": "rejected",
    "ssl": "established",
    "http": "request_body_len",
    "files": "seen_bytes",
    "x509": "certificate.serial",
}
#: What makes sure that a record is Zeek's, and shows its spelling.
_SPELT = ("id.orig_h", "certificate.serial")

#: What tells a record from others with its log, its id and its time: a connection that is open is written again
#: and again. Only what both of Zeek's writers write alike: one log in two formats counts once.
_DIFFERENT = (
    *("conn_state", "history", "orig_bytes", "resp_bytes", "orig_pkts", "resp_pkts"),
    *("trans_id", "query", "qtype", "rcode", "server_name", "established", "trans_depth"),
    *(
        "status_code",
        "response_body_len",
        "seen_bytes",
        "fingerprint",
        "certificate.serial",
        "certificate.subject",
    ),
)
#: The same in seconds, of which one writer has more digits.
_LONG = ("duration", "rtt")
_IDS = ("uid", "fuid", "fingerprint", "certificate.serial")


def _zeek(called: str, dots: str | None, others: tuple[str, ...]) -> Dialect:
    """The dialect with this for dots; the first of `others` that is there shows that it is one, too."""

    def sql(field: str, whole: str = "h") -> str:
        return path(whole, *spelt(field, dots))

    known = ", ".join(map(sql, (*_SPELT, *others)))
    marks = " ".join(f"WHEN {sql(field)} IS NOT NULL THEN '{log}'" for log, field in _MARKS.items())
    texts = [sql(field, "b") for field in _DIFFERENT]
    texts += [f"clew_duration({sql(field, 'b')})::VARCHAR" for field in _LONG]
    different = ", ".join(f"coalesce({text}, '')" for text in texts)
    head = ("_path", "@stream", "ts", *_SPELT, *_MARKS.values())
    body = ("ts", *_IDS, *_DIFFERENT, *_LONG)
    return Dialect(
        name=called,
        head=reduce(merged, (nested(spelt(field, dots), "VARCHAR") for field in head)),
        is_this=f"h.ts IS NOT NULL AND coalesce({known}) IS NOT NULL",
        provider=f"'{ZEEK_PROVIDER}'",
        code=f'coalesce(h._path, h."@stream", CASE {marks} END)',
        codes=("_path", "@stream"),
        body=reduce(merged, (nested(spelt(field, dots), "VARCHAR") for field in body)),
        system={
            "channel": "code",
            "computer": "NULL::VARCHAR",
            "record_id": f"coalesce({', '.join(sql(field, 'b') for field in _IDS)}) || concat_ws('|', {different})",
            "written": "b.ts",
        },
        data=(),
        dots=dots,
        marks=_MARKS,
        only=ZEEK_PROVIDER,
    )


ZEEK_NESTED = _zeek("zeek with objects", None, ())
ZEEK_UNDERSCORED = _zeek("zeek with underscores", "_", ())
ZEEK = _zeek("zeek", ".", ("_path", "@stream", "seen_bytes"))
