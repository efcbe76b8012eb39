"""From a registry's document to signals and facts: what a stolen account does is told before any code is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.errors import UsageError
from clew.vetting.fact import Fact, Signal
from clew.vetting.reputation import Metadata, facts, gather, load, signals
from clew.vetting.reputation.metadata import moment
from clew.vetting.reputation.squat import imitated, popular
from clew.vetting.subject import Subject
from vetting.packuments import (
    BEFORE,
    BROUGHT,
    HONEST,
    KIM,
    LEE,
    TAKEN,
    Document,
    packument,
    project,
    publish,
    series,
)

NOW = moment("2026-11-24T00:00:00Z")
CODE = "const f = require('follow-redirects'), d = require(\"form-data\"), p = require('proxy-from-env');"


def put(path: Path, document: Any) -> Path:
    path.write_bytes(msgspec.json.encode(document))
    return path


def subject(
    folder: Path, name: str, version: str, document: Document | None = None, code: str = CODE
) -> Subject:
    """The package as its archive has it: its manifest is what the registry shows."""
    (folder / "index.js").write_text(code)
    told = (document or {}).get("versions", {}).get(version, {})
    manifest = {
        key: told[key]
        for key in ("name", "version", "scripts", "dependencies", "optionalDependencies")
        if key in told
    }
    return Subject(
        ecosystem="npm",
        name=name,
        version=version,
        folder=folder,
        sha256="00" * 32,
        files={"index.js": "00" * 32, "package.json": "00" * 32},
        manifest=manifest,
    )


def asked(
    folder: Path, document: Document, version: str, *others: Document, **more: Any
) -> dict[str, Signal]:
    paths = [put(folder / f"{n}.json", one) for n, one in enumerate((document, *others))]
    vetted = subject(folder, document["name"], version, document, **more)
    return {one.name: one for one in signals(gather(paths, vetted), vetted, now=NOW)}


def weighed(found: dict[str, Signal], weight: str) -> list[str]:
    return [fact.rule for fact in facts([*found.values()]) if fact.weight == weight]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Signal]:
    return asked(tmp_path_factory.mktemp("taken"), TAKEN, "1.14.1", BROUGHT)


def test_a_stolen_account_is_blocked_before_any_code_is_read(taken: dict[str, Signal]) -> None:
    blocked = [fact for fact in facts([*taken.values()]) if fact.weight == "block"]
    assert [fact.rule for fact in blocked] == [
        "reputation.takeover-dependency",
        "reputation.takeover-young",
        "reputation.takeover-burst",
    ]
    assert "plain-hash-js" in blocked[0].evidence
    assert "kim@mail.example" in blocked[0].evidence


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("trusted-publisher-lost", "1.14.0 was published by a trusted publisher"),
        ("email-changed", "kim@mail.example, before with kim@acme.example"),
        ("attestation-lost", "1.14.0 last"),
        ("git-head-lost", "1.14.0 last"),
        ("dependency-phantom", "plain-hash-js"),
        ("dependency-new", "plain-hash-js"),
        ("dependency-young", "plain-hash-js of 2026-03-30 23:59, 23 minutes before"),
        ("burst", "0.30.4 at 2026-03-31 01:00"),
    ],
)
def test_what_was_strange_about_it(name: str, words: str, taken: dict[str, Signal]) -> None:
    assert taken[name].state == "hit"
    assert words in taken[name].value
    assert taken[name].source


@pytest.mark.parametrize(
    "name", ["publisher-changed", "signature-lost", "install-script-new", "long-gap", "typosquat"]
)
def test_what_was_not(name: str, taken: dict[str, Signal]) -> None:
    assert taken[name].state == "clear"


def test_its_other_branch_never_had_a_trusted_publisher_and_is_blocked_too(tmp_path: Path) -> None:
    found = asked(tmp_path, TAKEN, "0.30.4")
    assert found["trusted-publisher-lost"].state == "clear"
    assert "reputation.takeover-dependency" in weighed(found, "block")


def test_the_document_alone_is_enough_once_the_release_is_gone(tmp_path: Path) -> None:
    """The registry removed it: its time stays, and its manifest is in the archive that somebody kept."""
    after = packument(
        "hermes-http",
        *BEFORE,
        gone={"1.14.1": "2026-03-31T00:21:58.000Z", "0.30.4": "2026-03-31T01:00:57.000Z"},
    )
    vetted = msgspec.structs.replace(
        subject(tmp_path, "hermes-http", "1.14.1", TAKEN), manifest=TAKEN["versions"]["1.14.1"]
    )
    found = {
        one.name: one for one in signals(gather([put(tmp_path / "a.json", after)], vetted), vetted, now=NOW)
    }
    assert found["removed-versions"].weight == "review"
    assert found["dependency-phantom"].weight == "review"
    assert found["publisher-changed"].state == "unknown"
    assert found["burst"].state == "hit"


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_package_gets_nothing_worse_than_a_note(name: str, tmp_path: Path) -> None:
    document, version = HONEST[name]
    code = CODE + " require('detect-libc')"
    found = asked(tmp_path, document, version, code=code)
    assert [fact for fact in facts([*found.values()]) if fact.weight != "note"] == []


def test_a_mirror_that_leaves_fields_out_leaves_them_unknown(tmp_path: Path) -> None:
    document, version = HONEST["out of a mirror that leaves most fields out"]
    found = asked(tmp_path, document, version)
    unknown = {name for name, one in found.items() if one.state == "unknown"}
    assert {
        "publisher-changed",
        "trusted-publisher-lost",
        "attestation-lost",
        "git-head-lost",
        "size-jump",
    } <= unknown
    assert found["install-script-new"].state == "clear"


def test_without_a_document_all_is_unknown_but_what_the_package_itself_tells(tmp_path: Path) -> None:
    vetted = subject(tmp_path, "hermes-http", "1.14.1", TAKEN)
    told = {one.name for one in signals(None, vetted, now=NOW) if one.state != "unknown"}
    assert told == {"dependency-phantom", "typosquat"}
    assert weighed({one.name: one for one in signals(None, vetted, now=NOW)}, "review") == []


def one_more(*releases: Any, **told: Any) -> Document:
    return packument(
        "tool", *series("2.0", 2025, 8), *releases, publish("2.1.0", "2025-12-20T12:00:00.000Z", **told)
    )


@pytest.mark.parametrize(
    ("told", "name", "state", "weight"),
    [
        ({"by": {"name": "mallory", "email": "m@mail.example"}}, "publisher-changed", "hit", "review"),
        ({"by": LEE, "owners": (KIM, LEE)}, "publisher-changed", "hit", "review"),
        ({"by": KIM}, "publisher-changed", "clear", "note"),
        ({"by": KIM}, "trusted-publisher-lost", "hit", "review"),
        ({"scripts": {"postinstall": "node a.js"}}, "install-script-new", "hit", "review"),
        ({"scripts": {"prepare": "tsc"}}, "install-script-new", "clear", "note"),
        ({"without": ("signatures",)}, "signature-lost", "hit", "note"),
        ({"size": 9_000_000}, "size-jump", "hit", "note"),
        ({"deprecated": "use another"}, "deprecated", "hit", "note"),
        ({"deprecated": ""}, "deprecated", "clear", "note"),
        ({}, "publisher-changed", "clear", "note"),
        ({}, "removed-versions", "clear", "note"),
        ({}, "owner-changed", "unknown", "note"),
        ({}, "doppelganger", "unknown", "note"),
        ({}, "dependency-young", "unknown", "note"),
    ],
)
def test_one_thing_is_strange(
    told: dict[str, Any], name: str, state: str, weight: str, tmp_path: Path
) -> None:
    found = asked(tmp_path, one_more(**told), "2.1.0")
    assert (found[name].state, found[name].weight) == (state, weight)


def test_a_publisher_and_a_first_script_are_a_takeover_and_one_of_them_is_not(tmp_path: Path) -> None:
    mallory = {"name": "mallory", "email": "m@mail.example"}
    script = {"postinstall": "node a.js"}
    both = asked(tmp_path, one_more(by=mallory, scripts=script), "2.1.0")
    assert weighed(both, "block") == ["reputation.takeover-script"]
    for told in ({"by": mallory}, {"scripts": script}):
        assert weighed(asked(tmp_path, one_more(**told), "2.1.0"), "block") == []


def test_a_project_that_publishes_by_both_ways_is_told_in_a_note(tmp_path: Path) -> None:
    mixed = [
        publish(f"1.{n}.0", f"2025-{n + 1:02}-01T00:00:00.000Z", by=(KIM, None)[n % 2] or {})
        for n in range(2)
    ]
    bot = series("2.0", 2025, 8)[::2]
    token = [
        (time.replace("-10T", "-20T"), {**one, "version": f"2.0.{n}1", "_npmUser": KIM})
        for n, (time, one) in enumerate(bot)
    ]
    document = packument(
        "tool", *mixed[:1], *bot, *token[:-1], publish("2.1.0", "2025-12-20T12:00:00.000Z", by=KIM)
    )
    found = asked(tmp_path, document, "2.1.0")
    assert (found["trusted-publisher-lost"].state, found["trusted-publisher-lost"].weight) == ("hit", "note")


def test_scripts_that_the_registry_does_not_show(tmp_path: Path) -> None:
    document = one_more()
    vetted = subject(tmp_path, "tool", "2.1.0", document)
    hidden = {
        **vetted.manifest,
        "scripts": {"postinstall": "node a.js"},
        "dependencies": {"form-data": "1", "evil": "1"},
    }
    vetted = msgspec.structs.replace(vetted, manifest=hidden)
    found = {
        one.name: one
        for one in signals(gather([put(tmp_path / "a.json", document)], vetted), vetted, now=NOW)
    }
    assert found["manifest-differs"].value == "only in the archive: postinstall: node a.js, dependency evil"
    assert found["install-script-new"].state == "hit"


def test_the_words_of_another_package(tmp_path: Path) -> None:
    own = packument("hash-js", *series("4.1", 2020, 5), maintainers=[KIM])
    found = asked(tmp_path, BROUGHT, "4.2.1", own)
    assert (found["doppelganger"].state, found["doppelganger"].weight) == ("hit", "review")
    assert found["doppelganger"].value == "author and description of hash-js"
    assert asked(tmp_path, own, "4.1.4", BROUGHT)["doppelganger"].state == "clear"


def test_a_package_that_was_unpublished(tmp_path: Path) -> None:
    document = {"name": "tool", "time": {"created": "2020-01-01T00:00:00Z", "unpublished": {"name": "kim"}}}
    assert asked(tmp_path, document, "1.0.0")["unpublished"].state == "hit"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("import x from 'left/x'; import 'form-data'", "clear"),
        ("// left and form-data", "hit"),
        ("require(`left`), require('form-data')", "clear"),
        ("require('left-pad'), require('form-data')", "hit"),
    ],
)
def test_a_dependency_is_named_where_it_is_quoted(code: str, state: str, tmp_path: Path) -> None:
    document = one_more(dependencies={"left": "1", "form-data": "1", "@types/node": "1"})
    assert asked(tmp_path, document, "2.1.0", code=code)["dependency-phantom"].state == state


def test_a_dependency_that_a_script_runs_is_used(tmp_path: Path) -> None:
    document = one_more(dependencies={"left-build": "1"}, scripts={"install": "left-build --release"})
    assert asked(tmp_path, document, "2.1.0")["dependency-phantom"].state == "clear"


# -- PyPI


def of_pypi(folder: Path, version: str, *documents: Document) -> dict[str, Signal]:
    vetted = Subject(
        ecosystem="pypi",
        name="snake-oil",
        version=version,
        folder=folder,
        sha256="00" * 32,
        files={},
        manifest={},
    )
    paths = [put(folder / f"{n}.json", one) for n, one in enumerate(documents)]
    return {one.name: one for one in signals(gather(paths, vetted), vetted, now=NOW)}


MONTHS = [(f"1.{n}", f"2026-{n + 1:02}-10T12:00:00.000000Z", {}) for n in range(6)]


def test_an_ordinary_project_of_pypi(tmp_path: Path) -> None:
    found = of_pypi(tmp_path, "1.5", project(*MONTHS))
    assert [one for one in found.values() if one.state == "hit"] == []
    assert found["owner-changed"].state == "unknown"


@pytest.mark.parametrize(
    ("told", "name", "weight"),
    [
        ({"kinds": ("bdist_wheel",)}, "sdist-missing", "note"),
        ({"yanked": True, "reason": "stolen token"}, "yanked", "review"),
        ({"size": 5_000_000}, "size-jump", "note"),
        ({"later": "2026-07-20T12:00:00.000000Z"}, "upload-gap", "note"),
    ],
)
def test_a_strange_release_of_pypi(told: Document, name: str, weight: str, tmp_path: Path) -> None:
    found = of_pypi(tmp_path, "1.6", project(*MONTHS, ("1.6", "2026-07-10T12:00:00.000000Z", told)))
    assert [(one.name, one.weight) for one in found.values() if one.state == "hit"] == [(name, weight)]


def test_the_owner_of_a_project_changed_since_an_older_recording(tmp_path: Path) -> None:
    new, old = project(*MONTHS, roles=["mallory"], serial=9), project(*MONTHS[:3], roles=["kim"], serial=3)
    assert of_pypi(tmp_path, "1.5", new, old)["owner-changed"].value == "new: mallory (Owner)"
    joined = project(*MONTHS, roles=["kim", "lee"], serial=9)
    assert of_pypi(tmp_path, "1.5", old, joined)["owner-changed"].weight == "note"


def test_a_release_of_today_after_two_years(tmp_path: Path) -> None:
    document = project(("1.0", "2024-01-01T00:00:00Z", {}), ("1.1", "2026-11-23T20:00:00Z", {}))
    found = of_pypi(tmp_path, "1.1", document)
    assert {name for name, one in found.items() if one.state == "hit"} == {"young", "long-gap"}


# -- reading


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"{", "no JSON"),
        (b"[]", "neither npm's packument"),
        (b'{"info": {"name": "x"}, "urls": []}', "of one release alone"),
        (b'{"name": "x", "versions": ["1.0.0"]}', "what npm view prints"),
    ],
)
def test_what_is_no_document_is_refused(text: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(UsageError, match=words):
        load(tmp_path / "a.json")
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "b.json")


def test_fields_of_other_types_than_promised_are_no_fault(tmp_path: Path) -> None:
    """Old packuments hold what people once wrote by hand."""
    odd = {
        "name": "tool",
        "maintainers": "kim <kim@acme.example>",
        "repository": "acme/tool",
        "time": {"1.0.0": 5, "not a version": "2020-01-01"},
        "versions": {
            "1.0.0": {
                "dependencies": ["a"],
                "scripts": None,
                "dist": None,
                "_npmUser": [],
                "deprecated": True,
            },
            "not a version": {},
        },
    }
    found = asked(tmp_path, odd, "1.0.0")
    assert found["deprecated"].value == "yes"


def test_a_folder_of_documents_holds_its_own_and_others(tmp_path: Path) -> None:
    put(tmp_path / "a.json", TAKEN)
    put(tmp_path / "b.json", BROUGHT)
    found = gather([tmp_path], subject(tmp_path, "hermes-http", "1.14.1"))
    assert isinstance(found, Metadata)
    assert [*found.others] == ["plain-hash-js"]
    assert gather([tmp_path], subject(tmp_path, "another", "1")) is None


# -- names


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("crossenv", "cross-env"),
        ("electorn", "electron"),
        ("plain-crypto-js", "crypto-js"),
        ("ax1os", "axios"),
        ("axios", None),
        ("@acme/axois", None),
        ("gott", None),
        ("something-else", None),
    ],
)
def test_a_name_like_a_well_known_one(name: str, like: str | None) -> None:
    assert imitated(name, popular("npm")) == like


def test_a_list_of_names_of_ones_own(tmp_path: Path) -> None:
    vetted = subject(tmp_path, "acme-tooll", "1.0.0")
    found = {one.name: one for one in signals(None, vetted, names={"acme-tool"})}
    assert found["typosquat"].weight == "review"


def test_every_fact_has_words(taken: dict[str, Signal]) -> None:
    hits = [msgspec.structs.replace(one, state="hit") for one in taken.values()]
    assert all(isinstance(fact, Fact) and fact.title for fact in facts(hits))
