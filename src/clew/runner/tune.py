"""Tune: replay a hunt with other values of a detection's elements, and tell which findings come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from clew.detection.load import read_detections
from clew.detection.model import Detection
from clew.detection.site import read_site
from clew.detection.values import Setting, SiteValues
from clew.errors import Fault, UsageError
from clew.finding import ElementValue, Finding
from clew.normalise.extent import EVERYTHING, Extent
from clew.pipeline import Progress
from clew.report.tuning import Change, Seen, Trial, Tuning
from clew.runner.change import half_and_double
from clew.runner.effects import by_level, effects
from clew.runner.hunt import Hunt, hunt
from clew.runner.proposal import Proposal, Watcher, proposals
from clew.select.tables import Row
from clew.settings import Settings

#: Trials that share one reading of the logs. Each costs about a fifth of a hunt beside the reading; with some thirty
#: DuckDB's plan of one statement outgrows its memory.
TOGETHER = 8
#: Which trial a finding is of stands among the values that it carries.
_MARK = "(trial)"


class _Try(msgspec.Struct, frozen=True):
    """Changes that are tried together, and the detections that they make."""

    changes: tuple[Change, ...]
    detections: tuple[Detection, ...]
    seen: Seen | None = None


class Tuner:
    """Tunes the variants of one analytic over a set of files."""

    def __init__(  # noqa: PLR0913 - what it hunts through, what for, and who looks on
        self,
        paths: Sequence[Path],
        name: str,
        chosen: Sequence[Detection],
        settings: Settings,
        *,
        extent: Extent = EVERYTHING,
        progress: Callable[[], Progress] = lambda: lambda file, done: None,
    ) -> None:
        self._paths, self._name, self._chosen, self._settings = paths, name, tuple(chosen), settings
        self._extent, self._progress = extent, progress
        self._site = read_site(settings.files, [])

    def try_changes(self, changes: Sequence[Change]) -> tuple[Tuning, Hunt]:
        """Each of the changes alone, and where there are several all of them together.

        Raises UsageError for changes that do not suit the detection.
        """
        faults: list[Fault] = []
        sets = [(one,) for one in changes] + ([tuple(changes)] if len(changes) > 1 else [])
        tries = [self._try(one, faults) for one in sets]
        if faults:
            raise UsageError("\n".join(map(str, dict.fromkeys(faults))))
        tries = [self._base(), *tries]
        first, found = self._hunt(tries[:TOGETHER])
        found += self._further(tries[TOGETHER:])
        return self._tuning(tries[1:], found), _alone(first, found[0])

    def propose(self) -> tuple[Tuning, Hunt]:
        """Durations and numbers halved and doubled, and entries for lists out of what was seen; each tried alone.

        Of entries that stand in no grave finding also all of one element together, since a thread with two new
        destinations goes only where both are approved.
        """
        watcher = Watcher(self._chosen)
        first, (base,) = self._hunt([self._base()], watcher)
        proposed = proposals(self._chosen, base, watcher)
        tries = [self._try((change,), []) for change in self._halved_and_doubled()]
        fitting, unnamed = self._fitting(proposed.chosen), Counter(proposed.unnamed)
        for one in proposed.chosen:
            if one not in fitting:
                unnamed[one.change.element] += sum(one.seen.findings.values())
        tries += [self._try((one.change,), [], one.seen) for one in fitting]
        tries += [self._try(changes, []) for changes in _together(fitting)]
        tuning = self._tuning(tries, [base, *self._further(tries)])
        return msgspec.structs.replace(tuning, unnamed=dict(unnamed), left_out=proposed.left_out), first

    def _fitting(self, chosen: Iterable[Proposal]) -> list[Proposal]:
        """Those that suit the types of their elements: what stands in a log need not be a domain."""
        fitting = []
        for one in chosen:
            faults: list[Fault] = []
            self._try((one.change,), faults)
            if not faults:
                fitting.append(one)
        return fitting

    def _base(self) -> _Try:
        return _Try((), self._chosen)

    def _try(self, changes: tuple[Change, ...], faults: list[Fault], seen: Seen | None = None) -> _Try:
        """The detections with the changes over the site's values; what does not suit goes to `faults`."""
        made = [setting for change in changes for setting in self._settings_of(change)]
        site = SiteValues((*self._site.settings, *made), self._site.hosts)
        files = dict.fromkeys(Path(one.path) for one in self._chosen)
        names = {one.name for one in self._chosen}
        loaded = read_detections(list(files), site, self._settings.skew, faults)
        return _Try(changes, tuple(one for one in loaded if one.name in names), seen)

    def _settings_of(self, change: Change) -> Iterator[Setting]:
        """The change for each variant that has the element; for the analytic, which is a fault, where none has."""
        having = {one.name for one in self._chosen if change.element in one.mutable} or {self._name}
        for name in sorted(having):
            path = f"--set {change.argument}"
            yield Setting(change.element, change.value, path, 0, 0, name, change.operation)

    def _halved_and_doubled(self) -> Iterator[Change]:
        elements = {name: element for one in self._chosen for name, element in one.mutable.items()}
        for name, element in elements.items():
            for value in half_and_double(element.value):
                yield Change(name, "set", value)

    def _further(self, tries: Sequence[_Try]) -> list[list[Finding]]:
        """The findings of tries over the same files again."""
        rounds = (tries[begin : begin + TOGETHER] for begin in range(0, len(tries), TOGETHER))
        return [findings for some in rounds for findings in self._hunt(some)[1]]

    def _hunt(
        self, tries: Sequence[_Try], look: Callable[[Iterable[Row]], Iterable[Row]] = iter
    ) -> tuple[Hunt, list[list[Finding]]]:
        """One reading of the logs with several sets of values, and the findings of each.

        Raises KeyboardInterrupt where it was interrupted: half a log compares with nothing.
        """
        marked = [_marked(one, number) for number, tried in enumerate(tries) for one in tried.detections]
        result = hunt(
            self._paths, marked, self._settings, extent=self._extent, progress=self._progress(), look=look
        )
        if result.interrupted:
            raise KeyboardInterrupt
        found: list[list[Finding]] = [[] for _ in tries]
        for finding in result.findings:
            found[int(str(finding.mutable[_MARK].value))].append(finding)
        return result, found

    def _tuning(self, tries: Sequence[_Try], found: Sequence[Sequence[Finding]]) -> Tuning:
        base, *others = found
        trials = [
            Trial(
                changes=tried.changes,
                findings=by_level(mine),
                effects=tuple(effects(base, mine)),
                seen=tried.seen,
            )
            for tried, mine in zip(tries, others, strict=True)
        ]
        return Tuning(detection=self._name, findings=by_level(base), trials=tuple(trials))


def _together(proposed: Sequence[Proposal]) -> Iterator[tuple[Change, ...]]:
    harmless = [one.change for one in proposed if not one.seen.grave]
    for element in dict.fromkeys(change.element for change in harmless):
        changes = tuple(change for change in harmless if change.element == element)
        if len(changes) > 1:
            yield changes


def _marked(detection: Detection, number: int) -> Detection:
    mutable = {**detection.mutable, _MARK: ElementValue(number, "clew tune")}
    return msgspec.structs.replace(detection, mutable=mutable)


def _alone(result: Hunt, findings: Sequence[Finding]) -> Hunt:
    """A hunt of several trials as it would have been of the values in force; what was held back is counted for all."""
    held = tuple(one for one in result.held if one.expired)
    return msgspec.structs.replace(result, findings=tuple(findings), held=held)
