"""The schema for editors agrees with the loader: what loads is valid, what is plainly wrong is not."""

import json

import pytest
from jsonschema import Draft202012Validator

from clew.detection import chain, parse, stage
from clew.detection.document import Plain, compose, plain
from clew.detection.jsonschema import schema
from clew.detection.load import shipped
from writing import RIGHT, edited

VALIDATOR = Draft202012Validator(schema())


def data(text: str) -> Plain:
    node = compose(text, "d.yaml", [])
    assert node is not None
    return plain(node)


def errors(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(data(text))]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())
    assert json.loads(json.dumps(schema())) == schema()


@pytest.mark.parametrize("path", sorted(shipped().rglob("AN*.yaml")), ids=lambda path: path.stem)
def test_shipped_detections_are_valid(path) -> None:  # type: ignore[no-untyped-def]
    assert errors(path.read_text(encoding="utf-8")) == []


def test_every_construct_is_valid() -> None:
    text = edited(
        ("  within: '%Window%'\n", "  within: '%Window%'\n  from: run\n"),
        ("      new: {key", "      count: {at_least: 2, distinct: file.path}\n      within: 5m\n      weak: low\n      new: {key"),
        ("      traits:\n        big", "      at_least: 1\n      traits:\n        big"),
        ("per: [$binary]", "per: $binary"),
    )  # fmt: skip
    assert errors(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("analytic: AN0862", "analytic: 862"),
        ("title: A program is written, runs and calls out\n", ""),
        ("status: test", "status: tset"),
        ("status: test", "status: stable"),
        ("status: test", "status: experimental\nlog_sources: []\ntests: []"),
        ("status: test", "status: test\nsevrity: high"),
        ("on: file_creation", "on: file_creaton"),
        ("scope: host.id", "scope: host.ip"),
        ("within: '%Window%'", "within: 5 minutes"),
        ("      on: file_creation", "      onn: file_creation"),
        ("type: duration", "type: duraton"),
        ("for: 30d", "for: 30"),
        ("weak: medium", "weak: meduim"),
        ("    high: egress", "    hgh: egress"),
        ("per: [$binary]", "per: [binary]"),
        ("          link: dll.path = $binary", "          traits: {}"),
    ],
)
def test_what_is_plainly_wrong_is_not_valid(old: str, new: str) -> None:
    assert errors(edited((old, new)))


def test_it_knows_the_keys_that_the_loader_knows() -> None:
    made = schema()
    assert list(made["properties"]) == list(parse.KEYS)
    assert list(made["$defs"]["chain"]["properties"]) == list(chain.KEYS)
    assert list(made["$defs"]["stage"]["properties"]) == list(stage.KEYS)
    assert list(made["$defs"]["alternative"]["properties"]) == list(stage.WAY_KEYS)


def test_the_right_detection_is_valid() -> None:
    assert errors(RIGHT) == []
    assert errors(RIGHT + "log_sources: []\ntests: []\n") == []
