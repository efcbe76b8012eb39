"""Pages as text for a terminal, as Markdown and as HTML. Every text of a pack is made harmless on its way out."""

from __future__ import annotations

import base64
import hashlib
import html
from importlib.resources import files

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from clew.campaign.page import Page, Section, Table
from clew.report.text import plain


def write(page: Page, console: Console) -> None:
    """Print the page."""
    console.print(Text(plain(page.title), style="bold"))
    for section in page.sections:
        console.print()
        console.print(Text(section.heading.upper(), style="bold"))
        for text in section.text:
            console.print(Text(_lines(text)))
        for table in section.tables:
            _write_table(table, console)


def _write_table(table: Table, console: Console) -> None:
    if table.title:
        console.print(
            Text(f"{table.title}:" + ("" if table.rows else " none"), style="bold" if table.rows else "")
        )
    elif not table.rows:
        console.print(Text("none"))
    if not table.rows:
        return
    grid = Grid(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for name in table.header:
        grid.add_column(name, overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(_lines(cell)) for cell in row))
    console.print(grid)


def _lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines())


def markdown(page: Page) -> str:
    """The page as Markdown, with tables as GitHub reads them."""
    parts = [f"# {_md(page.title)}", ""]
    for section in page.sections:
        parts += [f"## {_md(section.heading)}", ""]
        parts += [line for text in section.text for line in (_md(text), "")]
        for table in section.tables:
            parts += [f"### {_md(table.title)}", ""] if table.title else []
            parts += _md_table(table) if table.rows else ["none", ""]
    return "\n".join(parts)


def _md_table(table: Table) -> list[str]:
    lines = [f"| {' | '.join(table.header)} |", f"|{'---|' * len(table.header)}"]
    return [*lines, *(f"| {' | '.join(map(_md, row))} |" for row in table.rows), ""]


def _md(text: str) -> str:
    r"""No text of a pack makes a link, a tag or a column: what Markdown heeds is escaped."""
    safe = "".join("\\" + sign if sign in "\\`*_[]<>|#" else sign for sign in plain_lines(text))
    return safe.replace("\n", "<br>").replace("http://", "http\\://").replace("https://", "https\\://")


def plain_lines(text: str) -> str:
    """The text without anything that a terminal would obey; line ends stay."""
    return _lines(text)


def document(page: Page) -> str:
    """The page as one HTML document: no scripts, nothing from the network, no links."""
    style = files("clew.report").joinpath("templates/style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = _html(page.title)
    head = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )
    body = "".join(map(_html_section, page.sections))
    header = f'<header><p class="brand">Clew campaign</p><h1>{title}</h1></header>'
    return f"{head}{header}\n<main>\n{body}</main>\n</body>\n</html>\n"


def _html_section(section: Section) -> str:
    text = "".join(f"<p>{_html(one)}</p>\n" for one in section.text)
    tables = "".join(map(_html_table, section.tables))
    return f"<section><h2>{_html(section.heading)}</h2>\n{text}{tables}</section>\n"


def _html_table(table: Table) -> str:
    title = f"<h3>{_html(table.title)}</h3>\n" if table.title else ""
    if not table.rows:
        return f'{title}<p class="quiet">none</p>\n'
    head = "".join(f'<th scope="col">{_html(cell)}</th>' for cell in table.header)
    rows = "".join(f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>\n" for row in table.rows)
    table_ = f'<table class="stacked"><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table>'
    return f'{title}<div class="scroll">{table_}</div>\n'


def _html(text: str) -> str:
    return html.escape(plain_lines(text)).replace("\n", "<br>")
