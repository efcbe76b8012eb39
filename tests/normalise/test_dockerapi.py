"""What authorization plugins and reverse proxies write of requests to an engine: the principal, and what was asked for."""

import base64
import json
from pathlib import Path
from typing import Any

from clew.event import SCHEMA
from normalise.test_docker import ID, of
from normalise.test_kubernetes import picked

Record = dict[str, Any]
CREATE = "/v1.41/containers/create?name=web1"
BODY = json.dumps({"Image": "alpine", "Cmd": ["id"], "HostConfig": {"Privileged": True}})
TIME = "2026-11-24T02:32:17.5Z"


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def authorized(uri: str = CREATE, **more: Any) -> Record:
    """As dockerd 28 asked a plugin, which wrote it down with the time."""
    return {
        "User": "kim",
        "UserAuthNMethod": "TLS",
        "RequestMethod": "POST",
        "RequestUri": uri,
        "RequestBody": in_base64(BODY),
        "RequestHeaders": {"Content-Type": "application/json", "User-Agent": "Docker-Client/28.2.2 (linux)"},
        "time": TIME,
        **more,
    }


def decided(**more: Any) -> Record:
    """A decision of opa-docker-authz, by its own page."""
    asked = {
        "AuthMethod": "TLS",
        "Body": json.loads(BODY),
        "Headers": {"User-Agent": "Docker-Client/28.2.2 (linux)"},
        "Method": "POST",
        "Path": CREATE.replace("?", r"?platform=linux\u0026"),
        "PathPlain": "/v1.41/containers/create",
        "User": "kim",
    }
    return {"decision_id": "8d4c", "input": asked, "result": True, "timestamp": TIME, **more}


def nginx(**more: Any) -> Record:
    return {
        "time_iso8601": "2026-11-24T03:32:17.5+01:00",
        "remote_addr": "203.0.113.9",
        "remote_user": "kim",
        "request_method": "POST",
        "request_uri": CREATE,
        "request_body": BODY,
        "status": "201",
        "http_user_agent": "Docker-Client/28.2.2 (linux)",
        "host": "engine.example.com",
        **more,
    }


def nginx_line(request: str = f"POST {CREATE} HTTP/1.1", **more: Any) -> Record:
    found = {
        key: value
        for key, value in nginx().items()
        if key not in {"request_method", "request_uri", "time_iso8601"}
    }
    return {**found, "request": request, "time_local": "24/Nov/2026:03:32:17 +0100", **more}


def traefik(uri: str = CREATE, **more: Any) -> Record:
    return {
        "ClientHost": "203.0.113.9",
        "ClientUsername": "kim",
        "DownstreamStatus": 201,
        "RequestHost": "engine.example.com",
        "RequestMethod": "POST",
        "RequestPath": uri,
        "StartUTC": "2026-11-24T02:32:17.500000000Z",
        "level": "info",
        "msg": "",
        "request_User-Agent": "Docker-Client/28.2.2 (linux)",
        "time": "2026-11-24T02:32:18Z",
        **more,
    }


def caddy(uri: str = CREATE, **more: Any) -> Record:
    request = {
        "remote_ip": "10.0.0.1",
        "client_ip": "203.0.113.9",
        "method": "POST",
        "uri": uri,
        "headers": {"User-Agent": ["Docker-Client/28.2.2 (linux)"]},
        "tls": {"client_common_name": "kim"},
    }
    return {"ts": 1795487537.5, "logger": "http.log.access", "msg": "handled request", "request": request,
            "user_id": "", "status": 201, **more}  # fmt: skip


def test_who_asked_for_what(tmp_path: Path) -> None:
    found, tally = of(tmp_path, authorized(), decided(), nginx(), nginx_line(), traefik(), caddy())
    assert tally.records["event"] == tally.total == 6
    columns = ("clew.component", "clew.log_source", "user.name", "container.name", "host.id")
    assert picked(found, *columns) == [("container_creation", "docker:api", "kim", "web1", "localhost")] * 6
    assert {str(one["@timestamp"])[:19] for one in found} == {"2026-11-24 02:32:17"}
    assert {one["user_agent.original"] for one in found} == {"Docker-Client/28.2.2 (linux)"}
    assert picked(found, "source.ip") == [(None,), (None,), *[("203.0.113.9",)] * 4]
    given = ("clew.container.flags", "container.image.name", "clew.container.command")
    assert picked(found[:4], *given) == [("privileged", "alpine", "id")] * 4  # the others have no body
    assert {column for one in found for column in one} <= set(SCHEMA)


