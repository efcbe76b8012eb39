"""What changed between two versions: files, dependencies, scripts, what the code can do, what it did, who published.

The newer one's vetting with facts of the side `diff` put in: so it is judged, and told, as every vetting is. A new
version that does more when it is installed than the one before asks for a look, however plain each thing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from clew.vetting.fact import Fact, Weight
from clew.vetting.trace import Call
from clew.vetting.verdict import judge, ordered
from clew.vetting.vetted import Vetted

_SHOWN = 8
_LIFECYCLE = ("preinstall", "install", "postinstall")
_DEPENDENCIES = ("dependencies", "optionalDependencies", "peerDependencies")


def compare(before: Vetted, after: Vetted) -> Vetted:
    """The newer one's vetting, with what is new in it against the older one."""
    changes = [*_scripts(before, after), *_dependencies(before, after), *_people(before, after)]
    changes += [*_files(before, after), *_abilities(before, after), *_behaviour(before, after)]
    facts = (*changes, *after.facts)
    return msgspec.structs.replace(
        after,
        facts=tuple(ordered(facts)),
        verdict=judge(facts),
        target=f"{before.target} → {after.target}",
        incomplete=tuple(dict.fromkeys((*before.incomplete, *after.incomplete))),
    )


def _scripts(before: Vetted, after: Vetted) -> Iterator[Fact]:
    old, new = _table(before, "scripts"), _table(after, "scripts")
    for name in _LIFECYCLE:
        if new.get(name) != old.get(name) and name in new:
            first = "for the first time" if name not in old else f"and not {old[name]!r} any more"
            yield _fact(
                "install-script", "review", f"runs {name} {first}", f"{name}: {new[name]}", "T1195.002"
            )


def _dependencies(before: Vetted, after: Vetted) -> Iterator[Fact]:
    old, new = _wanted(before), _wanted(after)
    yield from _listed(
        "new-dependency", "review", "takes a dependency that it did not take", sorted(new.keys() - old.keys())
    )
    yield from _listed("lost-dependency", "note", "dropped a dependency", sorted(old.keys() - new.keys()))
    moved = [
        f"{name} {old[name]} → {new[name]}"
        for name in sorted(new.keys() & old.keys())
        if new[name] != old[name]
    ]
    yield from _listed("changed-dependency", "note", "asks for other versions", moved)


def _people(before: Vetted, after: Vetted) -> Iterator[Fact]:
    """Who wrote and keeps it, as the package itself says; who published it, reputation tells."""
    for key in ("author", "maintainers", "repository", "Author", "Author-email", "Maintainer", "Home-page"):
        if before.manifest.get(key) != after.manifest.get(key):
            said = f"{_short(before.manifest.get(key))} → {_short(after.manifest.get(key))}"
            yield _fact("people", "review", f"names another {key.lower()}", said, "T1195.002")


def _files(before: Vetted, after: Vetted) -> Iterator[Fact]:
    old, new = before.files, after.files
    yield from _listed("new-files", "note", "has new files", sorted(new.keys() - old.keys()))
    yield from _listed("lost-files", "note", "has lost files", sorted(old.keys() - new.keys()))
    changed = [path for path in sorted(new.keys() & old.keys()) if new[path] != old[path]]
    yield from _listed("changed-files", "note", "has changed files", changed)


def _abilities(before: Vetted, after: Vetted) -> Iterator[Fact]:
    known = {fact.rule for fact in before.facts}
    for fact in after.facts:
        if (
            fact.side in ("static", "layer")
            and fact.rule not in known
            and fact.rule != "static.install-script"
        ):
            known.add(fact.rule)
            yield _fact(
                "new-ability",
                _ABILITY.get(fact.rule, "note"),
                f"now {fact.title}",
                fact.evidence,
                fact.technique,
            )


#: Abilities whose first appearance asks for a look.
_ABILITY: Mapping[str, Weight] = {
    f"static.{name}": "review"
    for name in ("network-out", "execute", "run-code", "encoded-code", "bare-address")
}


def _behaviour(before: Vetted, after: Vetted) -> Iterator[Fact]:
    if not before.calls or not after.calls:
        return
    for rule, title, tell in _DID:
        old = set(_told(before.calls, tell))
        yield from _listed(
            rule, "review", title, [one for one in dict.fromkeys(_told(after.calls, tell)) if one not in old]
        )
    old_layers = {layer.sha256 for layer in before.layers}
    new_layers = [f"{one.origin} {one.sha256[:12]}" for one in after.layers if one.sha256 not in old_layers]
    yield from _listed(
        "new-layers", "note", "runs code that is not in its files and was not there before", new_layers
    )


def _told(calls: Iterable[Call], tell: Callable[[Call], str | None]) -> Iterator[str]:
    return (said for call in calls if (said := tell(call)))


#: The addresses that the sinkhole gives to names (RFC 2544); the name is what tells.
_STAND_INS = ("198.18.", "198.19.")


def _host(call: Call) -> str | None:
    if call.call in ("resolve", "handshake", "request"):
        return call.name
    stands_in = (call.address or "").startswith(_STAND_INS)
    return call.address if call.call == "connect" and not stands_in else None


def _command(call: Call) -> str | None:
    return " ".join(call.arguments or [call.executable or ""])[:200] if call.call == "execute" else None


def _written(call: Call) -> str | None:
    return call.path if call.call in ("find_added", "find_changed", "find_deleted") else None


def _asked(call: Call) -> str | None:
    return call.name if call.call == "read_environment" else None


_DID: tuple[tuple[str, str, Callable[[Call], str | None]], ...] = (
    ("new-hosts", "asked for hosts that it did not ask for", _host),
    ("new-commands", "ran commands that it did not run", _command),
    ("new-writes", "changed files that it did not change", _written),
    ("new-variables", "read variables that it did not read", _asked),
)


def _table(one: Vetted, key: str) -> dict[str, object]:
    value = one.manifest.get(key)
    return {str(name): inner for name, inner in value.items()} if isinstance(value, dict) else {}


def _wanted(one: Vetted) -> dict[str, object]:
    if one.package.ecosystem == "npm":
        return {name: wanted for key in _DEPENDENCIES for name, wanted in _table(one, key).items()}
    asked = one.manifest.get("Requires-Dist", [])
    lines = [str(line) for line in (asked if isinstance(asked, list) else [asked])]
    return {line.split(";")[0].strip(): "" for line in lines}


def _short(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("name") or value.get("url") or value
    return str(value or "nobody")[:160]


def _listed(rule: str, weight: Weight, title: str, things: list[str]) -> Iterator[Fact]:
    if things:
        more = f" and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
        yield _fact(rule, weight, title, ", ".join(things[:_SHOWN]) + more)


def _fact(rule: str, weight: Weight, title: str, evidence: str, technique: str = "") -> Fact:
    return Fact(
        rule=f"diff.{rule}",
        side="diff",
        weight=weight,
        title=title,
        evidence=evidence[:400],
        technique=technique,
    )
