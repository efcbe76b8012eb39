"""The hosts that a package names as its own in its manifest: what it calls there is less of a surprise.

Anybody can write anything into a manifest, so this makes a call less strange and nothing harmless: what is fetched
and run, or stolen, is told all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from clew.vetting.subject import Subject
from clew.vetting.trace import Call

#: Fields of package.json and of Python's core metadata that say where a package is at home, or fetches from.
#: https://docs.npmjs.com/cli/configuring-npm/package-json, https://packaging.python.org/specifications/core-metadata/
_HOMES = (
    *("homepage", "repository", "bugs", "binary"),
    *("home-page", "download-url", "project-url", "project_urls", "urls"),
)
#: Hosts where everybody has a place of his own, which is the first part of the path.
_SHARED = ("github.com", "raw.githubusercontent.com", "gitlab.com", "bitbucket.org", "codeberg.org")
#: Hosts where a place says nothing of its owner.
_ANYBODYS = (
    "npmjs.com",
    "www.npmjs.com",
    "gist.github.com",
    "pypi.org",
    "medium.com",
    "twitter.com",
    "x.com",
)
_URL = re.compile(r"(?:git\+)?(?:https?|ssh|git)://[^\s\"'<>,;]+", re.IGNORECASE)
_SHORTHAND = re.compile(r"(?:github:)?([\w.-]+)/[\w.-]+")


def declared_hosts(subject: Subject, calls: Sequence[Call]) -> set[str]:
    """The package's own hosts; of hosts that many share those where it asked for nothing but its owner's."""
    links = list(_links(subject))
    hosts = {host for host, _ in links} - {*_SHARED, *_ANYBODYS}
    owners = {owner for host, owner in links if host in _SHARED and owner}
    return hosts | {host for host in _SHARED if _asks_owner(host, owners, calls)}


def _asks_owner(host: str, owners: set[str], calls: Iterable[Call]) -> bool:
    """Whether all that was asked of a shared host belongs to one of these owners."""
    asked = [call.path or "/" for call in calls if call.call == "request" and call.name == host]
    return bool(asked) and all(path.split("/")[1].lower() in owners for path in asked)


def _links(subject: Subject) -> Iterator[tuple[str, str]]:
    """(host, first part of the path) of each URL that says where the package is at home."""
    for key, value in subject.manifest.items():
        if key.lower() in _HOMES:
            yield from (link for text in _texts(value) for link in _read(text))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for inner in value.values() for text in _texts(inner))
    elif isinstance(value, (list, tuple)):
        yield from (text for inner in value for text in _texts(inner))


def _read(text: str) -> Iterator[tuple[str, str]]:
    if found := _SHORTHAND.fullmatch(text):
        yield "github.com", found[1].lower()
    for url in _URL.findall(text):
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            continue
        if host and "." in host:
            yield host.lower(), parts.path.strip("/").partition("/")[0].lower()
