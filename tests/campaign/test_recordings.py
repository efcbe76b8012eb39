"""The packs on recorded Windows events: of five campaigns one left a trace there, and it is found."""

from __future__ import annotations

from clew.campaign.load import load_campaigns, pack_folders, shipped_campaigns
from clew.campaign.sweep.run import sweep
from clew.settings import read_settings
from recordings import recording

#: SigmaHQ recorded on purpose how a package of the second wave is installed.
TRUE = {"shai-hulud-2-2025": ["@asyncapi/cli@4.1.2, 4.1.3"]}


def test_the_packs_find_what_is_there_and_nothing_else() -> None:
    log = recording("sigma-regression/sigma-regression-dev.zip")
    for campaign in load_campaigns(pack_folders(shipped_campaigns())):
        result = sweep(campaign, [log], read_settings({}))
        hits = [one for place in result.places for one in place.evidence if one.use == "hit"]
        assert [one.indicator for one in hits] == TRUE.get(campaign.name, []), campaign.name
        assert all("Shai-Hulud" in one.path for one in hits)
        assert [place.looked for place in result.places if place.sort == "log"] == [1]
