"""Small sound samples, by the name of their reader; a new reader gets some here."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq

import evtx_file
import sysmon
from packing import tarred, zipped

_OBJECTS = [{"n": n, "t": 'a"\\b', "l": [1.5, {"x": None}]} for n in range(5)]
_LINES = "".join(json.dumps(each) + "\n" for each in _OBJECTS).encode()
_ZEEK = (
    b"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
    b"#fields\tts\tuid\tn\tb\ttags\n#types\ttime\tstring\tcount\tbool\tset[string]\n"
    b"1.500000\tCx\t1\tT\ta,b\n2.0\t\\x09\t-\tF\t(empty)\n#close\t2019\n"
)


def _parquet(compression: str) -> bytes:
    out = io.BytesIO()
    rows = pa.table({"n": [1, 2, None], "s": ["a", "b", "c"], "l": [[1], [], None], "o": [{"x": 1}] * 3})
    pq.write_table(rows, out, row_group_size=2, compression=compression)
    return out.getvalue()


def _evtx() -> bytes:
    return evtx_file.log([sysmon.evtx(11, n, n, TargetFilename="x") for n in range(3)])


def seeds() -> dict[str, list[bytes]]:
    """The samples; `archive` stands for all that packs."""
    return {
        "evtx": [_evtx()],
        "parquet": [_parquet("none"), _parquet("snappy")],
        "zeek": [_ZEEK, _ZEEK + _ZEEK.replace(b"uid", b"other")],
        "json": [
            json.dumps(_OBJECTS).encode(),
            json.dumps(_OBJECTS, indent=2).encode(),
            "\n".join(json.dumps(each, indent=1) for each in _OBJECTS).encode(),
        ],
        "jsonlines": [_LINES, _LINES.decode().encode("utf-16")],
        "csv": [b'Name;"Id"\r\nx;1\r\n"a;""b""\nc";2\r\n', b"a,b,c\n1,2,3\n" * 3],
        "archive": [gzip.compress(_LINES), zipped({"a": _LINES, "b": _ZEEK}), tarred({"a": _LINES}, "w:gz")],
    }
