"""STIX 2.1 patterns of indicators: written for each kind, and the comparisons of those that others wrote.

https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html, section 9
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import NamedTuple

from clew.campaign.model import Indicator, Kind
from clew.package.digest import from_hex
from clew.package.model import from_purl

_HASHES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_REQUEST = "network-traffic:extensions.'http-request-ext'"
_COMPARISON = re.compile(
    r"([a-z0-9-]+):((?:'(?:[^'\\]|\\.)*'|[\w.\[\]*-])+)\s*(=|LIKE|MATCHES|ISSUBSET|IN|!=|>=|<=|>|<)\s*"
    r"('(?:[^'\\]|\\.)*'|\d+|\((?:[^()']|'(?:[^'\\]|\\.)*')*\))"
)
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")


class Comparison(NamedTuple):
    """One comparison of a pattern: `file`, `hashes.SHA-256`, `=`, the values."""

    object: str
    path: str
    operator: str
    values: tuple[str, ...]


class Read(NamedTuple):
    """An indicator that a pattern holds."""

    kind: Kind
    value: str
    data: str = ""


def written(one: Indicator) -> str:
    """The pattern of an indicator."""
    return f"[{' OR '.join(_parts(one))}]"


def _q(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _parts(one: Indicator) -> Iterator[str]:
    value = one.value
    match one.kind:
        case "domains":
            yield f"domain-name:value = {_q(value)}"
        case "addresses":
            alone = value.removesuffix("/32" if "." in value else "/128")
            type = "ipv4-addr" if "." in value else "ipv6-addr"
            yield f"{type}:value {'ISSUBSET' if '/' in alone else '='} {_q(alone)}"
        case "ports":
            port, _, transport = value.partition("/")
            yield f"network-traffic:dst_port = {port} AND network-traffic:protocols[*] = {_q(transport)}"
        case "urls":
            yield f"url:value = {_q(value)}"
        case "user_agents":
            yield f"{_REQUEST}.request_header.'User-Agent' = {_q(value)}"
        case "post_bodies":
            encoded = base64.b64encode(value.encode()).decode()
            yield f"{_REQUEST}.message_body_data_ref.payload_bin = {_q(encoded)}"
        case "emails":
            yield f"email-addr:value = {_q(value)}"
        case "accounts":
            yield f"user-account:account_login = {_q(value)}"
        case _:
            yield from _things(one)


def _things(one: Indicator) -> Iterator[str]:
    match one.kind:
        case "hashes":
            yield _hash(one.value)
        case "files":
            folder, sign, name = one.value.rpartition("\\" if "\\" in one.value else "/")
            folder += sign if sign not in folder and sign == "/" else ""  # so that a reader knows which it is
            yield f"file:name = {_q(name)} AND file:parent_directory_ref.path = {_q(folder)}"
        case "registry":
            key, _, name = one.value.rpartition("\\")
            data = f" AND windows-registry-key:values[*].data LIKE {_q(f'%{one.data}%')}" if one.data else ""
            yield f"windows-registry-key:key = {_q(key)} AND windows-registry-key:values[*].name = {_q(name)}{data}"
        case "packages":
            name = f"software:name = {_q(from_purl(one.value).name)}"
            versions = [version for version in one.versions if version != "*"]
            yield from (f"({name} AND software:version = {_q(version)})" for version in versions)
            if not versions:
                yield name
            yield from map(_hash, one.hashes)


def _hash(digest: str) -> str:
    kind, _, digits = digest.partition(":")
    return f"file:hashes.'{_HASHES[kind]}' = {_q(digits)}"


def comparisons(pattern: str) -> list[Comparison]:
    """All comparisons of a pattern, whatever joins them."""
    found = []
    for match in _COMPARISON.finditer(pattern):
        raw = match[4]
        values = tuple(_unquoted(text) for text in _TEXT.findall(raw)) if "'" in raw else (raw,)
        found.append(Comparison(match[1], match[2].replace("'", ""), match[3], values))
    return found


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


_SIMPLE: dict[tuple[str, str], Kind] = {
    ("domain-name", "value"): "domains",
    ("hostname", "value"): "domains",
    ("ipv4-addr", "value"): "addresses",
    ("ipv6-addr", "value"): "addresses",
    ("url", "value"): "urls",
    ("email-addr", "value"): "emails",
    ("user-account", "account_login"): "accounts",
    ("network-traffic", "extensions.http-request-ext.request_header.User-Agent"): "user_agents",
}


def read(pattern: str) -> list[Read]:
    """The indicators that a pattern holds; nothing where it is of no kind that is known."""
    found = [one for one in comparisons(pattern) if one.operator in ("=", "IN", "ISSUBSET", "LIKE")]
    made: list[Read] = []
    for one in found:
        kind = _SIMPLE.get((one.object, one.path))
        made += [Read(kind, value) for value in one.values] if kind else []
        if one.object == "file" and one.path.startswith("hashes."):
            digests = (from_hex(one.path.partition(".")[2], value) for value in one.values)
            made += [Read("hashes", digest.partition(":")[2]) for digest in digests if digest]
        if one.path.endswith("payload_bin"):
            made += [Read("post_bodies", _decoded(value)) for value in one.values]
    by_path = {(one.object, one.path): one.values[0] for one in reversed(found)}
    return [*made, *_joined(by_path)]


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:
        return value


def _joined(by: dict[tuple[str, str], str]) -> Iterator[Read]:
    """What several comparisons of a pattern tell together: a file in a folder, a registry value, a port."""
    name, folder = by.get(("file", "name")), by.get(("file", "parent_directory_ref.path"))
    if name and folder:
        sign = "\\" if "\\" in folder or (folder.startswith("%") and "/" not in folder) else "/"
        yield Read("files", f"{folder.rstrip(sign)}{sign}{name}")
    key, value = by.get(("windows-registry-key", "key")), by.get(("windows-registry-key", "values[*].name"))
    if key and value:
        data = by.get(("windows-registry-key", "values[*].data"), "")
        yield Read("registry", f"{key}\\{value}", data.strip("%"))
    if port := by.get(("network-traffic", "dst_port")):
        yield Read("ports", f"{port}/{by.get(('network-traffic', 'protocols[*]'), 'tcp')}")


def versions(pattern: str) -> list[str]:
    """The versions of software that a pattern names."""
    return [
        v
        for one in comparisons(pattern)
        if (one.object, one.path) == ("software", "version")
        for v in one.values
    ]
