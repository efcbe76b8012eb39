"""The examples of a documentation page: fenced blocks whose info string says what they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parent.parent.parent / "docs"
_FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A fenced block: the page, the heading above it, its first line in the page, and its text."""

    page: str
    heading: str
    line: int
    text: str


def blocks(page: str, info: str) -> list[Example]:
    """The blocks of a page with that info string, such as `yaml example`."""
    content = (DOCS / page).read_text("utf-8")
    found = []
    for fence in _FENCE.finditer(content):
        if fence["info"].strip() == info:
            before = content[: fence.start()]
            headings = re.findall(r"^#+ (.+)$", before, re.MULTILINE)
            found.append(Example(page, headings[-1], before.count("\n") + 2, fence["text"]))
    return found


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    content = (DOCS / page).read_text("utf-8")
    section = re.split(r"^#+ ", content.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table, f"{page} has no table below '{heading}'"
    lines = table[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
