"""What all files of a pack are read with: the faults so far, and the sources that claims may name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TypeVar

from clew.campaign.model import CONFIDENCES, Claim
from clew.detection.block import Block, Faults, block, texts
from clew.detection.document import Items, Leaf, Mark, Node
from clew.suggest import did_you_mean

CLAIM_KEYS = ("text", "about", "confidence", "sources", "conflict", "use", "when")
#: `KR (Endor Labs)`: the source, and whom it relays.
_SOURCE = re.compile(r"([A-Za-z0-9_-]+)(?: \(.+\))?")
Word = TypeVar("Word", bound=str)


class PackReading:
    """The files of one pack being read; `sources` are the ids that claims may name."""

    def __init__(self, faults: Faults, sources: Collection[str]) -> None:
        self.faults, self.sources = faults, sources

    def of(self, faults: Faults) -> PackReading:
        """The same for another file of the pack."""
        return PackReading(faults, self.sources)

    def blocks(self, top: Block, key: str, keys: Collection[str], what: str) -> Iterator[Block]:
        """The mappings of a list, which must be there and may be empty: an empty kind is shown as empty."""
        for node in top.items(key, f"write '{key}: []' where there is nothing", may_be_empty=True):
            found = block(node, self.faults, what, keys)
            if found is not None:
                yield found

    def claims(self, top: Block, key: str) -> tuple[Claim, ...]:
        """The claims of a list; a bare text is one too, where nobody needs to be named."""
        nodes = top.items(key, f"write '{key}: []' where there is nothing", may_be_empty=True)
        return tuple(claim for node in nodes if (claim := self._claim(node, f"a claim of '{key}'")))

    def _claim(self, node: Node, what: str) -> Claim | None:
        found = block(node, self.faults, what, CLAIM_KEYS)
        text = found.text("text", "say what is claimed") if found else None
        if found is None or text is None:
            return None
        return Claim(
            text=text,
            about=found.text("about") or "",
            confidence=self.choice(found, "confidence", CONFIDENCES),
            sources=self.named_sources(found),
            conflict=found.text("conflict") or "",
            use=found.text("use") or "",
            when=found.text("when") or "",
        )

    def named_sources(self, found: Block, needed: bool = True) -> tuple[str, ...]:
        """The sources of a claim, each of which stands in `sources` of campaign.yaml."""
        node = found.get("sources", "name who says so: sources: [GTIG]" if needed else "")
        named = texts(node, self.faults, "'sources'") if node is not None else []
        for name, mark in named:
            if not self.knows(name):
                match = _SOURCE.fullmatch(name)
                mend = did_you_mean(match[1] if match else name, self.sources, "declare it in campaign.yaml")
                self.faults.add(mark, f"no source is called '{name}'", mend)
        return tuple(name for name, _ in named)

    def knows(self, name: str) -> bool:
        """Whether a source, perhaps with whom it relays, stands in `sources` of campaign.yaml."""
        match = _SOURCE.fullmatch(name)
        return match is not None and match[1] in self.sources

    def choice(self, found: Block, key: str, known: tuple[Word, ...], needed: str = "") -> Word | None:
        """One of a few words."""
        word = found.choice(key, known, needed)
        return next((one for one in known if one == word), None)

    def words(self, found: Block, key: str, needed: str = "") -> tuple[tuple[str, Mark], ...]:
        """One text or a list of them, each with its place; nothing where the key is missing or the list empty."""
        node = found.get(key, needed)
        if node is None or (isinstance(node, Items) and not node.nodes):
            return ()
        return tuple(texts(node, self.faults, f"'{key}'"))

    def time(self, found: Block, key: str, needed: str = "") -> str:
        """A time in ISO 8601; a date alone is its first moment."""
        written = found.text(key, needed)
        if written is None:
            return ""
        try:
            datetime.fromisoformat(written.removesuffix("Z"))
        except ValueError:
            self.faults.add(found.at(key), f"'{written}' is no time", "write 2026-03-31T00:21Z, or a date")
        return written


def listing(node: Node | None) -> tuple[Node, ...]:
    """The items of a list, or the one node itself."""
    if node is None or (isinstance(node, Leaf) and node.value is None):
        return ()
    return node.nodes if isinstance(node, Items) else (node,)
