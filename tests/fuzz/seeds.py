"""Small sound samples, by the name of their reader; a new reader gets some here."""

import gzip
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import evtx_file
import evtx_template
import sysmon
import windows_xml
from packing import tarred, zipped

_OBJECTS = [{"n": n, "t": 'a"\\b', "l": [1.5, {"x": None}]} for n in range(5)]
_LINES = "".join(json.dumps(each) + "\n" for each in _OBJECTS).encode()
_ZEEK = (
    b"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    b"#fields\tts\tuid\tn\tb\ttags\n#types\ttime\tstring\tcount\tbool\tset[string]\n"
    b"1.500000\tCx\t1\tT\ta,b\n2.0\t\\x09\t-\tF\t(empty)\n#close\t2019\n"
)
_AUDIT = (
    b'node=web1 type=SYSCALL msg=audit(1492037291.036:59): arch=c000003e syscall=59 exe="/usr/bin/grep" key=(null)\n'
    b'type=EXECVE msg=audit(1492037291.036:59): argc=2 a0="grep" a1=2D6520666F6F\n'
    b'type=USER_LOGIN msg=audit(1492037292.000:60): pid=1 msg=\'op=login acct="kim" res=success\'\x1dAUID="root"\n'
)
_SPLUNK = (
    b"03/25/2022 05:46:37 PM\nLogName=Security\nEventCode=4688\nComputerName=ws1\nMessage=A new process.\n\n"
    b"\tNew Process Name:\tC:\\a.exe\n" * 2
)
_SYSLOG = (
    b'Oct 24 17:05:46 web1 app[7]: text\n<34>1 2022-10-24T17:05:46.003Z web1 su 77 ID47 [a@1 x="y"] failed\n'
    b'Oct 24 17:05:47 web1 app: {"a":1}\nOct 24 17:05:48 web1 app: @cee:{"b":[2]}\n'
)
_COUNTED = b"".join(
    b"%d %s" % (len(frame), frame) for frame in [b"<34>1 2022-10-24T17:05:46Z h a - - - text"] * 2
)
_DOCKERD = (
    b'time="2026-11-24T02:32:17.706931975Z" level=debug msg="Calling POST /v1.41/containers/create?name=web1"\n'
    b'time="2026-11-24T02:32:17.707188383Z" level=debug msg="form data: {\\"Cmd\\":[\\"echo\\"],\\"HostConfig\\":{}}"\n'
    b'time="2026-11-24T02:32:18Z" level=warning msg="a \\"b\\"" error="no such file" module=libcontainerd\n'
)
_CONTAINERD = (
    b'time="2026-11-24T02:32:17.1Z" level=info msg="RunPodSandbox for &PodSandboxMetadata{Name:web-1,Uid:u1,Namespace:shop,'
    b'Attempt:0,} returns sandbox id \\"ee86\\""\n'
    b'time="2026-11-24T02:32:17.2Z" level=info msg="CreateContainer within sandbox \\"ee86\\" for &ContainerMetadata{Name:nginx,'
    b'Attempt:0,} returns container id \\"f204\\""\n'
    b'time="2026-11-24T02:32:17.3Z" level=info msg="StartContainer for \\"f204\\" returns successfully"\n'
)
_CONTAINERD_JSON = (
    b'{"level":"info","msg":"StartContainer for \\"f204\\" returns successfully","time":"2026-11-24T02:32:17.3Z"}\n'
    * 2
)
_CRIO = (
    b'time="2026-05-27T16:02:35.1Z" level=info msg="Created container 75ef: shop/web-1/nginx" id=6fc3 name=/runtime.v1.R\n'
    b'time="2026-05-27T16:02:35.2Z" level=info msg="Started container" PID=7 containerID=75ef description=shop/web-1/nginx\n'
)
_CTR = b'2026-11-25 01:26:22.799250159 +0000 UTC k8s.io /tasks/start {"container_id":"e7de","pid":26904}\n'
_KUBERNETES = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": _OBJECTS}


def _parquet(compression: str) -> bytes:
    out = io.BytesIO()
    rows = pa.table({"n": [1, 2, None], "s": ["a", "b", "c"], "l": [[1], [], None], "o": [{"x": 1}] * 3})
    pq.write_table(rows, out, row_group_size=2, compression=compression)
    return out.getvalue()


def _evtx() -> bytes:
    return evtx_file.log([sysmon.evtx(11, n, n, TargetFilename="x") for n in range(3)])


def _templates(**template: Any) -> bytes:
    chunks = [evtx_template.chunk([10, 11, 4, 11, 1], 5 * n + 1, **template) for n in range(2)]
    return evtx_file.joined(chunks, 11)


def _event(n: int, layout: str = "") -> str:
    return windows_xml.event(sysmon.evtx(11, n, n, TargetFilename="C:\\a&b"), layout=layout)


def seeds() -> dict[str, list[bytes]]:
    """The samples; `archive` stands for all that packs."""
    return {
        "evtx": [
            _evtx(),
            _templates(),
            _templates(provider={"Guid": "{1-2}", "Name": "Microsoft-Windows-Sysmon"}),
        ],
        "parquet": [_parquet("none"), _parquet("snappy")],
        "zeek": [_ZEEK, _ZEEK + _ZEEK.replace(b"uid", b"other")],
        "windowsxml": [
            f"<Events>{_event(1)}{_event(2)}</Events>".encode(),
            f"{_event(1)}\n{_event(2)}\n".encode(),
            _event(1, layout="\n  ").encode("utf-16"),
        ],
        "auditd": [_AUDIT],
        "engine log": [_DOCKERD, _CONTAINERD, _CONTAINERD_JSON, _CRIO],
        "ctr events": [_CTR * 2],
        "splunk": [_SPLUNK],
        "syslog": [_SYSLOG, _COUNTED, f"Oct 24 17:05:46 web1 sysmon: {_event(1)}\n".encode()],
        "kubernetes list": [json.dumps(_KUBERNETES).encode(), json.dumps(_KUBERNETES, indent=2).encode() * 2],
        "json": [
            json.dumps(_OBJECTS).encode(),
            json.dumps(_OBJECTS, indent=2).encode(),
            "\n".join(json.dumps(each, indent=1) for each in _OBJECTS).encode(),
        ],
        "jsonlines": [_LINES, _LINES.decode().encode("utf-16")],
        "csv": [b'Name;"Id"\r\nx;1\r\n"a;""b""\nc";2\r\n', b"a,b,c\n1,2,3\n" * 3],
        "archive": [gzip.compress(_LINES), zipped({"a": _LINES, "b": _ZEEK}), tarred({"a": _LINES}, "w:gz")],
    }
