"""indicators.csv: the table of a pack with very many indicators."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.packs import pack
from clew.campaign.exchange.pack import write
from clew.campaign.exchange.table import from_csv, to_csv
from clew.campaign.load import CampaignError, load_campaigns
from clew.campaign.rows import COLUMNS

HEADER = "kind,value,about,confidence,use,since,versions,hashes,sources,not\n"


def tabled(folder: Path, rows: str, header: str = HEADER) -> Path:
    made = pack(folder)
    (made / "indicators.csv").write_text(header + rows)
    return made


def test_the_table_continues_the_lists_of_the_pack(tmp_path: Path) -> None:
    made = tabled(
        tmp_path,
        "domains,evil.test,the server,high,,,,,A (Acme),a mirror\n"
        f"packages,pkg:npm/%40a/b,carries it,medium,,2026-01-02,1.0.0 1.0.1,sha256:{'ab' * 32},A,\n",
    )
    (one,) = load_campaigns([made])
    domain = next(found for found in one.indicators["domains"] if found.value == "evil.test")
    assert (domain.use, domain.sources, domain.no) == ("hit", ("A (Acme)",), "a mirror")
    package = one.indicators["packages"][-1]
    assert (package.versions, package.use, package.since) == (("1.0.0", "1.0.1"), "lead", "2026-01-02")
    assert package.hashes == (f"sha256:{'ab' * 32}",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("domain,a.test,x,high,,,,,A,", "'kind' cannot be 'domain'"),
        ("domains,a[.]test,x,high,,,,,A,", "defanged"),
        ("domains,not a domain,x,high,,,,,A,", "cannot stand among domains"),
        ("domains,a.test,,high,,,,,A,", "the cell of 'about' is empty"),
        ("domains,a.test,x,sure,,,,,A,", "'confidence' cannot be 'sure'"),
        ("domains,a.test,x,high,,,,,NOBODY,", "no source is called 'NOBODY'"),
        ("domains,a.test,x,high,,yesterday,,,A,", "'yesterday' is no time"),
        ("packages,pkg:npm/a,x,high,,,,,A,", "a package needs its bad versions"),
        ("packages,pkg:npm/a,x,high,,,1.0,sha256:12,A,", "are no hashes"),
    ],
)
def test_each_fault_has_its_line(tmp_path: Path, row: str, said: str) -> None:
    made = tabled(tmp_path, f"domains,good.test,x,high,,,,,A,\n{row}\n")
    with pytest.raises(CampaignError) as caught:
        load_campaigns([made])
    (fault,) = caught.value.faults
    assert said in fault.message and fault.line == 3 and fault.path.endswith("indicators.csv")


@pytest.mark.parametrize("header", ["kind,value,about,confidence,sources,colour\n", "kind,value,about\n", ""])
def test_a_header_that_is_wrong_is_said_once(tmp_path: Path, header: str) -> None:
    with pytest.raises(CampaignError) as caught:
        load_campaigns([tabled(tmp_path, "domains,a.test,x\n" * 3, header)])
    assert [fault.line for fault in caught.value.faults] == [1]


def test_what_is_imported_in_great_numbers_becomes_a_table_and_loses_nothing(tmp_path: Path) -> None:
    rows = "".join(f"hash,{number:064x},dropper {number}\n" for number in range(2_000))
    drawn = from_csv("type,indicator,description\n" + rows + "domain,=evil.test,\n")
    assert [said for said in drawn.said if said.startswith("left out: '=evil.test'")]
    assert "indicators.csv" in [path.name for path in write(drawn, tmp_path / "many-2026", "list.csv")]
    (one,) = load_campaigns([tmp_path / "many-2026"])
    assert len(one.indicators["hashes"]) == 2_000 and one.indicators["hashes"][7].about == "dropper 7"
    assert to_csv(one).splitlines()[0] == ",".join(COLUMNS)
    (again,) = [from_csv(to_csv(one))]
    assert [found["value"] for found in again.indicators["hashes"]] == [f"{n:064x}" for n in range(2_000)]
