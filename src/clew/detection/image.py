"""References to container images: `registry/name:tag@digest`, with Docker's defaults filled in.

Source: https://github.com/distribution/reference (normalize.go).
"""

from __future__ import annotations

import msgspec

from clew.detection.glob import Glob, fold, parse_glob


class Image(msgspec.Struct, frozen=True, tag=True):
    """Globs over the parts of a reference; None means any, absent too. `*` in a name crosses slashes."""

    registry: Glob
    name: Glob
    tag: Glob | None = None
    digest: Glob | None = None


def parse_image(text: str) -> Image:
    """An image as settings write it. `*` alone is every image, `*/NAME` is a name at any registry.

    Raises ValueError saying what is wrong.
    """
    if not text or any(character.isspace() for character in text):
        raise ValueError("it is empty or has blanks")
    if text == "*":
        return Image(parse_glob("*"), parse_glob("*"))
    registry, name, tag, digest = _parts(fold(text), star="*")
    if "" in (*name.split("/"), tag, digest):
        raise ValueError("a part of it is empty")
    return Image(
        parse_glob(registry),
        parse_glob(name),
        None if tag is None else parse_glob(tag),
        None if digest is None else parse_glob(digest),
    )


def split_image(reference: str) -> tuple[str, str, str | None, str | None]:
    """Registry, name, tag and digest of a reference in lower case; without tag and digest it is `latest`."""
    registry, name, tag, digest = _parts(reference)
    return registry, name, "latest" if tag is None and digest is None else tag, digest


def _parts(reference: str, star: str | None = None) -> tuple[str, str, str | None, str | None]:
    """`star` is what stands for any registry and any name, in settings only."""
    rest, at, digest = reference.partition("@")
    registry, slash, name = rest.partition("/")
    if not slash or not (registry in ("localhost", star) or "." in registry or ":" in registry):
        registry, name = "docker.io", rest
    if registry == "index.docker.io":
        registry = "docker.io"
    name, colon, tag = name.partition(":")
    if registry == "docker.io" and "/" not in name and name != star:
        name = f"library/{name}"
    return registry, name, tag if colon else None, digest if at else None
