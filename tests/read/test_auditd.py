"""Linux audit logs: one line, one record, with its values as text."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clew.read import auditd, auditline
from clew.read.auditline import ENCODED
from clew.record import Note, Reject
from taken import Read, made, read

HEAD = "type=EXECVE msg=audit(1492037291.036:59): "
NEXT = "type=EXECVE msg=audit(1492037291.036:60): "


def taken(data: str | bytes, folder: Path) -> Read:
    return read(made(folder / "audit.log", data.encode() if isinstance(data, str) else data), folder=folder)


def record(line: str, folder: Path) -> Any:
    result = taken(line + "\n", folder)
    assert result.rejects == result.notes == []
    assert result.readers == {"auditd"}
    [found] = result.lines.values()
    return json.loads(found)


def test_a_line_is_a_record(tmp_path: Path) -> None:
    line = 'node=web1 type=SYSCALL msg=audit(1492037291.036:59): arch=c000003e a0=15 tty=(none) comm="a b" key=(null)'
    assert record(line, tmp_path) == {
        "type": "SYSCALL",
        "node": "web1",
        "time": "1492037291.036",
        "serial": 59,
        "call": "unknown",
        "fields": {"arch": "c000003e", "a0": "15", "tty": "(none)", "comm": "a b", "key": "(null)"},
    }


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ('argc=2 a0="grep" a1=2D6520666F6F', {"argc": "2", "a0": "grep", "a1": "-e foo"}),
        ('a1_len=4 a1[0]=6162 a1[1]="c"', {"a1_len": "4", "a1[0]": "ab", "a1[1]": "c"}),
        ("exe=2F61202862 cwd=2F62", {"exe": "/a (b", "cwd": "/b"}),
        ("proctitle=2F62002D6100", {"proctitle": "/b\0-a\0"}),
        ("key=61016262", {"key": "a\x01bb"}),
        ("name=2FFF", {"name": "/\ufffd"}),
        ("name=2F62F", {"name": "2F62F"}),
        ("name=2f62", {"name": "2f62"}),
        ("saddr=02000050A9FEA9FE", {"saddr": "02000050A9FEA9FE"}),
        ("inode=4142", {"inode": "4142"}),
        ("exe=? name=(null)", {"exe": "?", "name": "(null)"}),
        ('exe="" comm=""', {"exe": "", "comm": ""}),
        ("a=1 a=2 a=3 a_1=4", {"a": "1", "a_1": "2", "a_2": "3", "a_1_1": "4"}),
        ('name=6578"', {"name": '6578"'}),
        ('name="cut', {"name": '"cut'}),
        ("grantors=pam_env,pam_unix res=success", {"grantors": "pam_env,pam_unix", "res": "success"}),
        ("(hostname=?, addr=?, res=success)", {"hostname": "?", "addr": "?", "res": "success"}),
        (" cwd=x", {"cwd": "x"}),
        (
            "old-auid=1 prog-id=2 subj=u:r:t:s0-s0:c0.c1023",
            {"old-auid": "1", "prog-id": "2", "subj": "u:r:t:s0-s0:c0.c1023"},
        ),
        ("", {}),
    ],
)
def test_values(tmp_path: Path, fields: str, found: dict[str, str]) -> None:
    assert record(HEAD + fields, tmp_path)["fields"] == found


def test_arguments_of_a_system_call_are_numbers(tmp_path: Path) -> None:
    assert record("type=SYSCALL msg=audit(1.5:1): a0=6162 a1=63", tmp_path)["fields"] == {
        "a0": "6162",
        "a1": "63",
    }


@pytest.mark.parametrize("mark", ["\x1d", "", " "])
def test_what_auditd_resolved_stands_apart(tmp_path: Path, mark: str) -> None:
    found = record(f'{HEAD}item=0 cap_frootid=0{mark}OUID="root" OGID="a b"', tmp_path)
    assert found["fields"] == {"item": "0", "cap_frootid": "0"}
    assert found["enriched"] == {"OUID": "root", "OGID": "a b"}


@pytest.mark.parametrize("mark", ["\x1d", ""])
def test_the_message_of_a_program(tmp_path: Path, mark: str) -> None:
    line = f"""pid=1 uid=0 msg='op=login acct="o'neil" exe="/a b" id=2 pid=7 res=failed'{mark}UID="root" AUID="unset\""""
    found = record(HEAD + line, tmp_path)
    assert found["fields"] == {
        "pid": "1",
        "uid": "0",
        "msg": {"op": "login", "acct": "o'neil", "exe": "/a b", "id": "2", "pid": "7", "res": "failed"},
    }
    assert found["enriched"] == {"UID": "root", "AUID": "unset"}


def test_every_resolved_name_is_looked_for() -> None:
    for name in auditline.RESOLVED:
        assert auditline._split(f'a=0{name}="x"') == ("a=0", f'{name}="x"')


def test_resolved_names_inside_quotes_are_none(tmp_path: Path) -> None:
    found = record(HEAD + 'a0="x UID=1" a1="y', tmp_path)
    assert found["fields"] == {"a0": "x UID=1", "a1": '"y'}
    assert "enriched" not in found


def test_resolved_addresses_and_numbers(tmp_path: Path) -> None:
    found = record(
        HEAD + "saddr=0200\x1dSADDR={ saddr_fam=inet laddr=10.0.0.1 lport=80 } ARCH=x86_64", tmp_path
    )
    assert found["enriched"] == {"SADDR": "{ saddr_fam=inet laddr=10.0.0.1 lport=80 }", "ARCH": "x86_64"}


def test_words_that_are_no_field_are_kept_together(tmp_path: Path) -> None:
    found = record('type=AVC msg=audit(1.5:1): avc:  denied  { read } for  pid=1 comm="a" dev=hda7', tmp_path)
    assert found["text"] == "avc: denied { read } for"
    assert found["fields"] == {"pid": "1", "comm": "a", "dev": "hda7"}


@pytest.mark.parametrize("kind", ["UNKNOWN[1334]", "1334", "AUOMS_EXECVE"])
def test_types_without_a_name_and_with_an_odd_one(tmp_path: Path, kind: str) -> None:
    assert record(f"type={kind} msg=audit(1.5:1): a=1", tmp_path)["type"] == kind
    assert record(f"type={kind} audit(1.5:1): a=1", tmp_path)["type"] == kind


def test_layout_of_ausearch_is_no_record(tmp_path: Path) -> None:
    result = taken(f"\n----\ntime->Thu Apr 13 00:48:11 2017\n{HEAD}argc=1\n----\n{NEXT}argc=2\n", tmp_path)
    assert [position for _, position in result.lines] == [4, 6]
    assert result.rejects == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"type=UNKNOWN[1329] msg=?", "no audit record"),
        (b"anything", "no audit record"),
        (b"type=SYSCALL msg=audit(04/13/2017 00:48:11.036:59) : arch=x86_64", "ausearch has interpreted"),
        (b"type=SYSCALL msg=audit(1.5:99999999999999999999): a=1", "no audit record"),
        (b"type=A msg=audit(1.5:1):" + b" a=1" * 70_000, "it has more than 65536 fields"),
        (b"x" * (17 << 20), "the line is longer than 16 MiB"),
        (
            b'type=A msg=audit(1.5:1): a="' + b"\x02" * (15 << 20) + b'"',
            "the record is longer than 16 MiB as JSON",
        ),
    ],
)
def test_a_faulty_line_loses_no_other(tmp_path: Path, line: bytes, reason: str) -> None:
    result = taken(f"{HEAD}argc=1\n".encode() + line + f"\n{NEXT}argc=2\n".encode(), tmp_path)
    assert [position for _, position in result.lines] == [1, 3]
    [reject] = result.rejects
    assert (reject.path, reject.position) == ("audit.log", 2)
    assert reason in reject.reason


def test_a_line_that_is_not_utf8(tmp_path: Path) -> None:
    result = taken(f'{HEAD}a0="\xe9"\n'.encode("latin-1"), tmp_path)
    assert json.loads(result.lines["audit.log", 1])["fields"] == {"a0": "é"}
    assert result.notes == [Note("audit.log", "not UTF-8, read as Latin-1: 1 record, the first is 1")]


def test_a_file_that_is_cut_anywhere(tmp_path: Path) -> None:
    data = f'{HEAD}argc=2 a0="a"\nnode=n {HEAD}a1=6162\n'.encode()
    first = data.index(b"\n") + 1
    for at in range(len(HEAD) - 8, len(data)):
        result = taken(data[:at], tmp_path)
        assert result.total == (1 if at <= first else 2)
        assert bool(result.rejects or result.notes) == (at not in (first, len(data)))
        for reject in result.rejects:
            assert reject == Reject("audit.log", result.total, "the last line is cut: no audit record")


def test_packed_and_with_other_line_ends(tmp_path: Path) -> None:
    made(tmp_path / "a.gz", gzip.compress(f"\ufeff{HEAD}argc=1\r\n\r\n{NEXT}argc=2\r\n".encode()))
    result = read(tmp_path / "a.gz", folder=tmp_path)
    assert [json.loads(line)["fields"]["argc"] for line in result.lines.values()] == ["1", "2"]
    assert [position for _, position in result.lines] == [1, 3]


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (HEAD.encode(), True),
        (b"\xef\xbb\xbf\n----\ntime->x\nnode=a " + HEAD.encode(), True),
        (b"type=AUOMS audit(1.5:1): a=1", True),
        (b"audit: " + HEAD.encode(), False),
        (b"type=x\nmsg=audit(", False),
        (b"", False),
        (b"----\n" * 10000, False),
    ],
)
def test_what_is_claimed(head: bytes, claimed: bool) -> None:
    assert auditd.claims(head) is claimed


def written(name: str, value: str) -> str:
    """A value as the kernel writes an untrusted string."""
    plain = all("!" <= sign <= "~" and sign != '"' for sign in value)
    return f'{name}="{value}"' if plain else f"{name}={value.encode().hex().upper()}"


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(sorted(ENCODED)),
            st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_comes_back(tmp_path: Path, records: list[dict[str, str]]) -> None:
    lines = [
        f"type=EXECVE msg=audit(1492037291.036:{serial}): "
        + " ".join(written(name, value) for name, value in fields.items())
        for serial, fields in enumerate(records)
    ]
    result = taken("\n".join(lines) + "\n", tmp_path)
    assert [json.loads(line)["fields"] for line in result.lines.values()] == records
    assert result.rejects == []


PIECES = (
    HEAD,
    "node=n ",
    "\n",
    "\r",
    " ",
    'a="b"',
    "a=6162",
    "exe=2F",
    "msg='",
    "'",
    '"',
    "\x1d",
    'UID="r"',
    "----",
    "{ }",
    "é",
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_every_line_is_a_record_or_told(tmp_path: Path, text: str) -> None:
    data = HEAD + "a=1\n" + text
    result = taken(data, tmp_path)
    expected = [line for line in data.split("\n") if line.strip(" \r") and not line.startswith("----")]
    assert result.total == len(expected)
    for line in result.lines.values():
        json.loads(line)
