"""Detections written for tests: one that is right, and edits that make it wrong."""

from __future__ import annotations

from clew.detection.load import load_text
from clew.detection.model import Detection, Plan
from clew.errors import DetectionError, Fault

RIGHT = """\
analytic: AN0862
strategy: DET0309
technique: T1195.002
platform: windows
title: A program is written, runs and calls out
status: test
mutable:
  Window: {type: duration, default: 90m, about: the window}
  Paths: {type: paths, default: ['C:\\ProgramData\\'], about: where}
  Caps: {type: strings, default: [a, b, c], about: counted traits}
chain:
  scope: host.id
  within: '%Window%'
  stages:
    write:
      on: file_creation
      where: {file.path|expand: '%Paths%'}
      bind: {binary: file.path, hash: file.hash.sha256}
      traits:
        big: {file.extension: exe}
    run:
      any:
        - on: process_creation
          link: [process.executable = $binary, process.hash.sha256 = $hash]
        - on: module_load
          link: dll.path = $binary
      bind: {program: process.entity_id}
      traits:
        renamed: {clew.process.renamed: true}
        cap: {each: process.name, in: '%Caps%'}
    child:
      on: process_creation
      link: process.parent.entity_id in tree of $program
      new: {key: [host.id, process.name], for: 30d}
    egress:
      any:
        - on: network_connection_creation
          link: process.entity_id in tree of $program
        - on: network_traffic_flow
          after: run
          weak: medium
  findings:
    high: egress and run.renamed
    low: run and egress
  per: [$binary]
"""


def edited(*edits: tuple[str, str], text: str = RIGHT) -> str:
    """The text with each piece, which must be in it, replaced."""
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def load(text: str) -> Detection:
    """The one profile of the one detection in a text."""
    (detection,) = load_text(text, "d.yaml")
    return detection


def plan(*edits: tuple[str, str]) -> Plan:
    """The plan of the right detection after edits."""
    return load(edited(*edits)).plan


def faults(text: str) -> tuple[Fault, ...]:
    """What is wrong with a text; fails if it loads."""
    try:
        load_text(text, "d.yaml")
    except DetectionError as error:
        return error.faults
    raise AssertionError("the detection loads")


def fault(*edits: tuple[str, str]) -> Fault:
    """The one thing that is wrong with the right detection after edits."""
    found = faults(edited(*edits))
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def line_of(text: str, piece: str) -> int:
    """The line of the first occurrence of a piece of text, from 1."""
    assert piece in text, piece
    return text[: text.index(piece)].count("\n") + 1
