"""`clew record` against an engine that answers as we tell it to: over a socket, over TLS, and when it fails."""

import json
import os
import shutil
import signal
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from clew.errors import ResourceError, UsageError
from clew.read.engine import Endpoint, endpoint
from clew.runner import record
from clew.runner.record import Recorder

ID, OTHER = "4c01" * 16, "beef" * 16


def event(nanoseconds: int, action: str, container: str = ID, kind: str = "container") -> dict[str, Any]:
    return {"Type": kind, "Action": action, "Actor": {"ID": container, "Attributes": {"image": "a", "name": "n"}},
            "time": nanoseconds // 10**9, "timeNano": nanoseconds}  # fmt: skip


def container(id: str = ID, pid: int = 0) -> dict[str, Any]:
    return {"Id": id, "Created": "2026-03-31T09:00:00Z", "Config": {"Image": "a", "Env": ["TOKEN=secret"]},
            "HostConfig": {"Privileged": True}, "State": {"Pid": pid, "StartedAt": "2026-03-31T09:00:01Z"}}  # fmt: skip


class FakeEngine:
    """Each connection to its events is answered by the next of `streams`, lines; then the recorder is stopped."""

    def __init__(
        self, streams: list[list[bytes]], containers: list[dict[str, Any]], past: list[bytes]
    ) -> None:
        self.streams, self.containers, self.past = streams, containers, past
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine: FakeEngine

    def do_GET(self) -> None:
        engine, url = self.server.engine, urlsplit(self.path)  # type: ignore[attr-defined]
        engine.asked.append(self.path)
        if url.path == "/info":
            self._send({"Name": "far", "SystemTime": "2026-03-31T09:00:00.123456789Z"})
        elif url.path == "/containers/json":
            self._send([{"Id": one["Id"]} for one in engine.containers])
        elif url.path.startswith("/containers/"):
            found = [one for one in engine.containers if one["Id"] in url.path]
            self._send(found[0] if found else {"message": "No such container"}, 200 if found else 404)
        elif "until" in parse_qs(url.query):
            self._stream(engine.past)
        elif engine.streams:
            self._stream(engine.streams.pop(0))
        else:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.5)
            self.close_connection = True

    def _send(self, answer: object, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, lines: list[bytes]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in lines:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


@contextmanager
def serving(server: socketserver.BaseServer, engine: FakeEngine) -> Iterator[None]:
    server.engine = engine  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def line(one: dict[str, Any]) -> bytes:
    return json.dumps(one).encode() + b"\n"


class Took:
    """What came of a recording."""

    def __init__(self, file: Path, recorder: Recorder, said: list[str]) -> None:
        self.done, self.said = recorder.done, "\n".join(said)
        self.lines = [json.loads(text) for text in file.read_text().splitlines()] if file.is_file() else []

    @property
    def kinds(self) -> list[str]:
        return [one.get("Action", "inspect") for one in self.lines]


@pytest.fixture(name="take")
def taking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Took]:
    monkeypatch.setattr(record, "_PAUSE", 0.01)

    def take(
        *streams: list[bytes],
        containers: tuple[dict[str, Any], ...] = (),
        past: tuple[bytes, ...] = (),
        file: Path = tmp_path / "out.jsonl",
        host: str = "",
    ) -> Took:
        said: list[str] = []
        engine = FakeEngine(list(streams), list(containers), list(past))
        recorder = Recorder(Endpoint(socket=str(tmp_path / "s")), file, said.append, host)
        with serving(UnixServer(str(tmp_path / "s"), Handler), engine), pytest.raises(KeyboardInterrupt):
            recorder.run()
        return Took(file, recorder, said)

    return take


def test_events_and_what_their_containers_are_given(take: Callable[..., Took]) -> None:
    stream = [line(event(1_000_000_001, "create")), line(event(2, "start")), line(event(3, "die"))]
    took = take(stream, containers=(container(OTHER), container(pid=70)))
    assert took.kinds == ["inspect", "inspect", "create", "inspect", "start", "die"]
    assert took.lines[4]["State"]["Pid"] == 70
    assert all("Env" not in one.get("Config", {}) for one in took.lines)
    assert (took.done.events, took.done.gone) == (3, 0)


def test_a_container_that_is_gone_before_it_is_asked_about(take: Callable[..., Took]) -> None:
    took = take([line(event(1, "create")), line(event(2, "start"))])
    assert took.kinds == ["create", "start"]
    assert took.done.gone == 2


def test_a_stream_that_breaks_is_taken_up_again(take: Callable[..., Took]) -> None:
    first, second = line(event(5_000_000_007, "die")), line(event(6_000_000_000, "destroy"))
    took = take([first], [first, second], past=(first,))
    assert took.kinds == ["die", "destroy"]
    assert took.done.gaps == 0 and "tells of all that was meanwhile" in took.said


def test_an_engine_that_remembers_nothing_leaves_a_gap(take: Callable[..., Took]) -> None:
    first, second = line(event(5, "die")), line(event(6, "destroy"))
    took = take([first], [second], containers=(container(OTHER),))
    assert took.kinds == ["inspect", "die", "destroy"]
    assert took.done.gaps == 1 and "may be missing" in took.said


def test_a_stream_that_is_cut_within_an_event(take: Callable[..., Took]) -> None:
    first = line(event(5, "die"))
    took = take([first[:-9]], [first])
    assert took.kinds == ["die"]


def test_what_is_no_event_is_written_as_it_is(take: Callable[..., Took], tmp_path: Path) -> None:
    stream = [b"not json\n", line({"Type": "x"}), line(event(5, "die"))]
    with pytest.raises(json.JSONDecodeError):
        take(stream)
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(stream)


