"""What vetting tells, in each form: complete, valid, and with hostile text made harmless."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import msgspec

from clew.vetting.fact import Fact, Place
from clew.vetting.rendering import render
from clew.vetting.rendering.tree import branches
from clew.vetting.trace import Layer
from clew.vetting.verdict import combined, judge
from clew.vetting.vetted import Identity, Result, Stage, Vetted

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e\"'&"


def layer(name: str, parent: str | None = None, depth: int = 1, text: str = "x()") -> Layer:
    return Layer(
        sha256=name * 64,
        parent=parent and parent * 64,
        depth=depth,
        origin="eval",
        phase="postinstall",
        pid=7,
        text=text,
    )


def vetted(*facts: Fact, **fields: Any) -> Vetted:
    identity = Identity("npm", "@a/demo", "1.0.0", "pkg:npm/%40a/demo@1.0.0", "d" * 64, 3)
    return Vetted(
        **{"target": "demo.tgz", "package": identity, "verdict": judge(facts), "facts": facts} | fields
    )


BLOCK = Fact(
    rule="static.runs-decoded", side="static", weight="block", title="runs what it decodes", evidence=f"eval({HOSTILE})",
    technique="T1140", place=Place(file="lib/a b.js", line=12),
)  # fmt: skip
LAYERED = Fact(
    rule="layer.execute", side="layer", weight="review", title="after decoding, starts programs", evidence="exec(1)",
    place=Place(layer="b" * 64, line=2),
)  # fmt: skip
NOTE = Fact(rule="static.decode", side="static", weight="note", title="decodes text", evidence="atob(")
FULL = vetted(
    BLOCK,
    LAYERED,
    NOTE,
    layers=(layer("a", text=HOSTILE), layer("b", "a", 2)),
    stages=(Stage("static", "done", "3 facts"), Stage("detonation", "impossible", "no bubblewrap")),
    incomplete=("detonation: no bubblewrap",),
    files={"lib/a b.js": "f" * 64},
)


def sarif(*packages: Vetted) -> Any:
    return json.loads(render(Result(packages), "sarif"))


def test_sarif_is_valid_by_the_schema() -> None:
    schema = json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(sarif(FULL, vetted()))
    wrong = sarif(FULL)
    wrong["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert list(jsonschema.validators.validator_for(schema)(schema).iter_errors(wrong))


def test_sarif_names_rule_line_layer_and_what_was_not_done() -> None:
    [run] = sarif(FULL)["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["layer.execute", "static.runs-decoded"]
    block, layered = run["results"]  # notes are no alerts
    assert (block["level"], block["ruleIndex"], layered["level"]) == ("error", 1, "warning")
    place = block["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "@a/demo@1.0.0/lib/a%20b.js"}, "region": {"startLine": 12}}
    assert layered["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].endswith("/layer/" + "b" * 64)
    assert run["invocations"][0]["executionSuccessful"] is False


def test_fingerprints_stay_when_lines_and_versions_change_and_differ_between_places() -> None:
    def prints(one: Vetted) -> list[str]:
        return [result["partialFingerprints"]["clewFact/v1"] for result in sarif(one)["runs"][0]["results"]]

    moved = msgspec.structs.replace(BLOCK, place=Place(file="lib/a b.js", line=99))
    newer = msgspec.structs.replace(FULL.package, version="1.0.1", sha256="e" * 64)
    other = msgspec.structs.replace(BLOCK, place=Place(file="lib/c.js", line=12))
    assert prints(vetted(BLOCK)) == prints(vetted(moved, package=newer)) != prints(vetted(other))


def test_two_facts_with_one_place_are_two_alerts() -> None:
    hosts = [
        msgspec.structs.replace(BLOCK, place=Place(), evidence=f"asked for {host}.example.com")
        for host in "ab"
    ]
    prints = [
        result["partialFingerprints"]["clewFact/v1"] for result in sarif(vetted(*hosts))["runs"][0]["results"]
    ]
    assert prints == [f"{prints[0][:-2]}:1", f"{prints[0][:-2]}:2"]


def test_every_form_tells_what_one_should_know() -> None:
    """Also of a package that is allowed and stands among others."""
    noted = vetted(warnings=("install ended with 1: Error: no network",))
    for form in ("table", "json", "sarif", "html"):
        told = render(Result((noted, vetted())), form).decode()
        assert "install ended with 1: Error: no network" in told, form


def test_the_strongest_facts_are_told_once() -> None:
    """With all of their evidence."""
    both = [
        msgspec.structs.replace(BLOCK, rule=rule, weight="review", title=f"title of {rule}")
        for rule in ("layer.x", "behaviour.y")
    ]
    both[0] = msgspec.structs.replace(both[0], evidence=f"{'x' * 300} c2.example.com")
    one = vetted(*combined(both), *both)
    one = msgspec.structs.replace(one, verdict=judge(both))
    shown = render(Result((one,)), "table").decode()
    assert shown.count("hides its code and acts by it") == 1
    only = vetted(both[0])
    shown = render(Result((msgspec.structs.replace(only, verdict=judge(both[:1])),)), "table").decode()
    assert "c2.example.com" in shown


def test_json_has_what_an_allowance_needs() -> None:
    document = json.loads(render(Result((FULL,)), "json"))
    assert document["schema"] == "clew.vet/1"
    [package] = document["packages"]
    assert (package["verdict"], package["because"]) == ("block", ["static.runs-decoded"])
    assert [fact["sha256"][0] for fact in package["facts"]] == ["f", "b", "d"]
    assert package["layers"][1]["parent"] == "a" * 64
    assert package["incomplete"] == ["detonation: no bubblewrap"]


def test_a_terminal_gets_no_control_characters() -> None:
    shown = render(Result((FULL,)), "table").decode()
    assert "\x1b" not in shown and "\u202e" not in shown
    assert "\\x1b[31m\\u202e" in shown
    assert shown.index("runs what it decodes") < shown.index("starts programs") < shown.index("decodes text")
    assert "not looked at: detonation: no bubblewrap" in shown


class Page(HTMLParser):
    """Tags that are open, and those that there were."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or name in ("src", "style") for name, _ in attributes)
        if tag != "meta" and tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_is_whole_and_runs_nothing() -> None:
    tree = (layer("a"), layer("b", "a", 2), layer("c", "b", 3), layer("d", "a", 2), layer("e"))
    for one in (FULL, vetted(), vetted(layers=tree)):
        page = Page(render(Result((one,)), "html").decode())
        assert page.open == []
        assert not page.tags & {"script", "img", "link", "iframe", "object"}
    text = render(Result((FULL, vetted())), "html").decode()
    assert "<script" not in text and "\x1b" not in text and "\u202e" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m\\u202e" in text


def test_the_tree_has_each_layer_once_also_where_a_log_was_forged() -> None:
    ring = [layer("a", "b"), layer("b", "a"), layer("c", "z"), layer("c", "z"), layer("d", "c")]
    assert [(depth, one.sha256[0]) for depth, one in branches(ring)] == [
        (0, "c"),
        (1, "d"),
        (0, "a"),
        (0, "b"),
    ]
