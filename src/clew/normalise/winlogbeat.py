"""Elastic's Winlogbeat: version 6, and from 7 on, nested or with dotted keys, before and after Elastic's pipeline.

Before the pipeline an event's data stand in winlog.event_data under Windows' names. The pipeline for Sysmon renames
most of them to ECS names and removes the rest, so a field is read from the one or else from the other. What the
pipeline loses: the hashes of ids 27 and 28, the upper half of a QWORD, an account without a domain.
https://github.com/elastic/beats, x-pack/winlogbeat/module/sysmon/ingest/sysmon.yml
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from clew.database import name
from clew.normalise.shape import Dialect, Shape, merged

# Everything stands on top, the data in event_data. process_id is the writer's.
WINLOGBEAT6 = Dialect(
    name="winlogbeat6",
    head={"source_name": "VARCHAR", "event_id": "VARCHAR"},
    is_this="h.source_name IS NOT NULL AND h.event_id IS NOT NULL",
    provider="h.source_name",
    code="h.event_id",
    codes=("event_id",),
    body=dict.fromkeys(("log_name", "computer_name", "record_number", "@timestamp"), "VARCHAR"),
    system={
        "channel": "b.log_name",
        "computer": "b.computer_name",
        "record_id": "b.record_number",
        "written": 'b."@timestamp"',
    },
    data=("event_data",),
)

_SYSTEM = {
    "channel": "winlog.channel",
    "computer": "winlog.computer_name",
    "record_id": "winlog.record_id",
    "written": "@timestamp",
}
#: Where the pipeline puts a field. Several may go to one place: a mapping tells them apart by the code.
_ECS = {
    "RuleName": "rule.name",
    **dict.fromkeys(("ProcessGuid", "SourceProcessGuid"), "process.entity_id"),
    **dict.fromkeys(("ProcessId", "SourceProcessId"), "process.pid"),
    **dict.fromkeys(("Image", "SourceImage", "Destination"), "process.executable"),
    "SourceThreadId": "process.thread.id",
    "CommandLine": "process.command_line",
    "CurrentDirectory": "process.working_directory",
    "ParentProcessGuid": "process.parent.entity_id",
    "ParentProcessId": "process.parent.pid",
    "ParentImage": "process.parent.executable",
    "ParentCommandLine": "process.parent.command_line",
    **dict.fromkeys(("TargetFilename", "Device", "ImageLoaded"), "file.path"),
    "PipeName": "file.name",
    "TargetObject": "registry.path",
    "Protocol": "network.transport",
    "SourceIp": "source.ip",
    "SourceHostname": "source.domain",
    "SourcePort": "source.port",
    "DestinationIp": "destination.ip",
    "DestinationHostname": "destination.domain",
    "DestinationPort": "destination.port",
    "DestinationPortName": "network.protocol",
    "QueryName": "dns.question.name",
    "QueryStatus": "sysmon.dns.status",
    "IsExecutable": "sysmon.file.is_executable",
    "Type": "message",
    "ID": "error.code",
}
_OWNERS = ("process", "file")
_LISTS = ("dns.resolved_ip", "registry.data.strings")
_MORE = (
    *(f"{owner}.hash.{kind}" for owner in _OWNERS for kind in ("md5", "sha1", "sha256")),
    *(f"{owner}.pe.{what}" for owner in _OWNERS for what in ("imphash", "original_file_name")),
    *("user.name", "user.domain", "network.direction", "registry.data.type"),
)


def _pieced(at: Callable[[str], str]) -> dict[str, str]:
    """SQL for fields that the pipeline took apart; `at` gives the SQL of an ECS field."""
    kinds = {"MD5": "hash.md5", "SHA1": "hash.sha1", "SHA256": "hash.sha256", "IMPHASH": "pe.imphash"}
    hashes = ", ".join(
        f"'{kind}=' || coalesce({at('process.' + place)}, {at('file.' + place)})"
        for kind, place in kinds.items()
    )
    number = f"try_cast({at('registry.data.strings')}[1] AS BIGINT)"
    return {
        "Hashes": f"nullif(concat_ws(',', {hashes}), '')",
        "OriginalFileName": f"coalesce({at('process.pe.original_file_name')}, {at('file.pe.original_file_name')})",
        "User": f"coalesce({at('user.domain')} || '\\' || {at('user.name')}, {at('user.name')})",
        "Initiated": f"CASE {at('network.direction')} WHEN 'egress' THEN 'true' WHEN 'ingress' THEN 'false' END",
        "QueryResults": f"array_to_string({at('dns.resolved_ip')}, ';')",
        "Details": f"""CASE {at("registry.data.type")}
            WHEN 'SZ_DWORD' THEN printf('DWORD (0x%08x)', {number})
            WHEN 'SZ_QWORD' THEN printf('QWORD (0x%08x-0x%08x)', {number} >> 32, {number} & 4294967295)
            ELSE {at("registry.data.strings")}[1] END""",
    }


def _winlogbeat(called: str, dotted: bool) -> Dialect:
    """The dialect with nested objects, or with dotted keys."""

    def shape(place: str, kind: str | list[str]) -> Shape:
        found: Shape = {place: kind}
        if not dotted:
            *parents, last = place.split(".")
            found = {last: kind}
            for key in reversed(parents):
                found = {key: found}
        return found

    def at(place: str, whole: str = "b") -> str:
        return ".".join((whole, *map(name, [place] if dotted else place.split("."))))

    head = reduce(merged, (shape(place, "VARCHAR") for place in ("winlog.provider_name", "winlog.event_id")))
    texts = dict.fromkeys((*_SYSTEM.values(), *_ECS.values(), *_MORE))
    body = reduce(merged, (*(shape(p, "VARCHAR") for p in texts), *(shape(p, ["VARCHAR"]) for p in _LISTS)))
    return Dialect(
        name=called,
        head=head,
        is_this=f"{at('winlog.event_id', 'h')} IS NOT NULL",
        provider=at("winlog.provider_name", "h"),
        code=at("winlog.event_id", "h"),
        codes=("event_id",),
        body=body,
        system={field: at(place) for field, place in _SYSTEM.items()},
        data=() if dotted else ("winlog", "event_data"),
        prefix="winlog.event_data." if dotted else "",
        renamed={**{field: at(place) for field, place in _ECS.items()}, **_pieced(at)},
    )


WINLOGBEAT = _winlogbeat("winlogbeat", dotted=False)
WINLOGBEAT_FLAT = _winlogbeat("winlogbeat with dotted keys", dotted=True)