def test_lines_are_added_behind_a_line_that_is_cut(take: Callable[..., Took], tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text('{"a":1}\n{"b":')
    with pytest.raises(json.JSONDecodeError):
        take([line(event(5, "die"))])
    kept = (tmp_path / "out.jsonl").read_text().splitlines()
    assert kept[:2] == ['{"a":1}', '{"b":'] and json.loads(kept[2])["Action"] == "die"


def test_the_host_is_named_where_it_is_asked_for(take: Callable[..., Took]) -> None:
    took = take([line(event(5, "create"))], containers=(container(OTHER), container()), host="web1")
    assert {one["host"] for one in took.lines} == {"web1"}


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    engine = FakeEngine([[line(event(5, "die"))]], [], [])
    recorder = Recorder(Endpoint(socket=str(tmp_path / "s")), Path("/dev/full"), lambda _: None)
    with serving(UnixServer(str(tmp_path / "s"), Handler), engine), pytest.raises(ResourceError) as error:
        recorder.run()
    assert "/dev/full: cannot be written any more: No space left on device" in str(error.value)


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").write_text("whole\n")
    with record.Lines(tmp_path / "out") as lines:
        monkeypatch.setattr(os, "write", _filling(os.write, 4))
        with pytest.raises(ResourceError):
            lines.write(b"0123456789")
        monkeypatch.undo()
    assert (tmp_path / "out").read_text() == "whole\n"


def _filling(write: Callable[[int, bytes], int], room: int) -> Callable[[int, bytes], int]:
    """`os.write` of a disk with so much room."""
    left = [room]

    def fill(out: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(28, "No space left on device")
        written = write(out, data[: left[0]])
        left[0] -= written
        return written

    return fill


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no engine answers"):
        Recorder(Endpoint(socket=str(tmp_path / "none")), tmp_path / "out", lambda _: None).run()


def test_over_tls_with_certificates_of_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_PAUSE", 0.01)
    certificates = certified(tmp_path)
    engine = FakeEngine([[line(event(5, "die"))]], [], [])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = TcpServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    address = f"docker://localhost:{server.server_address[1]}"
    recorder = Recorder(
        endpoint(address, {"DOCKER_CERT_PATH": str(certificates)}), tmp_path / "out", lambda _: None
    )
    with serving(server, engine), pytest.raises(KeyboardInterrupt):
        recorder.run()
    [only] = (tmp_path / "out").read_text().splitlines()
    assert json.loads(only).items() >= {"Action": "die", "host": "far"}.items()


def certified(folder: Path) -> Path:
    """ca.pem, and cert.pem with key.pem for localhost, which it has signed."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    shutil.copy(folder / "cert.pem", folder / "ca.pem")
    return folder


@pytest.mark.parametrize(
    ("address", "environment", "expected"),
    [
        ("docker://", {}, Endpoint(socket="/var/run/docker.sock")),
        ("docker:///run/d.sock", {"DOCKER_HOST": "tcp://a:1"}, Endpoint(socket="/run/d.sock")),
        ("docker://", {"DOCKER_HOST": "unix:///run/d.sock"}, Endpoint(socket="/run/d.sock")),
        ("docker://", {"DOCKER_HOST": "tcp://a:2375"}, Endpoint(host="a", port=2375)),
        ("docker://a", {}, Endpoint(host="a", port=2375)),
        ("docker://a", {"DOCKER_CERT_PATH": "/c"}, Endpoint(host="a", port=2376, certificates=Path("/c"))),
        ("docker://[::1]:99", {}, Endpoint(host="::1", port=99)),
        ("docker://a", {"DOCKER_TLS_VERIFY": "1"}, Endpoint(host="a", port=2376, certificates=Path.home() / ".docker")),
    ],
)  # fmt: skip
def test_where_an_engine_is(address: str, environment: dict[str, str], expected: Endpoint) -> None:
    assert endpoint(address, environment) == expected


@pytest.mark.parametrize(
    ("address", "environment"),
    [("docker", {}), ("docker://", {"DOCKER_HOST": "ssh://a"}), ("docker://:1", {}), ("docker://a:x", {})],
)
def test_what_is_no_engine(address: str, environment: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        endpoint(address, environment)


def test_certificates_that_are_not_there(tmp_path: Path) -> None:
    where = Endpoint(host="127.0.0.1", port=1, certificates=tmp_path / "none")
    with pytest.raises(UsageError, match=r"must have ca\.pem, cert\.pem and key\.pem"):
        Recorder(where, tmp_path / "out", lambda _: None).run()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it(tmp_path: Path, number: signal.Signals, code: int) -> None:
    engine = FakeEngine([], [container()], [])
    held = threading.Event()
    engine.streams.append(Holding(held))
    command = [sys.executable, "-m", "clew.cli.main", "record", f"docker://{tmp_path}/s", "-o", "out.jsonl"]
    with serving(UnixServer(str(tmp_path / "s"), Handler), engine):
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        assert process.stderr and "Recording" in process.stderr.readline()
        process.send_signal(number)
        said = process.stderr.read()
        assert process.wait(20) == code
        held.set()
    assert "Traceback" not in said and "Recorded 0 events" in said


class Holding(list[bytes]):
    """A stream that is open and says nothing until it is let go."""

    def __init__(self, held: threading.Event) -> None:
        super().__init__()
        self._held = held

    def __iter__(self) -> Iterator[bytes]:
        self._held.wait(20)
        return iter(())
