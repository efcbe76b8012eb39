"""Events of containers, and of who asked an orchestrator for what, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clew.finding import Value

Fields = Mapping[str, Value]


def container_creation(f: Fields) -> str:
    """Somebody asked for a container, or an engine tells that it made one."""
    return f"{_who(f)} made {_container(f)}{_place(f)}{_flags(f)}{_outcome(f)}"


def container_start(f: Fields) -> str:
    """A container was started."""
    return f"{_container(f)}{_place(f)} was started{_node(f)}"


def pod_creation(f: Fields) -> str:
    """What makes pods was made."""
    return f"{_who(f)} made {_resource(f)} with {_container(f)}{_flags(f)}{_outcome(f)}"


def pod_modification(f: Fields) -> str:
    """A pod, or what makes pods, was changed."""
    with_ = f" to {_container(f)}{_flags(f)}" if f.get("container.image.name") else ""
    return f"{_who(f)} changed {_resource(f)}{with_}{_outcome(f)}"


def command_execution(f: Fields) -> str:
    """A command was run in a container from outside."""
    command = f.get("process.command_line") or "a command that was not recorded"
    return f"{_who(f)} ran {command} in {_container(f)}{_place(f)}{_outcome(f)}"


def image_creation(f: Fields) -> str:
    """An image was pulled, imported, built or committed."""
    image = f.get("container.image.name") or f.get("container.image.hash.all") or "an image"
    return f"{_who(f)} got the image {image} ({f.get('event.action') or f.get('event.code')}){_place(f)}"


def application_log_content(f: Fields) -> str:
    """A request in somebody else's name."""
    asked = f"{f.get('event.action')} {f.get('url.original') or ''}".strip()
    return f"{_who(f)} asked: {asked}{_outcome(f)}"


def _who(f: Fields) -> str:
    """The account, with the one in whose name it acts; without one, who tells of it."""
    name, other = f.get("user.name"), f.get("user.effective.name")
    who = str(name or f.get("host.name") or f.get("event.provider") or "somebody")
    return f"{who}, in the name of {other}," if other else who


def _container(f: Fields) -> str:
    name = f.get("container.name") or f.get("container.id")
    image = f.get("container.image.name")
    called = f"the container {name}" if name else "a container"
    return f"{called} of {image}" if image else called


def _resource(f: Fields) -> str:
    kind, namespace = f.get("orchestrator.resource.type"), f.get("orchestrator.namespace")
    path = "/".join(str(part) for part in (namespace, f.get("orchestrator.resource.name")) if part)
    return f"{kind} {path}" if kind else path or "a resource"


def _place(f: Fields) -> str:
    return f" in {_resource(f)}" if f.get("orchestrator.resource.name") else ""


def _node(f: Fields) -> str:
    return f" on {f['host.name']}" if f.get("host.name") else ""


def _flags(f: Fields) -> str:
    flags = f.get("clew.container.flags")
    if flags is None:
        return ", what it was given is not recorded"
    return "" if flags == "none" else f", given {flags}"


def _outcome(f: Fields) -> str:
    if f.get("event.outcome") != "failure":
        return ""
    return f", which was refused ({f.get('error.code') or f.get('http.response.status_code')})"


SENTENCES: dict[str, Callable[[Fields], str]] = {
    "application_log_content": application_log_content,
    "command_execution": command_execution,
    "container_creation": container_creation,
    "container_start": container_start,
    "image_creation": image_creation,
    "pod_creation": pod_creation,
    "pod_modification": pod_modification,
}
