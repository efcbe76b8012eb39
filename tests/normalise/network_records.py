"""Records of network sensors: one of each log of Zeek, and of each kind of Suricata's events, in each schema."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]
START = 1774947600.25  # 2026-03-31 09:00:00.250


def _who(second: float, uid: str, port: int, **more: Any) -> Record:
    client = {"id.orig_h": "10.1.2.3", "id.orig_p": 50000, "id.resp_h": "203.0.113.9", "id.resp_p": port}
    return {"ts": START + second, "uid": uid, **client, **more}


_CONN = {"proto": "tcp", "service": "ssl", "duration": 61.000125, "orig_bytes": 719, "resp_bytes": 33600}
_COUNTS = {"orig_pkts": 10, "orig_ip_bytes": 1131, "resp_pkts": 24, "resp_ip_bytes": 34608}
_DNS = {"proto": "udp", "trans_id": 42937, "rtt": 0.069982, "qclass": 1, "qclass_name": "C_INTERNET"}
_FLAGS = {"AA": False, "TC": False, "RD": True, "RA": True, "Z": 0}
_ORGANISATION = "O=Example\\, Inc.,C=US"

#: (log, record), with the names and types of Zeek's JSON writer.
ZEEK: tuple[tuple[str, Record], ...] = (
    (
        "conn",
        _who(1, "CA1", 443, **_CONN, conn_state="SF", local_orig=True, local_resp=False, missed_bytes=0,
             history="ShADadfF", **_COUNTS, community_id="1:6vmR1PlsVSlZ4OmxYFSZt5Pp3cA="),
    ),
    (
        "conn",
        {"ts": START + 2, "uid": "CA2", "id.orig_h": "2001:db8::2", "id.orig_p": 128, "id.resp_h": "ff02::fb",
         "id.resp_p": 129, "proto": "icmp", "conn_state": "OTH", "missed_bytes": 0, "orig_pkts": 1, "resp_pkts": 0},
    ),
    (
        "dns",
        _who(3, "CA3", 53, **_DNS, query="c2.example.org", qtype=1, qtype_name="A", rcode=0, rcode_name="NOERROR",
             **_FLAGS, answers=["edge.example.net", "198.51.100.7", "2001:db8::7"], TTLs=[60.0, 60.0, 60.0],
             rejected=False),
    ),
    ("dns", _who(4, "CA4", 53, **_DNS, query="printer", qtype=28, qtype_name="AAAA", **_FLAGS, rejected=False)),
    (
        "ssl",
        _who(5, "CA1", 443, version="TLSv12", cipher="TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", curve="x25519",
             server_name="c2.example.org", resumed=False, next_protocol="h2", established=True,
             cert_chain_fps=["ab" * 32, "cd" * 32], subject=f"CN=c2.example.org,{_ORGANISATION}",
             issuer="CN=c2.example.org", client_subject="CN=client", client_issuer="CN=clients",
             validation_status="self signed certificate", ja3="0a" * 16, ja3s="0b" * 16),
    ),
    (
        "http",
        _who(6, "CA6", 8080, trans_depth=1, method="POST", host="c2.example.org:8080", uri="/up/a.php?id=1&x=%20",
             referrer="http://c2.example.org/", version="1.1", user_agent="Mozilla/5.0 (made up)",
             request_body_len=5120, response_body_len=2, status_code=200, status_msg="OK", tags=[],
             username="kim", resp_fuids=["FA7"], resp_mime_types=["text/plain"]),
    ),
    (
        "http",
        _who(7, "CA7", 80, trans_depth=2, method="GET", host="203.0.113.9", uri="/m", version="1.0",
             request_body_len=0, response_body_len=1011864, status_code=200, tags=[]),
    ),
    (
        "files",
        {"ts": START + 8, "fuid": "FA8", "tx_hosts": ["203.0.113.9"], "rx_hosts": ["10.1.2.3"], "conn_uids": ["CA7"],
         "source": "HTTP", "depth": 0, "analyzers": ["MD5", "SHA1"], "mime_type": "application/x-dosexec",
         "filename": "share\\tools\\New.Tool.EXE", "duration": 0.5, "is_orig": False, "seen_bytes": 1011860,
         "total_bytes": 1011864, "missing_bytes": 4, "timedout": False, "md5": "01" * 16, "sha1": "02" * 20,
         "sha256": "03" * 32},
    ),
    (
        "files",
        _who(9, "CA9", 445, fuid="FA9", source="SMB", mime_type="text/plain", duration=0.0, is_orig=True,
             seen_bytes=22, total_bytes=22),
    ),
    (
        "x509",
        {"ts": START + 10, "fingerprint": "ab" * 32, "certificate.version": 3, "certificate.serial": "0E30",
         "certificate.subject": f"CN=c2.example.org,{_ORGANISATION}", "certificate.issuer": "CN=c2.example.org",
         "certificate.not_valid_before": 1774915200.0, "certificate.not_valid_after": 1806451199.0,
         "certificate.key_alg": "rsaEncryption", "certificate.sig_alg": "sha256WithRSAEncryption",
         "certificate.key_type": "rsa", "certificate.key_length": 2048,
         "san.dns": ["c2.example.org", "*.c2.example.org"], "basic_constraints.ca": False},
    ),
)  # fmt: skip


def _lines(records: Iterable[Record]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _streaming(log: str, record: Record) -> Record:
    times = ("ts", "certificate.not_valid_before", "certificate.not_valid_after")
    made = {key: _iso(value) if key in times else value for key, value in record.items()}
    return {"_path": log, "_write_ts": _iso(START + 99), **made}


def _rocknsm(log: str, record: Record) -> Record:
    named = {"@stream": log, "@system": "sensor-1", "@proc": "zeek"}
    return named | {key.replace(".", "_"): value for key, value in record.items()}


def _nested(log: str, record: Record) -> Record:
    found: Record = {}
    for key, value in record.items():
        *parents, last = key.split(".")
        place = found
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return found


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_cell, value)) or "(empty)"
    if isinstance(value, bool):
        return "FT"[value]
    return f"{value:.6f}" if isinstance(value, float) else str(value).replace("\\", "\\\\")


def _kind(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "vector[string]"
    kinds = {bool: "bool", int: "count", float: "interval", str: "string"}
    return "time" if name == "ts" or "not_valid" in name else kinds[type(value)]


def _tsv(log: str, record: Record) -> str:
    head = [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{log}",
    ]
    rows = [
        ("#fields", *record),
        ("#types", *(_kind(*item) for item in record.items())),
        map(_cell, record.values()),
    ]
    return "\n".join([*head, *map("\t".join, rows), "#close\t2026-03-31-10-00-00", ""])


def _json(shape: Callable[[str, Record], Record]) -> Callable[[], str]:
    return lambda: _lines(shape(log, record) for log, record in ZEEK)


#: Zeek's records as a file of each form; "json" and "nested" do not name their logs.
FORMS: dict[str, Callable[[], str]] = {
    "tsv": lambda: "".join(_tsv(log, record) for log, record in ZEEK),
    "json": _json(lambda log, record: record),
    "json with the log's name": _json(lambda log, record: {**record, "_path": log}),
    "json-streaming-logs": _json(_streaming),
    "milliseconds": _json(lambda log, record: {**record, "ts": round(record["ts"] * 1000)}),
    "rocknsm": _json(_rocknsm),
    "nested": _json(_nested),
    "nested with the log's name": _json(lambda log, record: {"_path": log, **_nested(log, record)}),
}


def _eve(second: int, kind: str, to: tuple[str, int], *, proto: str = "TCP", **more: Any) -> Record:
    """An event of Suricata, written on a sensor that is five hours ahead of UTC."""
    return {
        "timestamp": f"2026-03-31T14:00:{second:02d}.250125+0500",
        "flow_id": 445611549016900 + second,
        "in_iface": "eth0",
        "event_type": kind,
        "src_ip": "10.1.2.3",
        "src_port": 50000,
        "dest_ip": to[0],
        "dest_port": to[1],
        "proto": proto,
        **more,
    }


_RESOLVER, _SERVER = ("192.0.2.53", 53), ("203.0.113.9", 80)
_ANSWERS = [
    {"rrname": "c2.example.org", "rrtype": "CNAME", "ttl": 60, "rdata": "edge.example.net"},
    {"rrname": "edge.example.net", "rrtype": "A", "ttl": 60, "rdata": "198.51.100.7"},
    {
        "rrname": "edge.example.net",
        "rrtype": "AAAA",
        "ttl": 60,
        "rdata": "2001:0db8:0000:0000:0000:0000:0000:0007",
    },
]
_GROUPED = {"CNAME": ["edge.example.net"], "A": ["198.51.100.7"]}
_HTTP = {
    "hostname": "c2.example.org",
    "url": "/up/a.php?id=1",
    "http_user_agent": "Mozilla/5.0 (made up)",
    "http_content_type": "text/plain",
    "http_refer": "http://c2.example.org/",
    "http_method": "GET",
    "protocol": "HTTP/1.1",
    "status": 200,
    "length": 90,
}
_FILE = {"filename": "/files/New.Tool.EXE", "gaps": False, "state": "CLOSED", "md5": "01" * 16}
_FOUND = {"sha1": "02" * 20, "sha256": "03" * 32, "stored": False, "size": 1011864, "tx_id": 0}
_ALERT = {"action": "allowed", "gid": 1, "signature_id": 2001219, "rev": 20, "signature": "EXAMPLE Scan"}
_GRAVE = {"category": "Attempted Information Leak", "severity": 2}
#: As a sensor writes what the server sent: the sender first.
_ANSWERED = {"src_ip": "203.0.113.9", "src_port": 80, "dest_ip": "10.1.2.3", "dest_port": 50000}

SURICATA: tuple[Record, ...] = (
    _eve(1, "flow", ("203.0.113.9", 443), app_proto="tls", host="sensor-1",
         community_id="1:6vmR1PlsVSlZ4OmxYFSZt5Pp3cA=",
         flow={"pkts_toserver": 10, "pkts_toclient": 24, "bytes_toserver": 1131, "bytes_toclient": 34608,
               "start": "2026-03-31T13:57:00.250000+0500", "end": "2026-03-31T13:58:01.250125+0500", "age": 61,
               "state": "closed", "reason": "timeout", "alerted": False}),
    _eve(2, "flow", ("ff02:0000:0000:0000:0000:0000:0000:00fb", 0), proto="IPv6-ICMP", icmp_type=133,
         app_proto="failed", src_ip="fe80:0000:0000:0000:7850:0000:0000:c40b", src_port=0,
         flow={"pkts_toserver": 1, "pkts_toclient": 0, "bytes_toserver": 62, "bytes_toclient": 0, "state": "new",
               "start": "2026-03-31T14:00:02.000000+0500"}),
    _eve(3, "dns", _RESOLVER, proto="UDP",
         dns={"type": "query", "id": 7, "rrname": "c2.example.org", "rrtype": "A", "tx_id": 0}),
    _eve(4, "dns", _RESOLVER, proto="UDP",
         dns={"type": "answer", "id": 7, "rcode": "NOERROR", "rrname": "c2.example.org", "rrtype": "A", "ttl": 60,
              "rdata": "198.51.100.7"}),
    _eve(5, "dns", _RESOLVER, proto="UDP",
         dns={"version": 2, "type": "answer", "id": 7, "flags": "8180", "qr": True, "rrname": "c2.example.org",
              "rrtype": "A", "rcode": "NOERROR", "answers": _ANSWERS, "grouped": _GROUPED}),
    _eve(6, "dns", _RESOLVER, proto="UDP",
         dns={"version": 3, "type": "request", "tx_id": 0, "id": 7, "flags": "100",
              "queries": [{"rrname": "c2.example.org", "rrtype": "A"}]}),
    _eve(7, "dns", _RESOLVER, proto="UDP",
         dns={"version": 3, "type": "response", "tx_id": 1, "id": 7, "rcode": "NOERROR",
              "queries": [{"rrname": "c2.example.org", "rrtype": "A"}], "answers": _ANSWERS}),
    _eve(8, "tls", ("203.0.113.9", 443),
         tls={"subject": "C=US, O=Example, CN=c2.example.org", "issuerdn": "CN=c2.example.org",
              "serial": "0E:30", "fingerprint": ":".join(["ab"] * 20), "sni": "c2.example.org",
              "version": "TLS 1.2", "notbefore": "2026-03-31T00:00:00", "notafter": "2027-03-30T23:59:59",
              "ja3": {"hash": "0a" * 16, "string": "771,4865"}, "ja3s": {"hash": "0b" * 16}}),
    _eve(9, "tls", ("203.0.113.9", 443), tls={"version": "TLS 1.3", "ja3": {}, "ja3s": {}}),
    _eve(10, "http", _SERVER, tx_id=0, http=_HTTP),
    _eve(11, "fileinfo", _SERVER, http=_HTTP, app_proto="http", fileinfo=_FILE | _FOUND) | _ANSWERED,
    _eve(12, "alert", ("192.0.2.7", 22), alert=_ALERT | _GRAVE),
    _eve(13, "alert", _SERVER, alert=_ALERT | _GRAVE | {"action": "blocked"}, http=_HTTP, app_proto="http",
         direction="to_client") | _ANSWERED,
    _eve(14, "alert", _RESOLVER, proto="UDP", alert=_ALERT | {"severity": 1}, app_proto="dns",
         dns={"query": [{"type": "query", "id": 7, "rrname": "c2.example.org", "rrtype": "A"}]}),
)  # fmt: skip


def eve() -> str:
    return _lines(SURICATA)
