"""`clew attack`: what ATT&CK says about a strategy, an analytic or a technique."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from clew.cli.console import output, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.table import Table

    from clew.attack.facts import Analytic, Strategy, Technique
    from clew.attack.index import Hit, Index

SITE = "https://attack.mitre.org"

Format = Annotated[
    Literal["text", "json"], Parameter(name=["--format", "-f"], help="text for people, json for machines")
]

app = App(name="attack", version_flags=[], help="Look up MITRE ATT&CK's detection strategies.")


@app.command
def show(id_: Annotated[str, Parameter(name="ID")], /, *, format_: Format = "text") -> None:
    """Show a strategy (DET0309), an analytic (AN0862) or a technique (T1195.002).

    Parameters
    ----------
    id_
        The id, in any case.
    """
    from clew.attack.facts import Analytic, Strategy
    from clew.attack.index import attack_index

    index = attack_index()
    found = index.find(id_)
    if format_ == "json":
        print_json(found if isinstance(found, Strategy | Analytic) else _technique_document(index, found))
    elif isinstance(found, Strategy):
        _print_strategy(output(), found)
    elif isinstance(found, Analytic):
        _print_analytic(output(), found, index)
    else:
        _print_technique(output(), found, index)


@app.command
def search(*words: Annotated[str, Parameter(name="WORDS")], format_: Format = "text") -> None:
    """Find strategies in which every word occurs.

    Searched are ids, names, techniques, tactics, platforms, log sources, data components and mutable
    elements, case ignored.

    Parameters
    ----------
    words
        Words or parts of words. Each must occur in the strategy or in the analytic itself.
    """
    from clew.attack.index import attack_index
    from clew.errors import UsageError

    if not any(word.strip() for word in words):
        raise UsageError("clew attack search needs at least one word, as in: clew attack search npm macos")
    index = attack_index()
    hits = index.search(words)
    if format_ == "json":
        print_json([_hit_document(hit) for hit in hits])
    elif hits:
        _print_hits(output(), hits)
    else:
        _say(f"nothing in ATT&CK {index.version} holds all of: {' '.join(words)}")


def _technique_document(index: Index, technique: Technique) -> dict[str, Any]:
    return {
        "technique": technique,
        "strategies": index.strategies_of(technique.id),
        "subtechniques": index.subtechniques(technique.id),
    }


def _hit_document(hit: Hit) -> dict[str, Any]:
    strategy = hit.strategy
    return {
        "id": strategy.id,
        "name": strategy.name,
        "domain": strategy.domain,
        "techniques": strategy.techniques,
        "analytics": [{"id": a.id, "platforms": a.platforms} for a in hit.analytics],
    }


def _say(message: str) -> None:
    import sys

    from clew.report.text import plain

    print(plain(message), file=sys.stderr)


def _print_strategy(console: Console, strategy: Strategy) -> None:
    console.print(f"{strategy.id}  {strategy.name}", style="bold")
    _print_pairs(
        console,
        *(("technique", _technique_line(technique)) for technique in strategy.techniques),
        ("domain", f"{strategy.domain}, modified {strategy.modified}"),
        ("page", f"{SITE}/detectionstrategies/{strategy.id}"),
    )
    for analytic in strategy.analytics:
        console.print()
        console.print(_analytic_line(analytic), style="bold")
        _print_contents(console, analytic)
    if not strategy.analytics:
        console.print("ATT&CK gives no analytic for it.")


def _print_analytic(console: Console, analytic: Analytic, index: Index) -> None:
    strategy = index.strategy(analytic.strategy)
    console.print(_analytic_line(analytic), style="bold")
    _print_pairs(
        console,
        ("strategy", f"{strategy.id} {strategy.name}"),
        *(("technique", _technique_line(technique)) for technique in strategy.techniques),
        ("modified", analytic.modified),
        ("page", f"{SITE}/detectionstrategies/{strategy.id}#{analytic.id}"),
    )
    _print_contents(console, analytic)


def _print_technique(console: Console, technique: Technique, index: Index) -> None:
    console.print(f"{technique.id}  {technique.name}", style="bold")
    page = f"{SITE}/techniques/{technique.id.replace('.', '/')}"
    _print_pairs(console, ("tactics", ", ".join(technique.tactics)), ("page", page))
    console.print()
    table = _table("strategy", "name", "analytics")
    for strategy in index.strategies_of(technique.id):
        table.add_row(strategy.id, strategy.name, _analytic_list(strategy.analytics))
    console.print(table)
    subtechniques = index.subtechniques(technique.id)
    if subtechniques:
        console.print()
        table = _table("sub-technique", "name", "strategies")
        for sub in subtechniques:
            table.add_row(sub.id, sub.name, ", ".join(s.id for s in index.strategies_of(sub.id)))
        console.print(table)


def _print_hits(console: Console, hits: Iterable[Hit]) -> None:
    table = _table("strategy", "technique", "name", "analytics")
    for hit in hits:
        techniques = ", ".join(technique.id for technique in hit.strategy.techniques)
        table.add_row(hit.strategy.id, techniques, hit.strategy.name, _analytic_list(hit.analytics))
    console.print(table)


def _print_contents(console: Console, analytic: Analytic) -> None:
    """Log sources as a detection's `log_sources` writes them, then the names of mutable elements."""
    table = _table("component", "log source", "channel")
    for source in analytic.log_sources:
        table.add_row(source.component, source.name, source.channel)
    console.print(table if analytic.log_sources else "no log sources")
    console.print("mutable elements: " + (", ".join(analytic.mutable) or "none"), soft_wrap=True)


def _print_pairs(console: Console, *pairs: tuple[str, str]) -> None:
    for name, value in pairs:
        console.print(f"{name:<10} {value}", soft_wrap=True)


def _table(*headings: str) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    first, *others = headings
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, overflow="fold")
    return table


def _analytic_line(analytic: Analytic) -> str:
    return "  ".join((analytic.id, *analytic.platforms))


def _analytic_list(analytics: Iterable[Analytic]) -> str:
    return ", ".join(" ".join((analytic.id, *analytic.platforms)) for analytic in analytics)


def _technique_line(technique: Technique) -> str:
    return f"{technique.id} {technique.name} ({', '.join(technique.tactics)})"
