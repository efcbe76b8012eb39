"""The HTML page: whole, harmless and readable by machines, whatever the text in it is."""

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clew.record import Note, Reject, Tally
from clew.report import graph, page
from clew.report.account import Account, Report, Sought
from clew.report.raw import Raw
from findings import FINDING, LOW, WRITE

EVIL = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'></svg></title></style><a href=javascript:alert(1)>",
    "a\u202egpj.exe\x00\x1b[31m\x9b",
    "<!-- ]]> {{ 7 * 7 }} {% raw %} &lt;",
]  # fmt: skip


class Elements(HTMLParser):
    """The elements of a page in their order, its headings, and its text."""

    VOID = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        known = dict(attributes)
        self.names.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]
        self.links += [value for name, value in attributes if name == "href"]
        assert not any(name.startswith("on") or name in ("src", "style") for name in known)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: Any) -> None:
        self.names.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def account(text: str = "logs/a.jsonl") -> Account:
    tally = Tally()
    tally.add("event", 12)
    tally.reject(Reject(text, 3, f"not JSON: {text}"))
    tally.account(Note(text, text))
    return Account(
        sought=(Sought("AN0862", "T1195.002", text),),
        tally=tally,
        blind=(("AN0862", "egress", "network_traffic_flow", (text,)),),
        held=((text, text, 3, False),),
    )


def made(*findings: Any, **options: Any) -> str:
    out = io.BytesIO()
    page.write(Report(findings, **options), out)
    return out.getvalue().decode()


def everywhere(text: str) -> Report:
    """A report with the text in every place that a log or a detection fills."""
    event = msgspec.structs.replace(
        WRITE,
        id=text,
        component=text,
        fields={"process.name": text, text: text},
        log=msgspec.structs.replace(WRITE.log, path=text),
    )
    stage = msgspec.structs.replace(FINDING.stages[0], name=text, events=(event,))
    names = ("title", "analytic", "variant", "strategy", "technique", "triage")
    finding = msgspec.structs.replace(
        FINDING,
        stages=(stage, *FINDING.stages[1:]),
        scope={"host.id": text},
        per={"binary": text},
        traits=(text,),
        unknown=(text,),
        weak=(text,),
        lineage=tuple(msgspec.structs.replace(one, name=text) for one in FINDING.lineage),
        mutable={
            text: msgspec.structs.replace(FINDING.mutable["TimeWindow"], value=(text, text), origin=text)
        },
        **dict.fromkeys(names, text),
    )
    return Report((finding,), account(text), lambda event: Raw(text))


def written(report: Report) -> str:
    out = io.BytesIO()
    page.write(report, out)
    return out.getvalue().decode()


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.text(), st.sampled_from(EVIL), st.text("<>&\"'/=-!{}% as\x00")))
def test_no_text_makes_an_element(text: str) -> None:
    plain = Elements(written(everywhere("x")))
    evil = Elements(written(everywhere(text if text.strip() else "x" + text)))
    assert evil.names == plain.names
    assert not evil.open


@pytest.mark.parametrize("text", EVIL)
def test_hostile_text_is_shown_and_harmless(text: str) -> None:
    html = written(everywhere(text))
    assert "<script" not in html
    assert "<img" not in html
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", html)
    if text.isprintable():
        assert text in Elements(html).text


def test_a_command_line_of_a_megabyte_is_cut_and_it_is_said() -> None:
    html = written(everywhere("A" * 1_048_576))
    assert len(html) < 200_000
    assert "cut here, 1,048,576 characters in all" in html


def test_the_policy_allows_the_style_sheet_and_nothing_else() -> None:
    html = made(FINDING)
    [style] = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}';" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "url(" not in style


def test_headings_are_in_order_and_links_lead_somewhere() -> None:
    elements = Elements(made(FINDING, LOW, account=account()))
    levels = [int(name[1]) for name in elements.names if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert {link.removeprefix("#") for link in elements.links} <= set(elements.ids)
    assert len(elements.ids) == len(set(elements.ids))


def test_the_words_of_the_page(snapshot: Any) -> None:
    text = Elements(made(LOW, FINDING, account=account(), recall=lambda event: Raw(None, "gone"))).text
    assert "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip()) == snapshot


def test_a_page_without_findings_says_what_was_not_looked_for_and_not_read() -> None:
    html = made(account=account())
    text = Elements(html).text
    assert "Found nothing." in text
    assert "Incomplete." in text
    assert "network_traffic_flow" in text
    assert "not JSON: logs/a.jsonl" in text
    assert "Looked for: 1 detection" in text


def test_stored_findings_come_with_what_is_not_known_of_their_hunt() -> None:
    text = Elements(made(FINDING)).text
    assert "is not stored with them" in text
    assert "Nothing was left unread" not in text


def test_the_drawing_of_a_chain() -> None:
    drawing = graph.draw(msgspec.structs.replace(FINDING, weak=("egress",)))
    assert [(box.stage, box.mark, box.subject) for box in drawing.boxes] == [
        ("write", "", "wt.exe"),
        ("first_run", "", "wt.exe"),
        ("egress", "weak", "c2.example.org"),
        ("script_child", "also", "203.0.113.9"),
    ]
    assert [(edge.label, edge.mark) for edge in drawing.edges] == [
        ("+2.250 s", ""), ("+1.750 s", "weak"), ("+3.250 s", "also"),
    ]  # fmt: skip
    assert drawing.boxes[2].x == drawing.boxes[3].x > drawing.boxes[1].x
    assert "first_run: wt.exe, +2.250 s after write" in drawing.words


def test_stages_that_hang_on_each_other_in_a_circle_are_drawn_all_the_same() -> None:
    first, second, *_ = FINDING.stages
    circle = (msgspec.structs.replace(first, parent=second.name), second)
    assert len(graph.draw(msgspec.structs.replace(FINDING, stages=circle)).boxes) == 2


def test_old_findings_are_drawn_without_links() -> None:
    stages = tuple(msgspec.structs.replace(stage, parent=None) for stage in FINDING.stages)
    html = made(msgspec.structs.replace(FINDING, stages=stages))
    assert "this finding was stored without them" in html
