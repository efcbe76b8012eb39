"""Indicators -> one-stage detections, which the same engine runs over logs as any other.

A detection holds all values of a kind with one meaning: a set of hashes, of domain suffixes, of networks. It has a
stage, filled by any event in whose columns one of them stands. Which of the values it was, the evidence tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

import msgspec

from clew.campaign.indicators import ending
from clew.campaign.model import Campaign, Indicator, Kind
from clew.detection.condition import All, Condition, Either, Test
from clew.detection.element import Typed, matcher
from clew.detection.folder import parse_folders
from clew.detection.glob import Glob
from clew.detection.matcher import AnyMatcher, Cidr, Domains, Folders, Regex, Text
from clew.detection.model import Alternative, Detection, Disjunct, LevelRule, Plan, Stage
from clew.event import SCHEMA
from clew.finding import Level
from clew.package.model import from_purl

_NETWORK = ("network_connection_creation", "network_traffic_flow", "network_traffic_content")
_FILES = ("file_creation", "file_modification", "file_metadata", "file_access", "file_deletion")
_REGISTRY = ("windows_registry_key_modification", "windows_registry_key_creation")
_SCRIPTS = ("command_execution", "script_execution", "process_creation")

#: A match that makes a place hit, and one that is worth a look.
LEVELS: Mapping[str, Level] = {"hit": "high", "lead": "low"}
#: Patterns that are one regular expression: RE2 gives each a limit of memory.
_CHUNK = 200
#: All events of a recording are one episode: the window is ten years.
_WINDOW = 3_650 * 86_400_000_000


class Looked(msgspec.Struct, frozen=True):
    """Where an indicator is looked for: data components, a column, and the test on it."""

    components: tuple[str, ...]
    column: str
    matcher: AnyMatcher
    also: Condition | None = None

    def condition(self) -> Condition:
        """The test with what must hold beside it."""
        test = Test(self.column, self.matcher)
        return All((test, self.also)) if self.also else test


def looked(one: Indicator) -> list[Looked]:
    """Everywhere in logs that an indicator is looked for; nowhere for a port, an account, an e-mail address."""
    return list(_LOOKED[one.kind](one)) if one.kind in _LOOKED and one.use != "context" else []


def compiled(campaign: Campaign) -> list[Detection]:
    """The detections of a campaign's indicators, one a kind and meaning."""
    groups: dict[tuple[Kind, str], list[Indicator]] = {}
    for one in campaign.all_indicators():
        if looked(one):
            groups.setdefault((one.kind, one.use), []).append(one)
    return [_detection(campaign, kind, use, found) for (kind, use), found in groups.items()]


def _detection(campaign: Campaign, kind: Kind, use: str, found: list[Indicator]) -> Detection:
    ways = tuple(
        Alternative(component=component, where=where, bind={"value": column})
        for component, column, where in _merged(place for one in found for place in looked(one))
    )
    stage = Stage(name="seen", index=0, depth=1, alternatives=ways)
    rule = LevelRule(LEVELS[use], (Disjunct(frozenset((0,))),), "seen")
    plan = Plan(scope="log.file.path", within=_WINDOW, stages=(stage,), levels=(rule,), per=("value",))
    technique = next((one.id for one in campaign.techniques), "")
    return Detection(
        analytic=campaign.name,
        variant=f"{kind}-{use}",
        strategy="",
        technique=technique,
        platform="",
        title=f"{campaign.title}: {kind}",
        status="stable",
        plan=plan,
    )


def _merged(places: Iterable[Looked]) -> Iterator[tuple[str, str, Condition]]:
    """One condition a component and column: what can be one set of values becomes one."""
    tests: dict[tuple[str, str], list[Looked]] = {}
    for place in places:
        for component in place.components:
            tests.setdefault((component, place.column), []).append(place)
    for (component, column), found in tests.items():
        plain = _sets([place.matcher for place in found if place.also is None])
        parts: list[Condition] = [Test(column, one) for one in plain]
        parts += [place.condition() for place in found if place.also is not None]
        yield component, column, parts[0] if len(parts) == 1 else Either(tuple(parts))


def _sets(matchers: list[AnyMatcher]) -> Iterator[AnyMatcher]:
    globs = [glob for one in matchers if isinstance(one, Text) for glob in one.globs]
    suffixes = [suffix for one in matchers if isinstance(one, Domains) for suffix in one.suffixes]
    networks = [network for one in matchers if isinstance(one, Cidr) for network in one.networks]
    folders = [folder for one in matchers if isinstance(one, Folders) for folder in one.folders]
    patterns = list(dict.fromkeys(one.pattern for one in matchers if isinstance(one, Regex)))
    if globs:
        yield Text(tuple(dict.fromkeys(globs)))
    if suffixes:
        yield Domains(tuple(dict.fromkeys(suffixes)))
    if networks:
        yield Cidr(tuple(dict.fromkeys(networks)))
    if folders:
        yield Folders(tuple(dict.fromkeys(folders)))
    for start in range(0, len(patterns), _CHUNK):
        yield Regex("|".join(f"(?:{pattern})" for pattern in patterns[start : start + _CHUNK]), "i")


def _strings(column: str, *texts: str) -> AnyMatcher:
    return matcher("strings", Typed("strings", texts).data, SCHEMA[column])


