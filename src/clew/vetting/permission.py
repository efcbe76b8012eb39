"""npm's question "may this install script run?", answered package by package.

npm 11.16 and later keep the answers in package.json, `allowScripts`: `"name@version": true` for what was approved,
`"name": false` for what was denied, whatever its version; what stands nowhere is pending, and npm 12 does not run it.
https://docs.npmjs.com/cli/v11/commands/npm-approve-scripts
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from clew.errors import UsageError
from clew.vetting.vetted import Vetted

#: How a note on an install script begins that did not come to its end.
_ENDED = tuple(f"{name} ended" for name in ("preinstall", "install", "postinstall"))

Answer = Literal["allow", "deny", "pending"]


class Permission(msgspec.Struct, frozen=True):
    """The answer for one package, and why. `decided`: package.json has one already, which stays."""

    name: str
    version: str
    answer: Answer
    because: str
    decided: bool = False

    @property
    def key(self) -> str:
        """What npm calls it: approvals are pinned, denials are not."""
        return self.name if self.answer == "deny" else f"{self.name}@{self.version}"


def permissions(vetted: Sequence[Vetted], manifest: Path) -> list[Permission]:
    """The answers for the packages of a lockfile; `manifest` is the project's package.json, where it is there."""
    known = _known(manifest)
    return [_of(one, known) for one in vetted if one.package.ecosystem == "npm"]


def _of(one: Vetted, known: dict[str, Any]) -> Permission:
    name, version = one.package.name, one.package.version
    for key in (name, f"{name}@{version}"):
        if isinstance(known.get(key), bool):
            answer: Answer = "allow" if known[key] else "deny"
            return Permission(name, version, answer, "package.json says so already", decided=True)
    return Permission(name, version, *_answer(one))


def _answer(one: Vetted) -> tuple[Answer, str]:
    strongest = one.verdict.because[0] if one.verdict.because else None
    if one.incomplete:
        return "pending", f"not all could be looked at: {one.incomplete[0]}"
    if one.verdict.decision == "allow":
        return "allow", f"nothing weighs against it; {_script(one)}"
    said = f"{strongest.title}: {strongest.evidence}" if strongest else "it could not be vetted"
    return ("deny", said) if one.verdict.decision == "block" else ("pending", f"look at this first: {said}")


def _script(one: Vetted) -> str:
    scripts = [fact.evidence for fact in one.facts if fact.rule == "static.install-script"]
    failed = [warning for warning in one.warnings if warning.startswith(_ENDED)]
    ran = "; ".join(["it was run" if one.calls else "it was not run", *failed])
    return f"{'; '.join(scripts) or 'it has no install script'} ({ran})"


def block(answers: Sequence[Permission]) -> dict[str, bool]:
    """The entries for `allowScripts`: what was answered now; the pending ones stay out of it."""
    made = {one.key: one.answer == "allow" for one in answers if one.answer != "pending" and not one.decided}
    return dict(sorted(made.items()))


def _known(manifest: Path) -> dict[str, Any]:
    if not manifest.is_file():
        return {}
    try:
        said = msgspec.json.decode(manifest.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{manifest}: cannot be read as JSON: {error}") from error
    known = said.get("allowScripts") if isinstance(said, dict) else None
    return known if isinstance(known, dict) else {}
