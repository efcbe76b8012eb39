"""How an npm package gets to run: its install scripts as npm runs them, then as a program that uses it would.

Order and environment are npm's (https://docs.npmjs.com/cli/v11/using-npm/scripts): for a dependency, preinstall,
install and postinstall; a package with a binding.gyp and no install script has `node-gyp rebuild` for one.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from clew.vetting.detonate import standin
from clew.vetting.detonate.foreign import COMPILER, settle
from clew.vetting.detonate.hooks import lay
from clew.vetting.detonate.place import Place, Visit, node
from clew.vetting.detonate.python import python_if_there
from clew.vetting.sandbox.plan import Copy, Step
from clew.vetting.subject import Subject
from clew.vetting.trace import Platform

SCRIPTS = ("preinstall", "install", "postinstall")
_NAMED = 8
"""Dependencies that are named where stand-ins are told of."""
_PROGRAMS = 3
"""Programs of a package that are asked for help."""
_LOAD = """\
try {{ require({name}) }} catch (error) {{
  if (error.code !== 'ERR_REQUIRE_ESM' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
  import({name});
}}
"""
_PROGRAMS_OF_OTHERS = "/opt/bin"
#: Of gyp's makefile the commands themselves, none of those that compile and link, and nothing around them.
_MAKE = """\
#!/bin/sh
exec make "$@" 'do_cmd=$(cmd_$(1))' cmd_cc=true cmd_cxx=true cmd_alink=true cmd_alink_thin=true cmd_link=true \\
  cmd_solink=true cmd_solink_module=true cmd_copy=true
"""
_BUILD, _HEADERS = "/opt/build", "include/node"
_SETTINGS = {
    "common.gypi": "{'target_defaults': {'default_configuration': 'Release', 'configurations': {'Release': {}}}}\n",
    "config.gypi": "{'target_defaults': {}, 'variables': {}}\n",
}
_NPM = "/usr/lib/node_modules/npm"
_WORD = re.compile(r"[^a-zA-Z0-9_]")


def visit(place: Place, subject: Subject, platform: Platform) -> Visit:
    """Settles the package in the place, and gives its phases in order."""
    program = node(place)
    hooks = lay(place, python_if_there(place), "npm", platform)
    here = f"{place.disguise.workspace}/node_modules/{subject.name}"
    place.copies.append(Copy(str(subject.folder), here))
    place.files[f"{place.disguise.workspace}/package.json"] = _project(place, subject)
    missing = standin.dependencies(subject)
    place.files |= standin.files(missing, f"{place.disguise.workspace}/node_modules", _PROGRAMS_OF_OTHERS)
    place.path = [
        f"{here}/node_modules/.bin",
        f"{place.disguise.workspace}/node_modules/.bin",
        f"{_NPM}/node_modules/@npmcli/run-script/lib/node-gyp-bin",
        str(Path(program).parent),
        _PROGRAMS_OF_OTHERS,
    ]
    settle(place, platform)
    common = _environment(program, here, subject, platform) | _building(place, program)
    steps = [
        Step(
            name=event,
            command=["/bin/sh", "-c", script],
            directory=here,
            environment=place.environment(hooks | common | _event(event, script)),
        )
        for event, script in scripts(subject).items()
    ]
    load = _LOAD.format(name=json.dumps(subject.name))
    steps += [
        Step(
            name=phase,
            command=command,
            directory=place.disguise.workspace,
            environment=place.environment(hooks),
        )
        for phase, command in _uses(program, here, subject, load)
    ]
    ours = (hashlib.sha256(text.encode()).hexdigest() for text in (load, standin.MODULE))
    published = frozenset((*subject.files.values(), *ours))
    return Visit(steps=steps, package=here, published=published, notes=_notes(missing))


def _notes(missing: list[str]) -> list[str]:
    if not missing:
        return []
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return [f"stand-ins for its dependencies, which may do more: {', '.join(missing[:_NAMED])}{more}"]


def scripts(subject: Subject) -> dict[str, str]:
    """The scripts that npm runs when it installs the package as a dependency, by event."""
    given = subject.manifest.get("scripts")
    known: dict[str, Any] = given if isinstance(given, dict) else {}
    found = {
        event: known[event] for event in SCRIPTS if isinstance(known.get(event), str) and known[event].strip()
    }
    if "binding.gyp" in subject.files and "install" not in found and "preinstall" not in found:
        found["install"] = "node-gyp rebuild"
    return {event: found[event] for event in SCRIPTS if event in found}


def _uses(program: str, here: str, subject: Subject, load: str) -> list[tuple[str, list[str]]]:
    """Phase and command of each use: import, and the programs' help."""
    commands = [("import", [program, "-e", load])] if _loads(subject) else []
    programs = list(_programs(subject).values())[:_PROGRAMS]
    return commands + [("bin", [program, f"{here}/{path}", "--help"]) for path in programs]


def _loads(subject: Subject) -> bool:
    """Whether there is anything to import: a main or exports, or the file that stands for them."""
    return "index.js" in subject.files or any(
        subject.manifest.get(key) for key in ("main", "exports", "module")
    )


def _programs(subject: Subject) -> dict[str, str]:
    given = subject.manifest.get("bin")
    named = {subject.name: given} if isinstance(given, str) else given if isinstance(given, dict) else {}
    plain = {name: str(path).removeprefix("./") for name, path in named.items()}
    return {name: path for name, path in plain.items() if path in subject.files}


def _environment(program: str, here: str, subject: Subject, platform: Platform) -> dict[str, str]:
    return {
        "npm_package_name": subject.name,
        "npm_package_version": subject.version,
        "npm_package_json": f"{here}/package.json",
        "npm_command": "install",
        "npm_execpath": f"{_NPM}/bin/npm-cli.js",
        "npm_node_execpath": program,
        "npm_config_user_agent": f"npm/11.6.2 node/v20.20.2 {platform} x64 workspaces/false",
        "npm_config_registry": "https://registry.npmjs.org/",
        "NODE": program,
        "INIT_CWD": here.partition("/node_modules/")[0],
    }


def _building(place: Place, program: str) -> dict[str, str]:
    """For node-gyp: the commands that a binding.gyp names are run, but nothing is compiled, which takes minutes and
    gives what the sandbox does not load. Headers of the machine's Node do, or the least of them; none are fetched.
    """
    prefix = str(Path(program).parent.parent)
    if not Path(prefix, _HEADERS, "common.gypi").is_file():
        prefix = _BUILD
        place.files |= {f"{_BUILD}/{_HEADERS}/{name}": text for name, text in _SETTINGS.items()}
    place.files |= {f"{_BUILD}/cc": COMPILER, f"{_BUILD}/make": _MAKE}
    return {
        "MAKE": f"{_BUILD}/make",
        "npm_config_node_gyp": f"{_NPM}/node_modules/node-gyp/bin/node-gyp.js",
        "npm_config_nodedir": prefix,
        **dict.fromkeys(("CC", "CXX"), f"{_BUILD}/cc"),
    }


def _event(event: str, script: str) -> dict[str, str]:
    return {"npm_lifecycle_event": event, "npm_lifecycle_script": script}


def _project(place: Place, subject: Subject) -> str:
    name = _WORD.sub("-", place.disguise.project)
    about = {"name": name, "version": "1.0.0", "dependencies": {subject.name: subject.version}}
    return json.dumps(about, indent=2) + "\n"