def _within(text: str) -> str:
    """The glob for a text that holds this one; its own wildcards are taken as any one character."""
    return f"*{text.replace('*', '?')}*"


def _domain(one: Indicator) -> Iterator[Looked]:
    for column in ("destination.domain", "url.domain"):
        yield Looked(_NETWORK, column, Domains((one.value,)))
    yield from _said(_whole(one.value))


def _said(pattern: str) -> Iterator[Looked]:
    """What the pattern finds in a command line, or in a script."""
    found = Regex(pattern, "i")
    yield Looked(("process_creation",), "process.command_line", found)
    yield Looked(_SCRIPTS, "clew.script.text", found)


def _whole(name: str) -> str:
    """The name and what lies below it, and no longer name: `a.test` in `x.a.test`, not in `ba.test`, `a.test.org`."""
    return rf"(?:^|[^a-z0-9_-]){re.escape(name)}(?:$|[^a-z0-9_.-]|\.(?:$|[^a-z0-9_-]))"


def _address(one: Indicator) -> Iterator[Looked]:
    for column in ("destination.ip", "source.ip"):
        yield Looked(_NETWORK, column, Cidr((one.value,)))
    if one.value.endswith(("/32", "/128")):
        alone = one.value.partition("/")[0]
        answers = (alone, f"{alone} *", f"* {alone}", f"* {alone} *")
        yield Looked(_NETWORK, "dns.resolved_ip", _strings("dns.resolved_ip", *answers))
        yield from _said(r"(?:^|[^0-9.])" + re.escape(alone) + r"(?:$|[^0-9.]|\.(?:$|[^0-9]))")


def _url(one: Indicator) -> Iterator[Looked]:
    """Whole, or as a sensor tells it: the host asked for, and what stood in the request."""
    parts = urlsplit(one.value)
    if parts.hostname and parts.path.strip("/"):
        host = Test("url.domain", Domains((parts.hostname.lower(),)))
        asked = one.value.partition("://")[2].partition("/")[2]
        yield Looked(_NETWORK, "url.original", _strings("url.original", f"/{asked}", f"/{asked}?*"), host)
    yield Looked(_NETWORK, "url.full", _strings("url.full", one.value, one.value + "?*", one.value + "/*"))
    yield from _said(re.escape(one.value))


def _user_agent(one: Indicator) -> Iterator[Looked]:
    yield Looked(
        _NETWORK, "user_agent.original", _strings("user_agent.original", one.value.replace("*", "?"))
    )


def _body(one: Indicator) -> Iterator[Looked]:
    yield from _said(re.escape(one.value))


def _hash(one: Indicator) -> Iterator[Looked]:
    kind, _, digits = one.value.partition(":")
    things = {
        "file": (*_FILES, "network_traffic_content"),
        "process": ("process_creation",),
        "dll": ("module_load",),
    }
    for thing, components in things.items():
        column = f"{thing}.hash.{kind}"
        if column in SCHEMA:
            yield Looked(components, column, Text((Glob((digits,)),)))


def _file(one: Indicator) -> Iterator[Looked]:
    anywhere = ending(one.value)
    paths = [f"*{sign}{sign.join(anywhere)}" for sign in "/\\"] if anywhere else []
    folders = _strings("file.path", *paths) if paths else Folders(parse_folders(one.value))
    for components, column in (
        (_FILES, "file.path"),
        (("process_creation",), "process.executable"),
        (("process_creation",), "clew.process.script"),
        (("module_load",), "dll.path"),
    ):
        yield Looked(components, column, folders)


def _registry(one: Indicator) -> Iterator[Looked]:
    """By key and value without the hive, which a log may call HKU\\S-1-5-21-... where the pack has HKCU."""
    path = one.value.partition("\\")[2]
    also = (
        Test("registry.data.strings", _strings("registry.data.strings", _within(one.data)))
        if one.data
        else None
    )
    yield Looked(_REGISTRY, "registry.path", _strings("registry.path", f"*\\{path}"), also)


def _package(one: Indicator) -> Iterator[Looked]:
    """In command lines, in the paths of files, and in the URL of the archive."""
    found = from_purl(one.value)
    if found.type != "npm":
        return
    name = found.name.rpartition("/")[2]
    archives = [f"*/{found.name}/-/{name}-{v}.tgz*" for v in one.versions]
    for column in ("url.full", "url.original"):
        yield Looked(_NETWORK, column, _strings(column, *archives))
    started = ("process_creation",)
    if "*" in one.versions:
        places = [f"*{sign}node_modules{sign}{found.name.replace('/', sign)}" for sign in "/\\"]
        inside = [place + sign + "*" for place, sign in zip(places, "/\\", strict=True)]
        yield Looked(_FILES, "file.path", _strings("file.path", *inside))
        yield Looked(started, "process.working_directory", _strings("file.path", *inside, *places))
        yield Looked(started, "process.command_line", _strings("file.path", *inside))
    else:
        named = [f"* {found.name}@{v}{end}" for v in one.versions for end in ("", " *")]
        yield Looked(started, "process.command_line", _strings("process.command_line", *named))


_LOOKED: Mapping[Kind, Callable[[Indicator], Iterator[Looked]]] = {
    "domains": _domain,
    "addresses": _address,
    "urls": _url,
    "user_agents": _user_agent,
    "post_bodies": _body,
    "hashes": _hash,
    "files": _file,
    "registry": _registry,
    "packages": _package,
}
