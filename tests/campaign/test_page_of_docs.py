"""docs/campaigns.md: its sample is what the command prints, its table is what the readers are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from campaign import disk
from clew.cli.main import run
from clew.package.lock import READERS

PAGE = Path(__file__).parents[2] / "docs" / "campaigns.md"
MOMENT = 1774920660  # 2026-03-31 01:31 UTC


def case(folder: Path) -> None:
    """What an incident responder might have gathered."""
    disk.erased(folder / "case/app")
    packages = {
        "node_modules/axios": {"version": "1.14.1"},
        "node_modules/plain-crypto-js": {"version": "4.2.1"},
    }
    disk.put(folder / "case/app/package-lock.json", {"lockfileVersion": 3, "packages": packages})
    who = {"uid": "C1", "id.orig_h": "10.1.2.3", "id.orig_p": 50000, "id.resp_h": "10.0.0.1", "id.resp_p": 53}
    query = {
        "_path": "dns",
        "ts": MOMENT + 2.0,
        **who,
        "proto": "udp",
        "query": "sfrclak.com",
        "qtype_name": "A",
    }
    disk.put(folder / "case/logs/dns.log", json.dumps(query) + "\n")
    disk.put(folder / "case/other/yarn.lock", 'axios@^1.14.0:\n  version "1.14.0"\n\nchalk@^4:\n  vers')
    for path in (folder / "case").rglob("*"):
        os.utime(path, (MOMENT, MOMENT))


def filled(page: str, name: str, made: str) -> str:
    """The page with what stands between two marks made anew."""
    before, start, rest = page.partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->\n")
    assert start and end, f"the page has no marks for {name}"
    return f"{before}{start}{made}\n{end}{after}"


def test_the_page_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Set CLEW_UPDATE_DOCS=1 to write it anew."""
    case(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["campaigns", "sweep", "axios-2026", "case"]) == 4
    printed = capsys.readouterr().out
    rows = [f"| {reader.KIND} | {', '.join(f'`{name}`' for name in reader.NAMES)} |" for reader in READERS]
    page = PAGE.read_text("utf-8")
    made = filled(page, "sweep", f"```console\n$ clew campaigns sweep axios-2026 case\n{printed}```")
    made = filled(made, "readers", "\n".join(["| kind | file names, in any case |", "|---|---|", *rows]))
    if os.environ.get("CLEW_UPDATE_DOCS"):
        PAGE.write_text(made, "utf-8")
    assert page == made
