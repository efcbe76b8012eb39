"""`clew detections`: look at detections, check them, test them, and ask why one did not fire."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from clew.cli.console import output, print_json
from clew.cli.exit import Exit
from clew.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clew.detection.exception import Exemption
    from clew.detection.model import Detection
    from clew.report.explanation import Explanation
    from clew.runner.explain.source import Source
    from clew.runner.trial import Outcome
    from clew.settings import Settings

Format = Annotated[
    Literal["text", "json"], Parameter(name=["--format", "-f"], help="text for people, json for machines")
]
From = Annotated[
    tuple[Path, ...],
    Parameter(
        name="--detections",
        negative=(),
        help="A detection file, or a folder of them, to use instead of the shipped ones. May be repeated.",
    ),
]
WithShipped = Annotated[
    bool, Parameter(negative=(), help="Use the shipped detections beside those of --detections.")
]
Level = Literal["low", "medium", "high", "critical"]

app = App(name="detections", version_flags=[], help="Look at, check, test and explain detections.")


@app.command(name="list")
def list_(*, detections: From = (), with_shipped: WithShipped = False, format_: Format = "text") -> None:
    """List the detections: name, technique, status, levels, log sources, title."""
    from clew.report import detections as report

    chosen = _once(_choose(_settings(detections), with_shipped))
    if format_ == "json":
        print_json([report.entry(detection) for detection in chosen])
    else:
        report.write_list(chosen, output())


@app.command
def show(
    name: str, /, *, detections: From = (), with_shipped: WithShipped = False, format_: Format = "text"
) -> None:
    """Show a whole detection: stages and links, conditions, elements in force, coverage, triage.

    Parameters
    ----------
    name
        AN0862, or AN0862/npm for one variant, or the file of a detection.
    """
    from clew.attack.index import attack_index
    from clew.normalise.mapping import mappings
    from clew.report import detection as report
    from clew.report.coverage import coverage

    found = named(name, _choose(_settings(where(name, detections)), with_shipped))
    covered = [coverage(detection, attack_index(), mappings()) for detection in found]
    if format_ == "json":
        documents = [report.document(*pair) for pair in zip(found, covered, strict=True)]
        print_json(documents[0] if len(documents) == 1 else documents)
        return
    for detection, rows in zip(found, covered, strict=True):
        report.write(detection, rows, output())


@app.command
def check(
    *targets: Annotated[str, Parameter(name="PATH|NAME")],
    strict: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Load detections and compare them with ATT&CK: what was forgotten, and what ATT&CK does not know.

    Without targets it also tells of values and exceptions in the settings that concern none of the detections.

    Parameters
    ----------
    targets
        Detection files, folders of them, and names such as AN0862; the detections of the settings, else the
        shipped ones, by default.
    strict
        Exit with 1 when there is a warning.
    """
    from clew.attack.index import attack_index
    from clew.detection.check import check as compare
    from clew.report.text import plain
    from clew.runner.hunt import unheeded

    chosen = _targets(targets, (), partial(_choose, with_shipped=False))
    remarks = [remark for detection in chosen for remark in compare(detection, attack_index())]
    said = [(remark.severity, str(remark)) for remark in remarks]
    said += [("warning", str(fault)) for fault in (() if targets else unheeded(_settings(()), chosen))]
    for severity, message in said:
        print(f"{severity}: {plain(message)}")
    warnings = sum(severity == "warning" for severity, _ in said)
    notes = len(said) - warnings
    _say(f"{_many(len(chosen), 'detection')} loaded: {_many(warnings, 'warning')}, {_many(notes, 'note')}")
    return Exit.FOUND if strict and warnings else Exit.OK


