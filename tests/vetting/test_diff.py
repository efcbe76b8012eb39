"""Diffs: what a new version does, takes and says that the one before did not."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from clew.vetting.diff import compare
from clew.vetting.examine import How
from clew.vetting.trace import Call
from clew.vetting.vet import Options, vet
from clew.vetting.vetted import Vetted
from vetting.made import npm_tarball

STILL = Options(how=How(detonate=False, cache=False))


def version(
    tmp_path: Path, number: str, files: Mapping[str, str | bytes] = MappingProxyType({}), **fields: Any
) -> Vetted:
    return vet("npm", str(npm_tarball(tmp_path / f"{number}.tgz", files, version=number, **fields)), STILL)


def changes(before: Vetted, after: Vetted) -> dict[str, tuple[str, str]]:
    return {
        fact.rule: (fact.weight, fact.evidence)
        for fact in compare(before, after).facts
        if fact.side == "diff"
    }


def test_nothing_changed_is_nothing_told(tmp_path: Path) -> None:
    assert changes(version(tmp_path, "1.0.0"), version(tmp_path, "1.0.0")) == {}


def test_scripts_dependencies_people_files_and_abilities(tmp_path: Path) -> None:
    before = version(tmp_path, "1.0.0", {"old.js": "1"}, dependencies={"a": "^1", "b": "^1"}, author="Ann")
    after = version(
        tmp_path,
        "1.0.1",
        {"setup.js": "require('child_process').exec('id')\n", "index.js": "2"},
        dependencies={"a": "^2", "crypto-plain": "^4"},
        author={"name": "Eve"},
        scripts={"postinstall": "node setup.js"},
    )
    assert changes(before, after) == {
        "diff.install-script": ("review", "postinstall: node setup.js"),
        "diff.new-dependency": ("review", "crypto-plain"),
        "diff.lost-dependency": ("note", "b"),
        "diff.changed-dependency": ("note", "a ^1 → ^2"),
        "diff.people": ("review", "Ann → Eve"),
        "diff.new-files": ("note", "setup.js"),
        "diff.lost-files": ("note", "old.js"),
        "diff.changed-files": ("note", "index.js, package.json"),
        "diff.new-ability": ("review", "require('child_process').exec('id')"),
    }
    assert compare(before, after).verdict.decision == "review"


def call(what: Any, **fields: Any) -> Call:
    return Call(
        time="2026-11-24T10:00:00Z", sequence=1, package="x", digest="d", platform="linux", phase="postinstall",
        witness="strace", call=what, **fields,
    )  # fmt: skip


def test_behaviour_that_was_not_there_before(tmp_path: Path) -> None:
    plain = version(tmp_path, "1.0.0")
    before = msgspec.structs.replace(
        plain, calls=(call("resolve", name="a.example.com"), call("execute", arguments=["sh"]))
    )
    after = msgspec.structs.replace(
        plain,
        calls=(
            *before.calls,
            call("resolve", name="b.example.com"),
            call("execute", arguments=["curl", "x"]),
            call("find_deleted", path="setup.js"),
            call("read_environment", name="NPM_TOKEN"),
        ),
    )
    assert changes(before, after) == {
        "diff.new-hosts": ("review", "b.example.com"),
        "diff.new-commands": ("review", "curl x"),
        "diff.new-writes": ("review", "setup.js"),
        "diff.new-variables": ("review", "NPM_TOKEN"),
    }
    assert changes(after, before) == {}
