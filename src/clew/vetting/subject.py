"""What is vetted: one package, taken out of its archive, with the digest that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

Ecosystem = Literal["npm", "pypi"]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One package as it was published.

    `folder` holds its files as the archive has them (npm's ``package/`` and an sdist's one folder taken off);
    nothing in it was run. `sha256` is of the archive, or of the sorted (path, sha256) of a folder's files. `files`
    are the digests of all files by their path inside `folder`: what the tree is compared with after a run.
    `manifest` is package.json, or the metadata of the sdist or wheel as names and values.
    """

    ecosystem: Ecosystem
    name: str
    version: str
    folder: Path
    sha256: str
    files: dict[str, str]
    manifest: dict[str, object]
    archive: Path | None = None
    remarks: tuple[str, ...] = ()
    """What is strange about the archive, though nothing of it was lost: links, one path twice."""

    @property
    def purl(self) -> str:
        """Its package URL (https://github.com/package-url/purl-spec)."""
        from packageurl import PackageURL

        namespace, _, name = self.name.rpartition("/")
        return PackageURL(self.ecosystem, namespace or None, name, self.version).to_string()
