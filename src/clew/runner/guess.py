"""Guessing from its name what a mutable element of ATT&CK's holds: ATT&CK gives names, and no types."""

from __future__ import annotations

import re
from typing import NamedTuple

from clew.detection.element import ElementType


class Guess(NamedTuple):
    """A type, a default that suits it in YAML, and a column that it can be put to; without a column it cannot."""

    type: ElementType
    default: str
    column: str = ""


_WINDOWS, _OTHERS = r"'C:\Example\'", "/opt/example/"

#: The first pattern that is found in the name decides. Names come as words in small letters: `time window`.
_RULES: tuple[tuple[str, Guess], ...] = (
    (r"time of day|hours|schedule|time ?zone", Guess("strings", "[example]")),
    (r"window|duration|interval|timeout|delay|dwell|period|\btime$|lookback", Guess("duration", "1h")),
    (r"\bports?\b", Guess("strings", "[443]", "destination.port")),
    (r"threshold|\bcount|\bmin|\bmax|limit|\bratio|\bscore|volume|length|velocity", Guess("number", "5")),
    (r"percent|frequency|\brate|\bsize|entropy|bytes|number", Guess("number", "5")),
    (r"regex|pattern|expression", Guess("regex", "example", "process.command_line")),
    (
        r"cidr|subnet|\bips?\b|ip address|ip range|networks\b",
        Guess("cidrs", "[192.0.2.0/24]", "destination.ip"),
    ),
    (
        r"domain|fqdn|\btlds?\b|url|update hosts|hostname",
        Guess("domains", "[example.org]", "destination.domain"),
    ),
    (r"registry", Guess("paths", r"'HKLM\Software\Example\'", "registry.path")),
    (r"extension", Guess("strings", "[example]", "file.extension")),
    (r"file ?name", Guess("strings", "[example]", "file.name")),
    (r"parent", Guess("strings", "[example]", "process.parent.name")),
    (r"(?<!geo )(path|director|folder|location)", Guess("paths", f"[{_WINDOWS}]", "file.path")),
    (r"user ?agent", Guess("strings", "[example]")),
    (r"user|account|admin|role\b|privileged", Guess("strings", "[example]", "user.name")),
    (r"sign|team id|publisher|certificate", Guess("strings", "[example]", "dll.code_signature.subject_name")),
    (r"\bhash", Guess("strings", "['00000000000000000000000000000000']", "process.hash.sha256")),
    (r"command|argument|string", Guess("strings", "['*example*']", "process.command_line")),
    (r"namespace", Guess("strings", "[example]", "orchestrator.namespace")),
    (r"cluster", Guess("strings", "[example]", "orchestrator.cluster.name")),
    (r"module|\bdlls?\b|library", Guess("strings", "[example.dll]", "dll.name")),
)
#: `AllowedTeamIDs` is made of Allowed, Team and IDs.
_WORD = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_IMAGES = Guess("images", "[docker.io/library/example]", "container.image.name")
_PROGRAMS = Guess("strings", "[example]", "process.name")


def guess(name: str, platform: str) -> Guess:
    """What an element of that name is likely to be; `platform` is as detections write it."""
    words = " ".join(words_of(name))
    if platform == "containers" and re.search("image|registr|repo", words):
        return _IMAGES
    found = next((guess for pattern, guess in _RULES if re.search(pattern, words)), _PROGRAMS)
    if found.type == "paths" and platform != "windows":
        return found._replace(default=f"[{_OTHERS}]")
    return found


def words_of(name: str) -> list[str]:
    """The words of a name, in small letters."""
    return [word.lower() for word in _WORD.findall(name)]