@app.command
def test(*targets: Annotated[str, Parameter(name="PATH|NAME")], detections: From = ()) -> int:
    """Run the tests of detections, with the values that stand in their files, not the site's.

    One line a test; for one that fails, why. Exits with 1 when one fails.

    Parameters
    ----------
    targets
        Detection files, folders of them, and names such as AN0862; everything by default.
    """
    from clew.runner.trial import run_case

    failed = run = 0
    for detection in _targets(targets, detections, partial(_as_written, with_shipped=False)):
        for case in detection.tests:
            outcome = run_case(detection, case)
            run += 1
            failed += not outcome.passed
            _print_outcome(detection, outcome)
    _say(f"{_many(run, 'test')}: {run - failed} passed, {failed} failed")
    return Exit.FOUND if failed else Exit.OK


@app.command
def explain(
    name: str,
    /,
    *,
    events: Path | None = None,
    test: str | None = None,
    level: Level | None = None,
    scope: str | None = None,
    detections: From = (),
    with_shipped: WithShipped = False,
    format_: Format = "text",
) -> int:
    """Say why a detection did not fire on some events, or no higher: which stage failed on what.

    Parameters
    ----------
    name
        AN0862, or AN0862/npm for one variant, or the file of a detection.
    events
        Log files as for hunt (a file or a folder), or a YAML file of events as the tests of detections write
        them.
    test
        Explain one of the detection's own tests, by its name or a part of it; as the tests run, with the values
        that stand in the file and without the site's exceptions.
    level
        Explain this level, for chains that did not reach it; by default all above the highest that was reached.
    scope
        Look at one host (or other scope) alone.
    """
    from clew.runner.explain.run import explain as run
    from clew.runner.hunt import exemptions

    settings = _settings(where(name, detections))
    if test is None:
        chosen = _choose(settings, with_shipped)
        valid, expired = exemptions(settings, chosen)
    else:
        chosen, valid, expired = _as_written(settings, with_shipped), [], []
    found = named(name, chosen)
    source = _source(events, test, found[0], settings)
    found = [one for one in found if not (scope and one.hosts) or one.hosts.holds(scope)]
    explained = [run(one, source, level=level, scope=scope, exemptions=valid) for one in found]
    _print_explanations(explained, format_)
    return _close(source, [one for one in expired if any(map(one.concerns, found))])


@app.command
def schema() -> None:
    """Print a JSON Schema of detection files, for the completion and checking of editors."""
    from clew.detection.jsonschema import schema as made

    print_json(made())


@app.command
def new(analytic: str, /, *, to: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None) -> None:
    """Write a skeleton of a detection for an analytic of ATT&CK's.

    Parameters
    ----------
    analytic
        The id, such as AN0001, in any case.
    to
        Write it to this file, which must not be there yet.
    """
    from clew.attack.index import attack_index
    from clew.runner.skeleton import skeleton

    index = attack_index()
    text = skeleton(index.analytic(analytic), index)
    if to is None:
        print(text, end="")
        return
    try:
        with to.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{to}: cannot be written: {error.strerror}") from error
    _say(f"{to}: written; see what it still lacks with: clew detections check {to}")


def _settings(detections: Sequence[Path]) -> Settings:
    from clew.settings import read_settings

    return read_settings({"detections": tuple(detections) or None})


def _choose(settings: Settings, with_shipped: bool) -> list[Detection]:
    from clew.runner.hunt import choose

    return choose(settings, with_shipped)


def _as_written(settings: Settings, with_shipped: bool) -> list[Detection]:
    """The detections with the values of their files, not the site's."""
    from clew.detection.load import load_detections, shipped

    pool = [*settings.detections, *([shipped()] if with_shipped or not settings.detections else ())]
    return load_detections(pool, skew=settings.skew)


def _once(detections: Iterable[Detection]) -> list[Detection]:
    """One for each name: with values for some hosts a detection stands in the list several times."""
    return list({detection.name: detection for detection in reversed(list(detections))}.values())[::-1]


def where(name: str, detections: Sequence[Path]) -> Sequence[Path]:
    """Where detections are looked for: a file that is named itself is as good as --detections."""
    return (*detections, Path(name)) if Path(name).is_file() else detections


