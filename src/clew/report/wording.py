"""A condition in words, as a person would ask it: `destination.port is 443 and not file.path is missing`.

Where the values are those of a mutable element, its name stands in their place: `is one of %ScriptHosts%`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clew.detection.condition import All, Condition, Either, FieldRef, Not, Test
from clew.detection.folder import Folder
from clew.detection.glob import Glob
from clew.detection.image import Image
from clew.detection.matcher import (
    AnyMatcher,
    Boolean,
    Cidr,
    Domains,
    Exists,
    Folders,
    Images,
    Number,
    Regex,
    Text,
    TimePart,
)
from clew.detection.usage import element_of
from clew.finding import ElementValue

Elements = Mapping[str, ElementValue]

#: Values of a list that are written out; the others are counted.
_LISTED = 6
_SIGNS = {
    "eq": "is",
    "gt": "is greater than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
}
_SHAPES = {
    "whole": "is",
    "start": "starts with",
    "end": "ends with",
    "within": "contains",
    "mixed": "is like",
}
_PLACES = {"whole": "is", "start": "starts with", "end": "ends with", "within": "contains"}


def words(condition: Condition, elements: Elements) -> str:
    """The condition in words; `elements` are the detection's, as they are in force."""
    match condition:
        case Test(field, test):
            return f"{field} {_test(field, test, elements)}"
        case FieldRef(field, other, place, cased):
            return f"{field} {_PLACES[place]} what stands in {other}{_cased(cased)}"
        case Not(Test(field, test)):
            return f"{field} {_negated(_test(field, test, elements))}"
        case Not(part):
            return f"not {_inner(part, elements)}"
        case All(parts):
            return " and ".join(_inner(part, elements) for part in parts) or "anything"
        case Either(parts):
            return " or ".join(_inner(part, elements) for part in parts) or "never"


#: What is said of one value, and how it is denied.
_DENIED = (
    ("is or lies", "neither is nor lies"),
    ("is there", "is missing"),
    ("is missing", "is there"),
    ("is", "is not"),
    ("lies", "does not lie"),
    ("starts", "does not start"),
    ("ends", "does not end"),
    ("contains", "does not contain"),
    ("matches", "does not match"),
    ("has", "does not have"),
)


def _negated(said: str) -> str:
    for verb, denied in _DENIED:
        if said.startswith(verb + " ") or said == verb:
            return denied + said[len(verb) :]
    return f"not: {said}"


def _inner(part: Condition, elements: Elements) -> str:
    """A part of a larger condition, in brackets where it would be misread without."""
    said = words(part, elements)
    return f"({said})" if isinstance(part, All | Either) and len(part.parts) > 1 else said


def _test(field: str, test: AnyMatcher, elements: Elements) -> str:
    name = element_of(field, test, elements)
    if name is not None:
        return f"{_relation(test)} %{name}%"
    match test:
        case Exists(present):
            return "is there" if present else "is missing"
        case Boolean(value):
            return f"is {str(value).lower()}"
        case Number(operator, operands):
            return f"{_SIGNS[operator]} {_listed([str(n) for n in operands])}"
        case TimePart(part, number):
            return f"has {part} that {_SIGNS[number.operator]} {_listed([str(n) for n in number.operands])}"
        case Regex():
            return f"matches {test.source!r}"
        case Text(globs, cased):
            return _globs(globs) + _cased(cased)
    return f"{_relation(test)} {_listed(_values(test))}"


def _values(test: AnyMatcher) -> list[str]:
    match test:
        case Domains(suffixes):
            return list(suffixes)
        case Cidr(networks):
            return list(networks)
        case Folders(folders):
            return [_folder(folder) for folder in folders]
        case Images(images):
            return [_image(image) for image in images]
    return []


def _relation(test: AnyMatcher) -> str:
    match test:
        case Domains():
            return "is or lies below one of"
        case Folders():
            return "is or lies under one of"
        case Cidr():
            return "lies in one of"
        case Images():
            return "is of one of the images"
        case Regex():
            return "matches"
    return "is one of"


def _globs(globs: Sequence[Glob]) -> str:
    if len(globs) == 1:
        shape, literal = globs[0].shape()
        return "is there" if shape == "any" else f"{_SHAPES[shape]} {literal or shown(globs[0])}"
    shapes = {glob.shape()[0] for glob in globs}
    if len(shapes) == 1 and "any" not in shapes and "mixed" not in shapes:
        return f"{_SHAPES[shapes.pop()]} one of {_listed([glob.shape()[1] for glob in globs])}"
    return f"is like one of {_listed([shown(glob) for glob in globs])}"


def shown(glob: Glob) -> str:
    """A glob with `*` and `?`, as it may have been written."""
    gaps = (part if isinstance(part, str) else "?" * part.least + "*" * part.more for part in glob.parts)
    return "".join(gaps) or "''"


def _folder(folder: Folder) -> str:
    return folder.separator.join(shown(part) if part.parts else "" for part in folder.components)


def _image(image: Image) -> str:
    tag = "" if image.tag is None else f":{shown(image.tag)}"
    digest = "" if image.digest is None else f"@{shown(image.digest)}"
    return f"{shown(image.registry)}/{shown(image.name)}{tag}{digest}"


def _listed(values: Sequence[str]) -> str:
    if len(values) > _LISTED:
        return f"{', '.join(values[: _LISTED - 1])} and {len(values) - _LISTED + 1} more"
    return " or ".join(values) or "an empty list"


def _cased(cased: bool) -> str:
    return " (case counts)" if cased else ""
