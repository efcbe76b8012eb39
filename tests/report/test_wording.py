import pytest

from clew.detection.element import Typed, coerce
from clew.detection.where import parse_where
from clew.finding import ElementValue
from clew.report.wording import words

HOSTS = ("windowsupdate.com", "example.org")


def said(where: dict, values: dict[str, Typed] | None = None) -> str:
    values = values or {}
    elements = {name: ElementValue(typed.data, "default") for name, typed in values.items()}  # type: ignore[arg-type]
    return words(parse_where(where, values, lineage=True), elements)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"process.name": "cmd.exe"}, "process.name is cmd.exe"),
        ({"process.name": ["cmd.exe", "sh"]}, "process.name is one of cmd.exe or sh"),
        ({"process.name": ["cmd.exe", "a*"]}, "process.name is like one of cmd.exe or a*"),
        ({"process.name|contains": "x"}, "process.name contains x"),
        ({"process.name|startswith": ["a", "b"]}, "process.name starts with one of a or b"),
        ({"process.name|endswith|cased": "X"}, "process.name ends with X (case counts)"),
        ({"process.name": "a*b?"}, "process.name is like a*b?"),
        ({"process.name": "*"}, "process.name is there"),
        ({"process.name|re|i": "^a"}, "process.name matches '(?i)^a'"),
        ({"process.name": None}, "process.name is missing"),
        ({"process.name|exists": True}, "process.name is there"),
        ({"process.name|neq": "a"}, "process.name is not a"),
        ({"clew.process.renamed": True}, "clew.process.renamed is true"),
        ({"destination.port|gte": 1024}, "destination.port is at least 1024"),
        ({"destination.port": [80, 443]}, "destination.port is 80 or 443"),
        ({"destination.ip|cidr": "10.0.0.0/8"}, "destination.ip lies in one of 10.0.0.0/8"),
        ({"@timestamp|hour|lt": 6}, "@timestamp has hour that is less than 6"),
        ({"process.name|fieldref": "dll.name"}, "process.name is what stands in dll.name"),
        ({"process.name": []}, "never"),
        (
            {"process.name": "a", "file.name|contains|all": ["b", "c"]},
            "process.name is a and (file.name contains b and file.name contains c)",
        ),
        (
            {"a": {"process.name": "a"}, "b": {"file.name": "b"}, "condition": "not (a or b)"},
            "not (process.name is a or file.name is b)",
        ),
        (
            {
                "a": {"process.name|re": "a"},
                "b": {"destination.ip|cidr": "10.0.0.0/8"},
                "condition": "not a and not b",
            },
            "process.name does not match 'a' and destination.ip does not lie in one of 10.0.0.0/8",
        ),
        (
            {"process.name": [f"p{i}" for i in range(8)]},
            "process.name is one of p0, p1, p2, p3, p4 and 3 more",
        ),
    ],
)
def test_words(where: dict, expected: str) -> None:
    assert said(where) == expected


@pytest.mark.parametrize(
    ("type_", "value", "column", "expected"),
    [
        ("domains", HOSTS, "destination.domain", "is or lies below one of %X%"),
        ("paths", [r"C:\Temp", "%TEMP%"], "file.path", "is or lies under one of %X%"),
        ("cidrs", ["10.0.0.0/8"], "destination.ip", "lies in one of %X%"),
        ("images", ["nginx"], "container.image.name", "is of one of the images %X%"),
        ("strings", ["a*", "b"], "process.name", "is one of %X%"),
        ("strings", [443], "destination.port", "is one of %X%"),
        ("regex", "^a", "process.name", "matches %X%"),
        ("string", "a", "process.name", "is one of %X%"),
    ],
)
def test_an_element_stands_by_its_name(type_, value, column, expected) -> None:  # type: ignore[no-untyped-def]
    typed = Typed(type_, coerce(type_, value))
    assert said({f"{column}|expand": "%X%"}, {"X": typed, "Y": Typed("number", 3)}) == f"{column} {expected}"


def test_values_that_are_no_elements_are_listed() -> None:
    typed = Typed("domains", HOSTS)
    condition = parse_where({"destination.domain|expand": "%X%"}, {"X": typed})
    assert (
        words(condition, {}) == "destination.domain is or lies below one of windowsupdate.com or example.org"
    )
    folders = parse_where({"file.path|expand": "%X%"}, {"X": Typed("paths", (r"C:\Users\*\x", "/tmp/"))})
    assert words(folders, {}) == r"file.path is or lies under one of C:\Users\*\x or /tmp"
    images = parse_where(
        {"container.image.name|expand": "%X%"}, {"X": Typed("images", ("ghcr.io/a:1", "b@sha256:c"))}
    )
    assert words(images, {}).endswith("ghcr.io/a:1 or docker.io/library/b@sha256:c")


def test_denying() -> None:
    where = {"a": {"destination.domain|expand": "%X%"}, "condition": "not a"}
    assert (
        said(where, {"X": Typed("domains", HOSTS)})
        == "destination.domain neither is nor lies below one of %X%"
    )
