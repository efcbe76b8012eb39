"""The layers as a tree: which code ran which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clew.vetting.trace import Layer


def branches(layers: Sequence[Layer]) -> Iterator[tuple[int, Layer]]:
    """Each layer once with how deep it stands (0 for those that a file ran), every parent before its children.

    A layer whose parent is not there stands where one without parent does.
    """
    known = {layer.sha256 for layer in layers}
    children: dict[str | None, list[Layer]] = {}
    for layer in layers:
        parent = layer.parent if layer.parent in known and layer.parent != layer.sha256 else None
        children.setdefault(parent, []).append(layer)
    seen: set[str] = set()
    stack = [(0, layer) for layer in reversed(children.get(None, []))]
    while stack:
        depth, layer = stack.pop()
        if layer.sha256 not in seen:
            seen.add(layer.sha256)
            yield depth, layer
            stack += [(depth + 1, child) for child in reversed(children.get(layer.sha256, []))]
    for layer in layers:  # a ring of parents, which only a forged log has
        if layer.sha256 not in seen:
            seen.add(layer.sha256)
            yield 0, layer
