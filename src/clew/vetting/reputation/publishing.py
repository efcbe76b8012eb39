"""Questions about how a release was published: by whom, from where, with which proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from clew.vetting.fact import Signal, Weight
from clew.vetting.reputation.case import Case, clear, hit, unknown
from clew.vetting.reputation.metadata import Release, branch

_Has: TypeAlias = Callable[[Release], bool | None]

#: So many releases must all have had a thing before its lack means something.
_ENOUGH = 3
_ACCOUNTS = "T1586"


def publisher_changed(case: Case) -> Signal:
    """An account that never published it before, and was not among its maintainers either."""
    name, source = "publisher-changed", "versions[]._npmUser.name"
    by = case.release.publisher if case.release else None
    earlier = [one for one in case.before if one.publisher]
    if by is None or not by.name or not earlier:
        return unknown(name, source)
    if by.trusted:
        return clear(name, f"{by.name}, a trusted publisher", source)
    owners = frozenset().union(*(one.owners for one in case.before[-_ENOUGH:]))
    if by.name in owners or any(one.publisher and one.publisher.name == by.name for one in earlier):
        return clear(name, f"{by.name} published it before or maintained it", source)
    was = earlier[-1].publisher
    return hit(
        name, f"{by.name}, never before; the last was {was.name if was else '?'}", source, "review", _ACCOUNTS
    )


def email_changed(case: Case) -> Signal:
    """The account is known, but with another address."""
    name, source = "email-changed", "versions[]._npmUser.email"
    by = case.release.publisher if case.release else None
    if by is None or not by.email:
        return unknown(name, source)
    addresses = [
        one.publisher.email
        for one in case.before
        if one.publisher and one.publisher.name == by.name and one.publisher.email
    ]
    if not addresses:
        return unknown(name, source, f"{by.name} did not publish it before")
    if by.email in addresses:
        return clear(name, by.email, source)
    return hit(name, f"{by.name} with {by.email}, before with {addresses[-1]}", source, "review", _ACCOUNTS)


def trusted_publisher_lost(case: Case) -> Signal:
    """Built and published by the project's own pipeline before, and now with somebody's token."""
    name, source = "trusted-publisher-lost", "versions[]._npmUser.trustedPublisher"
    by = case.release.publisher if case.release else None
    told = [one for one in case.before if one.publisher]
    if by is None or not told:
        return unknown(name, source)
    if by.trusted:
        return clear(name, "a trusted publisher", source)
    since = next((n for n, one in enumerate(told) if one.publisher and one.publisher.trusted), None)
    if since is None:
        return clear(name, "it never had a trusted publisher", source)
    last = case.previous if case.previous and case.previous.publisher else told[-1]
    if not (last.publisher and last.publisher.trusted):
        return clear(name, f"{last.version} before it was published by token, too", source)
    mixed = sum(not (one.publisher and one.publisher.trusted) for one in told[since:])
    value = f"{by.name} by token; {last.version} was published by a trusted publisher"
    if mixed * 4 > len(told) - since:
        return hit(name, f"{value}, but {mixed} since its first were not", source)
    return hit(name, value, source, "review", _ACCOUNTS)


def attestation_lost(case: Case) -> Signal:
    """No provenance where the releases before had it."""
    return _lost(case, "attestation-lost", "versions[].dist.attestations", lambda one: one.attested, "review")


def git_head_lost(case: Case) -> Signal:
    """No commit where all releases before named theirs: it was not published out of the repository."""
    return _lost(case, "git-head-lost", "versions[].gitHead", lambda one: one.git_head)


def signature_lost(case: Case) -> Signal:
    """No signature of the registry where the releases before had one."""
    return _lost(case, "signature-lost", "versions[].dist.signatures", lambda one: one.signed)


def _lost(case: Case, name: str, source: str, has: _Has, weight: Weight = "note") -> Signal:
    now = has(case.release) if case.release else None
    if now is None or not case.before:
        return unknown(name, source)
    if now:
        return clear(name, "has it", source)
    own = [one for one in case.before if branch(one.version) == branch(case.subject.version)]
    earlier = (own if len(own) >= _ENOUGH else case.before)[-_ENOUGH:]
    if len(earlier) >= _ENOUGH and all(has(one) for one in earlier):
        return hit(name, f"the {_ENOUGH} releases before had it, {earlier[-1].version} last", source, weight)
    return clear(name, "not all releases before had it", source)
