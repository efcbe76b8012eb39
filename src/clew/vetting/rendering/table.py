"""For a person at a terminal: the verdict, the three strongest facts, then everything else in a line each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clew.report.text import plain, short
from clew.vetting.fact import Fact, Weight
from clew.vetting.rendering.sentence import counted, place
from clew.vetting.rendering.tree import branches
from clew.vetting.verdict import Decision
from clew.vetting.vetted import Result, Vetted

_STYLES: dict[Decision | Weight, str] = {
    "block": "bold white on red",
    "review": "bold yellow",
    "allow": "bold green",
    "note": "",
}
_WIDTH, _EVIDENCE = 160, 600


def write(result: Result, console: Console) -> None:
    """Print each package; of several, those that are allowed in one line each, and what one should know."""
    vetted = result.vetted
    alone = len(vetted) == 1 and not result.quiet
    for one in vetted:
        if alone or one.verdict.decision != "allow" or one.incomplete:
            _write_one(one, console)
        else:
            console.print(_head(one))
            for warning in one.warnings:
                console.print(Text(f"        {short(warning, max(console.width - 8, 40))}", style="yellow"))
    if not alone:
        quiet = f"; {result.quiet} others run nothing when they are installed" if result.quiet else ""
        console.print(Text((counted(vetted) if vetted else "no package with an install script") + quiet))
    for what in result.incomplete:
        console.print(Text(f"not looked at: {plain(what)}", style="bold red"))


def _write_one(one: Vetted, console: Console) -> None:
    console.print(_head(one))
    for number, fact in enumerate(one.verdict.because if one.verdict.decision != "allow" else (), 1):
        console.print(Text(f" {number}. ") + _said(fact))
        said = Text(short(fact.evidence, _EVIDENCE), style="italic")
        console.print(Padding(said, (0, 0, 0, 4)), width=min(_WIDTH, console.width))
    shown = one.verdict.because if one.verdict.decision != "allow" else ()
    if others := [fact for fact in one.facts if fact not in shown]:
        console.print(_facts(others))
    if one.layers:
        console.print(Text("layers", style="bold"))
        for depth, layer in branches(one.layers):
            console.print(
                Text(
                    f"  {'   ' * depth}└─ {plain(layer.origin)} {layer.sha256[:12]}  {short(_first(layer.text), 100)}"
                )
            )
    console.print(_stages(one))
    for line in _closing(one):
        console.print(line)


def _head(one: Vetted) -> Text:
    decision = one.verdict.decision
    name = plain(f"{one.package.name} {one.package.version}")
    text = Text(f" {decision} ", style=_STYLES[decision]) + Text(f" {name}", style="bold")
    return text + Text(f"  {one.package.ecosystem}, sha256 {one.package.sha256[:16]}", style="dim")


def _said(fact: Fact) -> Text:
    said = Text(plain(fact.title))
    return said + Text(
        f"  {plain(fact.rule)}{' ' + fact.technique if fact.technique else ''}{_where(fact)}", style="dim"
    )


def _where(fact: Fact) -> str:
    return f"  {plain(at)}" if (at := place(fact)) else ""


def _facts(facts: Sequence[Fact]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_column(no_wrap=True, overflow="ellipsis")
    for fact in facts:
        said = Text(plain(fact.title)) + Text(f"{_where(fact)}", style="dim")
        table.add_row(
            Text(fact.weight, style=_STYLES[fact.weight]),
            said,
            Text(short(fact.evidence, 80), style="italic"),
        )
    return table


def _stages(one: Vetted) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 1))
    for stage in one.stages:
        style = "bold red" if stage.ended == "impossible" else "dim"
        table.add_row(
            Text(stage.name, style="dim"), Text(stage.ended, style=style), Text(plain(stage.why), style="dim")
        )
    return table


def _closing(one: Vetted) -> list[Text]:
    lines = [
        Text(f"allowed by you until {held.until}: {held.fact.rule} ({plain(held.because)})", style="dim")
        for held in one.held
    ]
    lines += [Text(plain(warning), style="yellow") for warning in one.warnings]
    lines += [Text(f"not looked at: {plain(what)}", style="bold red") for what in one.incomplete]
    return lines


def _first(text: str) -> str:
    return text.strip().partition("\n")[0]
