"""A package whose dependencies are not here goes on with stand-ins for them."""

from pathlib import Path

from clew.vetting.detonate import detonate, standin
from vetting import machine
from vetting.detonate import packages

_MAIN = """\
const pregyp = require('node-pre-gyp'), { part } = require('@scope/thing/lib/part');
class Child extends pregyp.Base {}
new Child(); pregyp.find(1).then; for (const one of part.list) { void one; }
require('fs').writeFileSync('reached', `${part} ${pregyp + 1}`);
"""


def test_it_shows_what_it_does_after_it_asked_for_them(tmp_path: Path) -> None:
    machine.sandbox("npm")
    subject = packages.npm(
        tmp_path / "asks-others",
        {"main.js": _MAIN},
        main="main.js",
        scripts={"install": "node-pre-gyp install && cross-env A=1 node main.js"},
        dependencies={"node-pre-gyp": "^1", "@scope/thing": "1"},
        optionalDependencies={"cross-env": "1"},
    )
    told = detonate(subject, workplace=tmp_path)
    found = {(call.phase, call.path) for call in told.calls if call.call == "find_added"}
    assert found == {
        ("install", "/home/user/project/node_modules/asks-others/reached"),
        ("import", "/home/user/project/reached"),
    }
    assert told.layers == []
    assert told.notes == [
        "stand-ins for its dependencies, which may do more: node-pre-gyp, @scope/thing, cross-env"
    ]


def test_only_names_that_npm_takes_and_that_are_not_bundled_stand_in(tmp_path: Path) -> None:
    subject = packages.npm(
        tmp_path / "odd",
        {"node_modules/here/package.json": "{}"},
        dependencies={"../../etc": "1", "here": "1", "UPPER": "1", "a/b": "1", "fine.js": "1", "odd": "1"},
        peerDependencies=["no", "object"],
    )
    assert standin.dependencies(subject) == ["fine.js"]
