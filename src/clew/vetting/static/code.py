"""The files of a package that are code, read once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from clew.vetting.static.quote import without_comments
from clew.vetting.static.role import Language, Role, Roles, language
from clew.vetting.static.rules import Hit, TooSlowError, scan
from clew.vetting.subject import Subject

_LARGEST = 16 << 20


@dataclass
class Code:
    """A file of code, what it is written in, and what part it plays."""

    path: str
    data: bytes
    language: Language
    role: Role

    @cached_property
    def bare(self) -> bytes:
        """The text without comments, every other byte where it was."""
        return without_comments(self.data, self.language)

    @cached_property
    def hits(self) -> list[Hit]:
        """What rules match in it. Raises TooSlowError."""
        return scan(self.bare)

    @property
    def shows(self) -> set[str]:
        """The names of the rules that match in it; none where they found no end."""
        try:
            return {hit.rule.name for hit in self.hits if hit.spans}
        except TooSlowError:
            return set()


def code_of(subject: Subject) -> Iterator[Code]:
    """The package's files that are code, in order of their paths."""
    read: dict[str, tuple[bytes, Language]] = {}
    for path in sorted(subject.files):
        file = subject.folder / path
        with file.open("rb") as stream:
            head = stream.read(200)
            if (written := language(path, head)) is not None:
                read[path] = (head + stream.read(_LARGEST - len(head)), written)
    roles = Roles(subject, {path: data for path, (data, _) in read.items()})
    yield from (Code(path, data, written, roles.of(path)) for path, (data, written) in read.items())
