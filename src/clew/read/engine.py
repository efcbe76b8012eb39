"""A container engine's API: its stream of events, and what it tells of a container; Docker's, and Podman's like it.

`docker://` is the engine of this machine, or the one that DOCKER_HOST names; `docker:///path/docker.sock` a socket,
`docker://host:2376` an engine over TCP. TCP goes with TLS where DOCKER_CERT_PATH or DOCKER_TLS_VERIFY is set: the
folder has ca.pem, against which the engine's certificate is checked, and cert.pem and key.pem of ours.

https://docs.docker.com/reference/api/engine/, https://docs.docker.com/engine/security/protect-access/
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from clew.errors import UsageError
from clew.record import LINE_BYTES

SCHEME = "docker://"
_SOCKET = "/var/run/docker.sock"
_PORT, _TLS_PORT = 2375, 2376
#: How long an answer may take, in seconds. The stream of events has no such limit: there may be none for days.
PATIENCE = 30.0


class EngineError(Exception):
    """The engine does not answer, or not as it should; its text says why."""


class Endpoint(msgspec.Struct, frozen=True):
    """Where an engine listens: a socket, or host and port, there with `certificates` where it speaks TLS."""

    socket: str = ""
    host: str = ""
    port: int = 0
    certificates: Path | None = None

    @property
    def local(self) -> bool:
        """Whether it is an engine of this machine."""
        return bool(self.socket)

    def __str__(self) -> str:
        return self.socket or f"{self.host}:{self.port}"


def endpoint(address: str, environment: Mapping[str, str] = os.environ) -> Endpoint:
    """The engine that an address names. Raises UsageError where it names none."""
    rest = address.removeprefix(SCHEME)
    if rest == address:
        raise UsageError(
            f"{address}: name an engine: docker://, docker:///path/docker.sock or docker://host:2376"
        )
    if not rest:
        return _of_variable(environment)
    return Endpoint(socket=rest) if rest.startswith("/") else _remote(address, rest, environment)


def _of_variable(environment: Mapping[str, str]) -> Endpoint:
    """The engine that DOCKER_HOST names, else that of this machine."""
    named = environment.get("DOCKER_HOST", "")
    scheme, _, rest = named.partition("://")
    if not named or scheme == "unix":
        return Endpoint(socket=rest or _SOCKET)
    if scheme == "tcp":
        return _remote(f"DOCKER_HOST={named}", rest, environment)
    raise UsageError(
        f"DOCKER_HOST={named}: only unix:// and tcp:// are spoken here; forward its socket, as ssh -L does"
    )


def _remote(said: str, rest: str, environment: Mapping[str, str]) -> Endpoint:
    folder = environment.get("DOCKER_CERT_PATH", "")
    if environment.get("DOCKER_TLS_VERIFY") and not folder:
        folder = str(Path.home() / ".docker")
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{said}: {error}") from error
    if not host:
        raise UsageError(f"{said}: no host is named: docker://host:2376")
    return Endpoint(
        host=host,
        port=port or (_TLS_PORT if folder else _PORT),
        certificates=Path(folder) if folder else None,
    )


class Engine:
    """One engine: each question goes over a connection that is kept, the stream of events over one of its own."""

    def __init__(self, where: Endpoint) -> None:
        self.where = where
        self._kept: http.client.HTTPConnection | None = None

    def events(self, since: str, until: str = "") -> Iterator[bytes]:
        """Each event from a time on (in seconds since 1970, as 1774947600.000000123) as one line of JSON.

        The first thing that it gives is nothing (b""), once the engine has taken the question. Without `until` it goes
        on for ever. Raises EngineError where the stream breaks or ends before that.
        """
        connection = _connection(self.where, PATIENCE if until else None)
        try:
            response = _asked(
                connection, f"/events?since={quote(since)}" + (f"&until={quote(until)}" if until else "")
            )
            yield b""
            while line := response.readline(LINE_BYTES):
                if not line.endswith(b"\n"):
                    raise EngineError("its stream of events is cut")
                yield line.strip()
            if not until:
                raise EngineError("it has ended its stream of events")
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(_told(error)) from error
        finally:
            connection.close()

    def remembers(self, event: bytes, time: str) -> bool:
        """Whether it still tells of an event of that time."""
        return event in self.events(time, time)

    def about(self) -> dict[str, Any]:
        """What it says of itself: its Name, its SystemTime ..."""
        return _object(self._ask("/info"))

    def containers(self) -> list[str]:
        """The ids of all containers, running or not."""
        return [
            str(one.get("Id", "")) for one in self._ask("/containers/json?all=1") if isinstance(one, dict)
        ]

    def inspect(self, container: str) -> dict[str, Any]:
        """All that it knows of a container."""
        return _object(self._ask(f"/containers/{quote(container, safe='')}/json"))

    def _ask(self, path: str) -> Any:
        """The answer to a question; asked once more where the connection that was kept has gone meanwhile."""
        if self._kept:
            try:
                return _answer(self._kept, path)
            except (OSError, http.client.HTTPException):
                self.close()
        self._kept = _connection(self.where, PATIENCE)
        try:
            return _answer(self._kept, path)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise EngineError(_told(error)) from error

    def close(self) -> None:
        """Give up the connection that is kept."""
        if self._kept:
            self._kept.close()
        self._kept = None


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise EngineError("its answer is no object")
    return answer


def _answer(connection: http.client.HTTPConnection, path: str) -> Any:
    body = _asked(connection, path).read(LINE_BYTES + 1)
    if len(body) > LINE_BYTES:
        connection.close()
        raise EngineError(f"its answer is longer than {LINE_BYTES >> 20} MiB")
    try:
        return json.loads(body)
    except ValueError as error:
        raise EngineError(f"its answer is no JSON: {error}") from error


def _asked(connection: http.client.HTTPConnection, path: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={"Host": "docker", "User-Agent": "clew"})
    response = connection.getresponse()
    if response.status != http.client.OK:
        why = response.read(4096).decode("utf-8", "replace").strip()
        raise EngineError(f"it answers {response.status} {response.reason}: {why}")
    return response


def _connection(where: Endpoint, timeout: float | None) -> http.client.HTTPConnection:
    if where.socket:
        return _SocketConnection(where.socket, timeout)
    if where.certificates:
        context = _context(where.certificates)
        return http.client.HTTPSConnection(where.host, where.port, timeout=timeout, context=context)
    return http.client.HTTPConnection(where.host, where.port, timeout=timeout)


def _context(folder: Path) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        context.load_cert_chain(str(folder / "cert.pem"), str(folder / "key.pem"))
    except (OSError, ssl.SSLError) as error:
        said = error.strerror or str(error)
        raise UsageError(f"{folder}: it must have ca.pem, cert.pem and key.pem: {said}") from error
    return context


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _told(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
