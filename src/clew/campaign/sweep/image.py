"""Container images on disk: what `docker save` writes, and OCI layouts, packed or not -> their layers, in order.

A layer is looked into as a disk is. What a later layer deletes is in the image still, so it counts, and is said.
https://github.com/moby/docker-image-spec, https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from clew.archive.stream import BROKEN
from clew.campaign.sweep.layer import Layer, members, unpacked
from clew.campaign.sweep.model import Place
from clew.campaign.sweep.places import Places
from clew.package.tree import mappings, text_of
from clew.record import Reject

_JSON_BYTES = 16 << 20
_DIGEST = re.compile(r"(sha256|sha512):([0-9a-f]{64,128})")
_DEEPEST = 4


class Image(msgspec.Struct, frozen=True):
    """An image: its name, and its layers from the lowest up, each the path of a blob."""

    name: str
    layers: tuple[str, ...]


class Blobs:
    """The files of an image on disk: in a folder, or in an archive. `trouble` is what broke in the archive."""

    def __init__(self, path: Path) -> None:
        self.path, self.trouble = path, ""
        self._folder = path if path.is_dir() else None
        self._archive, self._names = None, {}
        if self._folder is None:
            self._file, broken = unpacked(path.open("rb", buffering=0), tar_only=True)
            self._archive, found, torn = members(self._file)
            self._names = {info.name.removeprefix("./"): info for info in found}
            self.trouble = broken or torn

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self._folder / name).is_file() if self._folder else name in self._names

    def open(self, name: str) -> IO[bytes]:
        """One of the files. Raises OSError where it is not there."""
        if ".." in name.split("/"):
            raise OSError("its path climbs out of the image")
        if self._folder:
            return (self._folder / name).open("rb", buffering=0)
        info = self._names.get(name)
        file = self._archive.extractfile(info) if info and self._archive else None
        if file is None:
            raise FileNotFoundError(2, "the image lacks it", name)
        return file

    def json(self, name: str) -> Any:
        """A JSON file. Raises what is in BROKEN."""
        with self.open(name) as file:
            return msgspec.json.decode(file.read(_JSON_BYTES))


def blobs(path: Path) -> Blobs | None:
    """The image that stands there; None for anything else."""
    if path.is_dir():
        return Blobs(path) if (path / "oci-layout").is_file() else None
    try:
        found = Blobs(path)
    except BROKEN:
        return None
    return found if any(map(found.has, ("manifest.json", "oci-layout", "index.json"))) else None


def look(
    source: Blobs, places: Places, into: Callable[[Layer, Places], None], new: Callable[[], Places]
) -> None:
    """Look into every layer of every image, into one place an image."""
    told = str(source.path)
    if source.trouble:
        places.unread("image", told, Reject(told, 0, source.trouble))
    faults: list[Reject] = []
    images = list(_images(source, faults))
    for fault in faults:
        places.unread("image", told, fault)
    if not images and not faults:
        places.unread("image", told, Reject(told, 0, "it names no image"))
    for image in images:
        _look(source, image, places, into, new)


def _look(
    source: Blobs,
    image: Image,
    places: Places,
    into: Callable[[Layer, Places], None],
    new: Callable[[], Places],
) -> None:
    path = f"{source.path}" + (f" ({image.name})" if image.name else "")
    place = places.at("image", path)
    seen: list[tuple[Layer, Places]] = []
    for number, name in enumerate(image.layers, 1):
        shown = f"{source.path}!layer {number}"
        try:
            layer = Layer(shown, source.open(name))
        except BROKEN as error:
            places.unread(
                "image", path, Reject(shown, 0, f"{name}: {getattr(error, 'strerror', '') or error}")
            )
            continue
        if layer.trouble:
            places.unread("image", path, Reject(shown, 0, layer.trouble))
        inside = new()
        into(layer, inside)
        layer.close()
        seen.append((layer, inside))
    for number, (layer, inside) in enumerate(seen):
        _gather(place, layer, inside, [later for later, _ in seen[number + 1 :]], number + 2)


def _gather(place: Place, layer: Layer, inside: Places, later: list[Layer], first: int) -> None:
    """Enter what was found in a layer, and which later layer took it away."""
    for one in inside.all():
        place.looked += one.looked if one.sort == "host" else 0
        place.unread += one.unread
        for found in one.evidence:
            parts = tuple(found.path.removeprefix(layer.shown(()) + "/").split("/"))
            gone = next((n for n, above in enumerate(later, first) if above.takes_away(parts)), 0)
            what = f"{found.what}; deleted in layer {gone}, but in the image still" if gone else found.what
            place.evidence.append(msgspec.structs.replace(found, what=what))


def _images(source: Blobs, faults: list[Reject]) -> Iterator[Image]:
    try:
        if source.has("manifest.json"):
            yield from _docker(source.json("manifest.json"))
        else:
            yield from _index(source, "index.json", "", 1, faults)
    except BROKEN as error:
        faults.append(Reject(str(source.path), 0, f"its manifest cannot be read: {error}"))


def _docker(manifest: Any) -> Iterator[Image]:
    for entry in mappings(manifest):
        tags, layers = entry.get("RepoTags"), entry.get("Layers")
        name = text_of(tags[0]) if isinstance(tags, list) and tags else ""
        yield Image(name, tuple(map(text_of, layers if isinstance(layers, list) else ())))


def _index(source: Blobs, name: str, called: str, depth: int, faults: list[Reject]) -> Iterator[Image]:
    """An index names manifests and other indexes; a manifest names layers."""
    try:
        document = source.json(name)
    except BROKEN as error:
        faults.append(Reject(f"{source.path}!{name}", 0, f"it cannot be read: {error}"))
        return
    if not isinstance(document, dict) or depth > _DEEPEST:
        faults.append(Reject(f"{source.path}!{name}", 0, "no index and no manifest"))
        return
    for entry in mappings(document.get("manifests")):
        notes = entry.get("annotations")
        named = text_of(notes.get("org.opencontainers.image.ref.name")) if isinstance(notes, dict) else ""
        yield from _index(source, _blob(entry), named or called, depth + 1, faults)
    layers = [one for one in mappings(document.get("layers")) if "tar" in text_of(one.get("mediaType"))]
    if layers:
        yield Image(called, tuple(map(_blob, layers)))


def _blob(entry: dict[str, Any]) -> str:
    match = _DIGEST.fullmatch(text_of(entry.get("digest")))
    return f"blobs/{match[1]}/{match[2]}" if match else "no digest"
