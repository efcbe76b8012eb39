"""One detonation, from the package to its trace."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

import msgspec

from clew.errors import UsageError
from clew.vetting.detonate import hooks, npm, pypi
from clew.vetting.detonate.changes import changes
from clew.vetting.detonate.heard import listen
from clew.vetting.detonate.join import Joined
from clew.vetting.detonate.outside import Places, Traced, look
from clew.vetting.detonate.place import Place, Visit, place
from clew.vetting.detonate.scribe import Scribe
from clew.vetting.sandbox.plan import Ended, Limits, Outcome, Step
from clew.vetting.sandbox.stay import stay
from clew.vetting.subject import Subject
from clew.vetting.trace import Call, Detonation, Layer, Platform

#: Nothing is built as on another system, and what waits for a program of it waits for ever.
_ELSEWHERE = Limits(seconds=10.0)


def detonate(
    subject: Subject, limits: Limits | None = None, *, platform: str = "linux", workplace: Path
) -> Detonation:
    """Runs the package's install scripts, and then its code as one who uses it would, in the sandbox.

    `workplace` is a folder that this run may write to; what is left there is of no further use. `platform` is what the
    interpreters tell the package that they run on.

    Raises:
        SandboxError: the sandbox cannot be made here, or did not pass its self-test; nothing of the package was run.
        UsageError: a platform that cannot be simulated.
    """
    if platform not in get_args(Platform):
        raise UsageError(
            f"the platform {platform} cannot be simulated: take one of {', '.join(get_args(Platform))}"
        )
    told_as = cast(Platform, platform)
    limits = limits or (Limits() if platform == "linux" else _ELSEWHERE)
    begun = time.monotonic()
    here = place()
    visit = (npm if subject.ecosystem == "npm" else pypi).visit(here, subject, told_as)
    results = workplace / f"run-{here.disguise.mark}"
    results.mkdir(parents=True)
    outcome = stay(here.plan(visit.steps, limits, results))
    story = _Story(subject, told_as, here, visit, results)
    for step, ended in zip(visit.steps, outcome.steps, strict=False):
        story.add(step, ended)
    return story.told(outcome, time.monotonic() - begun)


class _Story:
    """Gathers what each step gave, and puts it in order."""

    def __init__(
        self, subject: Subject, platform: Platform, here: Place, visit: Visit, results: Path
    ) -> None:
        self._subject, self._platform, self._place = subject, platform, here
        self._visit, self._results = visit, results
        self._own = frozenset(f"{visit.package}/{path}" for path in subject.files)
        self._calls: list[Call] = []
        self._layers: dict[str, Layer] = {}
        self._incomplete: list[str] = []
        self._notes = list(visit.notes)
        self._as_on = "" if platform == "linux" else f"as on {platform}, "

    def add(self, step: Step, ended: Ended) -> None:
        scribe = Scribe(
            package=self._subject.purl, digest=self._subject.sha256, platform=self._platform, phase=step.name
        )
        traced = look(self._results / ended.trace, self._places(step), scribe)
        heard = listen(ended.contacts, traced.calls, self._place.decoys.values, scribe)
        told, layers = hooks.read(self._results / ended.log, scribe, self._visit.published)
        outside = [call for call in traced.calls if call.call not in ("connect", "send")]
        outside += [*heard.unheard, *heard.calls]
        joined = Joined(outside, told, scribe, self._own).calls()
        self._calls += [*joined, *changes(ended, traced.calls, self._own, scribe)]
        for layer in layers:
            self._layers.setdefault(layer.sha256, layer)
        self._missed(ended, traced)
        if heard.shortened:
            self._incomplete.append(f"{ended.name}: more was sent than was searched for decoys in every form")
        reached = [*ended.reached, *(["processes"] if traced.refused else [])]
        at = ended.started + ended.seconds
        self._calls += [scribe.note(at, "runner", "reach_limit", what=what) for what in reached]

    def _missed(self, ended: Ended, traced: Traced) -> None:
        self._incomplete += [f"{self._as_on}{ended.name}: {lost}" for lost in (*ended.lost, *traced.lost)]
        if ended.unheard:
            self._incomplete.append(f"{self._as_on}{ended.name}: {ended.unheard} contacts beyond the limit")
        for limit, said in _REACHED.items():
            if limit in ended.reached:
                self._short(ended, f"{ended.name}: {said}")
        if ended.code:
            self._notes.append(f"{self._as_on}{ended.name} ended with {ended.code}: {_reason(ended.printed)}")

    def _short(self, ended: Ended, said: str) -> None:
        """A phase that a limit ended. What installing runs was not seen to its end; another system's programs are
        not there to end it, and a program that is asked for help may wait for its user.
        """
        if self._platform == "linux" and ended.name not in ("import", "bin"):
            self._incomplete.append(said)
        else:
            self._notes.append(f"{self._as_on}{said}")

    def _places(self, step: Step) -> Places:
        disguise = self._place.disguise
        return Places(
            directory=step.directory,
            log=disguise.log,
            writable=("/home/", "/tmp/", "/dev/shm/"),
            decoys=self._place.decoys.paths(disguise.home),
        )

    def told(self, outcome: Outcome, seconds: float) -> Detonation:
        self._incomplete += [
            f"{self._as_on}{step.name}: not reached within the time"
            for step in self._visit.steps[len(outcome.steps) :]
        ]
        here = self._place
        plain = _plain(here)
        ordered = sorted(self._calls, key=lambda call: call.time)
        calls = [msgspec.structs.replace(plain(call), sequence=at) for at, call in enumerate(ordered)]
        return Detonation(
            calls=calls,
            layers=[
                msgspec.structs.replace(plain(layer), text=layer.text) for layer in self._layers.values()
            ],
            seconds=seconds,
            phases=[ended.name for ended in outcome.steps],
            incomplete=self._incomplete,
            notes=[here.disguise.plain(note, here.decoys) for note in self._notes],
        )


_REACHED = {
    "time": "ended by us after the longest time",
    "memory": "ended by us for its memory",
    "output": "ended by us for what it wrote and did",
    "files": "used up its disk",
    "linger": "left processes behind, which we ended",
}
_COLOURS = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
#: What stands last and says nothing: Node's own version, closing brackets.
_IDLE = re.compile(r"Node\.js v[\d.]+|[\])}\s]*")
_ERROR = re.compile(r"\b\w*(?:Error|Exception):? ")


def _reason(printed: str) -> str:
    """Why a phase ended as it did: the last line that names an error, or the last one that says something."""
    lines = [line.strip() for line in _COLOURS.sub("", printed).splitlines()]
    lines = [line for line in lines if not _IDLE.fullmatch(line)]
    return next((line for line in reversed(lines) if _ERROR.search(line)), lines[-1] if lines else "")[:300]


_Told = TypeVar("_Told", Call, Layer)


def _plain(here: Place) -> Callable[[_Told], _Told]:
    """Puts fixed names for this run's into all texts of a call or layer, so that two runs tell the same."""

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return here.disguise.plain(value, here.decoys)
        if isinstance(value, list):
            return [plain(item) for item in value]
        return value

    def told(told: _Told) -> _Told:
        fields = {name: plain(getattr(told, name)) for name in told.__struct_fields__}
        return msgspec.structs.replace(told, **fields)

    return told
