"""What is done to the machine: children, files, the network, native libraries. Arguments are those of CPython's table:
https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import os
from collections.abc import Callable

from .kept import kept as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .log import Log
from .stack import Stack

SECRETS = (
    "/.npmrc", "/.ssh/", "/.aws/", "/.netrc", "/.git-credentials", "/.gitconfig", "/.docker/config.json", "/.kube/",
    "/.config/gcloud", "/.pypirc", "/.env", "/.bash_history", "/.zsh_history", "/etc/passwd", "/etc/shadow", "/.gnupg",
    "/.mozilla/", "/google-chrome/", "/BraveSoftware/", "/.electrum", "/.bitcoin", "/Exodus", "/wallet",
    "/.config/solana", "/proc/self/environ", "/Library/Keychains",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_METHODS = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ", b"PATCH ", b"OPTIONS ", b"CONNECT ")
_BODY = 1 << 16
#: What a build tool does for the package, too.
_ALWAYS = ("execute", "request", "connect", "load_library")


class Calls:
    """One method for each audit event that matters."""

    def __init__(self, log: Log, stack: Stack, reveal: Callable[[int | None], None]) -> None:
        self._log, self._stack, self._reveal = log, stack, reveal
        self._fspath = os.fspath
        self.handlers: dict[str, Callable[..., object]] = {
            "subprocess.Popen": self._popen,
            "os.system": self._system,
            "os.exec": self._spawn,
            "os.posix_spawn": self._spawn,
            "os.spawn": lambda mode, path, arguments, environment: self._spawn(path, arguments, environment),
            "pty.spawn": self._pty,
            "open": self._open,
            "os.remove": lambda path, *_: self._file("delete", path),
            "os.rmdir": lambda path, *_: self._file("delete", path),
            "shutil.rmtree": lambda path, *_: self._file("delete", path),
            "os.truncate": lambda path, *_: self._file("write", path),
            "os.rename": lambda source, target, *_: self._file("rename", source, target=self._path(target)),
            "os.chmod": lambda path, mode, *_: self._file(
                "change_mode", path, mode=oct(mode).replace("o", "")
            ),
            "os.symlink": lambda source, path, *_: self._file("link", path, target=self._path(source)),
            "os.link": lambda source, path, *_: self._file("link", path, target=self._path(source)),
            "ctypes.dlopen": self._dlopen,
            "import": self._import,
            "socket.getaddrinfo": self._resolve,
            "socket.gethostbyname": self._resolve,
            "socket.connect": self._connect,
            "socket.sendto": self._sendto,
            "urllib.Request": self._request,
            "http.client.send": self._send,
        }

    def _tell(self, call: str, **fields: object) -> None:
        caller = self._stack.whence()
        if caller.place is not None and (not caller.tool or call in _ALWAYS):
            self._reveal(caller.layer)
            self._log.emit(call, layer=caller.layer, stack=caller.frames, **fields)

    def _path(self, path: object) -> str | None:
        if isinstance(path, int) or path is None:
            return None
        return _plain(self._fspath(path))  # type: ignore[call-overload]

    def _file(self, call: str, path: object, **fields: object) -> None:
        name = self._path(path)
        if name is not None and not name.startswith(self._log.folder):
            self._tell(call, path=name, **fields)

    def _open(self, path: object, mode: object, flags: int) -> None:
        if flags & _WRITES:
            self._file("write", path)
        elif isinstance(path, str) and any(secret in path for secret in SECRETS):
            self._file("read", path)

    def _dlopen(self, name: object) -> None:
        if name:
            self._tell("load_library", path=self._path(name))

    def _resolve(self, host: object, *_: object) -> None:
        if host:
            self._tell("resolve", name=_plain(host), type="A")

    def _import(self, module: object, file: object, *_: object) -> None:
        if isinstance(file, str) and not self._stack.is_system(file):
            self._tell("load_library", path=file)

    def _execute(self, executable: str | None, arguments: list[str], directory: object = None) -> None:
        unhooked = "python" in (executable or "") and any(_leaves_site_out(each) for each in arguments[1:])
        self._tell(
            "execute",
            executable=executable,
            arguments=arguments,
            directory=self._path(directory),
            what="without site: cannot be hooked" if unhooked else None,
        )

    def _popen(self, executable: object, arguments: object, directory: object, environment: object) -> None:
        words = [arguments] if isinstance(arguments, str | bytes) else list(arguments or ())  # type: ignore[call-overload]
        given = [_plain(self._fspath(word)) for word in words]
        self._execute(_plain(executable) if executable else given[0] if given else None, given, directory)

    def _system(self, command: object) -> None:
        self._execute("/bin/sh", ["sh", "-c", _plain(command)])

    def _spawn(self, path: object, arguments: object, environment: object = None) -> None:
        if self._stack.whence().nearest.endswith("/subprocess.py"):  # it told of it by an event of its own
            return
        self._execute(self._path(path), [_plain(self._fspath(word)) for word in arguments])  # type: ignore[attr-defined]

    def _pty(self, arguments: object) -> None:
        self._popen(None, arguments, None, None)

    def _connect(self, socket: object, address: object) -> None:
        if isinstance(address, tuple) and len(address) >= 2:
            self._tell("connect", address=_plain(address[0]), port=address[1], transport="tcp")

    def _sendto(self, socket: object, address: object) -> None:
        if isinstance(address, tuple) and len(address) >= 2:
            self._tell("send", address=_plain(address[0]), port=address[1], transport="udp")

    def _request(self, url: object, data: object, headers: object, method: object) -> None:
        scheme, _, rest = _plain(url).partition("://")
        place, slash, path = rest.partition("/")
        host, _, port = place.rpartition("@")[2].partition(":")
        self._tell(
            "request",
            method=_plain(method) if method else "POST" if data is not None else "GET",
            name=host,
            port=int(port) if port.isdigit() else 443 if scheme == "https" else 80,
            path=slash + path or "/",
            transport=scheme,
            body=_plain(bytes(data)[:_BODY]) if isinstance(data, bytes | bytearray) else None,
        )

    def _send(self, connection: object, data: object) -> None:
        if not isinstance(data, bytes):
            return
        host, port = getattr(connection, "host", ""), getattr(connection, "port", None)
        if data.startswith(_METHODS):
            head, _, body = data.partition(b"\r\n\r\n")
            method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
            text = _plain(body[:_BODY]) or None
            path = rest.partition(" ")[0]
            self._tell("request", method=method, name=host, port=port, path=path, body=text)
        else:
            self._tell("send", name=host, port=port, transport="http", body=_plain(data[:_BODY]))


def _plain(value: object) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes | bytearray) else str(value)


def _leaves_site_out(argument: str) -> bool:
    return argument.startswith("-") and not argument.startswith("--") and "S" in argument.partition("c")[0]
