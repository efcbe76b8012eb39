"""The sinkhole: answers whatever the package calls, and writes down what it said.

One thread listens for TCP, one for UDP; each connection gets a thread, so a slow one holds up no other. What is
spoken is told by the first bytes, not by the port: TLS (whose name decides the certificate), HTTP, DNS, anything.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import struct
import threading
import time

from clew.vetting.sandbox import dns, http
from clew.vetting.sandbox.authority import Authority
from clew.vetting.sandbox.network import TCP, UDP
from clew.vetting.sandbox.plan import Contact

_KEPT = 65_536
"""Bytes of one contact that are kept."""
_ALL = 16 << 20
"""Bytes of all contacts together."""
_THREADS = 48
_PATIENCE, _SETTLE = 3.0, 0.5  # seconds
_TRANSPARENT, _TRANSPARENT_6, _ORIGINAL, _ORIGINAL_6 = 19, 75, 20, 74  # linux/in.h, linux/in6.h
_HANDSHAKE = 0x16


class Sinkhole:
    """Listens in this network namespace until the process ends."""

    def __init__(self, authority: Authority, *, six: bool, contacts: int) -> None:
        self._contacts: list[Contact] = []
        self._unheard = 0
        self._open = 0
        self._authority = authority
        self._names = dns.Names()
        self._most, self._size = contacts, 0
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(_THREADS)
        for family in (socket.AF_INET, socket.AF_INET6)[: 1 + six]:
            for listen, kind in ((self._accept, socket.SOCK_STREAM), (self._datagrams, socket.SOCK_DGRAM)):
                opened = _socket(family, kind)
                threading.Thread(target=listen, args=(opened,), daemon=True).start()

    def _note(self, contact: Contact, raw: bytes = b"") -> None:
        contact.raw, contact.cut = base64.b64encode(raw[:_KEPT]).decode(), contact.cut or len(raw) > _KEPT
        contact.name = contact.name or self._names.name(contact.address)
        with self._lock:
            self._size += len(contact.raw) + 200
            if len(self._contacts) < self._most and self._size < _ALL:
                self._contacts.append(contact)
            else:
                self._unheard += 1

    @property
    def contacts(self) -> list[Contact]:
        """What was heard since it was last taken."""
        with self._lock:
            return list(self._contacts)

    def take(self) -> tuple[list[Contact], int]:
        """What was heard, and how much went unheard beyond the limit, to begin anew.

        Whoever called is gone by now; what he said last may still be on its way through a thread of ours.
        """
        patience = time.monotonic() + _SETTLE
        while self._open and time.monotonic() < patience:
            time.sleep(0.002)
        with self._lock:
            taken = self._contacts, self._unheard
            self._contacts, self._unheard, self._size = [], 0, 0
        return taken

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:
                time.sleep(0.01)  # no descriptor left for a moment
                continue
            self._count(1)
            address, port = connection.getsockname()[:2]
            self._note(_contact("connect", "tcp", (address, port), peer))
            if not self._slots.acquire(blocking=False):
                connection.close()
                self._count(-1)
                continue
            threading.Thread(target=self._serve, args=(connection, peer), daemon=True).start()

    def _serve(self, connection: socket.socket, peer: tuple[str, int]) -> None:
        try:
            with connection:
                connection.settimeout(_PATIENCE)
                self._talk(connection, connection.getsockname()[:2], peer)
        except (OSError, ValueError):
            pass  # it went away or broke off; that it came is noted
        finally:
            self._slots.release()
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._open += change

    def _talk(
        self, connection: socket.socket, to: tuple[str, int], peer: tuple[str, int], depth: int = 0
    ) -> None:
        first = connection.recv(16, socket.MSG_PEEK) if not isinstance(connection, ssl.SSLSocket) else b""
        if first[:1] == bytes([_HANDSHAKE]) and first[1:2] == b"\x03":
            connection = self._secure(connection, to, peer)
        with connection:
            data = connection.recv(_KEPT)
            if data.startswith(http.METHODS):
                self._http(connection, data, to, peer, depth)
            elif to[1] == 53 and len(data) > 2:
                self._dns_stream(connection, data, to, peer)
            elif data:
                self._data(connection, data, to, peer)

    def _secure(self, connection: socket.socket, to: tuple[str, int], peer: tuple[str, int]) -> ssl.SSLSocket:
        asked: list[str] = []

        def choose(channel: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            asked.append(name or "")
            channel.context = self._authority.context(name or self._names.name(to[0]) or to[0])

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.sni_callback = choose
        try:
            return context.wrap_socket(connection, server_side=True)
        finally:
            contact = _contact("tls", "tcp", to, peer)
            contact.name = asked[0] if asked else ""
            self._note(contact)

    def _http(
        self, connection: socket.socket, data: bytes, to: tuple[str, int], peer: tuple[str, int], depth: int
    ) -> None:
        pieces = [data]
        request = http.read(lambda: pieces.pop() if pieces else _receive(connection), connection.sendall)
        contact = _contact("http", "tcp", to, peer)
        contact.method, contact.path, contact.cut = request.method[:16], request.path, request.cut
        contact.name = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        contact.user_agent = request.headers.get("user-agent", "")[:500]
        self._note(contact, request.raw)
        if request.method == "CONNECT" and depth < 2:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._talk(connection, to, peer, depth + 1)
        else:
            connection.sendall(http.respond(request))

    def _data(
        self, connection: socket.socket, data: bytes, to: tuple[str, int], peer: tuple[str, int]
    ) -> None:
        try:
            while len(data) <= _KEPT and (more := connection.recv(_KEPT)):
                data += more
        except TimeoutError:
            pass
        finally:
            self._note(_contact("data", "tcp", to, peer), data)

    def _dns_stream(
        self, connection: socket.socket, data: bytes, to: tuple[str, int], peer: tuple[str, int]
    ) -> None:
        reply = self._dns(data[2:], _contact("dns", "tcp", to, peer))
        connection.sendall(struct.pack(">H", len(reply)) + reply)

    def _dns(self, message: bytes, contact: Contact) -> bytes:
        try:
            question = dns.read(message)
        except ValueError:
            contact.kind = "data"
            self._note(contact, message)
            return b""
        contact.name, contact.type = question.name, question.type_name
        self._note(contact, question.raw)
        return dns.answer(question, self._names)

    def _datagrams(self, opened: socket.socket) -> None:
        while True:
            with contextlib.suppress(OSError, ValueError):
                data, control, _, peer = opened.recvmsg(_KEPT, 256)
                to = _original(control, opened)
                if to[1] == 53:
                    _reply(opened.family, to, peer, self._dns(data, _contact("dns", "udp", to, peer)))
                else:
                    self._note(_contact("data", "udp", to, peer), data)


def _contact(kind: str, transport: str, to: tuple[str, int], peer: tuple[str, int]) -> Contact:
    address = to[0].removeprefix("::ffff:")
    return Contact(
        time=time.time(), kind=kind, transport=transport, address=address, port=to[1], source_port=peer[1]
    )


def _socket(family: socket.AddressFamily, kind: socket.SocketKind) -> socket.socket:
    """A transparent socket: it takes what the packet filter hands it, whatever address that was for."""
    opened = socket.socket(family, kind)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    six = family == socket.AF_INET6
    level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
    opened.setsockopt(level, _TRANSPARENT_6 if six else _TRANSPARENT, 1)
    if six:
        opened.setsockopt(level, socket.IPV6_V6ONLY, 1)
    stream = kind == socket.SOCK_STREAM
    if not stream:
        opened.setsockopt(level, _ORIGINAL_6 if six else _ORIGINAL, 1)
    opened.bind(("::1" if six else "127.0.0.1", TCP if stream else UDP))
    if stream:
        opened.listen(256)
    return opened


def _original(control: list[tuple[int, int, bytes]], opened: socket.socket) -> tuple[str, int]:
    """Where a datagram was sent to: struct sockaddr_in or sockaddr_in6 in its control message."""
    for level, kind, data in control:
        if (level, kind) == (socket.IPPROTO_IP, _ORIGINAL):
            return socket.inet_ntop(socket.AF_INET, data[4:8]), struct.unpack_from(">H", data, 2)[0]
        if (level, kind) == (socket.IPPROTO_IPV6, _ORIGINAL_6):
            return socket.inet_ntop(socket.AF_INET6, data[8:24]), struct.unpack_from(">H", data, 2)[0]
    address, port = opened.getsockname()[:2]
    return address, port


def _reply(family: int, to: tuple[str, int], peer: tuple[str, int], data: bytes) -> None:
    """Answers from the address that was asked, as a client expects."""
    if not data:
        return
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        six = family == socket.AF_INET6
        level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
        out.setsockopt(level, _TRANSPARENT_6 if six else _TRANSPARENT, 1)
        out.bind(to)
        out.sendto(data, peer)


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_KEPT)
    except (TimeoutError, ConnectionError):
        return b""
