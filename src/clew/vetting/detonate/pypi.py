"""How a package of PyPI gets to run: its build, the lines of its `.pth` files, and its import.

An sdist is built as pip builds it, without isolation: by the backend that pyproject.toml names, setuptools where it
names none (https://peps.python.org/pep-0517/). A wheel runs nothing when it is installed, but Python runs the `.pth`
files that it lays into a site folder whenever it starts (https://docs.python.org/3/library/site.html).
"""

from __future__ import annotations

import configparser
import hashlib
import json
import tomllib
from pathlib import Path, PurePosixPath

from clew.vetting.detonate.foreign import settle
from clew.vetting.detonate.hooks import lay
from clew.vetting.detonate.place import Place, Visit
from clew.vetting.detonate.python import python
from clew.vetting.sandbox.plan import Copy, Step
from clew.vetting.subject import Subject
from clew.vetting.trace import Platform

_BUILD = """\
import importlib, json, sys, zipfile
backend, paths, site = json.loads(sys.argv.pop())
sys.path[:0] = paths
module, _, inner = backend.partition(":")
build = importlib.import_module(module)
for name in filter(None, inner.split(".")):
    build = getattr(build, name)
zipfile.ZipFile("dist/" + build.build_wheel("dist")).extractall(site)
"""
_IMPORT = """\
import importlib.util, sys, traceback
paths, names, sys.argv[1:] = sys.argv[1].split(":"), sys.argv[2:], []
for name in names:
    try:
        if importlib.util.find_spec(name) is None:
            sys.path += paths
        importlib.import_module(name)
    except Exception:
        traceback.print_exc()
"""
_CALL = """\
import importlib, sys
module, _, name = sys.argv[1].partition(":")
sys.argv[1:] = ["--help"]
call = importlib.import_module(module)
for part in filter(None, name.split(".")):
    call = getattr(call, part)
sys.exit(call())
"""
_START = "pass\n"
_LEGACY = "setuptools.build_meta:__legacy__"
_NO_MODULES = {
    *(
        "setup",
        "conftest",
        "noxfile",
        "tasks",
        "fabfile",
        "versioneer",
        "build",
        "dist",
        "docs",
        "doc",
        "test",
    ),
    *(
        "tests",
        "testing",
        "example",
        "examples",
        "benchmark",
        "benchmarks",
        "script",
        "scripts",
        "tools",
        "ci",
    ),
}
_MODULES, _PROGRAMS = 5, 2
_LARGEST = 1 << 20


def visit(place: Place, subject: Subject, platform: Platform) -> Visit:
    """Settles the package in the place, and gives its phases in order."""
    interpreter = python(place)
    hooks = {**lay(place, interpreter, "pypi", platform), **interpreter.environment}
    place.path = [str(Path(interpreter.program).parent), f"{place.disguise.home}/.local/bin"]
    settle(place, platform)
    site = f"{place.disguise.workspace}/.venv/lib/python{interpreter.version}/site-packages"
    start = f"import site; site.addsitedir({site!r})"
    place.files |= {
        f"{interpreter.site}/venv.pth": f"{start}\n",
        f"{site}/README": "",
    }  # by its name after the hook
    package = site if _is_wheel(subject) else f"{place.disguise.workspace}/{subject.name}-{subject.version}"
    place.copies.append(Copy(str(subject.folder), package))
    texts = [text + end for text in (_BUILD, _IMPORT, _CALL, _START, start) for end in ("", "\n")]
    published = {*subject.files.values(), *(hashlib.sha256(text.encode()).hexdigest() for text in texts)}
    steps = [
        Step(
            name=phase,
            command=[interpreter.program, "-c", *command],
            directory=package if phase == "build" else place.disguise.workspace,
            environment=place.environment(hooks),
        )
        for phase, command in _commands(subject, package, site)
    ]
    return Visit(steps=steps, package=package, published=frozenset(published))


def _commands(subject: Subject, package: str, site: str) -> list[tuple[str, list[str]]]:
    """Phase, and text of ours with its arguments."""
    found = []
    if not _is_wheel(subject):
        found.append(("build", [_BUILD, json.dumps([*_backend(subject, package), site])]))
    if any(PurePosixPath(path).suffix == ".pth" for path in subject.files):
        found.append(("startup", [_START]))
    if modules := _modules(subject):
        found.append(("import", [_IMPORT, f"{package}:{package}/src", *modules]))
    return found + [("bin", [_CALL, call]) for call in _programs(subject)]


def _is_wheel(subject: Subject) -> bool:
    named = subject.archive is not None and subject.archive.suffix == ".whl"
    return named or any(path.endswith(".dist-info/WHEEL") for path in subject.files)


def _backend(subject: Subject, package: str) -> tuple[str, list[str]]:
    """The backend and where it is looked for first; setuptools' old one looks beside setup.py."""
    asked = _table(subject.folder / "pyproject.toml").get("build-system")
    table = asked if isinstance(asked, dict) else {}
    backend, own = table.get("build-backend"), table.get("backend-path")
    paths = [f"{package}/{path}" for path in own if isinstance(path, str)] if isinstance(own, list) else []
    if not isinstance(backend, str) or not backend:
        return _LEGACY, [package]
    return backend, paths


def _table(file: Path) -> dict[str, object]:
    if not file.is_file() or file.stat().st_size > _LARGEST:
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _modules(subject: Subject) -> list[str]:
    """The top-level modules, those named like the package first."""
    found: dict[str, None] = {}
    for path in subject.files:
        parts = PurePosixPath(path).parts
        parts = parts[1:] if parts[0] == "src" and len(parts) > 1 else parts
        if len(parts) == 1 and parts[0].endswith(".py"):
            found[parts[0].removesuffix(".py")] = None
        elif len(parts) == 1 and ".cpython-" in parts[0] and parts[0].endswith(".so"):
            found[parts[0].partition(".")[0]] = None
        elif len(parts) == 2 and parts[1] == "__init__.py":
            found[parts[0]] = None
    wanted = subject.name.lower().replace("-", "_")
    names = [name for name in found if name.isidentifier() and name not in _NO_MODULES]
    return sorted(names, key=lambda name: (name.lower() != wanted, name))[:_MODULES]


def _programs(subject: Subject) -> list[str]:
    """``module:function`` of the console scripts, as a wheel's entry_points.txt or pyproject.toml names them."""
    project = _table(subject.folder / "pyproject.toml").get("project")
    scripts = project.get("scripts") if isinstance(project, dict) else None
    named = list(scripts.values()) if isinstance(scripts, dict) else []
    for path in subject.files:
        if path.endswith((".dist-info/entry_points.txt", ".egg-info/entry_points.txt")):
            named += _entry_points(subject.folder / path)
    return [call for call in dict.fromkeys(named) if isinstance(call, str) and ":" in call][:_PROGRAMS]


def _entry_points(file: Path) -> list[str]:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    try:
        parser.read_string(file.read_text("utf-8", "replace")[:_LARGEST])
        return [value.partition("[")[0].strip() for _, value in parser.items("console_scripts")]
    except configparser.Error:
        return []
