"""Logs of container engines: each line a record, and what it is by what it says, in text, in JSON, behind syslog."""

import json
from pathlib import Path
from typing import Any

from taken import Read, made, read

CREATE = r"""time="2026-11-24T02:32:17.706931975Z" level=debug msg="Calling POST /v1.41/containers/create?name=web1"
time="2026-11-24T02:32:17.707188383Z" level=debug msg="form data: {\"Cmd\":[\"echo\",\"a\\\\\\\"b\"],\"HostConfig\":{\"Privileged\":true}}"
"""


def taken(text: str, folder: Path) -> tuple[list[dict[str, Any]], Read]:
    result = read(made(folder / "dockerd.log", text.encode()), folder=folder)
    return [json.loads(line) for line in result.lines.values()], result


def test_a_request_and_its_form(tmp_path: Path) -> None:
    [call, form], result = taken(CREATE, tmp_path)
    assert call == {
        "engine": "dockerd",
        "entry": "request",
        "time": "2026-11-24T02:32:17.706931975Z",
        "level": "debug",
        "msg": "Calling POST /v1.41/containers/create?name=web1",
        "method": "POST",
        "uri": "/v1.41/containers/create?name=web1",
    }
    assert form["entry"] == "form" and form["uri"] == call["uri"]
    assert json.loads(form["form"]) == {"Cmd": ["echo", 'a\\"b'], "HostConfig": {"Privileged": True}}
    assert result.readers == {"engine log"}


def test_a_form_belongs_to_the_request_before_it_only(tmp_path: Path) -> None:
    form = CREATE.splitlines()[1]
    records, _ = taken(CREATE + form + "\n", tmp_path)
    assert [record["entry"] for record in records] == ["request", "form", "text"]


def test_other_entries(tmp_path: Path) -> None:
    line = r'time="2026-11-24T02:32:17Z" level=warning msg="a \x1b[31m\t\u00e4 \"b\"" error="no such \\ file" graphdriver(s)=vfs'
    [record], _ = taken(line + "\n", tmp_path)
    assert record == {
        "engine": "dockerd",
        "entry": "text",
        "time": "2026-11-24T02:32:17Z",
        "level": "warning",
        "msg": 'a \x1b[31m\tä "b"',
        "error": "no such \\ file",
        "graphdriver(s)": "vfs",
    }


def test_lines_that_are_no_entries(tmp_path: Path) -> None:
    text = CREATE + 'goroutine 1 [running]:\ntime="2026-11-24T02:32:18Z" level=debug msg="Calling PO'
    records, result = taken(text, tmp_path)
    assert len(records) == 2
    assert [(one.position, one.reason) for one in result.rejects] == [
        (3, "no entry of an engine's log"),
        (4, "the last line is cut: no entry of an engine's log"),
    ]


SANDBOX, ID = "ee86" * 16, "f204" * 16
CRI = [
    f'RunPodSandbox for &PodSandboxMetadata{{Name:web-1,Uid:u1,Namespace:shop,Attempt:0,}} returns sandbox id "{SANDBOX}"',
    f'CreateContainer within sandbox "{SANDBOX}" for container &ContainerMetadata{{Name:nginx,Attempt:0,}}',
    f'CreateContainer within sandbox "{SANDBOX}" for &ContainerMetadata{{Name:nginx,Attempt:0,}} returns container id "{ID}"',
    f'StartContainer for "{ID}" returns successfully',
    f'Exec for "{ID}" with command [sh -c id], tty true and stdin true',
    f'ExecSync for "{ID}" with command [cat /tmp/health] and timeout 1 (s)',
    'PullImage "nginx:stable" returns image reference "sha256:1e96"',
    f'StartContainer for "{ID}" failed',
]
POD = {"pod": "web-1", "pod_uid": "u1", "pod_namespace": "shop"}


def line(message: str, **fields: str) -> str:
    said = {"msg": message, **fields}
    return 'time="2026-11-24T02:32:17.5Z" level=info ' + " ".join(
        f"{key}={json.dumps(value)}" for key, value in said.items()
    )


def written_in_json(message: str, **fields: object) -> str:
    return json.dumps(
        {"level": "info", "msg": message, "time": "2026-11-24T02:32:17.5Z", **fields}, separators=(",", ":")
    )


def told(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in one.items() if key not in {"time", "level", "msg", "engine"}}
        for one in records
    ]


