"""Hashes of files, a few at a time on all cores: hashing happens outside Python's lock."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import IO

from clew.campaign.sweep.tree import Parts, Tree

_PIECE = 1 << 20
_CHUNK = 64


def digests(file: IO[bytes], kinds: Sequence[str]) -> list[str]:
    """The hashes of a file, as `sha256:<hex>`, read once."""
    data = file.read(_PIECE)
    made = [hashlib.new(kind, data, usedforsecurity=False) for kind in kinds]
    while len(data) == _PIECE:
        data = file.read(_PIECE)
        for one in made:
            one.update(data)
    return [f"{kind}:{one.hexdigest()}" for kind, one in zip(kinds, made, strict=True)]


def hashed(
    tree: Tree, files: Iterable[Parts], kinds: Sequence[str]
) -> Iterator[tuple[Parts, list[str] | OSError]]:
    """The hashes of many files, in their order; for one that cannot be read, why."""

    def work(chunk: list[Parts]) -> list[tuple[Parts, list[str] | OSError]]:
        return [(parts, _of(tree, parts, kinds)) for parts in chunk]

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        source = iter(files)
        while chunks := [chunk for _ in range(64) if (chunk := list(islice(source, _CHUNK)))]:
            for done in pool.map(work, chunks):
                yield from done


def _of(tree: Tree, parts: Parts, kinds: Sequence[str]) -> list[str] | OSError:
    try:
        with tree.open(parts) as file:
            return digests(file, kinds)
    except OSError as error:
        return error
