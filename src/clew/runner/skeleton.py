"""A detection to begin with: the skeleton of an analytic, out of what ATT&CK states about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from clew.attack.facts import Analytic
from clew.attack.index import Index
from clew.attack.spelling import platform_key
from clew.detection.head import PLATFORMS
from clew.runner.guess import guess, words_of

_SITE = "https://attack.mitre.org/detectionstrategies"
#: Platforms on which an account, not a host, is where a chain lives.
_OF_ACCOUNTS = frozenset(("iaas", "identity_provider", "office_suite", "saas"))
#: What sensors see from outside: such events name no process.
_WITHOUT_PROCESS = ("network_traffic", "firewall", "network_share", "active_dns", "passive_dns")
_COUNTED = re.compile("count|failure|attempt|frequency|burst|rate|min", re.IGNORECASE)


def skeleton(analytic: Analytic, index: Index) -> str:
    """The text of a detection for the analytic: it loads, names all that ATT&CK names, and means little yet."""
    platform = _platform(analytic)
    stages = _Stages(analytic, platform)
    strategy = index.strategy(analytic.strategy)
    filled = {
        "name": f"{analytic.id}, {strategy.name}",
        "page": f"{_SITE}/{strategy.id}#{analytic.id}",
        "analytic": analytic.id,
        "strategy": strategy.id,
        "technique": strategy.techniques[0].id,
        "platform": platform
        + ("" if analytic.platforms else "         # ATT&CK names none: put the right one"),
        "title": _quoted(strategy.name),
        "log_sources": _log_sources(analytic),
        "mutable": stages.mutable(),
        "scope": stages.scope,
        "within": stages.within,
        "stages": "\n".join(stages.lines()),
        "condition": " and ".join(stages.components),
        "component": stages.components[0],
    }
    return _filled(files("clew").joinpath("content/templates/detection.yaml").read_text("utf-8"), filled)


def _filled(template: str, values: Mapping[str, str]) -> str:
    return re.sub(r"<([a-z_]+)>", lambda place: values[place[1]], template)


def _quoted(text: str) -> str:
    """Text as YAML: a JSON string is one."""
    return json.dumps(text, ensure_ascii=False)


def _platform(analytic: Analytic) -> str:
    known = {platform_key(name): name for name in PLATFORMS}
    return next((known[key] for key in map(platform_key, analytic.platforms) if key in known), "windows")


def _log_sources(analytic: Analytic) -> str:
    if not analytic.log_sources:
        return "# log_sources: ATT&CK names none for this analytic\n"
    lines = (
        f"  - {{component: {s.component}, name: {_quoted(s.name)}, channel: {_quoted(s.channel)}}}"
        for s in analytic.log_sources
    )
    return "\n".join(("log_sources:", *lines, ""))


class _Stages:
    """One stage for each data component, the first of them the opening; every element is used that can be."""

    def __init__(self, analytic: Analytic, platform: str) -> None:
        named = dict.fromkeys(source.component for source in analytic.log_sources)
        self.components: Sequence[str] = tuple(named) or ("process_creation",)
        self.on_host = platform not in _OF_ACCOUNTS
        self.scope = "host.id" if self.on_host else "user.name"
        self._elements = {re.sub(r"\W", "", name): guess(name, platform) for name in analytic.mutable}
        durations = [name for name, one in self._elements.items() if one.type == "duration"]
        self.within = f"'%{durations[0]}%'" if durations else "1h"
        self._own_windows = dict(zip(self.components[1:], durations[1:], strict=False))
        counted = (n for n, one in self._elements.items() if one.type == "number" and _COUNTED.search(n))
        self._count = next(counted, None)

    def mutable(self) -> str:
        """The elements; those that the stages do not use are left as comments, since they would be errors."""
        if not self._elements:
            return "# mutable: ATT&CK names no elements for this analytic\n"
        used = [name for name in self._elements if self._uses(name)]
        spare = [name for name in self._elements if name not in used]
        lines = ["mutable:                    # the types are guessed from the names"] if used else []
        for name in used:
            one = self._elements[name]
            lines.append(f"  {name}: {{type: {one.type}, default: {one.default}, about: what it is for}}")
        for name in spare:
            one = self._elements[name]
            lines.append(
                f"# {name}: {{type: {one.type}, default: {one.default}}}  # declare it where a stage uses it"
            )
        return "\n".join((*lines, ""))

    def lines(self) -> Iterator[str]:
        """The stages in YAML."""
        for component in self.components:
            yield f"    {component}:"
            yield f"      on: {component}"
            if component == self.components[0]:
                yield from self._opening()
            else:
                yield from self._hanging(component)

    def _opening(self) -> Iterator[str]:
        if self._binds:
            yield "      bind: {process: process.entity_id}"
        if self._count is not None:
            yield f"      count: {{at_least: '%{self._count}%', by: [{self.scope}], within: {self.within}}}"
        tested = {name: one for name, one in self._elements.items() if one.column and self._uses(name)}
        if tested:
            yield "      traits:             # where the elements can be tested: move them into 'where' or other stages"
        for name, one in tested.items():
            yield f"        {'_'.join(words_of(name))}: {{{one.column}|expand: '%{name}%'}}"

    def _hanging(self, component: str) -> Iterator[str]:
        if self._binds and _has_process(component):
            yield "      link: process.entity_id in tree of $process"
        else:
            yield f"      after: {self.components[0]}  # better: a link, such as FIELD = $variable"
            yield "      weak: low"
        if component in self._own_windows:
            yield f"      within: '%{self._own_windows[component]}%'"

    @property
    def _binds(self) -> bool:
        return self.on_host and _has_process(self.components[0])

    def _uses(self, name: str) -> bool:
        quoted = (self.within, f"'%{self._count}%'", *(f"'%{own}%'" for own in self._own_windows.values()))
        return f"'%{name}%'" in quoted or bool(self._elements[name].column)


def _has_process(component: str) -> bool:
    return not component.startswith(_WITHOUT_PROCESS)
