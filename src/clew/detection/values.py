"""Which value of a mutable element is in force, and where it came from.

Layers, each over the one before: the detection's own default, the content it came with (`elements.yaml` in
its folder), the site's clew.toml, and there the values for some hosts::

    [elements]                        # every detection that has such an element
    ApprovedUpdateHosts = {add = ["updates.example.org"]}

    [elements.AN0862]                 # this detection, all variants; "AN0862/npm" for one
    TimeWindow = "2h"

    [[host]]
    match = ["build-*", "ci-??"]      # `*` and `?` over the host id or its first label, without case
    [host.elements.AN0862]
    Installers = {remove = ["pip*"]}

Of several `[[host]]` that set something for a detection, the first that fits a host is the host's; they do not
add up. A detection with values for some hosts is loaded once for each distinct set of values (a *profile*),
with the hosts that it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec

from clew.detection.element import Element, ElementData, ElementError, Typed, coerce
from clew.detection.model import HostSet
from clew.duration import show_duration
from clew.errors import Fault
from clew.finding import ElementValue
from clew.suggest import did_you_mean

Change = Literal["set", "add", "remove"]


class Setting(msgspec.Struct, frozen=True):
    """One element set in one place. `detection` is empty where it is for all that have such an element."""

    element: str
    raw: Any
    path: str
    line: int
    column: int
    detection: str = ""
    change: Change = "set"

    @property
    def origin(self) -> str:
        """Where it stands: `clew.toml:12`."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def fault(self, message: str, mend: str = "") -> Fault:
        """A fault at the place of this setting."""
        return Fault(self.path, self.line, self.column, message, mend)


class HostValues(msgspec.Struct, frozen=True):
    """What is set for the hosts that fit one of the patterns."""

    patterns: tuple[str, ...]
    settings: tuple[Setting, ...]


class SiteValues(msgspec.Struct, frozen=True):
    """What is set over the defaults: for all hosts, and for some. Later settings lie over earlier ones."""

    settings: tuple[Setting, ...] = ()
    hosts: tuple[HostValues, ...] = ()


class Profile(msgspec.Struct, frozen=True):
    """A detection's elements for some hosts, or for all (None)."""

    hosts: HostSet | None
    typed: dict[str, Typed]
    shown: dict[str, ElementValue]


class Value(msgspec.Struct, frozen=True):
    """An element's value on its way through the layers."""

    data: ElementData
    origin: str


Values = dict[str, Value]


def applies_to(written: str, name: str) -> bool:
    """Whether `AN0862` or `AN0862/npm`, as a site writes it, is for the detection of that name."""
    return written in (name, name.partition("/")[0])


def profiles(
    name: str,
    elements: Mapping[str, Element],
    site: SiteValues,
    by_host: bool,
    note: Callable[[Fault], None],
) -> list[Profile]:
    """The profiles of a detection, the one for all other hosts first.

    `by_host` says whether the chain's scope is a host: values for some hosts mean something only there.
    Settings that do not suit are passed to `note`. Which `[[host]]` is a host's is decided among those that set
    something for this detection.
    """
    layers = _Layers(name, elements, note)
    default = {n: Value(element.default, "default") for n, element in elements.items()}
    shared = layers.over(default, site.settings)
    rules: list[tuple[str, Values]] = []
    for host in site.hosts:
        settings = [setting for setting in host.settings if layers.touched_by(setting)]
        if settings and by_host:
            values = layers.over(shared, settings, f"host pattern {', '.join(host.patterns)}, ")
            rules.extend((pattern, values) for pattern in host.patterns)
        else:
            layers.refuse_hosts(settings)
    return [_profile(elements, values, shared, rules) for values in _distinct(shared, rules)]


def _distinct(shared: Values, rules: Iterable[tuple[str, Values]]) -> list[Values]:
    found = [shared]
    for _, values in rules:
        if not any(_same(values, other) for other in found):
            found.append(values)
    return found


def _profile(
    elements: Mapping[str, Element], values: Values, shared: Values, rules: Iterable[tuple[str, Values]]
) -> Profile:
    others = tuple((pattern, _same(values, other)) for pattern, other in rules)
    everywhere = values is shared and all(mine for _, mine in others)
    return Profile(
        None if everywhere else HostSet(others, values is shared),
        {name: Typed(elements[name].type, value.data) for name, value in values.items()},
        {
            name: ElementValue(_shown(elements[name], value.data), value.origin)
            for name, value in values.items()
        },
    )


def _shown(element: Element, data: ElementData) -> str | int | float | tuple[str, ...]:
    return show_duration(data) if element.type == "duration" and isinstance(data, int) else data


def _same(one: Values, other: Values) -> bool:
    return all(one[name].data == other[name].data for name in one)


class _Layers:
    """Lays settings over a detection's values."""

    def __init__(self, name: str, elements: Mapping[str, Element], note: Callable[[Fault], None]) -> None:
        self._name, self._elements, self._note = name, elements, note

    def touched_by(self, setting: Setting) -> bool:
        """Whether the setting is for this detection; one that names it and no element of it is noted."""
        if setting.detection and not applies_to(setting.detection, self._name):
            return False
        if setting.element not in self._elements and setting.detection:
            mend = did_you_mean(setting.element, self._elements, "`clew detections show` lists them")
            self._note(setting.fault(f"{setting.detection} has no element '{setting.element}'", mend))
        return setting.element in self._elements

    def over(self, below: Values, settings: Iterable[Setting], where: str = "") -> Values:
        """The values with those settings that are for this detection laid over them."""
        values = dict(below)
        for setting in settings:
            if self.touched_by(setting):
                name = setting.element
                values[name] = self._laid(self._elements[name], values[name], setting, where)
        return values

    def _laid(self, element: Element, below: Value, setting: Setting, where: str) -> Value:
        origin = f"{where}{setting.origin}"
        try:
            data = coerce(element.type, setting.raw)
        except ElementError as error:
            self._note(setting.fault(f"'{element.name}': {error}"))
            return below
        if setting.change == "set":
            return Value(data, origin)
        if not isinstance(below.data, tuple) or not isinstance(data, tuple):
            self._note(setting.fault(f"'{element.name}' is no list: nothing to {setting.change}", "set it"))
            return below
        kept = tuple(item for item in below.data if item not in data)
        added = data if setting.change == "add" else ()
        return Value(kept + added, f"{below.origin}, {setting.change} {origin}")

    def refuse_hosts(self, settings: Iterable[Setting]) -> None:
        """Values by host mean nothing to a chain that lives elsewhere: those that name it are faults."""
        for setting in settings:
            if setting.detection:
                message = f"{setting.detection} does not live on one host, so it has no values by host"
                self._note(setting.fault(message, f"set it under [elements.{setting.detection}]"))
