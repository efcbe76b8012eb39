"""`clew campaigns`: are we hit by this campaign, and what do we do?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from clew.cli.console import output, print_json
from clew.cli.exit import Exit
from clew.cli.hunt import FailOn
from clew.finding import Level, rank

if TYPE_CHECKING:
    from clew.campaign.model import Campaign
    from clew.campaign.sweep.model import Sweep

app = App(name="campaigns", version_flags=[], help="Campaigns: are we hit, and what do we do?")


@app.command(name="list")
def list_(*, format: Annotated[Literal["text", "json"], Parameter(name=["--format", "-f"])] = "text") -> None:
    """List the campaigns that ship: name, when it went on, how much is known, title."""
    from clew.campaign.load import load_campaigns, pack_folders, shipped_campaigns

    campaigns = load_campaigns(pack_folders(shipped_campaigns()))
    entries = [_entry(campaign) for campaign in campaigns]
    if format == "json":
        print_json(entries)
        return
    for entry in entries:
        print(f"{entry['name']}  {entry['since'][:10]}  {entry['indicators']} indicators  {entry['title']}")


def _entry(campaign: Campaign) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "title": campaign.title,
        "since": campaign.span.since,
        "until": campaign.span.until,
        "updated": campaign.updated,
        "indicators": len(campaign.all_indicators()),
        "detections": [detection.name for detection in campaign.detections],
    }


@app.command
def show(
    name: str,
    about: str | None = None,
    /,
    *,
    format: Annotated[
        Literal["text", "html", "md", "json", "stix"], Parameter(name=["--format", "-f"])
    ] = "text",
) -> int:
    """Show the whole page of a campaign, or what it says of one value.

    Parameters
    ----------
    name
        A campaign that ships, such as axios-2026, or the folder of a pack.
    about
        A domain, an address, a hash, a package ...: is it an indicator, and may it be used as one? Defanged or not.
        Exits with 1 where the campaign knows nothing of it.
    """
    from clew.campaign.exchange.run import FORMS
    from clew.campaign.load import find_pack, load_campaigns
    from clew.campaign.page import page
    from clew.campaign.render import document, markdown, write

    campaign = load_campaigns([find_pack(name)])[0]
    if about is not None:
        return _answer(campaign, about)
    if format == "json":
        print_json(_document(campaign))
    elif format == "text":
        write(page(campaign), output())
    else:
        makers = {"html": lambda: document(page(campaign)), "md": lambda: markdown(page(campaign))}
        made = makers.get(format, lambda: FORMS["stix"](campaign))()
        sys.stdout.flush()
        sys.stdout.buffer.write(made.encode())
    return Exit.OK


def _answer(campaign: Campaign, value: str) -> Exit:
    from clew.campaign.ask import about, told
    from clew.report.text import plain

    found = about(campaign, value)
    for line in (line for one in found for line in told(one)):
        print(plain(line))
    if not found:
        print(f"{plain(value)}: {campaign.name} knows nothing of it.")
    return Exit.OK if found else Exit.FOUND


def _document(campaign: Campaign) -> dict[str, Any]:
    """The pack as plain data; of detections their names."""
    import msgspec

    fields = msgspec.structs.asdict(campaign)
    made = {key: value for key, value in fields.items() if key not in ("detections", "path")}
    return made | {"detections": [detection.name for detection in campaign.detections]}


@app.command
def check(*packs: Annotated[Path, Parameter(name="PACK")]) -> None:
    """Load packs, and tell everything that is wrong with them: file, line, column, and how to mend it.

    Parameters
    ----------
    packs
        Folders of packs, or folders that hold some; those that ship by default.
    """
    from clew.campaign.load import load_campaigns, pack_folders, shipped_campaigns
    from clew.errors import UsageError

    folders: list[Path] = []
    for root in packs or (shipped_campaigns(),):
        inside = pack_folders(root) if root.is_dir() else []
        if not inside:
            raise UsageError(f"{root}: no pack in this folder, no campaign.yaml")
        folders += inside
    for campaign in load_campaigns(folders):
        count = len(campaign.all_indicators())
        print(f"ok {campaign.name}: {count} indicators, {len(campaign.refused)} not to be used, ", end="")
        print(f"{len(campaign.sources)} sources, {len(campaign.detections)} analytics")


@app.command
def new(folder: Path, /) -> None:
    """Write the skeleton of a pack into a new folder, whose name becomes the campaign's.

    Parameters
    ----------
    folder
        Such as campaigns/2026/name-2026; it must not be there yet.
    """
    from clew.campaign.skeleton import write

    for path in write(folder):
        print(path)
    print(f"{folder}: written; see what is wrong with: clew campaigns check {folder}", file=sys.stderr)


@app.command
def sweep(
    name: str,
    /,
    *paths: Path,
    hash: Annotated[bool, Parameter(negative=())] = False,
    one_file_system: Annotated[bool, Parameter(name=["--one-file-system", "-x"], negative=())] = False,
    fail_on: FailOn | None = None,
    format: Annotated[Literal["text", "json"], Parameter(name=["--format", "-f"])] = "text",
) -> int:
    """Are we hit? Look for a campaign in logs, lockfiles, installed packages, caches and files on disks.

    The first line is the verdict: HIT, NOT HIT or COULD NOT LOOK.

    Parameters
    ----------
    name
        A campaign that ships, such as axios-2026, or the folder of a pack.
    paths
        Files and folders: logs, projects, caches, a whole or mounted disk; the current folder by default.
    hash
        Hash every file, not only those that names or folders point to.
    one_file_system
        Leave out what is mounted below the paths: other disks, network folders.
    fail_on
        Exit with 1 when evidence reaches this level; "never" by default. A hit of an indicator is high, a lead low,
        and a finding of an analytic has its own.
    """
    from rich.console import Console

    from clew.campaign.load import find_pack, load_campaigns
    from clew.campaign.sweep.report import lines
    from clew.campaign.sweep.run import sweep as run
    from clew.cli.progress import Sweeping
    from clew.settings import read_settings

    settings = read_settings({"fail_on": fail_on})
    campaign = load_campaigns([find_pack(name)])[0]
    with Sweeping(Console(stderr=True)) as shown:
        asked = {"every_hash": hash, "one_file_system": one_file_system}
        result = run(campaign, paths or (Path(),), settings, **asked, watch=shown)
    if format == "json":
        print_json(result)
    else:
        for line in lines(result):
            print(line)
    return _exit_code(result, settings.fail_on)


def _exit_code(result: Sweep, fail_on: Level | None) -> Exit:
    if result.interrupted:
        return Exit.INTERRUPTED
    found = [one.level for place in result.places for one in place.evidence]
    if fail_on and any(rank(level) >= rank(fail_on) for level in found):
        return Exit.FOUND
    whole = not any(place.unread for place in result.places) and result.verdict != "could_not_look"
    return Exit.OK if whole else Exit.INCOMPLETE


@app.command(name="import")
def import_(file: Path, /, *, to: Annotated[Path, Parameter(name=["--output", "-o"])]) -> None:
    """Make a pack of a STIX 2.1 bundle, a MISP event, OSV records or a CSV file.

    Defanged values are refanged. What was refanged, left out or not understood is told on standard error.

    Parameters
    ----------
    file
        The file; which format it has, is told by its content.
    to
        The folder of the pack, such as campaigns/2026/name-2026; it must not be there yet.
    """
    from clew.campaign.exchange.pack import write
    from clew.campaign.exchange.run import draw
    from clew.campaign.load import load_campaigns
    from clew.report.text import plain

    drawn = draw(file)
    for said in drawn.said:
        print(plain(said), file=sys.stderr)
    write(drawn, to, file.name)
    campaign = load_campaigns([to])[0]
    print(
        f"{plain(str(to))}: {len(campaign.all_indicators())} indicators; sweep with: clew campaigns sweep {to}"
    )


@app.command
def export(
    name: str,
    /,
    *,
    format: Annotated[
        Literal["stix", "misp", "csv", "blocklist"], Parameter(name=["--format", "-f"])
    ] = "stix",
    to: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
) -> None:
    """Write a campaign for other programs: a STIX 2.1 bundle, a MISP event, CSV, or a list to block.

    Parameters
    ----------
    name
        A campaign that ships, such as axios-2026, or the folder of a pack.
    format
        stix: campaign, indicators, relationships, courses of action; misp: one event; csv: the indicators;
        blocklist: domains and addresses that may be blocked, one a line.
    to
        Write into this file instead of standard output.
    """
    from clew.campaign.exchange.run import FORMS
    from clew.campaign.load import find_pack, load_campaigns
    from clew.errors import UsageError

    made = FORMS[format](load_campaigns([find_pack(name)])[0]).encode()
    if to is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(made)
        return
    try:
        to.write_bytes(made)
    except OSError as error:
        raise UsageError(f"{to}: cannot be written: {error.strerror}") from error
