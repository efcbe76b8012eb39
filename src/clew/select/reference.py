"""References to container images in SQL: Docker's defaults are filled in, then one regular expression."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from clew.detection.glob import Glob, pattern
from clew.detection.image import Image

_REGISTRY = r"^(?:localhost|[^/@]*[.:][^/@]*)/"


def is_image(text: exp.Expression, images: Iterable[Image]) -> exp.Expression:
    """Whether the reference, in lower case, is of one of the images; null where it is null."""
    ways = "|".join(_pattern(image) for image in images)
    return _fits(_complete(text), f"(?s)^(?:{ways})$")


def _pattern(image: Image) -> str:
    tag = "(?::[^@]*)?" if image.tag is None else ":" + _part(image.tag, "[^@]")
    digest = "(?:@.*)?" if image.digest is None else "@" + _part(image.digest, ".")
    return f"{_part(image.registry, '[^/]')}/{_part(image.name, '[^:@]')}{tag}{digest}"


def _part(glob: Glob, character: str) -> str:
    return pattern(glob.folded(), character)


def _complete(text: exp.Expression) -> exp.Expression:
    """`nginx` becomes docker.io/library/nginx:latest, as `clew.detection.image.split_image` reads it."""
    hub = exp.DPipe(this=exp.Literal.string("docker.io/"), expression=text.copy())
    named = _replaced(text.copy(), r"^index\.docker\.io/", "docker.io/")
    case = exp.Case().when(_fits(text.copy(), _REGISTRY), named).else_(hub)
    full = _replaced(case, r"(?s)^docker\.io/([^/:@]*)([:@].*|)$", r"docker.io/library/\1\2")
    return _replaced(full, r"^([^/]*/[^:@]*)$", r"\1:latest")


def _fits(text: exp.Expression, regex: str) -> exp.Expression:
    return exp.RegexpLike(this=text, expression=exp.Literal.string(regex))


def _replaced(text: exp.Expression, regex: str, by: str) -> exp.Expression:
    return exp.RegexpReplace(
        this=text, expression=exp.Literal.string(regex), replacement=exp.Literal.string(by)
    )
