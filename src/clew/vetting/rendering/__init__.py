"""What vetting found, for whoever asks: a terminal, a program (JSON), a code scanning page (SARIF), a reader (HTML).

All text of packages is hostile: it is shown with its control characters written out, and escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Literal

import msgspec
from rich.console import Console

from clew.vetting.rendering.table import write as write_table
from clew.vetting.vetted import Vetted

Format = Literal["table", "json", "sarif", "html"]

__all__ = ["Format", "render", "write_table"]


def render(vetted: Sequence[Vetted], form: Format) -> bytes:
    """The result in one of the forms, in UTF-8."""
    match form:
        case "json":
            from clew.vetting.rendering.document import document

            return _json(document(vetted))
        case "sarif":
            from clew.vetting.rendering.sarif import sarif

            return _json(sarif(vetted))
        case "html":
            from clew.vetting.rendering.page import page  # jinja2 is loaded only where a page is asked for

            return page(vetted)
        case "table":
            text = StringIO()
            write_table(vetted, Console(file=text, width=160, highlight=False, markup=False, emoji=False))
            return text.getvalue().encode()


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value)) + b"\n"
