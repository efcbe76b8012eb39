"""From the folders of packs to campaigns. All that is wrong with all of them is raised at once."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import msgspec

from clew.campaign import guidance, head, indicators, rows
from clew.campaign.model import KINDS, Campaign, Indicator, Kind
from clew.campaign.reading import PackReading
from clew.detection.block import Block, Faults, block
from clew.detection.document import compose
from clew.detection.load import SKEW, read_detections, shipped
from clew.detection.model import Detection
from clew.detection.values import SiteValues
from clew.errors import ContentError, Fault, UsageError
from clew.suggest import did_you_mean

HEAD = "campaign.yaml"
#: The files of a pack, each of which must be there, with the keys that it has.
PARTS = {HEAD: head.KEYS, "indicators.yaml": indicators.KEYS, "guidance.yaml": guidance.KEYS}


class CampaignError(ContentError):
    """A campaign's pack is wrong."""


def shipped_campaigns() -> Path:
    """The folder of the packs in the package."""
    return Path(str(files("clew"))) / "content" / "campaigns"


def pack_folders(root: Path) -> list[Path]:
    """The folders of packs under a folder, by name."""
    return sorted((path.parent for path in root.rglob(HEAD)), key=lambda path: path.name)


def find_pack(name: str) -> Path:
    """The folder of a shipped pack, or the folder itself that is named. Raises UsageError."""
    if (Path(name) / HEAD).is_file():
        return Path(name)
    known = {folder.name: folder for folder in pack_folders(shipped_campaigns())}
    if name not in known:
        mend = did_you_mean(name, known, "see clew campaigns list")
        raise UsageError(f"no campaign and no folder with a {HEAD} is called '{name}'; {mend}")
    return known[name]


def load_campaigns(folders: Sequence[Path]) -> list[Campaign]:
    """The campaigns of packs. Raises CampaignError with everything that is wrong with any of them."""
    faults: list[Fault] = []
    found = [campaign for folder in folders if (campaign := read_campaign(folder, faults))]
    if faults:
        raise CampaignError(faults)
    return found


def read_campaign(folder: Path, faults: list[Fault]) -> Campaign | None:
    """The campaign of a pack; None where something is wrong with it, and `faults` tells what."""
    tops = {name: _top(folder / name, keys, faults) for name, keys in PARTS.items()}
    detections = _detections(folder, faults)
    first, second, third = tops.values()
    sources = head.read_sources(first) if first else {}
    campaign = None
    if first and second and third:
        reading = PackReading(first.faults, sources)
        facts = head.read_head(first, reading, folder.resolve().name)
        campaign = Campaign(
            **msgspec.structs.asdict(facts),
            sources=sources,
            indicators=_indicators(folder, second, reading, faults),
            refused=indicators.read_refused(second, reading.of(second.faults)),
            guidance=guidance.read_guidance(third, reading.of(third.faults)),
            detections=(*_analytics(first, faults), *detections),
            path=str(folder),
        )
    wrong = [fault for top in tops.values() if top for fault in top.faults.found]
    faults.extend(wrong)
    mine = any(Path(fault.path).is_relative_to(folder) for fault in faults)
    return None if mine else campaign


def _indicators(
    folder: Path, top: Block, reading: PackReading, faults: list[Fault]
) -> dict[Kind, tuple[Indicator, ...]]:
    """Those of indicators.yaml, then those of the table beside it."""
    found = indicators.read_indicators(top, reading.of(top.faults))
    table = Faults(str(folder / rows.TABLE))
    more = rows.read_rows(folder / rows.TABLE, reading.of(table))
    faults.extend(table.found)
    return {kind: (*found[kind], *more.get(kind, ())) for kind in KINDS}


def _top(path: Path, keys: Sequence[str], faults: list[Fault]) -> Block | None:
    gathered = Faults(str(path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        faults.append(
            Fault(str(path), 0, 0, f"cannot be read: {error.strerror}", f"a pack has {', '.join(PARTS)}")
        )
        return None
    except UnicodeDecodeError as error:
        faults.append(Fault(str(path), 0, 0, f"not UTF-8 text: byte {error.start}", "save the file as UTF-8"))
        return None
    node = compose(text, str(path), gathered.found)
    if node is None and not gathered.found:
        gathered.found.append(Fault(str(path), 0, 0, "the file is empty", f"its keys are {', '.join(keys)}"))
    top = block(node, gathered, path.name, keys) if node is not None else None
    if top is None:
        faults.extend(gathered.found)
    return top


def _detections(folder: Path, faults: list[Fault]) -> list[Detection]:
    """The pack's own analytics, under `detections/`."""
    own = folder / "detections"
    if not own.is_dir() or not any(own.rglob("*.yaml")):
        return []
    return read_detections([own], SiteValues(), SKEW, faults)


def _analytics(top: Block, faults: list[Fault]) -> list[Detection]:
    """The shipped detections that `analytics` names."""
    node = top.node.nodes.get("analytics")
    named = [(leaf.value, leaf.mark) for leaf in getattr(node, "nodes", ()) if hasattr(leaf, "value")]
    if not named:
        return []
    known = {
        detection.name: detection for detection in read_detections([shipped()], SiteValues(), SKEW, faults)
    }
    for name, mark in named:
        if name not in known:
            mend = did_you_mean(str(name), known, "see clew detections list")
            top.faults.add(mark, f"no shipped detection is called '{name}'", mend)
    return [known[str(name)] for name, _ in named if name in known]
