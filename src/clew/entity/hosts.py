"""One host, one id: a short name and the full name that begins with it are the same host (R8).

`ws1` and `ws1.corp.example` are one host, called by its full name, unless two full names begin with `ws1`: then
nobody can tell whose the short one is, and it stays a host of its own. The site's inventory may say otherwise: a
short and a full name that both stand there are two hosts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from clew.entity.inventory import is_address


class Folding(msgspec.Struct, frozen=True):
    """`same` has the id for each short name that is no host of its own.

    `unclear` has the short names that stay alone since several full names begin with them, with those.
    """

    same: dict[str, str]
    unclear: dict[str, tuple[str, ...]]


def fold(seen: Iterable[str], listed: Collection[str] = ()) -> Folding:
    """Which of these host ids are one. `listed` are those of the inventory, which count as seen."""
    names = {*seen, *listed}
    full: dict[str, list[str]] = {}
    for name in sorted(names):
        if "." in name and not is_address(name):
            full.setdefault(name.partition(".")[0], []).append(name)
    same, unclear = {}, {}
    for short in names & full.keys():
        first, *others = full[short]
        if others:
            unclear[short] = (first, *others)
        elif short not in listed or first not in listed:
            same[short] = first
    return Folding(same, unclear)