def named(name: str, detections: Sequence[Detection]) -> list[Detection]:
    """The detections of that name, all variants of an analytic, or of that file.

    Raises UsageError where there is none.
    """
    from clew.detection.values import applies_to
    from clew.suggest import did_you_mean

    wanted = name.strip()
    wanted = wanted[:6].upper() + wanted[6:].lower()
    found = [one for one in detections if applies_to(wanted, one.name) or Path(one.path) == Path(name)]
    if not found:
        nothing = "no file and no detection" if Path(name).suffix or "/" in name else "no detection"
        mend = did_you_mean(wanted, [detection.name for detection in detections], "see clew detections list")
        raise UsageError(f"{nothing} is called '{name}'; {mend}")
    return found


def _targets(
    targets: Sequence[str], detections: Sequence[Path], load: Callable[[Settings], list[Detection]]
) -> list[Detection]:
    """The detections of paths, and those that are named among those of the settings; without either all."""
    paths = [Path(target) for target in targets if Path(target).exists()]
    names = [target for target in targets if not Path(target).exists()]
    found = load(_settings(paths)) if paths else []
    if names or not targets:
        known = load(_settings(detections))
        found += [one for name in names for one in named(name, known)] if names else known
    return _once(found)


def _print_outcome(detection: Detection, outcome: Outcome) -> None:
    from clew.report.text import plain

    word, reached = "ok    " if outcome.passed else "FAILED", outcome.level or "none"
    said = (
        f"reached {reached}"
        if outcome.passed
        else f"expected {outcome.case.expect or 'none'}, reached {reached}"
    )
    print(f"{word} {detection.name} {plain(outcome.case.name)}: {said}")
    for line in () if outcome.passed else _why(detection, outcome):
        print(f"         {line}")


def _why(detection: Detection, outcome: Outcome) -> list[str]:
    """What a failed test lacks, or what it found."""
    from clew.finding import rank
    from clew.report.explain import brief, found
    from clew.runner.explain.run import explain as run
    from clew.runner.explain.source import WrittenEvents

    expect = outcome.case.expect
    if expect is None or (outcome.level is not None and rank(outcome.level) > rank(expect)):
        return list(found(outcome.findings))
    return list(brief(run(detection, WrittenEvents(outcome.case.events, detection.path), level=expect)))


def _source(events: Path | None, test: str | None, detection: Detection, settings: Settings) -> Source:
    from clew.database import Limits
    from clew.entity.inventory import read_inventory
    from clew.runner.clock import clocks
    from clew.runner.explain.source import WrittenEvents, source_of

    if (events is None) == (test is None):
        raise UsageError(
            "say which events: --events FILE, or --test NAME for one of the detection's own tests"
        )
    if events is not None:
        limits = Limits(settings.memory_limit, settings.threads, settings.temp_directory)
        return source_of(events, limits, clocks(settings), read_inventory(settings.files))
    cases = [case for case in detection.tests if case.name == test]
    cases = cases or [case for case in detection.tests if str(test).casefold() in case.name.casefold()]
    if len(cases) != 1:
        what = "has no test" if not cases else f"has {len(cases)} tests"
        known = "; ".join(case.name for case in cases or detection.tests)
        raise UsageError(f"{detection.name} {what} called '{test}'; there are: {known}")
    return WrittenEvents(cases[0].events, Path(detection.path).name)


def _print_explanations(explained: Sequence[Explanation], format_: str) -> None:
    from clew.report import explain as report

    if format_ == "json":
        print_json(explained[0] if len(explained) == 1 else list(explained))
        return
    for explanation in explained:
        report.write(explanation, output())


def _close(source: Source, expired: Sequence[Exemption]) -> Exit:
    """Say what was read and what was not, and which exceptions are over."""
    from clew.report import summary
    from clew.report.text import plain

    over = summary.held_back((one.origin, one.because, 0, True) for one in expired)
    for line in (summary.read(source.tally), *over, *summary.not_read(source.tally)):
        _say(plain(line))
    return Exit.OK if source.tally.complete else Exit.INCOMPLETE


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _say(message: str) -> None:
    print(message, file=sys.stderr)
