"""Faults that detections are refused for: the table in docs/language.md is made from these."""

from __future__ import annotations

from clew.detection.load import load_text
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
  Hosts: {type: domains, default: [example.org], about: approved}
chain:
  scope: host.id
  within: '%Window%'
  stages:
    write:
      on: file_creation
      where: {file.extension: exe}
      bind: {binary: file.path}
      traits:
        big: {file.name: big.exe}
    run:
      on: process_creation
      link: process.executable = $binary
      bind: {program: process.entity_id}
    call:
      on: network_connection_creation
      where: {destination.domain|expand: '%Hosts%'}
      link: process.entity_id in tree of $program
  findings:
    high: call and write.big
    low: call
  per: [$binary]
"""

_RUN = "on: process_creation\n      link: process.executable = $binary\n"
_CALL = "link: process.entity_id in tree of $program\n  findings"

#: Heading -> edits of the right detection, each of which makes one fault.
FAULTS: dict[str, list[tuple[tuple[str, str], ...]]] = {
    "The file": [
        (("technique: T1195.002", "technique: [T1195.002"),),
        (("title: A program is written, runs and calls out", "title: t\ntitel: t"),),
        (("analytic: AN0862\n", ""),),
        (("platform: windows", "platform: win"),),
        (
            (
                "status: test",
                "status: experimental\nlog_sources: [{component: file_creation, name: n, channel: c}]",
            ),
        ),
        (("platform: windows", "platform: windows\nplatform: linux"),),
        (("on: file_creation", "on: file_event"),),
    ],
    "Elements": [
        (
            ("'%Hosts%'", "'%Host%'"),
            ("  Hosts: {type: domains, default: [example.org], about: approved}\n", ""),
        ),
        (("default: 90m", "default: 90"),),
        (("default: [example.org]", "default: ['*.example.org']"),),
        (
            ("within: '%Window%'", "within: '%Hosts%'"),
            ("  Window: {type: duration, default: 90m, about: the window}\n", ""),
        ),
        (("within: '%Window%'", "within: 90m"),),
    ],
    "Conditions on events": [
        (("file.extension: exe", "file.extention: exe"),),
        (("file.extension: exe", "TargetFilename: exe"),),
        (("file.extension: exe", "file.extension|contain: exe"),),
        (("destination.domain|expand", "destination.domain|expand|contains"),),
        (("file.extension: exe", "file.extension|re: '(?<=a)b'"),),
        (("file.extension: exe", "destination.port: https"),),
        (("file.extension: exe", "file.extension: ''"),),
        (("file.extension: exe", "clew.process.ancestors: a.exe"),),
        (("where: {file.extension: exe}", "where: {a: {file.extension: exe}, condition: a and b}"),),
        (("where: {file.extension: exe}", "where: {a: [exe, dll], condition: a}"),),
    ],
    "The plan": [
        (("      link: process.executable = $binary\n", ""),),
        (("      bind: {binary: file.path}\n", "      after: run\n      bind: {binary: file.path}\n"),),
        (("= $binary", "= $binry"),),
        (("process.executable = $binary", "process.executable == $binary"),),
        (("process.executable = $binary", "process.name = $binary"),),
        (("process.executable = $binary", "process.executable in tree of $binary"),),
        (
            (
                "bind: {program: process.entity_id}",
                "bind: {binary: process.executable, program: process.entity_id}",
            ),
        ),
        ((_RUN, "on: process_creation\n      after: write\n"),),
        ((_CALL, _CALL.replace("\n", "\n      after: run\n      weak: low\n", 1)),),
        ((_RUN, "on: process_creation\n      any: [{on: module_load, link: dll.path = $binary}]\n"),),
        (("      bind: {binary: file.path}\n", "      bind: {binary: file.path}\n      within: 5m\n"),),
        (
            (
                "      bind: {binary: file.path}\n",
                "      bind: {binary: file.path}\n      count: {at_least: 3}\n",
            ),
        ),
        ((_CALL, _CALL.replace("\n", "\n      count: {at_least: 3, by: [user.name], within: 1m}\n", 1)),),
        (("      bind: {program", "      at_least: 1\n      bind: {program"),),
        (("  stages:", "  from: runs\n  stages:"),),
        (
            ("  stages:", "  from: run\n  stages:"),
            (
                "      bind: {binary: file.path}\n",
                "      bind: {binary: file.path}\n      new: {key: [file.path], for: 1d}\n",
            ),
        ),
        (
            ("  within: '%Window%'\n", ""),
            ("  Window: {type: duration, default: 90m, about: the window}\n", ""),
        ),
    ],
    "Levels": [
        (("low: call", "low: calls"),),
        (("low: call", "low: call and"),),
        (("write.big", "write.huge"),),
        (("low: call", "low: call and not run"),),
        (("low: call", "low: call and not write"),),
        (("low: call", "low: call and not call"),),
        (("low: call", "low: call and not write.traits >= 1"),),
        (("low: call", "low: call and write.traits >= 2"),),
        (
            (_CALL, _CALL.replace("\n", "\n      weak: low\n", 1)),
            ("high: call and write.big\n    low: call", "low: run and not call"),
        ),
        (("low: call", "low: write"), ("per: [$binary]", "per: [$program]")),
        (("low: call", "worst: call"),),
    ],
    "Tests": [
        (
            (
                "  per: [$binary]\n",
                "  per: [$binary]\ntests:\n  - {name: a, expect: low, events: [{3m file_creation: {file.path: a, file.siz: 3}}]}\n",
            ),
        ),
        (
            (
                "  per: [$binary]\n",
                "  per: [$binary]\ntests:\n  - {name: a, expect: low, events: [{+3 file_creation: {file.path: a}}]}\n",
            ),
        ),
        (
            (
                "  per: [$binary]\n",
                "  per: [$binary]\ntests:\n  - {name: a, expect: lowest, events: [{+3m file_creation: {file.path: a}}]}\n",
            ),
        ),
    ],
}


def faults(edits: tuple[tuple[str, str], ...]) -> tuple[Fault, ...]:
    """What is wrong with the right detection after edits; nothing where it loads."""
    text = RIGHT
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    try:
        load_text(text, "d.yaml")
    except DetectionError as error:
        return error.faults
    return ()
