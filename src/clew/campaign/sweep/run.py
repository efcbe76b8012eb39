"""Runs a sweep over paths: trees, single files, and the logs among them; then draws the sum."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from clew.campaign.model import Campaign, Step, Trigger
from clew.campaign.sweep import image as images
from clew.campaign.sweep import logs as logbooks
from clew.campaign.sweep import mounts
from clew.campaign.sweep.index import Index
from clew.campaign.sweep.inspect import Inspector
from clew.campaign.sweep.layer import Layer, unpacked
from clew.campaign.sweep.model import Blind, Evidence, Place, Sweep, Verdict
from clew.campaign.sweep.places import Places, moment
from clew.campaign.sweep.sift import Sieve
from clew.campaign.sweep.text import TextSearch
from clew.campaign.sweep.tree import Disk, Parts, Tree
from clew.campaign.sweep.watch import Watch
from clew.campaign.sweep.words import of_text
from clew.errors import UsageError
from clew.interrupt import interrupts
from clew.read.files import length
from clew.record import Note, Reject
from clew.runner.hunt import Hunt
from clew.settings import Settings

#: What cannot be looked into, and what to do.
_ARCHIVES = (
    "files in archives",
    "neither an image nor a log was found in them; unpack them to look into their files",
)
_JOURNALS = (
    "journals of systemd",
    "their form is not read; write them as text (journalctl > journal.log) and sweep that",
)
_NAMED = 5
_KERNEL = "passed over: the kernel makes up what stands there, and no files lie in it"
_OTHER = "another file system is mounted there, and --one-file-system was asked"
_PACKAGES = frozenset(("lockfile", "sbom", "manifest", "system", "installed", "cache"))


def sweep(  # noqa: PLR0913 - what for, where, and how far
    campaign: Campaign,
    paths: Sequence[Path],
    settings: Settings,
    *,
    every_hash: bool = False,
    one_file_system: bool = False,
    watch: Watch | None = None,
) -> Sweep:
    """Sweep files and folders for a campaign.

    Raises UsageError for a path that is not there; what cannot be read is told of in the result. `every_hash`:
    hash every file, not only those that names or folders point to. `one_file_system`: what is mounted below a
    path is left out, and said.
    """
    watch = watch or Watch()
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder")
    with tempfile.TemporaryDirectory(prefix="clew-") as aside:
        work = _Work(campaign, every_hash, one_file_system, Path(aside), watch)
        interrupted = work.look_all(paths)
        places, found = work.places, {} if interrupted else work.logs
        total = sum(map(length, found))
        result = logbooks.through(campaign, found, settings, places, watch.reading(total)) if found else None
    notes = tuple(f"{note.path}: {note.text}" for note in work.notes)
    unread = "the sweep was interrupted before" if interrupted else "there were no logs"
    blind = (*work.blind(), *_gaps(campaign, places.all(), result, every_hash, unread))
    return _sum(campaign, places.all(), result, notes, blind, interrupted)


class _Work:
    """Looks into paths; what may be logs is put aside for one hunt."""

    def __init__(
        self, campaign: Campaign, every_hash: bool, one_file_system: bool, folder: Path, watch: Watch
    ) -> None:
        self._campaign, self._index, self._every_hash = campaign, Index(campaign), every_hash
        self._one_file_system, self._folder, self._watch = one_file_system, folder, watch
        self.places = Places(campaign)
        #: With the names by which the user knows them: those of images lie in our folder.
        self.logs: dict[Path, str] = {}
        self.notes: list[Note] = []
        #: What is mounted below the paths, and was left out.
        self._left: list[Blind] = []
        self._closed: dict[tuple[str, str], list[str]] = {_ARCHIVES: [], _JOURNALS: []}
        self._images: dict[Path, None] = {}

    def look_all(self, paths: Iterable[Path]) -> bool:
        """Look into all of them; whether Ctrl-C ended that. Then no log is read, which is said of each."""
        try:
            with interrupts():
                for path in paths:
                    self.look(path)
        except KeyboardInterrupt:
            for name in self.logs.values():
                self.places.unread("log", name, Reject(name, 0, "interrupted before it was read"))
            return True
        return False

    def blind(self) -> Iterator[Blind]:
        """What was left out, and the files that nobody looked into; of many, the first few are named."""
        yield from self._left
        for (what, why), files in self._closed.items():
            if files:
                more = f" and {len(files) - _NAMED:,} more" if len(files) > _NAMED else ""
                yield Blind(f"{what} ({', '.join(files[:_NAMED])}{more})", why)

    def look(self, path: Path) -> None:
        """Look into a file or a folder, and into the images that lie in it."""
        if (image := images.blobs(path)) is not None:
            self._image(image)
            return
        inspector = self._inspector(self.places)
        if path.is_dir():
            inspector.tree(Disk(str(path), self._passed(path)))
        elif not inspector.single(Disk(str(path.parent)), path.name):
            self.logs[path] = str(path)
        for found in list(self._images):
            if (image := images.blobs(found)) is not None:
                self._image(image)
            else:
                self._log(found, str(found))
        self._images.clear()

    def _passed(self, top: Path) -> list[str]:
        """Folders below that are passed over: where the kernel makes up what stands there, and our own."""
        kernel: list[str] = []
        left: list[mounts.Mount] = []
        for mount in mounts.below(top):
            if mount.path.startswith(tuple(f"{path}/" for path in kernel)):
                continue
            if mount.kernel:
                kernel.append(mount.path)
            elif self._one_file_system:
                left.append(mount)
        self.notes += [Note(", ".join(kernel), _KERNEL)] if kernel else []
        self._left += [Blind(f"files below {one.path}", f"{_OTHER} ({one.kind})") for one in left]
        return [str(self._folder), *kernel, *(one.path for one in left)]

    def _image(self, image: images.Blobs) -> None:
        def into(layer: Layer, places: Places) -> None:
            self._inspector(places).tree(layer)

        images.look(image, self.places, into, lambda: Places(self._campaign))

    def _inspector(self, places: Places) -> Inspector:
        every = self._every_hash
        return Inspector(self._index, places, self._aside, self.notes, every_hash=every, watch=self._watch)

    def _aside(self, tree: Tree, parts: Parts) -> None:
        """Put a file aside that may be a log, or may be an image; in images nobody looks for images."""
        name, shown = parts[-1], tree.shown(parts)
        if not isinstance(tree, Disk):
            if logbooks.may_be_log(name):
                self._packed(tree, parts, shown)
        elif name == "oci-layout":
            self._images[Path(shown).parent] = None
        elif name.endswith(".tar") or ".tar." in name:
            self._images[Path(shown)] = None
        elif logbooks.may_be_log(name):
            self._log(Path(shown), shown)
        elif name.endswith((".journal", ".journal~")):
            self._closed[_JOURNALS].append(shown)

    def _packed(self, tree: Tree, parts: Parts, shown: str) -> None:
        """A file of an image: it is laid out to be read, until it is known to be no log."""
        path = self._folder / str(len(self.logs)) / parts[-1]
        try:
            path.parent.mkdir(exist_ok=True)
            with tree.open(parts) as file, path.open("wb") as copy:
                shutil.copyfileobj(file, copy)
        except OSError as error:
            self.places.unread("log", shown, Reject(shown, 0, error.strerror or str(error)))
            return
        self._log(path, shown)
        if path not in self.logs:
            path.unlink()

    def _log(self, path: Path, shown: str) -> None:
        """A file that may be a log, and what the user knows it by."""
        match logbooks.kind_of(path):
            case "log":
                self.logs[path] = shown
            case "text":
                self._text(path, shown)
            case "archive":
                self._closed[_ARCHIVES].append(shown)

    def _text(self, path: Path, shown: str) -> None:
        place = self.places.at("text", shown)
        place.looked += 1
        try:
            with path.open("rb") as raw:
                file, broken = unpacked(raw)
                search = TextSearch(self._sieve.through(of_text(file)))
                file.seek(0)
                for line, match in search.lines(file):
                    trigger: Trigger = "package" if match.indicator.kind == "packages" else "network"
                    place.evidence.append(self.places.evidence(match, trigger, shown, line))
                if broken:
                    self.places.unread("text", shown, Reject(shown, 0, broken))
        except OSError as error:
            self.places.unread("text", shown, Reject(shown, 0, error.strerror or str(error)))

    @cached_property
    def _sieve(self) -> Sieve:
        return Sieve(self._campaign)


def _sum(  # noqa: PLR0913, PLR0917 - as many parts has the answer
    campaign: Campaign,
    places: list[Place],
    result: Hunt | None,
    notes: tuple[str, ...],
    not_looked: tuple[Blind, ...],
    interrupted: bool,
) -> Sweep:
    hits = [one for place in places for one in place.evidence if one.use == "hit"]
    times = sorted((time for one in hits for time in (one.first, one.last) if time), key=moment)
    return Sweep(
        verdict=_verdict(places, result, interrupted),
        campaign=campaign.name,
        title=campaign.title,
        exposure=campaign.exposure,
        first=times[0] if times else "",
        last=times[-1] if times else "",
        places=tuple(sorted(places, key=_gravity)),
        not_looked=not_looked,
        notes=notes,
        steps=tuple(_steps(campaign, hits)),
        interrupted=interrupted or bool(result and result.interrupted),
    )


def _verdict(places: Iterable[Place], result: Hunt | None, interrupted: bool) -> Verdict:
    """A hit outranks what could not be looked at, and that outranks `not_hit`."""
    verdicts = {place.verdict for place in places}
    if "hit" in verdicts:
        return "hit"
    whole = not interrupted and (
        result is None or (result.tally.complete and not result.counters.evicted and not result.interrupted)
    )
    looked = any(place.looked for place in places)
    return "not_hit" if looked and whole and "could_not_look" not in verdicts else "could_not_look"


def _gravity(place: Place) -> tuple[int, int, str]:
    order = ("hit", "could_not_look", "not_hit").index(place.verdict)
    return (order, -len(place.evidence), place.path)


def _gaps(
    campaign: Campaign, places: Sequence[Place], result: Hunt | None, every_hash: bool, unread: str
) -> Iterator[Blind]:
    sorts = {place.sort for place in places if place.looked}
    if campaign.indicators.get("packages") and not sorts & _PACKAGES:
        why = "there was no lockfile, no bill of materials, no database or folder of installed packages, no cache"
        yield Blind("packages", why)
    if campaign.indicators.get("registry") and "registry" not in sorts:
        yield Blind("registry values", "there was no registry export (.reg)")
    if campaign.indicators.get("hashes") and not every_hash:
        why = (
            "only of files that names or folders point to, and of files named themselves; --hash looks at all"
        )
        yield Blind("hashes of files", why)
    yield from logbooks.blind(campaign, result, unread)


def _steps(campaign: Campaign, hits: Sequence[Evidence]) -> Iterator[Step]:
    """The remediation that follows from what was hit; nothing follows from nothing."""
    triggers = {one.trigger for one in hits}
    for step in campaign.guidance.remediation if hits else ():
        if "any" in step.when or triggers & set(step.when):
            yield step
