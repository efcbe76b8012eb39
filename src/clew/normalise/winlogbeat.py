"""Elastic's Winlogbeat: version 6, and from 7 on, nested or with dotted keys, before and after Elastic's pipeline.

Before the pipeline an event's data stand in winlog.event_data under Windows' names. The pipelines for Sysmon,
Security and PowerShell rename some of them to ECS names and remove others, so a field is read from the one or else
from the other. What that for Sysmon loses: the hashes of ids 27 and 28, the upper half of a QWORD, an account without
a domain. https://github.com/elastic/beats, x-pack/winlogbeat/module/sysmon/ingest/sysmon.yml and its neighbours
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

import msgspec

from clew.normalise.shape import Dialect, Part, Shape, UserData, merged, nested, path

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
    header={
        "time": Part({}, 'b."@timestamp"'),
        "activity": Part({"activity_id": "VARCHAR"}, "b.activity_id"),
        "writer": Part({"process_id": "VARCHAR"}, "b.process_id"),
        "account": Part(
            {"user": {"domain": "VARCHAR", "name": "VARCHAR"}},
            'coalesce(b."user".domain || \'\\\' || b."user".name, b."user".name)',
        ),
        "sid": Part({"user": {"identifier": "VARCHAR"}}, 'b."user".identifier'),
    },
    user_data=UserData(("user_data",)),
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
    "Signature": "file.code_signature.subject_name",
    "SignatureStatus": "file.code_signature.status",
    "Type": "message",
    "ID": "error.code",
}
_KINDS = {"MD5": "hash.md5", "SHA1": "hash.sha1", "SHA256": "hash.sha256", "IMPHASH": "pe.imphash"}
_VERSION = {
    "OriginalFileName": "original_file_name",
    "Company": "company",
    "Product": "product",
    "Description": "description",
    "FileVersion": "file_version",
}
#: The pipeline says that a file is signed in some versions only, and never that it is not.
_SIGNATURE = ("signed", "subject_name", "status")
_SIGNED = """CASE WHEN {0} = 'true' OR {1} IS NOT NULL AND coalesce(lower({2}), '') <> 'unavailable' THEN 'true'
    WHEN {1} IS NULL AND lower({2}) = 'unavailable' THEN 'false' END"""
_LISTS = ("dns.resolved_ip", "registry.data.strings")
#: The same of Elastic's pipeline for the Security log, and of that for PowerShell.
_SECURITY = {
    **dict.fromkeys(("NewProcessId", "ProcessId"), "process.pid"),
    **dict.fromkeys(("NewProcessName", "ProcessName"), "process.executable"),
    "ParentProcessName": "process.parent.executable",
}
_POWERSHELL = {
    "ScriptBlockText": "powershell.file.script_block_text",
    "ScriptBlockId": "powershell.file.script_block_id",
    "MessageNumber": "powershell.sequence",
    "MessageTotal": "powershell.total",
    "Path": "file.path",
    "HostApplication": "process.command_line",
    "CommandName": "powershell.command.name",
    "Payload": "powershell.command.invocation_details",
}


class _Keys(msgspec.Struct, frozen=True):
    """How documents are laid out: nested objects, or dotted keys."""

    dotted: bool

    def shape(self, place: str) -> Shape:
        """What is read of a place, a text or a list of some."""
        kind = ["VARCHAR"] if place in _LISTS else "VARCHAR"
        return {place: kind} if self.dotted else nested(place.split("."), kind)

    def sql(self, place: str, whole: str = "b") -> str:
        """SQL for what was read of a place."""
        return path(whole, *([place] if self.dotted else place.split(".")))

    def all(self, places: Iterable[str]) -> Shape:
        """What is read of some places."""
        return reduce(merged, map(self.shape, places))

    def moved(self, places: Mapping[str, str]) -> dict[str, Part]:
        """Parts for fields that were renamed."""
        return {field: Part(self.shape(place), self.sql(place)) for field, place in places.items()}

    def made(self, sql: str, *places: str) -> Part:
        """A part made of some places, which stand in the SQL as {0}, {1} ..."""
        return Part(self.all(places), sql.format(*map(self.sql, places)))

    def sysmon(self) -> dict[str, Part]:
        """Parts for fields that the pipeline for Sysmon renamed or took apart."""
        hashes = ", ".join(
            f"'{kind}=' || coalesce({{{2 * n}}}, {{{2 * n + 1}}})" for n, kind in enumerate(_KINDS)
        )
        owned = [f"{owner}.{place}" for place in _KINDS.values() for owner in ("process", "file")]
        number = "try_cast({1}[1] AS BIGINT)"
        return {
            **self.moved(_ECS),
            "Hashes": self.made(f"nullif(concat_ws(',', {hashes}), '')", *owned),
            **{
                field: self.made("coalesce({0}, {1})", f"file.pe.{place}", f"process.pe.{place}")
                for field, place in _VERSION.items()
            },
            "Signed": self.made(_SIGNED, *(f"file.code_signature.{place}" for place in _SIGNATURE)),
            "User": self.made(_ACCOUNT, "user.domain", "user.name"),
            "Initiated": self.made(
                "CASE {0} WHEN 'egress' THEN 'true' WHEN 'ingress' THEN 'false' END", "network.direction"
            ),
            "QueryResults": self.made("array_to_string({0}, ';')", "dns.resolved_ip"),
            "Details": self.made(
                f"""CASE {{0}} WHEN 'SZ_DWORD' THEN printf('DWORD (0x%08x)', {number})
                WHEN 'SZ_QWORD' THEN printf('QWORD (0x%08x-0x%08x)', {number} >> 32, {number} & 4294967295)
                ELSE {{1}}[1] END""",
                *("registry.data.type", "registry.data.strings"),
            ),
        }


_ACCOUNT = "coalesce({0} || '\\' || {1}, {1})"


def _winlogbeat(called: str, *, dotted: bool) -> Dialect:
    """The dialect with nested objects, or with dotted keys."""
    keys = _Keys(dotted)
    return Dialect(
        name=called,
        head=keys.all(("winlog.provider_name", "winlog.event_id")),
        is_this=f"{keys.sql('winlog.event_id', 'h')} IS NOT NULL",
        provider=keys.sql("winlog.provider_name", "h"),
        code=keys.sql("winlog.event_id", "h"),
        codes=("event_id",),
        body=keys.all(_SYSTEM.values()),
        system={field: keys.sql(place) for field, place in _SYSTEM.items()},
        data=() if dotted else ("winlog", "event_data"),
        prefix="winlog.event_data." if dotted else "",
        header={
            **keys.moved(
                {"time": "@timestamp", "activity": "winlog.activity_id", "writer": "winlog.process.pid"}
            ),
            "account": keys.made(_ACCOUNT, "winlog.user.domain", "winlog.user.name"),
            "sid": keys.made("{0}", "winlog.user.identifier"),
        },
        user_data=UserData((), "winlog.user_data.") if dotted else UserData(("winlog", "user_data")),
        renamed={
            "Microsoft-Windows-Sysmon": keys.sysmon(),
            "Microsoft-Windows-Security-Auditing": keys.moved(_SECURITY),
            "Microsoft-Windows-PowerShell": keys.moved(_POWERSHELL),
        },
    )


WINLOGBEAT = _winlogbeat("winlogbeat", dotted=False)
WINLOGBEAT_FLAT = _winlogbeat("winlogbeat with dotted keys", dotted=True)


def _bare(called: str, *, dotted: bool) -> Dialect:
    """Documents of the pipeline for Sysmon without their winlog block: only provider and code tell what they are."""
    keys = _Keys(dotted)
    provider, code = (keys.sql(place, "e") for place in ("event.provider", "event.code"))
    whole = _winlogbeat(called, dotted=dotted)
    return msgspec.structs.replace(
        whole,
        head={},
        apart=keys.all(("event.provider", "event.code")),
        signs=('"event"', '"event.'),
        is_this=f"{provider} = 'Microsoft-Windows-Sysmon' AND {code} IS NOT NULL",
        provider=provider,
        code=code,
        codes=("code",),
        body=keys.all(("host.name", "@timestamp")),
        system={
            "channel": "NULL::VARCHAR",
            "computer": keys.sql("host.name"),
            "record_id": "NULL::VARCHAR",  # it stood in the block
            "written": keys.sql("@timestamp"),
        },
    )


WINLOGBEAT_BARE = _bare("winlogbeat without winlog", dotted=False)
WINLOGBEAT_BARE_FLAT = _bare("winlogbeat without winlog, with dotted keys", dotted=True)
