"""What a program or library is, as Sysmon describes it: path, version resource, hashes, signature."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

MICROSOFT = "Microsoft Corporation"
WINDOWS_PRODUCT = "Microsoft® Windows® Operating System"
WINDOWS_VERSION = "10.0.19041.{} (WinBuild.160101.0800)"


@dataclass(frozen=True, slots=True)
class Program:
    r"""A file that can be run or loaded.

    `path` may hold `{home}`, the user's folder (`C:\Users\name`). `loads` names the set of libraries that a
    process of it loads. `signer` is empty where the file is not signed.
    """

    path: str
    original: str
    description: str
    product: str
    company: str
    version: str
    signer: str
    loads: str
    hashes: str

    @property
    def name(self) -> str:
        return self.path.rpartition("\\")[2]

    def at(self, path: str) -> Program:
        """The same file in another place: its bytes, so its hashes and its version resource, stay."""
        return replace(self, path=path)

    def renewed(self, version: str, path: str | None = None) -> Program:
        """Another version of it."""
        hashes = file_hashes(f"{self.original}|{self.description}|{version}")
        return replace(self, version=version, path=path or self.path, hashes=hashes)

    def resource(self) -> dict[str, str]:
        """The version resource under Sysmon's names, in Sysmon's order."""
        return {
            "FileVersion": self.version,
            "Description": self.description,
            "Product": self.product,
            "Company": self.company,
            "OriginalFileName": self.original,
        }


def file_hashes(content: str) -> str:
    """Sysmon's Hashes field for a file whose bytes are identified by `content`."""
    data = content.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    imphash = hashlib.md5(b"imports of " + data, usedforsecurity=False).hexdigest()
    return f"SHA1={sha1},MD5={md5},SHA256={sha256},IMPHASH={imphash}".upper()


def windows(path: str, original: str, description: str, loads: str = "console") -> Program:
    r"""A part of Windows; `path` stands under `C:\Windows\`."""
    build = 1 + int(hashlib.sha256(path.encode()).hexdigest()[:3], 16)
    version = WINDOWS_VERSION.format(build)
    hashes = file_hashes(f"{original}|{description}|{version}")
    signer = "Microsoft Windows"
    full = "C:\\Windows\\" + path
    return Program(full, original, description, WINDOWS_PRODUCT, MICROSOFT, version, signer, loads, hashes)


def vendor(
    path: str,
    original: str,
    description: str,
    version: str,
    *,
    product: str = "",
    company: str = MICROSOFT,
    signer: str = "",
    loads: str = "window",
) -> Program:
    """A program that is no part of Windows; signed by its company unless `signer` says otherwise."""
    hashes = file_hashes(f"{original}|{description}|{version}")
    return Program(
        path,
        original,
        description,
        product or description,
        company,
        version,
        signer or company,
        loads,
        hashes,
    )


def unsigned(path: str, loads: str = "console", content: str = "") -> Program:
    """A file without a version resource and without a signature."""
    return Program(path, "-", "-", "-", "-", "-", "", loads, file_hashes(content or path))
