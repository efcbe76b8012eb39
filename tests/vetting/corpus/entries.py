"""What each package of the corpus is, and what a vetting must answer."""

from __future__ import annotations

from typing import Literal

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One package.

    `evidence`: texts that must stand in the evidence of a vetting that blocks; none of them stands readable in the
    archive where `hidden` says so. `behaviours`: names that must be among the facts, as ``behaviour.<name>``.
    `platform`: the system that it acts on. `twin`: the honest package that does the same thing.
    """

    name: str
    ecosystem: Literal["npm", "pypi"]
    form: Literal["npm", "sdist", "wheel"]
    verdict: Literal["block", "allow"]
    about: str
    evidence: tuple[str, ...] = ()
    behaviours: tuple[str, ...] = ()
    hidden: bool = False
    platform: Literal["linux", "win32", "darwin"] = "linux"
    twin: str | None = None


def _reporting(name: str, about: str, *behaviours: str, twin: str, **fields: str) -> Entry:
    """An npm package that hides `shared/beacon.js` in its own way."""
    host, command = f"{name}.c2.example.com", f"echo reached-by-{name}"
    return Entry(
        name=name,
        ecosystem="npm",
        form="npm",
        verdict="block",
        about=about,
        evidence=(host, command),
        behaviours=("decode-then-run", "install-time-egress", *behaviours),
        hidden=True,
        twin=twin,
        **fields,  # type: ignore[arg-type]
    )


def _python(
    name: str, about: str, *behaviours: str, twin: str, form: Literal["sdist", "wheel"] = "sdist"
) -> Entry:
    """The same for PyPI, with `shared/beacon.py`."""
    return msgspec.structs.replace(
        _reporting(name, about, *behaviours, twin=twin), ecosystem="pypi", form=form
    )


def _elsewhere(name: str, about: str, command: str, platform: Literal["win32", "darwin"] = "win32") -> Entry:
    """It does what it does on another system; there it runs that command."""
    entry = _reporting(name, about, twin="installs-by-system")
    return msgspec.structs.replace(entry, evidence=(entry.evidence[0], command), platform=platform)


def _out_of_reach(entry: Entry) -> Entry:
    """Nobody sees it decode: what was seen is that it was not seen."""
    return msgspec.structs.replace(entry, behaviours=("instrumentation-bypass", "install-time-egress"))


def _honest(name: str, about: str, form: Literal["npm", "sdist", "wheel"] = "npm") -> Entry:
    return Entry(
        name=name, ecosystem="npm" if form == "npm" else "pypi", form=form, verdict="allow", about=about
    )


DROPPERS = (
    Entry(
        name="plain-dropper",
        ecosystem="npm",
        form="npm",
        verdict="block",
        about="three layers, erases itself, swaps its manifest",
        evidence=("update.c2.example.com", "echo harmless-child"),
        behaviours=(
            "self-erasure",
            "decode-then-run",
            "install-time-egress",
            "masquerading-version",
            "decoy-exfiltration",
        ),
        hidden=True,
        twin="greets",
    ),
    _reporting("empty-environment", "a child with env: {}", twin="native-addon"),
    _out_of_reach(_reporting("bare-environment", "env -i node", twin="native-addon")),
    _reporting("worker-thread", "a worker with execArgv: []", twin="worker-pool"),
    _reporting("cached-data", "bytecode under a blank source", twin="compile-cache"),
    _reporting("data-module", "a module in a data: address", twin="template-compiler"),
    _reporting("wasm-loader", "WebAssembly holds the payload", twin="wasm-checksum"),
    _reporting("inspector-close", "closes inspectors first", twin="template-compiler"),
    _reporting("detached-child", "a child that outlives the script", twin="opens-files"),
    _reporting("fork-bomb", "300 processes, then acts", twin="native-addon"),
    _reporting("log-flood", "6000 pieces of code, then acts", twin="template-compiler"),
    _elsewhere("windows-only", "acts on Windows alone", "powershell -NoProfile -EncodedCommand"),
    _elsewhere("darwin-only", "acts on macOS alone", "osascript -e", "darwin"),
    _elsewhere("names-it-inside", "its system is named in a layer", "powershell -NoProfile -EncodedCommand"),
    _elsewhere("unspelled-system", "names no system", "powershell -NoProfile -EncodedCommand"),
    _elsewhere("windows-import", "on Windows, when loaded", "powershell -NoProfile -EncodedCommand"),
    Entry(
        name="shell-darwin",
        ecosystem="npm",
        form="npm",
        verdict="block",
        about="a shell script that asks uname",
        evidence=("shell-darwin.c2.example.com", "launchctl load"),
        behaviours=("persistence", "install-time-egress", "decoy-exfiltration"),
        platform="darwin",
        twin="windows-shims",
    ),
    _reporting("gyp-commands", "a command in binding.gyp, without an install script", twin="plain-addon"),
    _reporting("build-server-check", "does nothing in CI", "environment-check", twin="quiet-on-servers"),
    _reporting("long-sleep", "waits an hour", "long-sleep", twin="keeps-alive"),
    _reporting("waits-for-date", "does nothing before a date", twin="keeps-alive"),
    _reporting("tampering", "breaks JSON, fs, Map and Error, closes the log", twin="template-compiler"),
    _reporting("deep-stack", "decodes where the stack is full", twin="template-compiler"),
    Entry(
        name="credential-thief",
        ecosystem="npm",
        form="npm",
        verdict="block",
        about="posts ~/.npmrc",
        evidence=("collect.c2.example.com", ".npmrc"),
        behaviours=("credential-read", "install-time-egress", "decoy-exfiltration"),
        twin="quiet-on-servers",
    ),
    Entry(
        name="name-thief",
        ecosystem="npm",
        form="npm",
        verdict="block",
        about="a token leaves in names that are asked for",
        evidence=("t.c2.example.com",),
        behaviours=("install-time-egress", "decoy-exfiltration"),
        twin="prebuilt-binary",
    ),
    Entry(
        name="persistence-writer",
        ecosystem="npm",
        form="npm",
        verdict="block",
        about="a systemd unit and a line in .bashrc",
        evidence=("session-update.service",),
        behaviours=("persistence",),
        twin="git-hooks",
    ),
    Entry(
        name="second-stage",
        ecosystem="npm",
        form="npm",
        verdict="block",
        about="fetches, makes executable, starts",
        evidence=("stage.c2.example.com", ".cache-update.sh"),
        behaviours=("install-time-egress", "second-stage-fetch"),
        twin="prebuilt-binary",
    ),
    Entry(
        name="layered-sdist",
        ecosystem="pypi",
        form="sdist",
        verdict="block",
        about="Base64, XOR, zlib and Base85 in setup.py",
        evidence=("update.c2.example.com", "echo harmless-child"),
        behaviours=("decode-then-run", "install-time-egress"),
        hidden=True,
        twin="reads-version",
    ),
    _python("marshalled-code", "a code object without a source", twin="makes-classes"),
    _out_of_reach(_python("no-site-child", "python -S", twin="builds-extension")),
    _python("sleeping-sdist", "sleeps an hour", "long-sleep", twin="ordinary-sdist"),
    msgspec.structs.replace(
        _python("windows-sdist", "acts where os.name is nt", twin="builds-by-system"),
        evidence=("windows-sdist.c2.example.com", "powershell -NoProfile -Command"),
        platform="win32",
    ),
    _python("start-file", "a .pth file that runs code at each start", form="wheel", twin="makes-classes"),
    Entry(
        name="import-thief",
        ecosystem="pypi",
        form="wheel",
        verdict="block",
        about="posts ~/.npmrc and ~/.pypirc when it is imported",
        evidence=("collect.c2.example.com", ".npmrc"),
        behaviours=("credential-read", "decoy-exfiltration"),
        twin="makes-classes",
    ),
)

TWINS = (
    _honest("greets", "a postinstall that echoes"),
    _honest("prebuilt-binary", "downloads from its declared host and checks the hash"),
    _honest("minified", "minified, not obfuscated"),
    _honest("template-compiler", "templates compiled by Function"),
    _honest("worker-pool", "a worker"),
    _honest("wasm-checksum", "a WebAssembly module"),
    _honest("native-addon", "a native build where there is a compiler"),
    _honest("plain-addon", "a binding.gyp"),
    _honest("git-hooks", "hooks of git, as husky"),
    _honest("inlined-image", "a picture in Base64"),
    _honest("keeps-alive", "a timer of a minute, unref'd"),
    _honest("quiet-on-servers", "no banner in CI"),
    _honest("compile-cache", "cachedData of its own source"),
    _honest("opens-files", "a program by platform"),
    _honest("installs-by-system", "a package for each system, as esbuild"),
    _honest("windows-shims", "a shim on Windows, sw_vers on macOS"),
    _honest("ordinary-sdist", "an ordinary setup.py", "sdist"),
    _honest("reads-version", "exec of a file for its version", "sdist"),
    _honest("makes-classes", "namedtuple, dataclass, exec of a made function", "wheel"),
    _honest("builds-extension", "asks for a compiler", "sdist"),
    _honest("builds-by-system", "other options on each system", "sdist"),
)
