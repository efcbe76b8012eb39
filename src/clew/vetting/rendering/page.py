"""The result as one HTML page: no scripts, nothing from the network, every text of a package harmless.

It has the style of the reports of hunts. Every value goes through `_shown`, then through jinja's escaping; the page's
own Content-Security-Policy allows its one style sheet, by hash, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

import jinja2
from markupsafe import Markup

from clew.report.text import cut, plain
from clew.vetting.rendering.sentence import counted, place
from clew.vetting.rendering.tree import branches
from clew.vetting.vetted import Result, Vetted

_TEXT = 12_000

#: What the reports' style sheet has no class for.
_OWN = """
.block { color: var(--critical); } .review { color: var(--medium); } .allow { color: var(--low); }
.level.block { background: var(--critical); } .level.review { background: var(--medium); }
.level.allow { background: var(--low); } .level.note { background: var(--quiet); }
.level.block, .level.review, .level.allow, .level.note { color: var(--on); }
.layers, .layers ul { margin: 0; padding: 0 0 0 1.2rem; } .layers { padding-left: 0; } .layers li { list-style: none; }
.layers ul { border-left: 2px solid var(--line); }
.strongest { padding-left: 1.2rem; } .strongest li { margin: .5rem 0; }
"""


def page(result: Result) -> bytes:
    """The page, in UTF-8."""
    style = files("clew.report").joinpath("templates/style.css").read_text("utf-8") + _OWN
    made = (
        _environment()
        .get_template("page.html")
        .render(
            style=Markup(style),
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            vetted=result.vetted,
            result=result,
            title=counted(result.vetted),
        )
    )
    return made.encode()


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("clew.vetting.rendering", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(place=place, branches=_nested)
    return environment


def _nested(one: Vetted) -> list[tuple[int, int, object]]:
    """The layers in order, each with its depth and by how much the next one is shallower (for closing lists)."""
    found = list(branches(one.layers))
    depths = [depth for depth, _ in found]
    return [
        (depth, depth - after, layer) for (depth, layer), after in zip(found, [*depths[1:], 0], strict=True)
    ]


def _shown(value: object) -> object:
    """What a page may hold of a text: no control characters, none that hide or turn text, and not too much."""
    if isinstance(value, Markup):
        return value
    text = cut(str(value), _TEXT)
    return "\n".join(plain(line) for line in text.split("\n"))
