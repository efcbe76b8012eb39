"""What vetting found, for whoever asks: a terminal, a program (JSON), a code scanning page (SARIF), a reader (HTML).

All text of packages is hostile: it is shown with its control characters written out, and escaped.
"""

from __future__ import annotations

from io import StringIO
from typing import Literal

import msgspec
from rich.console import Console

from clew.vetting.rendering.table import write as write_table
from clew.vetting.vetted import Result

Format = Literal["table", "json", "sarif", "html"]

__all__ = ["Format", "render", "traces", "write_table"]


def render(result: Result, form: Format) -> bytes:
    """The result in one of the forms, in UTF-8."""
    match form:
        case "json":
            from clew.vetting.rendering.document import document

            return _json(document(result))
        case "sarif":
            from clew.vetting.rendering.sarif import sarif

            return _json(sarif(result))
        case "html":
            from clew.vetting.rendering.page import page  # jinja2 is loaded only where a page is asked for

            return page(result)
        case "table":
            text = StringIO()
            write_table(result, Console(file=text, width=160, highlight=False, markup=False, emoji=False))
            return text.getvalue().encode()


def traces(result: Result) -> bytes:
    """All calls of all packages, as JSON Lines."""
    return b"".join(msgspec.json.encode(call) + b"\n" for one in result.vetted for call in one.calls)


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value)) + b"\n"
