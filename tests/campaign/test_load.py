"""Packs: what is wrong with one is told all at once, with its place and its mend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from campaign.packs import campaign, pack
from clew.campaign.ask import about
from clew.campaign.load import CampaignError, find_pack, load_campaigns, pack_folders, shipped_campaigns
from clew.campaign.model import KINDS
from clew.campaign.page import page
from clew.campaign.refang import defang, refang
from clew.campaign.render import document, markdown
from clew.errors import UsageError

GOOD = "about: x, confidence: high, sources: [A]"


def faults(folder: Path) -> list[str]:
    with pytest.raises(CampaignError) as raised:
        load_campaigns([folder])
    return [str(fault) for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"domains": f"[{{value: 'evil[.]test', {GOOD}}}]"}, "'evil[.]test' is defanged (write it as it is: evil.test)"),
        ({"domains": f"[{{value: 'evil test', {GOOD}}}]"}, "'evil test' cannot stand among domains"),
        ({"domains": "[{value: evil.test, about: x, confidence: sure, sources: [A]}]"}, "'confidence' cannot be 'sure'"),
        ({"domains": "[{value: evil.test, about: x, confidence: high}]"}, "has no 'sources'"),
        ({"domains": f"[{{value: evil.test, {GOOD}, valid: 1}}]"}, "has no key 'valid'"),
        ({"domains": "[{value: evil.test, about: x, confidence: low, sources: [B]}]"}, "no source is called 'B'"),
        ({"domains": f"[{{value: evil.test, since: soon, {GOOD}}}]"}, "'soon' is no time"),
        ({"addresses": f"[{{value: 300.1.1.1, {GOOD}}}]"}, "cannot stand among addresses"),
        ({"hashes": "[{{value: {}, {}}}]".format("a" * 39, GOOD)}, "it has 39 characters"),
        ({"ports": f"[{{value: '8000', {GOOD}}}]"}, "write 8000/tcp"),
        ({"files": f"[{{value: 'wt.exe', {GOOD}}}]"}, "it begins at no root"),
        ({"files": f"[{{value: '%NOWHERE%\\wt.exe', {GOOD}}}]"}, "is no variable that can be resolved"),
        ({"registry": f"[{{value: 'Run', {GOOD}}}]"}, "write hive, key and the name"),
        ({"packages": f"[{{value: 'npm/axios', versions: ['1'], {GOOD}}}]"}, "no package URL"),
        ({"packages": f"[{{value: 'pkg:npm/axios@1', versions: ['1'], {GOOD}}}]"}, "versions do not stand in the purl"),
        ({"packages": f"[{{value: 'pkg:npm/axios', {GOOD}}}]"}, "a package needs its bad versions"),
        ({"packages": f"[{{value: 'pkg:npm/axios', versions: ['1'], sha1: abc, {GOOD}}}]"}, "'abc' is no SHA1"),
        ({"do_not_use": "[{value: x, kind: domain, why: y}]"}, "did you mean 'domains'?"),
        ({"analytics": "[AN0826]"}, "no shipped detection is called 'AN0826' (did you mean 'AN0862'?)"),
        ({"techniques": "[{id: T1, name: x}]"}, "'id' cannot be 'T1'"),
        ({"name": "other"}, "'other' is not the name of its folder (write name: acme-2026)"),
        ({"summary": "[]"}, "'summary' must be text"),
        ({"remediation": "[{id: C1, phase: now, text: a, verify: b, sources: [A]}]"}, "'phase' cannot be 'now'"),
        ({"remediation": "[{id: C1, phase: contain, text: a, verify: b, when: [hosts], sources: [A]}]"}, "did you mean 'host'?"),
        ({"remediation": "[{id: C1, phase: contain, text: a, sources: [A]}]"}, "has no 'verify'"),
        ({"affected": "[{purl: axios, bad: ['1'], sources: [A]}]"}, "no package URL"),
    ],
)  # fmt: skip
def test_a_fault_has_its_place_and_its_mend(tmp_path: Path, changes: dict[str, str], expected: str) -> None:
    told = faults(pack(tmp_path, **changes))
    assert [line for line in told if expected in line], told
    key = next(iter(changes))
    file = next(path for path in (tmp_path / "acme-2026").iterdir() if f"\n{key}:" in "\n" + path.read_text())
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if text.startswith(f"{key}:"))
    assert any(line_.startswith(f"{file}:{line}:") for line_ in told)


def test_a_kind_may_be_empty_but_not_left_out(tmp_path: Path) -> None:
    folder = pack(tmp_path)
    file = folder / "indicators.yaml"
    file.write_text(
        "\n".join(line for line in file.read_text().splitlines() if not line.startswith("emails:"))
    )
    assert faults(folder) == [
        f"{file}:3:1: indicators.yaml has no 'emails' (write 'emails: []' where there is nothing)"
    ]


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    one = pack(tmp_path, called="one", domains="[{}]", history="{}", summary="[]")
    two = pack(tmp_path, called="two", emails="x")
    (two / "guidance.yaml").unlink()
    with pytest.raises(CampaignError) as raised:
        load_campaigns([one, two])
    assert {Path(fault.path).name for fault in raised.value.faults} == {
        "campaign.yaml",
        "indicators.yaml",
        "guidance.yaml",
    }
    assert any("cannot be read" in str(fault) for fault in raised.value.faults)


def test_a_pack_that_is_no_text_and_one_that_is_empty(tmp_path: Path) -> None:
    folder = pack(tmp_path)
    (folder / "guidance.yaml").write_bytes(b"\xff")
    (folder / "campaign.yaml").write_text("")
    told = faults(folder)
    assert any("not UTF-8" in line for line in told) and any("the file is empty" in line for line in told)


def test_the_use_of_an_indicator_follows_from_its_confidence(tmp_path: Path) -> None:
    made = campaign(
        tmp_path,
        domains=f"[{{value: A.test, {GOOD}}}, {{value: b.test, about: x, confidence: low, sources: [A]}}, "
        f"{{value: c.test, use: lead, {GOOD}}}]",
        ports=f"[{{value: 8000/tcp, {GOOD}}}]",
    )
    assert [(one.value, one.use) for one in made.all_indicators()] == [
        ("a.test", "hit"),
        ("b.test", "lead"),
        ("c.test", "lead"),
        ("8000/tcp", "context"),
    ]


def test_an_unknown_campaign_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="did you mean 'axios-2026'"):
        find_pack("axios2026")


def test_every_shipped_pack_loads_and_has_what_it_needs() -> None:
    for made in load_campaigns(pack_folders(shipped_campaigns())):
        assert set(made.indicators) == set(KINDS)
        assert made.guidance.remediation and made.guidance.mitigation and made.guidance.history
        refused = {one.value.casefold() for one in made.refused}
        assert not refused & {one.value.removesuffix("/32").casefold() for one in made.all_indicators()}
        named = {name.partition(" (")[0] for one in made.all_indicators() for name in one.sources}
        assert named <= set(made.sources)


def test_what_must_not_be_used_is_explained_to_who_asks() -> None:
    axios = load_campaigns([find_pack("axios-2026")])[0]
    for value in (
        "packages.npm.org",
        "206[.]11[.]142[.]73",
        "cfrclak.com",
        "443/tcp",
        "9f914d42706fe215501044acd85a32d58aaef1419d404fddfa5d3b48f66ccd9f",
    ):
        assert [type(one).__name__ for one in about(axios, value)] == ["Refused"], value
    for value in (
        "hxxp://sfrclak[.]com:8000/6202033",
        "142.11.206.73",
        "axios",
        "plain-crypto-js",
        "2553649f2322049666871cea80a5d0d6adc700ca",
    ):
        assert {type(one).__name__ for one in about(axios, value)} == {"Indicator"}, value
    assert not about(axios, "example.org")


def test_a_page_shows_every_kind_and_no_text_of_a_pack_acts(tmp_path: Path) -> None:
    hostile = "<script>x</script> [a](http://b) | c \\e \\x1b[31m"
    made = campaign(
        tmp_path,
        title=f'"{hostile}"'.replace("\\e", "\\e"),
        domains=f"[{{value: a.test, about: '{hostile}', confidence: low, sources: [A]}}]",
    )
    html, text = document(page(made)), markdown(page(made))
    assert "<script" not in html and "\x1b" not in html + text
    assert not re.search(r"(?<!\\)[<>]script", text) and not re.search(r"(?<!\\)\]\(", text)
    for title in KINDS.values():
        assert title[0].upper() + title[1:].replace("-", "-") in html
    assert html.count('<p class="quiet">none</p>') >= len(KINDS) - 1


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("hxxp://sfrclak[.]com:8000/6202033", "http://sfrclak.com:8000/6202033"),
        ("hxxps[://]a(.)b{.}c", "https://a.b.c"),
        ("nrwise[@]proton[.]me", "nrwise@proton.me"),
        ("a[dot]b", "a.b"),
        ("1.2.3[.]4", "1.2.3.4"),
        ("sfrclak.com", "sfrclak.com"),
        ("C:\\a[1].txt", "C:\\a[1].txt"),
    ],
)
def test_defanged_values_are_refanged(written: str, plain: str) -> None:
    assert refang(written) == plain
    assert refang(defang(plain)) == plain