def test_what_containerd_does_for_a_kubelet(tmp_path: Path) -> None:
    records, _ = taken("".join(line(message) + "\n" for message in CRI), tmp_path)
    container = {"container": ID, "container_name": "nginx", **POD}
    assert told(records) == [
        {"entry": "RunPodSandbox", **POD},
        {"entry": "text"},
        {"entry": "CreateContainer", "outcome": "success", **container},
        {"entry": "StartContainer", "outcome": "success", **container},
        {"entry": "Exec", "command": "sh -c id", **container},
        {"entry": "ExecSync", "command": "cat /tmp/health", **container},
        {"entry": "PullImage", "image": "nginx:stable", "image_id": "sha256:1e96"},
        {"entry": "StartContainer", "outcome": "failure", **container},
    ]
    assert {one["engine"] for one in records} == {"containerd"}


def test_the_same_in_json_and_with_the_newer_metadata(tmp_path: Path) -> None:
    newer = [
        CRI[0].replace("&PodSandboxMetadata{Name:web-1,Uid:u1,Namespace:shop,Attempt:0,}",
                       'name:"web-1"  uid:"u1"  namespace:"shop"'),
        CRI[2].replace("&ContainerMetadata{Name:nginx,Attempt:0,}", 'name:"nginx"'),
        CRI[3],
    ]  # fmt: skip
    other = {"level": "info", "msg": "other", "n": 1}
    text = "".join(written_in_json(message) + "\n" for message in newer)
    records, result = taken(text + json.dumps(other) + "\n", tmp_path)
    assert told(records[2:3]) == [
        {"entry": "StartContainer", "outcome": "success", "container": ID, "container_name": "nginx", **POD}
    ]
    assert records[3] == other and result.readers == {"engine log"}


def test_cri_o(tmp_path: Path) -> None:
    started = {"PID": "133675", "containerID": ID, "description": "shop/web-1/nginx", "sandboxID": SANDBOX}
    text = "\n".join(
        [
            line(f"Ran pod sandbox {SANDBOX} with infra container: shop/web-1/POD"),
            line(f"Created container {ID}: shop/web-1/nginx", name="/runtime.v1.RuntimeService/CreateContainer"),
            line("Started container", **started),
            line(f"Started container {ID}: shop/web-1/nginx"),
            line(f"Request: &ExecSyncRequest{{ContainerId:{ID},Cmd:[sh -c id],Timeout:10,}}"),
            line("Pulled image: docker.io/library/nginx@sha256:1e96"),
        ]
    )  # fmt: skip
    records, _ = taken(text + "\n", tmp_path)
    assert [(one["engine"], one["entry"]) for one in records] == [
        ("cri-o", entry)
        for entry in ("RunPodSandbox", "CreateContainer", "StartContainer", "StartContainer", "ExecSync", "PullImage")
    ]  # fmt: skip
    assert [one.get("pod") for one in records] == ["web-1"] * 5 + [None]
    assert (records[2]["container"], records[2]["pid"], records[4]["command"]) == (ID, "133675", "sh -c id")


def test_two_engines_in_one_log(tmp_path: Path) -> None:
    """dockerd starts a containerd of its own, which writes where it does."""
    records, _ = taken(CREATE + line(CRI[3]) + "\n" + line("starting containerd") + "\n", tmp_path)
    assert [one["engine"] for one in records] == ["dockerd", "dockerd", "containerd", "dockerd"]


def test_what_a_plugin_says_is_a_record(tmp_path: Path) -> None:
    decision = {"decision_id": "8d4c", "input": {"Method": "POST"}, "result": True}
    says = line("2026/11/24 02:32:17 " + json.dumps(decision), plugin="396f")
    records, _ = taken(CREATE + says + "\n" + line("2026/11/24 02:32:17 {", plugin="396f") + "\n", tmp_path)
    assert records[2] == decision and records[3]["entry"] == "text"


def test_behind_syslog_each_engine_of_each_host_for_itself(tmp_path: Path) -> None:
    call, form = CREATE.splitlines()
    lines = [
        f"May 27 16:02:35 a dockerd[7]: {call}",
        f"May 27 16:02:35 b dockerd[7]: {form}",
        f"May 27 16:02:35 a dockerd[7]: {form}",
        f"May 27 16:02:35 a microk8s.daemon-containerd[9]: {line(CRI[3])}",
        f"May 27 16:02:35 a other[9]: {line(CRI[3])}",
        "May 27 16:02:35 a dockerd[7]: time=",
    ]
    records, result = taken("\n".join(lines) + "\n", tmp_path)
    assert [(one.get("engine"), one.get("entry")) for one in records] == [
        ("dockerd", "request"),
        ("dockerd", "text"),
        ("dockerd", "form"),
        ("containerd", "StartContainer"),
        (None, None),
        (None, None),
    ]
    assert records[0]["#syslog"]["hostname"] == "a" and result.readers == {"syslog"}


def test_json_of_others_is_no_engine_log(tmp_path: Path) -> None:
    _, result = taken(json.dumps({"level": "info", "msg": "Started container", "time": "x"}) + "\n", tmp_path)
    assert result.readers == {"jsonlines"}
