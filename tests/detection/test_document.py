import time

import pytest

from clew.detection.document import MAX_BYTES, Items, Leaf, Mapping, Mark, compose, plain
from clew.errors import Fault


def read(text: str) -> tuple[object, list[Fault]]:
    faults: list[Fault] = []
    node = compose(text, "f.yaml", faults)
    return (plain(node) if node is not None else None), faults


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("n", "n"),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", "Null"),
        ("5", 5),
        ("-5", -5),
        ("0", 0),
        ("010", "010"),
        ("0x10", "0x10"),
        ("0o10", "0o10"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1.", "1."),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("1234567890123456789012", "1234567890123456789012"),
        ("'true'", "true"),
        ('"5"', "5"),
        ("%Window%x", "%Window%x"),
        ("=", "="),
    ],
)
def test_scalars_mean_what_they_look_like(written: str, meant: object) -> None:
    value, faults = read(f"key: {written if written[:1] != '%' else repr(written)}")
    assert not faults
    assert value == {"key": meant}
    assert type(value["key"]) is type(meant)  # type: ignore[index]


def test_on_is_a_key() -> None:
    assert read("on: file_creation\nyes: a\n1: b\nnull: c\n") == (
        {"on": "file_creation", "yes": "a", "1": "b", "null": "c"},
        [],
    )


def test_every_key_and_value_has_its_place() -> None:
    node = compose("a: 1\nb:\n  - x\n  - {c: 'ü', dé: 2}\n", "f.yaml", [])
    assert isinstance(node, Mapping)
    assert (node.keys["a"], node.nodes["a"].mark) == (Mark(1, 1), Mark(1, 4))
    items = node.nodes["b"]
    assert isinstance(items, Items)
    assert [item.mark for item in items.nodes] == [Mark(3, 5), Mark(4, 5)]
    inner = items.nodes[1]
    assert isinstance(inner, Mapping)
    assert (inner.keys["dé"], inner.nodes["dé"]) == (Mark(4, 14), Leaf(Mark(4, 18), 2))


def test_a_key_that_stands_twice_is_a_fault() -> None:
    _, faults = read("a: 1\nb: 2\na: 3\n")
    assert faults == [Fault("f.yaml", 3, 1, "'a' stands twice, first in line 1", "keep one of them")]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\n---\nb: 2\n", "a second document in the file", 2),
        ("a: !!python/object:os.system x", "the tag tag:yaml.org,2002:python/object:os.system means", 1),
        ("a: !mine x", "the tag !mine means nothing here", 1),
        ("a: *nowhere", "*nowhere stands for nothing above it", 1),
        ("&a [*a]", "*a stands for nothing above it", 1),
        ("? [a, b]\n: c", "a key must be a word", 1),
        ("a: [1, 2", "not YAML", 1),
        ("a: b: c", "not YAML", 1),
        ("a:\n\t- b", "not YAML", 2),
        ("é: 1\na: \x00", "not YAML: control characters are not allowed", 2),
    ],
)
def test_what_is_refused(text: str, message: str, line: int) -> None:
    _, faults = read(text)
    assert len(faults) == 1
    assert message in faults[0].message
    assert faults[0].line == line


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("a:\n\tb: 2\n", "indent with blanks, not with tabs"),
        ("a: 1\n\tb: 2\n", "indent with blanks, not with tabs"),
        ("a: b\tc: d\n", "quote text that holds ': ', '{' or '%'"),
        ("a: 1\x85\tb: 2\n", "quote text that holds ': ', '{' or '%'"),  # a line's end to YAML alone
        ("a: *x\n", "write &x above"),
        ("a: \x1b\n", r"remove it, or write it in double quotes, as \x1b"),
    ],
)
def test_the_mend_of_what_is_no_yaml(text: str, mend: str) -> None:
    _, (fault,) = read(text)
    assert fault.mend == mend
    assert fault.line and fault.column


def test_an_alias_stands_for_what_it_names() -> None:
    assert read("a: &x {b: 1}\nc: [*x, *x]\n") == ({"a": {"b": 1}, "c": [{"b": 1}, {"b": 1}]}, [])


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_text_is_no_document(text: str) -> None:
    value, faults = read(text)
    assert value is None
    assert not faults


def test_a_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    began = time.monotonic()
    _, faults = read("\n".join(lines))
    assert time.monotonic() - began < 2
    assert "more than 100,000 nodes" in faults[0].message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(opening: str) -> None:
    began = time.monotonic()
    _, faults = read(opening * 20_000)
    assert time.monotonic() - began < 2
    assert faults and ("nested more than" in faults[0].message or "not YAML" in faults[0].message)


def test_a_large_text_is_refused() -> None:
    _, faults = read("#" * (MAX_BYTES + 1))
    assert "larger than" in faults[0].message
