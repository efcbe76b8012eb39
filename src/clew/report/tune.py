"""What other values would do, for a person at a terminal: each change in a line, its findings below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from clew.finding import LEVELS, Level, rank
from clew.report.text import moment, plain
from clew.report.tuning import Effect, Seen, Trial, Tuning

_SHOWN_EFFECTS = 12
_SHOWN_HOSTS = 3

_GRAVE = rank("high")


def write(tuning: Tuning, console: Console) -> None:
    """Print what was tried: changes that were asked for or always are, then what Clew proposes."""
    console.print(
        Text(f"{tuning.detection} with the values in force: {counted(tuning.findings)}", style="bold")
    )
    proposed = next((n for n, trial in enumerate(tuning.trials) if trial.seen), len(tuning.trials))
    for trial in tuning.trials[:proposed]:
        _write_trial(trial, console)
    if tuning.trials[proposed:] or tuning.unnamed:
        console.print()
        console.print(Text("Entries that would fit what was seen in these threads", style="bold"))
    for trial in tuning.trials[proposed:]:
        _write_trial(trial, console)
    console.print()
    for line in _rest(tuning):
        console.print(Text(line))


def counted(findings: dict[Level, int]) -> str:
    """`12 findings: 1 high, 3 medium, 8 low`; `1 low finding`."""
    total = sum(findings.values())
    word = f"finding{'s'[: total != 1]}"
    if len(findings) == 1:
        return f"{total:,} {next(iter(findings))} {word}"
    listed = ", ".join(f"{count:,} {level}" for level, count in findings.items())
    return f"{total:,} {word}" + (f": {listed}" if listed else "")


def _write_trial(trial: Trial, console: Console) -> None:
    console.print()
    title = "; ".join(map(plain, trial.changes))
    title = f"Together: {title}" if len(trial.changes) > 1 else title
    console.print(
        Text(f"{title}: ", style="bold") + Text(difference(trial.effects), style=_style(trial.effects))
    )
    if trial.seen:
        console.print(Text(f"  {_seen(trial.seen)}"))
        advice = "look into that first" if trial.seen.grave else f"--set {_quoted(trial.changes[0].argument)}"
        console.print(Text(f"  {advice}"))
    if trial.effects:
        console.print(_table(trial.effects))
    if len(trial.effects) > _SHOWN_EFFECTS:
        more = len(trial.effects) - _SHOWN_EFFECTS
        console.print(Text(f"  ... and {more:,} more; -f json has all of them"))


def difference(effects: Iterable[Effect]) -> str:
    """`5 fewer (1 high, 4 low), 2 lower`; `nothing changes`."""
    told = []
    for fate, word in (("gone", "fewer"), ("new", "more"), ("lower", "lower"), ("higher", "higher")):
        mine = [effect for effect in effects if effect.fate == fate]
        if mine:
            levels = [effect.was or effect.level for effect in mine]
            listed = ", ".join(
                f"{levels.count(level)} {level}" for level in reversed(LEVELS) if level in levels
            )
            told.append(f"{len(mine):,} {word} ({listed})")
    return ", ".join(told) or "nothing changes"


def _style(effects: Sequence[Effect]) -> str:
    """A finding at high or more that goes is what an analyst must not overlook."""
    return "bold red" if any(_lost(effect) for effect in effects) else ""


def _lost(effect: Effect) -> bool:
    return effect.fate in ("gone", "lower") and effect.was is not None and rank(effect.was) >= _GRAVE


def _table(effects: Sequence[Effect]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for effect in effects[:_SHOWN_EFFECTS]:
        what = ", ".join(plain(value) for value in effect.per.values())
        where = ", ".join(plain(value) for value in effect.scope.values())
        mark = "  !" if _lost(effect) else ""
        table.add_row(
            Text(f"   {effect.fate}"),
            Text(_levels(effect) + mark, style="bold red" if mark else ""),
            Text(effect.id[:8]),
            Text(f"{what} on {where}"),
        )
    return table


def _levels(effect: Effect) -> str:
    if effect.was and effect.level:
        return f"{effect.was} to {effect.level}"
    return str(effect.was or effect.level)


def _seen(seen: Seen) -> str:
    hosts = ", ".join(plain(host) for host in seen.hosts[:_SHOWN_HOSTS])
    more = f" and {len(seen.hosts) - _SHOWN_HOSTS:,} more" if len(seen.hosts) > _SHOWN_HOSTS else ""
    many = f"{seen.count:,} event{'s'[: seen.count != 1]}"
    return f"seen in {many} of {counted(seen.findings)}, first {moment(seen.first)}, on {hosts}{more}"


def _rest(tuning: Tuning) -> Iterator[str]:
    for element, count in tuning.unnamed.items():
        yield (
            f"{element}: {count:,} finding{'s'[: count != 1]} also {'have' if count != 1 else 'has'} events "
            "that no entry can stand for, such as addresses without a name."
        )
    for element, count in tuning.left_out.items():
        yield f"{element}: {count:,} more value{'s'[: count != 1]} seen and not tried."


def _quoted(argument: str) -> str:
    """As a shell wants it."""
    shown = plain(argument)
    return f"'{shown}'" if any(not (sign.isalnum() or sign in "+-=._:/") for sign in shown) else shown
