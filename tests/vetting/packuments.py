"""Documents of registries in their real shape, of packages that do not exist: npm's packuments and PyPI's JSON.

`publish` is one release as npm's registry writes it (field names: see reputation/npm.py), `packument` puts them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]
BOT = {
    "name": "GitHub Actions",
    "email": "npm-oidc-no-reply@github.com",
    "trustedPublisher": {"id": "github", "oidcConfigId": "oidc:7d0c6f0e"},
}
KIM = {"name": "kim", "email": "kim@acme.example"}
LEE = {"name": "lee", "email": "lee@acme.example"}


def publish(
    version: str,
    time: str,
    by: Document = BOT,
    *,
    dependencies: dict[str, str] | None = None,
    scripts: dict[str, str] | None = None,
    size: int = 400_000,
    owners: Sequence[Document] = (KIM,),
    without: Sequence[str] = (),
    **more: Any,
) -> tuple[str, Document]:
    """(time, a release): by a trusted publisher with all proofs, but for what is `without`."""
    dist: Document = {
        "integrity": f"sha512-{version}",
        "shasum": "00" * 20,
        "tarball": f"https://registry.npmjs.org/x/-/x-{version}.tgz",
        "fileCount": 80,
        "unpackedSize": size,
        "signatures": [{"keyid": "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U", "sig": "MEUCIQ"}],
        "attestations": {
            "url": f"https://registry.npmjs.org/-/npm/v1/attestations/x@{version}",
            "provenance": {"predicateType": "https://slsa.dev/provenance/v1"},
        },
    }
    release: Document = {
        "version": version,
        "scripts": {"test": "node --test", **(scripts or {})},
        "dependencies": {"follow-redirects": "^1.15.11", "form-data": "^4.0.5"}
        if dependencies is None
        else dependencies,
        "gitHead": "ab" * 20,
        "_npmUser": by,
        "_npmVersion": "11.6.0",
        "_nodeVersion": "24.0.0",
        "maintainers": [{"name": one["name"], "email": one["email"]} for one in owners],
        "dist": {key: value for key, value in dist.items() if key not in without},
        **more,
    }
    if {"preinstall", "install", "postinstall"} & release["scripts"].keys():
        release["hasInstallScript"] = True
    return time, {key: value for key, value in release.items() if key not in without}


def packument(
    name: str, *releases: tuple[str, Document], gone: dict[str, str] | None = None, **more: Any
) -> Document:
    """The whole document, with the times of versions that are gone."""
    versions = {one["version"]: {"name": name, **one} for _, one in releases}
    times = {one["version"]: time for time, one in releases} | (gone or {})
    return {
        "_id": name,
        "_rev": "9-00",
        "name": name,
        "description": f"The package {name}",
        "author": {"name": "Kim"},
        "repository": {"type": "git", "url": f"git+https://github.com/acme/{name}.git"},
        "dist-tags": {"latest": [*versions][-1]} if versions else {},
        "maintainers": [KIM],
        "versions": versions,
        "time": {"created": min(times.values()), "modified": max(times.values()), **times},
        **more,
    }


def series(prefix: str, year: int, count: int, **told: Any) -> list[tuple[str, Document]]:
    """Releases of a branch, one a month."""
    return [publish(f"{prefix}.{n}", f"{year}-{n + 1:02}-10T12:00:00.000Z", **told) for n in range(count)]


#: The shape of the Axios releases of 31 March 2026, as the post-mortem tells them: a token of a stolen account with
#: another address, no attestation, no commit, and one dependency that is new, hours old and never imported.
THIEF = {"name": "kim", "email": "kim@mail.example"}
_DEPENDENCIES = {"follow-redirects": "^1.15.11", "form-data": "^4.0.5", "proxy-from-env": "^2.1.0"}
_STOLEN: dict[str, Any] = {
    "by": THIEF,
    "dependencies": {**_DEPENDENCIES, "plain-hash-js": "^4.2.1"},
    "without": ("attestations", "gitHead"),
}
BEFORE = [
    *series("0.30", 2025, 4, by=KIM, dependencies=_DEPENDENCIES, without=("attestations",)),
    *series("1.13", 2025, 6, dependencies=_DEPENDENCIES),
    publish("1.14.0", "2026-03-27T19:01:00.000Z", dependencies=_DEPENDENCIES),
]
TAKEN = packument(
    "hermes-http",
    *BEFORE,
    publish("1.14.1", "2026-03-31T00:21:58.000Z", **_STOLEN),
    publish("0.30.4", "2026-03-31T01:00:57.000Z", **_STOLEN),
)
MALLORY = {"name": "mallory", "email": "mallory@mail.example"}
#: Its new dependency: the clean copy of another package the day before, then one with a script.
BROUGHT = packument(
    "plain-hash-js",
    publish("4.2.0", "2026-03-30T05:57:00.000Z", by=MALLORY, without=("attestations", "gitHead")),
    publish(
        "4.2.1",
        "2026-03-30T23:59:12.000Z",
        by=MALLORY,
        scripts={"postinstall": "node setup.js"},
        without=("attestations", "gitHead"),
    ),
    description="The package hash-js",
    maintainers=[MALLORY],
)


def _honest() -> dict[str, tuple[Document, str]]:
    optional = {f"@built/{system}-x64": "0.25.0" for system in ("linux", "win32", "darwin")}
    native = {"scripts": {"install": "node install/check.js"}, "dependencies": {"detect-libc": "^2.0.0"}}
    years = [
        publish(f"4.17.{n}", f"{2016 + n}-06-01T12:00:00.000Z", by=KIM, without=("attestations",))
        for n in range(5)
    ]
    two = {"owners": (KIM, LEE)}
    bare = ("_npmUser", "gitHead", "maintainers", "attestations", "signatures", "unpackedSize", "fileCount")
    return {
        "as axios 1.14.0 was": (packument("hermes-http", *BEFORE), "1.14.0"),
        "as esbuild: a script in every release, binaries in packages of their own": (
            packument(
                "builder",
                *series("0.24", 2025, 6, scripts={"postinstall": "node install.js"}, dependencies={}),
                publish(
                    "0.25.0",
                    "2025-09-01T00:00:00.000Z",
                    scripts={"postinstall": "node install.js"},
                    dependencies={},
                    optionalDependencies=optional,
                ),
            ),
            "0.25.0",
        ),
        "as react: a bot with a token, several branches in a minute": (
            packument(
                "viewer",
                *series("18.3", 2024, 6, by=LEE, without=("attestations",), owners=(LEE,)),
                publish(
                    "19.0.0", "2025-12-03T12:00:00.000Z", by=LEE, without=("attestations",), owners=(LEE,)
                ),
                publish(
                    "18.3.9", "2025-12-03T12:01:00.000Z", by=LEE, without=("attestations",), owners=(LEE,)
                ),
                publish(
                    "19.0.1", "2025-12-11T12:01:00.000Z", by=LEE, without=("attestations",), owners=(LEE,)
                ),
                publish(
                    "20.0.0-canary.1",
                    "2025-12-11T12:02:00.000Z",
                    by=LEE,
                    without=("attestations",),
                    owners=(LEE,),
                ),
            ),
            "19.0.1",
        ),
        "as lodash: a release after years": (
            packument(
                "underline",
                *years,
                publish("4.18.0", "2025-12-01T12:00:00.000Z", by=KIM, without=("attestations",)),
            ),
            "4.18.0",
        ),
        "as express: the next maintainer publishes, without the tools of the last": (
            packument(
                "speedy",
                *series("5.0", 2024, 6, by=KIM, without=("attestations",), **two),
                publish(
                    "5.1.0", "2025-03-31T12:00:00.000Z", by=LEE, without=("attestations", "gitHead"), **two
                ),
            ),
            "5.1.0",
        ),
        "as sharp: native, and twice as large": (
            packument(
                "pictures",
                *series("0.33", 2024, 6, **native),
                publish("0.34.0", "2025-04-01T12:00:00.000Z", size=900_000, **native),
            ),
            "0.34.0",
        ),
        "as request: deprecated": (
            packument(
                "asker",
                *series(
                    "2.88", 2018, 5, by=KIM, without=("attestations",), deprecated="asker has been deprecated"
                ),
            ),
            "2.88.4",
        ),
        "as chalk: once stolen, its bad release removed, another by trusted publishing": (
            packument(
                "crayon",
                *series("5.5", 2025, 5, by=KIM, without=("attestations",)),
                publish("5.6.2", "2025-09-08T15:00:00.000Z"),
                gone={"5.6.1": "2025-09-08T13:16:00.000Z"},
            ),
            "5.6.2",
        ),
        "as vite: from a person's token to trusted publishing, and a beta beside the release": (
            packument(
                "bundle",
                *series("6.0", 2025, 6, by=KIM, without=("attestations",)),
                publish("7.0.0-beta.0", "2025-06-20T09:00:00.000Z"),
                publish("6.1.0", "2025-06-24T09:00:00.000Z"),
                publish("7.0.0", "2025-06-24T09:10:00.000Z"),
            ),
            "7.0.0",
        ),
        "out of a mirror that leaves most fields out": (
            packument(
                "hermes-http",
                *(publish(r["version"], t, dependencies=r["dependencies"], without=bare) for t, r in BEFORE),
            ),
            "1.14.0",
        ),
    }


HONEST = _honest()


def project(
    *releases: tuple[str, str, Document], roles: Sequence[str] = ("kim",), serial: int = 1
) -> Document:
    """PyPI's document of a project; of a release (version, time of upload, what else its two files tell)."""
    return {
        "info": {
            "name": "Snake_Oil",
            "version": releases[-1][0],
            "summary": "The package snake-oil",
            "author_email": "Kim <kim@acme.example>",
            "project_urls": {"Source": "https://github.com/acme/snake-oil"},
            "yanked": False,
        },
        "last_serial": serial,
        "ownership": {"organization": None, "roles": [{"role": "Owner", "user": one} for one in roles]},
        "releases": {version: _files(version, time, told) for version, time, told in releases},
        "urls": [],
        "vulnerabilities": [],
    }


def _files(version: str, time: str, told: Document) -> list[Document]:
    kinds = told.get("kinds", ("bdist_wheel", "sdist"))
    return [
        {
            "filename": f"snake_oil-{version}-{kind}",
            "packagetype": kind,
            "upload_time_iso_8601": told.get("later", time) if n else time,
            "size": told.get("size", 50_000),
            "yanked": told.get("yanked", False),
            "yanked_reason": told.get("reason"),
            "digests": {"sha256": "00" * 32},
        }
        for n, kind in enumerate(kinds)
    ]
