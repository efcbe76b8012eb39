"""What a pack says of one value: whether it is an indicator, must not be used, or is not known to it."""

from __future__ import annotations

from collections.abc import Iterator

from clew.campaign.model import Campaign, Indicator, Refused
from clew.campaign.page import shown
from clew.campaign.refang import refang


def about(campaign: Campaign, value: str) -> list[Indicator | Refused]:
    """The indicators and refusals with that value; hashes also by their beginning of eight digits or more."""
    asked = refang(value).casefold()
    known: list[Indicator | Refused] = [*campaign.all_indicators(), *campaign.refused]
    return [one for one in known if any(_same(asked, form.casefold()) for form in _forms(one))]


def _forms(one: Indicator | Refused) -> Iterator[str]:
    yield one.value
    if isinstance(one, Indicator):
        yield shown(one)
        yield from (digest.partition(":")[2] for digest in (one.value, *one.hashes) if ":" in digest)
        if one.kind == "packages":
            name = shown(one).partition(",")[0]
            yield name.rpartition("@")[0] or name


def _same(asked: str, form: str) -> bool:
    """Whether it is the value, the host of a URL, or the beginning of a hash."""
    return asked == form or (len(asked) >= 8 and len(form) >= 32 and form.startswith(asked))


def told(one: Indicator | Refused) -> Iterator[str]:
    """What to say of it, in lines."""
    if isinstance(one, Refused):
        yield f"{one.value}: do not use it ({one.kind}). {one.why[:1].upper()}{one.why[1:]}."
        return
    meaning = {
        "hit": "a match is a hit",
        "lead": "a match is a lead",
        "context": "it is not looked for alone",
    }
    yield f"{shown(one)}: {one.about}. Confidence {one.confidence}, {meaning[one.use]}."
    if one.no:
        yield f"  It is not {one.no}."
    if one.conflict:
        yield f"  Others: {one.conflict}."
    yield f"  Sources: {', '.join(one.sources)}."
