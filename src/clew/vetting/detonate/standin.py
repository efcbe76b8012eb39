"""Stand-ins for dependencies that are not installed: a package that misses one stops before it shows anything.

A module answers to every name with itself, so what uses it goes on; a program runs the script that it is given, as
`cross-env` and its like do, or ends well. What was stood in for is told, since a real dependency might do more.
"""

from __future__ import annotations

import json
import re

from clew.vetting.subject import Subject

_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_MOST = 300
_KINDS = ("dependencies", "optionalDependencies", "peerDependencies")

MODULE = """\
const nothing = () => '';
const any = new Proxy(function () {}, {
  get: (target, name) => (name === 'then' ? undefined
    : name === Symbol.toPrimitive || name === 'toString' ? nothing
    : name === Symbol.iterator ? [][Symbol.iterator].bind([])
    : name === 'prototype' ? target.prototype : any),
  set: () => true,
  apply: () => any,
  construct: () => any,
});
module.exports = any;
"""
PROGRAM = """\
#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in *=*) export "$1"; shift ;; -*) shift ;; *) break ;; esac
done
case ${1:-} in node | nodejs | sh | bash | python | python3 | */*) exec "$@" ;; esac
exit 0
"""


def dependencies(subject: Subject) -> list[str]:
    """What the manifest of an npm package declares and the package does not bring along."""
    found: dict[str, None] = {}
    for kind in _KINDS:
        declared = subject.manifest.get(kind)
        names = declared if isinstance(declared, dict) else {}
        found.update((name, None) for name in names if isinstance(name, str) and _NAME.fullmatch(name))
    bundled = {name for name in found if f"node_modules/{name}/package.json" in subject.files}
    return [name for name in found if name not in bundled and name != subject.name][:_MOST]


def files(names: list[str], modules: str, programs: str) -> dict[str, str]:
    """The files of the stand-ins by path: modules below the one folder, programs in the other."""
    laid = {}
    for name in names:
        about = {"name": name, "version": "99.0.0", "exports": {".": "./index.js", "./*": "./index.js"}}
        laid[f"{modules}/{name}/package.json"] = json.dumps(about)
        laid[f"{modules}/{name}/index.js"] = MODULE
        laid[f"{programs}/{name.rpartition('/')[2]}"] = PROGRAM
    return laid
