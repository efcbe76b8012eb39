import pytest

from clew.detection.block import Faults
from clew.detection.document import Mark, compose
from clew.detection.link import MAX_LINES, Line, joined, read_link
from clew.detection.model import Term


def read(written: str) -> tuple[tuple[Line, ...], Faults]:
    faults = Faults("f.yaml")
    node = compose(written, "f.yaml", faults.found)
    assert node is not None
    return read_link(node, faults), faults


@pytest.mark.parametrize(
    ("written", "terms"),
    [
        ("file.path = $binary", [Term("file.path", "=", "binary")]),
        ("file.path=$binary", [Term("file.path", "=", "binary")]),
        ("process.entity_id in tree of $p", [Term("process.entity_id", "tree", "p")]),
        ("process.entity_id  in  tree  of  $p", [Term("process.entity_id", "tree", "p")]),
        ("file.path under $folder", [Term("file.path", "under", "folder")]),
        (
            "a.b = $x and c.d under $y and e in tree of $z",
            [Term("a.b", "=", "x"), Term("c.d", "under", "y"), Term("e", "tree", "z")],
        ),
    ],
)
def test_a_line(written: str, terms: list[Term]) -> None:
    lines, faults = read(f"'{written}'")
    assert not faults.found
    assert [line.terms for line in lines] == [tuple(terms)]


def test_a_list_means_any_of_its_lines() -> None:
    lines, faults = read("- a = $x\n- b = $y\n")
    assert not faults.found
    assert [line.variables for line in lines] == [{"x"}, {"y"}]
    assert [line.mark for line in lines] == [Mark(1, 3), Mark(2, 3)]


@pytest.mark.parametrize(
    "written",
    [
        "a = b",
        "a == $b",
        "$a = $b",
        "a in tree $b",
        "a below $b",
        "a = $b or c = $d",
        "a = $b and",
        "a",
        "a = $b-c",
    ],
)
def test_what_is_no_link(written: str) -> None:
    lines, faults = read(f"'{written}'")
    assert not lines
    assert len(faults.found) >= 1
    assert all("is no link" in fault.message and fault.mend for fault in faults.found)


def test_what_is_not_text_is_a_fault() -> None:
    lines, faults = read("- a = $x\n- 5\n- [a]\n")
    assert [line.variables for line in lines] == [{"x"}]
    assert [(fault.line, fault.message) for fault in faults.found] == [
        (2, "'link' must be text"),
        (3, "'link' must be text"),
    ]


def test_a_link_has_a_limit() -> None:
    lines, faults = read("\n".join(f"- a = $x{i}" for i in range(MAX_LINES + 1)))
    assert len(lines) == MAX_LINES
    assert faults.found[0].line == MAX_LINES + 1


def test_links_are_joined_line_by_line() -> None:
    outer, _ = read("[a = $x, b = $x]")
    inner, _ = read("[c = $y]")
    assert [[str(term.field) for term in line.terms] for line in joined(outer, inner)] == [
        ["a", "c"],
        ["b", "c"],
    ]
    assert joined(outer, ()) == outer
    assert joined((), inner) == inner
