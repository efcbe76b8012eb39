"""Records of a host with Docker, as its engine and Tetragon write them, made here: single ones, and an ordinary day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

Record = dict[str, Any]
START = datetime(2026, 3, 31, 0, 0, tzinfo=UTC)
HOST = "web1"
SOCKET = ["/var/run/docker.sock:/var/run/docker.sock"]


def digest(*parts: object) -> str:
    """Sixty-four hexadecimal digits for what has this name."""
    return sha256("/".join(map(str, parts)).encode()).hexdigest()


def reported(time: datetime, action: str, kind: str, of: str, **attributes: str) -> Record:
    """An event of the engine, in its own form; a collector has added the host."""
    actor = {"ID": of, "Attributes": attributes}
    nanoseconds = int(time.timestamp() * 1_000_000) * 1_000
    return {
        "Type": kind,
        "Action": action,
        "Actor": actor,
        "scope": "local",
        "timeNano": nanoseconds,
        "host": HOST,
    }


def pull(time: datetime, image: str) -> Record:
    return reported(time, "pull", "image", image, name=image.rpartition(":")[0])


def push(time: datetime, image: str) -> Record:
    return reported(time, "push", "image", image, name=image.rpartition(":")[0])


def tag(time: datetime, image: str, made_of: str) -> Record:
    return reported(time, "tag", "image", f"sha256:{digest(made_of)}", name=image)


def build(time: datetime, image: str) -> Iterator[Record]:
    yield reported(time, "build", "image", f"sha256:{digest(image)}", name=f"sha256:{digest(image)}")
    yield tag(time, image, image)


def commit(time: datetime, container: str, image: str) -> Record:
    made = {"imageID": f"sha256:{digest(image)}", "imageRef": image}
    return reported(time, "commit", "container", digest(container), name=container, image="base:1", **made)


def run(time: datetime, name: str, image: str, command: str, **config: Any) -> Iterator[Record]:
    """A container is made, inspected as `clew record` does, and started; its own program runs."""
    told = {"name": name, "image": image}
    yield reported(time, "create", "container", digest(name), **told)
    yield {
        "Id": digest(name), "Created": time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "Name": f"/{name}", "host": HOST,
        "Image": f"sha256:{digest(image)}", "Config": {"Image": image, "Cmd": command.split()}, "HostConfig": config,
    }  # fmt: skip
    yield reported(time + timedelta(seconds=1), "start", "container", digest(name), **told)
    yield program(time + timedelta(seconds=1), name, command, parent="/usr/bin/containerd-shim-runc-v2")


def execute(time: datetime, name: str, command: str) -> Iterator[Record]:
    """Somebody, or a check of health, runs a command in a container."""
    yield reported(time, f"exec_create: {command}", "container", digest(name), name=name)
    yield program(time, name, command, parent="/usr/bin/runc")


def program(time: datetime, name: str, command: str, parent: str) -> Record:
    """Tetragon sees a program start in a container."""
    return _seen(time, "process_exec", name, command, parent)


def call(time: datetime, name: str, command: str, address: str) -> Record:
    """Tetragon sees a program of a container connect."""
    return _seen(
        time, "process_connect", name, command, "/sbin/init", destination_ip=address, destination_port=443
    )


def _seen(time: datetime, kind: str, name: str, command: str, parent: str, **more: Any) -> Record:
    binary, _, arguments = command.partition(" ")
    written = time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    process = {"exec_id": digest(name, command)[:12], "pid": 7, "binary": binary, "arguments": arguments}
    process |= {
        "start_time": written,
        "docker": digest(name)[:31],
        "parent_exec_id": digest(name, parent)[:12],
    }
    above = {"exec_id": digest(name, parent)[:12], "pid": 6, "binary": parent}
    return {kind: {"process": process, "parent": above, **more}, "node_name": HOST, "time": written}


class Day:
    """An ordinary day of a host with Docker: what stands on it, what CI does, what people try."""

    registry = "registry.example.com"

    def records(self) -> Iterator[Record]:
        """The records, not in the order of their time."""
        yield from self._services(START + timedelta(minutes=1))
        for hour in range(24):
            yield from self._pipeline(START + timedelta(hours=hour, minutes=5), hour)
            yield from self._checks(START + timedelta(hours=hour, minutes=30))
        yield from self._by_hand(START + timedelta(hours=14))

    def _services(self, time: datetime) -> Iterator[Record]:
        """Agents that have the engine's socket, the host's files or its privileges by design, and a web page."""
        for name, image, command, config in (
            ("portainer", "portainer/portainer-ce:2.21.0", "/portainer -H unix:///var/run/docker.sock", {"Binds": SOCKET}),
            ("traefik", "traefik:v3.1", "/traefik --providers.docker", {"Binds": SOCKET}),
            ("watchtower", "containrrr/watchtower:latest", "/watchtower --cleanup", {"Binds": SOCKET}),
            ("node", "prom/node-exporter:v1.8.2", "/bin/node_exporter --path.rootfs=/host", {"Binds": ["/:/host:ro"], "PidMode": "host"}),
            ("cadvisor", "gcr.io/cadvisor/cadvisor:v0.49.1", "/usr/bin/cadvisor -logtostderr", {"Binds": ["/:/rootfs:ro"], "Privileged": True}),
            ("grafana", "grafana/grafana:11.1.0", "/bin/bash /run.sh", {}),
        ):  # fmt: skip
            yield pull(time, image)
            yield from run(time + timedelta(seconds=20), name, image, command, **config)
            yield call(time + timedelta(seconds=30), name, command, "203.0.113.20")
        later = time + timedelta(seconds=40)
        yield program(
            later, "grafana", "/usr/bin/wget -q --spider http://localhost:3000/api/health", "/bin/bash"
        )
        yield program(later, "grafana", "/bin/sh -c mkdir -p /var/lib/grafana", "/bin/bash")

    def _pipeline(self, time: datetime, hour: int) -> Iterator[Record]:
        """A job: its privileged engine, an image that is built, tested, pushed and run."""
        image, dind = f"{self.registry}/app:{hour}", f"job-{hour}-docker"
        yield from run(
            time, dind, "docker:27-dind", "/usr/local/bin/dockerd --host=tcp://0.0.0.0:2376", Privileged=True
        )
        yield program(
            time + timedelta(seconds=9), dind, "/sbin/mount /dev/loop0 /mnt", "/usr/local/bin/dockerd"
        )
        yield from build(time + timedelta(minutes=2), image)
        yield push(time + timedelta(minutes=3), image)
        yield from run(time + timedelta(minutes=4), f"app-{hour}", image, "/app serve")
        yield program(
            time + timedelta(minutes=5), f"app-{hour}", "/bin/sh -c curl https://api.example.com", "/app"
        )

    def _checks(self, time: datetime) -> Iterator[Record]:
        yield from execute(time, "grafana", "/usr/bin/curl -f http://127.0.0.1:3000/api/health")
        yield from execute(time, "cadvisor", "/usr/bin/wget --spider http://localhost:8080/healthz")

    def _by_hand(self, time: datetime) -> Iterator[Record]:
        """A developer tries a download in a container, looks into another, and keeps a copy before a change."""
        yield pull(time, "curlimages/curl:8.9.1")
        yield from run(time, "try", "curlimages/curl:8.9.1", "/usr/bin/curl https://example.com")
        yield call(time + timedelta(seconds=2), "try", "/usr/bin/curl https://example.com", "203.0.113.30")
        yield from execute(time, "grafana", "/bin/bash")
        yield commit(time + timedelta(minutes=9), "grafana", "grafana-before:1")
        yield tag(time + timedelta(minutes=10), "grafana-before:2", "grafana-before:1")


def lines(records: Iterator[Record]) -> str:
    """A log of them; Docker's form and Tetragon's stand in one, as a collector has them."""
    return "".join(json.dumps(record) + "\n" for record in records)
