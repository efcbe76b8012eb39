"""What the entries of container engines' logs are: dockerd's requests, and what containerd and CRI-O did for a kubelet.

An entry becomes `{"engine", "entry", ...}` with its own fields beside. All engines write in the same shape, and two of
them into one log, so whose an entry is, is told by what it says; what tells nothing is `text` of the log's own engine.

=============  ===================================================================================================
dockerd        `request`: method, uri · `form`: the data of a form, with method and uri of the request before it
containerd     `CreateContainer`, `StartContainer`, `PullImage`, `Exec`, `ExecSync` of its CRI plugin
cri-o          `CreateContainer`, `StartContainer`, `PullImage`, `Exec`, `ExecSync`
=============  ===================================================================================================

Pod and name of a container stand in other entries than its start does: those of sandboxes and containers are
remembered, the last 65,536 of each. Of dockerd there is a recording; the others are built from their source:

https://github.com/containerd/containerd/blob/v2.1.0/internal/cri/instrument/instrumented_service.go,
https://github.com/cri-o/cri-o/tree/v1.31.0/server: container_start.go, container_create.go, sandbox_run_linux.go
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

Told: TypeAlias = "dict[str, Any]"

DOCKERD, CONTAINERD, CRIO = "dockerd", "containerd", "cri-o"
_REMEMBERED = 1 << 16

_CALL = re.compile(r"Calling (?P<method>[A-Z]+) (?P<uri>\S+)")
_FORM = "form data: "

_METADATA = r"(?:container )?(?P<metadata>.*?)"
_RAN = re.compile(rf'RunPodSandbox for {_METADATA} returns sandbox id "(?P<sandbox>[0-9a-f]+)"', re.DOTALL)
_MADE = re.compile(
    rf'CreateContainer within sandbox "(?P<sandbox>[0-9a-f]+)" for {_METADATA} '
    r'(?:returns container id "(?P<container>[0-9a-f]+)"|failed)',
    re.DOTALL,
)
_BEGAN = re.compile(
    r'StartContainer for "(?P<container>[0-9a-f]+)" (?:returns successfully|(?P<failed>failed))'
)
_FETCHED = re.compile(r'PullImage "(?P<image>[^"]+)" returns image reference "(?P<image_id>[^"]+)"')
_ASKED = re.compile(
    r'(?P<entry>Exec|ExecSync) for "(?P<container>[0-9a-f]+)" '
    r"with command \[(?P<command>.*)\](?:,| and) t(?:ty|imeout) ",
    re.DOTALL,
)

_DESCRIBED = r"(?P<namespace>[^/]*)/(?P<pod>[^/]*)/(?P<name>[^/]*)"
_CRIO_RAN = re.compile(rf"Ran pod sandbox (?P<sandbox>[0-9a-f]+) with infra container: {_DESCRIBED}")
_CRIO_MADE = re.compile(rf"Created container (?P<container>[0-9a-f]+): {_DESCRIBED}")
_CRIO_BEGAN = re.compile(rf"Started container(?: (?P<container>[0-9a-f]+))?: {_DESCRIBED}")
_CRIO_FETCHED = re.compile(r"Pulled image: (?P<image>\S+)")
_CRIO_ASKED = re.compile(
    r"Request: &(?P<entry>Exec|ExecSync)Request\{ContainerId:(?P<container>[0-9a-f]+),Cmd:\[(?P<command>.*)\],T",
    re.DOTALL,
)

_OF_CRIO = re.compile(rb"\bcrio\b|CRI-O|Ran pod sandbox|/runtime\.v1")
_OF_CONTAINERD = re.compile(
    rb"starting containerd|RunPodSandbox for|CreateContainer within|StartContainer for"
)
_OF_DOCKERD = re.compile(rb"Calling [A-Z]+ /|libcontainerd|dockerd")


_CALLED = re.compile(r"(?:^|[./-])(dockerd|containerd|crio|k3s|rke2)$")
_NAMES = {"dockerd": DOCKERD, "containerd": CONTAINERD, "crio": CRIO, "k3s": CONTAINERD, "rke2": CONTAINERD}


def whose(text: bytes) -> str:
    """The engine whose log begins like this; dockerd where nothing tells."""
    if _OF_CRIO.search(text):
        return CRIO
    return CONTAINERD if _OF_CONTAINERD.search(text) and not _OF_DOCKERD.search(text) else DOCKERD


def engine_of(app: str) -> str:
    """The engine that goes by a name in syslog; empty where none does. k3s and RKE2 have containerd in them."""
    found = _CALLED.search(app)
    return _NAMES[found[1]] if found else ""


class Entries:
    """The entries of one engine's log, in their order."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._method = self._uri = ""
        self._pods: dict[str, Told] = {}
        self._containers: dict[str, Told] = {}

    def told(self, fields: Told) -> Told:
        """What an entry with these fields is: `msg` is what it says."""
        message = str(fields["msg"])
        for tell in (self._of_dockerd, self._of_containerd, self._of_crio):
            if found := tell(message, fields):
                return {**fields, **found}
        return {**fields, "engine": self._engine, "entry": "text"}

    def _of_dockerd(self, message: str, _: Told) -> Told:
        if call := _CALL.fullmatch(message):
            self._method, self._uri = call["method"], call["uri"]
            return {"engine": DOCKERD, "entry": "request", **call.groupdict()}
        if message.startswith(_FORM) and self._uri:
            form = {"method": self._method, "uri": self._uri, "form": message.removeprefix(_FORM)}
            self._uri = ""
            return {"engine": DOCKERD, "entry": "form", **form}
        return {}

    def _of_containerd(self, message: str, _: Told) -> Told:
        if ran := _RAN.fullmatch(message):
            said = {
                "pod": _said(ran, "name"),
                "pod_uid": _said(ran, "uid"),
                "pod_namespace": _said(ran, "namespace"),
            }
            _remember(self._pods, ran["sandbox"], said)
            return {"engine": CONTAINERD, "entry": "RunPodSandbox", **said}
        if made := _MADE.fullmatch(message):
            found = {"container_name": _said(made, "name"), **self._pods.get(made["sandbox"], {})}
            return self._done(CONTAINERD, "CreateContainer", made["container"], found)
        if began := _BEGAN.fullmatch(message):
            return self._done(CONTAINERD, "StartContainer", began["container"], {}, bool(began["failed"]))
        if found_ := _FETCHED.fullmatch(message) or _ASKED.match(message):
            return self._about(CONTAINERD, {"entry": "PullImage", **found_.groupdict()})
        return {}

    def _of_crio(self, message: str, fields: Told) -> Told:
        if ran := _CRIO_RAN.fullmatch(message):
            return {"engine": CRIO, "entry": "RunPodSandbox", **_described(ran)}
        if made := _CRIO_MADE.fullmatch(message):
            return self._done(CRIO, "CreateContainer", made["container"], _described(made))
        said = f"{message}: {fields['description']}" if "description" in fields else message
        if began := _CRIO_BEGAN.fullmatch(said):
            container = began["container"] or str(fields.get("containerID", ""))
            return self._done(
                CRIO, "StartContainer", container, {**_described(began), "pid": fields.get("PID")}
            )
        if found := _CRIO_FETCHED.fullmatch(message) or _CRIO_ASKED.match(message):
            return self._about(CRIO, {"entry": "PullImage", **found.groupdict()})
        return {}

    def _done(self, engine: str, entry: str, container: str | None, said: Told, failed: bool = False) -> Told:
        """Something that was done to a container, which is remembered; none was made where it failed."""
        known = {**self._containers.get(container or "", {}), **said}
        if container:
            _remember(
                self._containers,
                container,
                {key: value for key, value in known.items() if key not in {"pid"}},
            )
        outcome = "failure" if failed or not container else "success"
        return {"engine": engine, "entry": entry, "container": container, "outcome": outcome, **known}

    def _about(self, engine: str, said: Told) -> Told:
        return {"engine": engine, **self._containers.get(str(said.get("container")), {}), **said}


def _said(found: re.Match[str], key: str) -> str:
    """A part of metadata, as either generator of protocol buffers writes it: {Name:web,...} and name:"web" ..."""
    said = re.search(rf'\b{key}:"?([^",}}]*)', found["metadata"], re.IGNORECASE)
    return said[1] if said else ""


def _described(found: re.Match[str]) -> Told:
    return {"pod_namespace": found["namespace"], "pod": found["pod"], "container_name": found["name"]}


def _remember(memory: dict[str, Told], key: str, told: Told) -> None:
    memory.pop(key, None)
    memory[key] = told
    if len(memory) > _REMEMBERED:
        del memory[next(iter(memory))]
