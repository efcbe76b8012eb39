"""Goes through a tree and tells what of the campaign lies in it: by names first, by contents where names say so.

A file is opened only where its name makes it a package file, an index of a cache, a registry export or a path that
is looked for. In folders of installed packages (`node_modules`, `site-packages`) the lockfiles that packages happen
to bring along are passed over: they say nothing of what is installed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from clew.campaign.model import Trigger
from clew.campaign.sweep import registry
from clew.campaign.sweep.digests import hashed
from clew.campaign.sweep.index import FileTest, Index, Match
from clew.campaign.sweep.model import Sort
from clew.campaign.sweep.places import Places
from clew.campaign.sweep.tree import Parts, Tree
from clew.campaign.sweep.watch import Watch
from clew.package import lock
from clew.package.installed import MANIFESTS, of_file, of_folder
from clew.package.model import Listed, Package, Reader
from clew.package.npmcache import is_index, tarballs
from clew.package.tree import text_of
from clew.record import Note, Reject

_INSTALLED = frozenset(("node_modules", "site-packages", "dist-packages"))
_ARCHIVES = (".tgz", ".zip", ".whl", ".crate", ".gem")
_PASSED = frozenset((".git", ".hg", ".svn"))
_HIVES = frozenset(("ntuser.dat",))
_RPM = frozenset(("rpmdb.sqlite", "Packages", "Packages.db"))
#: Endings of files that may be package files; JSON is looked into for bills of materials.
_HEAD = 4096
_TOO_LARGE = lock.MAX_BYTES
_VANISHED = "it vanished while it was looked at"


class Inspector:
    """Looks through trees, into the places. `aside` is told of each other file."""

    def __init__(  # noqa: PLR0913 - what is looked for, and who is told of what
        self,
        index: Index,
        places: Places,
        aside: Callable[[Tree, Parts], None],
        notes: list[Note],
        *,
        every_hash: bool = False,
        watch: Watch | None = None,
    ) -> None:
        self._index, self._places, self._aside, self._notes = index, places, aside, notes
        self._every_hash, self._watch = every_hash, watch or Watch()
        self._locked: set[str] = set()

    def tree(self, tree: Tree, sort: Sort = "host") -> None:
        """Look through a tree from its top, without following links."""
        self._hash(tree, sort, self._walk(tree, sort))
        self._drop_ranges()

    def single(self, tree: Tree, name: str) -> bool:
        """Look at one file that was named itself: whether it is of a kind that is no log."""
        before = len(self._places.all())
        self._file(tree, (name,), modules=False)
        known = len(self._places.all()) > before
        self._places.at("host", tree.shown(())).looked += 1
        self._hash(tree, "host", iter([(name,)]))
        return known

    def _hash(self, tree: Tree, sort: Sort, files: Iterator[Parts]) -> None:
        for parts, found in hashed(tree, files, self._index.digests):
            if isinstance(found, OSError):
                self._unreadable(tree, sort, parts, found)
                continue
            for digest in found:
                if (one := self._index.hashes.get(digest)) is not None:
                    self._find(
                        tree, sort, parts, "host", Match(one, one.use, f"a file with the hash {digest}")
                    )

    def _walk(self, tree: Tree, sort: Sort) -> Iterator[Parts]:
        """Look at every name; gives the files that are to be hashed."""
        place = self._places.at(sort, tree.shown(()))
        stack: list[tuple[Parts, bool, bool]] = [((), False, False)]
        while stack:
            parts, modules, inside = stack.pop()
            try:
                entries = tree.entries(parts)
            except OSError as error:
                self._unreadable(tree, sort, parts, error)
                continue
            names = {name: modules or name in _INSTALLED for name in entries.folders if name not in _PASSED}
            for name in (*names, *entries.links):
                package = of_folder((*parts[-6:], name))
                known = package is not None and self._folder(
                    tree, (*parts, name), package, name in entries.links
                )
                self._path(tree, (*parts, name), self._index.file((*parts, name)), "a folder")
                if name in names:
                    stack.append(((*parts, name), names[name], inside or known))
            place.looked += len(entries.files)
            self._watch.looking(tree.shown(parts), len(entries.files))
            for name in entries.files:
                if self._file(tree, (*parts, name), modules) or inside or self._every_hash:
                    yield (*parts, name)

    def _folder(self, tree: Tree, parts: Parts, package: Package, link: bool) -> bool:
        """A folder that a package lies in: whether the package is one of the campaign's."""
        place = self._places.at("installed", tree.shown(_top(parts)))
        place.looked += 1
        if not self._index.knows(package):
            return False
        found = package
        if not package.version and not link:
            found = self._versioned(tree, parts, package)
        said = f"its manifest says {found.version}" if found.version != package.version else ""
        for match in self._index.listed(Listed(found)):
            what = f"the folder of {package}" + (f"; {said}" if said else "")
            self._find(tree, "installed", parts, "installed", Match(match.indicator, match.use, what))
        return True

    def _versioned(self, tree: Tree, parts: Parts, package: Package) -> Package:
        """The package with the version that its manifest says, which may have been rewritten."""
        manifest = (*parts, MANIFESTS.get(package.type, ""))
        gone = (
            "" if self._index.always(package) else "it is not there: which version this is, nobody can tell"
        )
        data = self._read(tree, "installed", manifest, tree.shown(_top(parts)), gone)
        if data is None:
            return package
        try:
            version = text_of(msgspec.json.decode(data).get("version"))
        except (ValueError, AttributeError) as error:
            reject = Reject(tree.shown(manifest), 0, f"its version cannot be read: {error}")
            self._places.unread("installed", tree.shown(_top(parts)), reject)
            return package
        return Package(package.type, package.name, version)

    def _file(self, tree: Tree, parts: Parts, modules: bool) -> bool:
        """Look at a file by its name: whether it is to be hashed."""
        name = parts[-1]
        wanted = self._path(tree, parts, self._index.file(parts))
        if modules and name != ".package-lock.json":
            return wanted
        if name.endswith(_ARCHIVES) and (package := of_file(parts[-6:])):
            wanted = self._archive(tree, parts, package) or wanted
        elif reader := self._reader(tree, parts, modules):
            self._package_file(tree, parts, reader)
        elif is_index(parts):
            self._cache(tree, parts)
        elif name.endswith(".reg"):
            self._registry(tree, parts)
        elif name.lower() in _HIVES and self._index.registry:
            why = "a hive of the registry: export what is asked for with reg export, and sweep the .reg file"
            self._places.unread("registry", tree.shown(parts), Reject(tree.shown(parts), 0, why))
        elif parts[-2:-1] == ("rpm",) and name in _RPM and self._index.asks("rpm"):
            why = "rpm's database: ask the system itself, with rpm -q, or sweep a bill of materials of it"
            self._places.unread("system", tree.shown(parts), Reject(tree.shown(parts), 0, why))
        else:
            self._aside(tree, parts)
        return wanted

    def _reader(self, tree: Tree, parts: Parts, modules: bool) -> Reader | None:
        """Who reads the file as a package file: by its name, or as a bill of materials by its head."""
        name = parts[-1]
        reader = lock.reader_of(name, "/".join(parts[-3:-1]))
        if reader is None and name.endswith(".json") and not modules:
            try:
                with tree.open(parts) as file:
                    return lock.bill_reader(file.read(_HEAD))
            except OSError:
                return None  # whoever reads it whole says why
        return reader

    def _package_file(self, tree: Tree, parts: Parts, reader: Reader) -> None:
        bill, manifest = lock.is_bill(reader), reader.KIND == "package.json"
        system = lock.is_system(reader)
        sort: Sort = "sbom" if bill else "manifest" if manifest else "system" if system else "lockfile"
        path = tree.shown(parts)
        data = self._read(tree, sort, parts, path)
        if data is None:
            return
        place = self._places.at(sort, path)
        seen: set[tuple[str, int]] = set()
        for item in lock.read(path, data, reader):
            if isinstance(item, Reject):
                self._places.unread(sort, path, item)
            elif isinstance(item, Note):
                self._notes.append(item)
            else:
                place.looked += 1
                for match in self._index.listed(item):
                    if (match.what, item.line) not in seen:
                        seen.add((match.what, item.line))
                        named = msgspec.structs.replace(match, what=f"it names {match.what}")
                        self._find(tree, sort, parts, "installed" if system else "package", named, item.line)
        if sort == "lockfile":
            self._locked.add(tree.shown(parts[:-1]))

    def _archive(self, tree: Tree, parts: Parts, package: Package) -> bool:
        place = self._places.at("cache", tree.shown(parts[:-1]))
        place.looked += 1
        for match in self._index.listed(Listed(package)):
            found = Match(match.indicator, match.use, f"the archive of {match.what}")
            self._find(tree, "cache", parts, "package", found, place=place.path)
        return self._index.knows(package)

    def _cache(self, tree: Tree, parts: Parts) -> None:
        top = tree.shown(parts[:-4])
        data = self._read(tree, "cache", parts, top)
        self._places.at("cache", top).looked += 1
        for offset, package in tarballs((data or b"").decode("utf-8", "replace")):
            for match in self._index.listed(Listed(package)):
                line = (data or b"")[:offset].count(b"\n") + 1
                found = Match(match.indicator, match.use, f"{match.what} was fetched into npm's cache")
                self._find(tree, "cache", parts, "package", found, line, place=top)

    def _registry(self, tree: Tree, parts: Parts) -> None:
        path = tree.shown(parts)
        data = self._read(tree, "registry", parts, path)
        text = registry.text_of(data) if data is not None else None
        if data is not None and text is None:
            self._places.unread(
                "registry", path, Reject(path, 1, "no registry export: it has no head of regedit's")
            )
        for line, value, written in registry.values(text or ""):
            self._places.at("registry", path).looked += 1
            for match in registry.matches(value, written, self._index.registry):
                self._find(tree, "registry", parts, "host", match, line)

    def _path(self, tree: Tree, parts: Parts, tests: Sequence[FileTest], what: str = "a file") -> bool:
        """A file whose last components are looked for: a hit where it stands below the top of a disk, or anywhere."""
        roots = tree.roots(parts) if tests else ()
        leads: dict[str, FileTest] = {}
        for test in tests:
            whole = [f"C:{root.replace('/', chr(92))}" if test.windows else root for root in roots]
            one = test.indicator
            if test.anywhere or any(map(test.accept, whole)):
                self._find(
                    tree, "host", parts, "host", Match(one, one.use, f"{what} that is there as {one.value}")
                )
                return True
            if len(test.ending) > 1:
                leads.setdefault(one.value, test)
        for value, test in leads.items():
            said = f"{what} named as {value}, below no top of a disk that could be told"
            self._find(tree, "host", parts, "host", Match(test.indicator, "lead", said))
        return bool(leads)

    def _find(  # noqa: PLR0913, PLR0917 - what, where, and what it means
        self,
        tree: Tree,
        sort: Sort,
        parts: Parts,
        trigger: Trigger,
        match: Match,
        line: int = 0,
        place: str = "",
    ) -> None:
        if match.use == "context":
            return
        try:
            changed: float | None = tree.changed(parts)
        except OSError:
            changed = None
        path = tree.shown(parts)
        where = place or (
            path if sort in _OWN_PLACE else tree.shown(_top(parts) if sort == "installed" else ())
        )
        evidence = self._places.evidence(match, trigger, path, line, changed)
        self._places.at(sort, where).evidence.append(evidence)

    def _read(self, tree: Tree, sort: Sort, parts: Parts, place: str, gone: str = _VANISHED) -> bytes | None:
        """What stands in a file; `gone` is said where it is not there, and nothing where that is empty."""
        try:
            with tree.open(parts) as file:
                data = file.read(_TOO_LARGE + 1)
                while len(data) <= _TOO_LARGE and (more := file.read(_TOO_LARGE)):
                    data += more
                return data
        except FileNotFoundError as error:
            if gone:
                self._unreadable(tree, sort, parts, error, place, gone)
        except OSError as error:
            self._unreadable(tree, sort, parts, error, place)
        return None

    def _unreadable(  # noqa: PLR0913, PLR0917 - what, where, and why
        self, tree: Tree, sort: Sort, parts: Parts, error: OSError, place: str = "", gone: str = _VANISHED
    ) -> None:
        vanished = isinstance(error, FileNotFoundError)
        reason = gone if vanished else error.strerror or str(error)
        self._places.unread(sort, place or tree.shown(()), Reject(tree.shown(parts), 0, reason))

    def _drop_ranges(self) -> None:
        """A range in a manifest says nothing where a lockfile beside it says what it came to."""
        for place in self._places.all():
            folder = place.path.rpartition("/")[0]
            if place.sort == "manifest" and folder in self._locked:
                place.evidence = [one for one in place.evidence if one.use == "hit"]


_OWN_PLACE = frozenset(("lockfile", "sbom", "manifest", "system", "registry"))


def _top(parts: Parts) -> Parts:
    """The folder of packages that a package lies in: the outermost node_modules, or where it stands."""
    for depth, name in enumerate(parts[:-1], 1):
        if name in _INSTALLED:
            return parts[:depth]
    return parts[:-1]