def test_the_answer_has_the_id(tmp_path: Path) -> None:
    answer = in_base64(json.dumps({"Id": ID, "Warnings": []}))
    answered = authorized(ResponseStatusCode=201, ResponseBody=answer)
    started = authorized(f"/v1.41/containers/{ID}/start", ResponseStatusCode=204)
    columns = ("clew.component", "event.outcome", "container.id")
    assert picked(of(tmp_path, answered, started)[0], *columns) == [
        ("container_creation", "success", "93591edbae49"),
        ("container_start", "success", "93591edbae49"),
    ]


OUTCOMES = [
    (authorized(), None),
    (authorized(ResponseStatusCode=409), "failure"),
    (decided(), None),
    (decided(result=False), "failure"),
    (nginx(status=403), "failure"),
    (traefik(DownstreamStatus=304), "failure"),
    (caddy(), "success"),
]


def test_what_came_of_it(tmp_path: Path) -> None:
    found = of(tmp_path, *(record for record, _ in OUTCOMES))[0]
    assert picked(found, "event.outcome") == [(outcome,) for _, outcome in OUTCOMES]


def test_a_client_certificate_is_the_principal(tmp_path: Path) -> None:
    subjects = {"CN=kim,O=dev": "kim", "O=dev,CN=kim": "kim", "/C=DE/CN=kim": "kim", "O=dev": None}
    found = of(tmp_path, *(nginx(remote_user="", ssl_client_s_dn=subject) for subject in subjects))[0]
    assert picked(found, "tls.client.subject", "user.name") == list(subjects.items())


REQUESTS = [
    ("/v1.41/containers/web1/restart?t=1", "container_start", "container.name", "web1"),
    ("/containers/web1/exec", "command_execution", "container.name", "web1"),
    ("/v1.41/commit?container=web1&repo=local%2Fx&tag=2", "image_creation", "container.image.name", "local/x:2"),
    ("/v1.41/images/create?fromImage=alpine&tag=3.20", "image_creation", "container.image.name", "alpine:3.20"),
    ("/v1.41/build?t=local%2Fx&dockerfile=D", "image_creation", "container.image.name", "local/x"),
    ("/images/local/x:1/tag?repo=y&tag=2", "image_modification", "container.image.name", "y:2"),
    ("/v1.41/images/local/x/push?tag=1", "image_modification", "container.image.name", "local/x:1"),
]  # fmt: skip


def test_requests(tmp_path: Path) -> None:
    found = of(tmp_path, *(form(uri) for uri, *_ in REQUESTS for form in (traefik, caddy)))[0]
    said = [
        (one["clew.component"], one[column])
        for one, (_, _, column, _) in zip(found[::2], REQUESTS, strict=True)
    ]
    assert said == [(component, value) for _, component, _, value in REQUESTS]
    assert picked(found[::2], "clew.component", "url.path") == picked(
        found[1::2], "clew.component", "url.path"
    )


def test_what_is_not_read(tmp_path: Path) -> None:
    unparsed = [
        authorized("/_ping"),
        authorized(RequestMethod="GET"),
        traefik("/v1.41/containers/web1/wait"),
    ]
    others = [
        traefik("/v4.0.0/libpod/containers/create"),
        nginx(request_uri="/index.html"),
        nginx(request_uri="/build"),
        nginx_line("POST /images/cat.jpg HTTP/1.1"),
        nginx_line(""),
        caddy("/shop/containers/create"),
    ]
    found, tally = of(tmp_path, *unparsed, *others)
    assert not found and (tally.records["not_parsed"], tally.records["irrelevant"]) == (3, 6)


def test_broken_parts_lose_nothing_else(tmp_path: Path) -> None:
    broken = [
        authorized(RequestBody="%"),
        authorized(RequestBody=in_base64("[")),
        authorized(ResponseBody=in_base64('{"Id": 7}')),
        nginx(request_body="{", status="x"),
        traefik(CREATE.replace("web1", "%FF%ZZ")),
    ]
    found, tally = of(tmp_path, *broken)
    assert tally.records["event"] == 5 and {one["user.name"] for one in found} == {"kim"}
