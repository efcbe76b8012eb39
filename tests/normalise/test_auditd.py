"""Audit events: what each becomes."""

from pathlib import Path

import pytest

from clew.event import SCHEMA
from clew.record import Tally
from normalise.test_kubernetes import picked
from normalise.test_sysmon import Events, events
from read.test_auditevent import CALL, EXEC, lines, path, syscall

PEER = ("SOCKADDR", "saddr=020001BBCB007109" + "0" * 16)


def of(folder: Path, *records: tuple[str, str], node: str = "") -> tuple[Events, Tally]:
    (folder / "audit.log").write_text("".join(f"{line}\n" for line in lines(59, *records, node=node)))
    return events(folder / "audit.log", folder)


@pytest.mark.parametrize(
    ("records", "component", "action"),
    [
        ((syscall(59),), "process_creation", "execve"),
        ((syscall(322),), "process_creation", "execveat"),
        ((syscall(57, exit="71"),), "os_api_execution", "fork"),
        ((syscall(435, exit="71"),), "os_api_execution", "clone"),
        ((syscall(231),), "process_termination", "exit_group"),
        ((syscall(42), PEER), "network_connection_creation", "connect"),
        ((syscall(288, exit="5"), PEER), "network_connection_creation", "accept4"),
        ((syscall(49), PEER), "network_connection_creation", "bind"),
        ((syscall(257, a0="ffffff9c"), path(0, "/etc/shadow")), "file_access", "openat"),
        ((syscall(2, a1="2"), path(0, "/etc/passwd")), "file_modification", "write"),
        ((syscall(85), path(0, "/tmp/a", "CREATE")), "file_creation", "creat"),
        ((syscall(82), path(0, "/tmp/a", "CREATE")), "file_modification", "rename"),
        ((syscall(87), path(0, "/tmp/a", "DELETE")), "file_deletion", "unlink"),
        ((syscall(90), path(0, "/tmp/a")), "file_metadata", "chmod"),
        ((syscall(101, a0="4206", a1="47"),), "process_access", "ptrace"),
        ((syscall(175),), "kernel_module_load", "init_module"),
        ((syscall(308),), "os_api_execution", "setns"),
        ((("USER_LOGIN", "pid=1 uid=0 ses=3 msg='op=login acct=\"kim\" exe=\"/usr/sbin/sshd\" addr=203.0.113.9 res=success'"),),
         "logon_session_metadata", "USER_LOGIN"),
    ],
)  # fmt: skip
def test_what_each_becomes(
    tmp_path: Path, records: tuple[tuple[str, str], ...], component: str, action: str
) -> None:
    [found], tally = of(tmp_path, *records)
    assert picked([found], "clew.component", "event.action") == [(component, action)]
    assert found["clew.log_source"] == ("auditd:USER_LOGIN" if action == "USER_LOGIN" else "auditd:SYSCALL")
    assert set(found) <= set(SCHEMA)
    assert (tally.records["event"], tally.records["joined"], tally.total) == (
        1,
        len(records) - 1,
        len(records),
    )


@pytest.mark.parametrize(
    "records",
    [
        (syscall(59, "no", "-2"),),
        (syscall(42), ("SOCKADDR", "saddr=01002F72756E")),
        (syscall(56, exit="7"),),
        (syscall(56, exit="71", a0="10f00"),),
        (syscall(101, a0="7"),),
        (syscall(87, "no", "-13"), path(0, "/tmp/a")),
        (syscall(0),),
        (("CWD", 'cwd="/"'), path(0, "/a")),
        (("CRED_ACQ", "pid=1 msg='op=PAM:setcred res=success'"),),
    ],
)
def test_what_nobody_reads(tmp_path: Path, records: tuple[tuple[str, str], ...]) -> None:
    found, tally = of(tmp_path, *records)
    assert not found
    assert (tally.records["not_parsed"], tally.records["joined"]) == (1, len(records) - 1)


def test_an_execution(tmp_path: Path) -> None:
    [found] = of(tmp_path, *EXEC, node="web1.example")[0]
    expected = {
        "host.id": "web1.example",
        "user.name": "root",
        "user.id": "0",
        "process.entity_id": "web1.example/70/1492037291036000",
        "process.pid": 70,
        "process.parent.pid": 40,
        "process.executable": "/usr/bin/grep",
        "process.name": "grep",
        "process.command_line": "grep -e o b",
        "process.working_directory": "/srv",
        "event.outcome": "success",
        "event.sequence": 59,
    }
    assert {column: found.get(column) for column in expected} == expected
    assert "file.path" not in found


def test_a_log_that_names_no_host_is_of_one(tmp_path: Path) -> None:
    [found] = of(tmp_path, syscall(59))[0]
    assert found["host.id"] == "localhost"


def test_who_a_syslog_says_it_is_from(tmp_path: Path) -> None:
    line = lines(59, syscall(59))[0]
    (tmp_path / "syslog").write_text(f"Oct 24 17:05:46 web2 audispd: {line}\n")
    [found] = events(tmp_path / "syslog", tmp_path)[0]
    assert found["host.id"] == "web2"


def test_a_script(tmp_path: Path) -> None:
    records = (
        syscall(59, exe='"/usr/bin/python3.11"'),
        ("EXECVE", 'argc=2 a0="python3" a1="a.py"'),
        ("CWD", 'cwd="/srv"'),
    )
    [found] = of(tmp_path, *records)[0]
    assert found["clew.process.script"] == "/srv/a.py"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((syscall(42, "no", "-115"), PEER), {"destination.ip": "203.0.113.9", "destination.port": 443, "network.direction": "egress",
                                             "clew.destination.public": True}),
        ((syscall(42, "no", "-111"), PEER), {"destination.ip": "203.0.113.9", "event.outcome": "failure"}),
        ((syscall(288, exit="5"), PEER), {"source.ip": "203.0.113.9", "network.direction": "ingress"}),
        ((syscall(49), PEER), {"source.port": 443}),
        ((syscall(57, exit="71"),), {"process.pid": 71, "process.parent.pid": 70, "process.parent.name": "a",
                                     "process.entity_id": "localhost/71/1492037291036000"}),
        ((syscall(231, a0="1"),), {"process.exit_code": 1}),
        ((syscall(101, a0="10", a1="47"),), {"clew.target.process.pid": 0x47}),
        ((syscall(2, a1="1"), path(0, "/tmp/a.sh")), {"file.path": "/tmp/a.sh", "file.name": "a.sh", "file.extension": "sh", "file.directory": "/tmp/"}),
        ((("SYSCALL", CALL.format(59, "yes", "0", "0", "0", "2F6D656D66643A72756E635F636C6F6E6564202864656C6574656429")),), {"process.name": "runc"}),
        ((("SYSCALL", CALL.format(59, "yes", "0", "0", "0", "2F746D702F61202864656C6574656429")),), {"process.name": "a"}),
        ((syscall(59, exe='"/bin/busybox"'), ("EXECVE", 'argc=1 a0="/bin/nsenter"')), {"process.name": "nsenter"}),
        ((("SYSCALL", CALL.format(59, "yes", "0", "0", "0", '"/a"') + '\x1dUID="kim"'),), {"user.name": "kim"}),
    ],
)  # fmt: skip
def test_columns(tmp_path: Path, records: tuple[tuple[str, str], ...], expected: dict[str, object]) -> None:
    [found] = of(tmp_path, *records)[0]
    assert {column: found.get(column) for column in expected} == expected
