"""Reading and running: stages say how they ended, and the same is not run twice."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.errors import SandboxError
from clew.vetting import behaviour, runs
from clew.vetting.examine import How
from clew.vetting.trace import Call, Detonation, Layer
from clew.vetting.vet import Options, vet
from clew.vetting.vetted import Vetted
from vetting.made import npm_tarball

LAYER = Layer(
    sha256="a" * 64, parent=None, depth=1, origin="eval", phase="import", pid=7,
    text="require('child_process').exec(1); require('https').get(2)",
)  # fmt: skip


class Sandbox:
    """In the place of the sandbox: counts its runs, and ends as it is told."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.incomplete: list[str] = []
        self.refuses = ""
        self.layers: dict[str, list[Layer]] = {}

    def __call__(self, subject: Any, *, platform: str, workplace: Path) -> Detonation:
        self.runs.append(platform)
        if self.refuses:
            raise SandboxError(self.refuses)
        call = Call(
            time="2026-11-24T10:00:00Z", sequence=1, package=subject.purl, digest=subject.sha256,
            platform=platform, phase="import", witness="runner", call="reach_limit", what="time",
        )  # fmt: skip
        layers = [*self.layers.get(platform, []), LAYER]
        return Detonation(
            calls=[call], layers=layers, seconds=1, phases=["import"], incomplete=self.incomplete
        )


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sandbox:
    made = Sandbox()
    monkeypatch.setattr(runs, "detonate", made)
    monkeypatch.setattr(behaviour, "facts", lambda run, subject: [])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return made


def vetted(tmp_path: Path, how: How | None = None, **fields: Any) -> Vetted:
    return vet("npm", str(npm_tarball(tmp_path / "demo.tgz", **fields)), Options(how=how or How()))


def stages(one: Vetted) -> dict[str, str]:
    return {stage.name: stage.ended for stage in one.stages}


def test_all_stages_and_what_a_layer_hid(tmp_path: Path, sandbox: Sandbox) -> None:
    one = vetted(tmp_path)
    assert list(stages(one)) == [
        "identity",
        "reputation",
        "advisory",
        "static",
        "detonation",
        "layers",
        "behaviour",
    ]
    assert (one.verdict.decision, one.verdict.because[0].rule) == ("block", "layer.hidden-capabilities")
    assert one.layers == (LAYER,)


def test_the_same_archive_is_run_once_for_each_way_of_running_it(tmp_path: Path, sandbox: Sandbox) -> None:
    first, again = vetted(tmp_path), vetted(tmp_path)
    assert sandbox.runs == ["linux"]
    assert (again.facts, again.layers, again.calls) == (first.facts, first.layers, first.calls)
    assert "kept from before" in again.stages[-1].why
    vetted(tmp_path, How(("linux", "win32")))
    assert sorted(sandbox.runs) == ["linux", "linux", "win32"]
    vetted(tmp_path, How(cache=False))
    vetted(tmp_path, author="another archive")
    assert len(sandbox.runs) == 5
    (tmp_path / "clew.toml").write_text("threads = 1\n")
    vetted(tmp_path, author="another archive")
    assert len(sandbox.runs) == 6


def test_two_platforms_tell_the_same_thing_once(tmp_path: Path, sandbox: Sandbox) -> None:
    one = vetted(tmp_path, How(("linux", "win32")))
    assert [fact.rule for fact in one.facts if fact.side == "layer"].count("layer.execute") == 1
    assert [call.platform for call in one.calls] == ["linux", "win32"]
    assert one.layers == (LAYER,)


def test_it_is_run_as_on_each_system_that_its_code_names_once(tmp_path: Path, sandbox: Sandbox) -> None:
    """In its install script, and then in what that decoded."""
    text = "if (process.platform === 'darwin') require('net')"
    sandbox.layers = {"win32": [msgspec.structs.replace(LAYER, sha256="b" * 64, text=text)]}
    files = {"setup.js": "if (process.platform === 'win32') eval(decode(table))"}
    one = vetted(tmp_path, files=files, scripts={"postinstall": "node setup.js"})
    assert sorted(sandbox.runs[:2]) == ["linux", "win32"] and sandbox.runs[2:] == ["darwin"]
    assert [stage.why.partition(":")[0] for stage in one.stages if stage.name == "detonation"] == [
        "as on linux",
        "as on win32, which setup.js names",
        "as on darwin, which the layer bbbbbbbbbbbb names",
    ]
    assert [call.sequence for call in one.calls] == [0, 1, 2]
    titles = {fact.title for fact in one.facts if fact.place.layer == "b" * 64}
    assert titles and all(title.endswith(", as on win32") for title in titles)


def test_systems_that_are_given_are_all(tmp_path: Path, sandbox: Sandbox) -> None:
    files = {"setup.js": "if (process.platform === 'win32') eval(decode(table))"}
    vetted(tmp_path, How(("darwin",)), files=files, scripts={"postinstall": "node setup.js"})
    assert sandbox.runs == ["darwin"]


def test_what_could_not_be_seen_is_not_kept_and_is_said(tmp_path: Path, sandbox: Sandbox) -> None:
    sandbox.incomplete = ["import: output beyond the limit"]
    assert vetted(tmp_path).incomplete == ("import: output beyond the limit",)
    sandbox.incomplete = []
    assert vetted(tmp_path).incomplete == ()
    assert len(sandbox.runs) == 2


def test_no_sandbox_is_impossible_and_no_switch_makes_it_run_without(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    sandbox.refuses = "the sandbox did not pass its self-test"
    one = vetted(tmp_path)
    assert stages(one)["detonation"] == "impossible" and "layers" not in stages(one)
    assert one.incomplete == ("detonation: the sandbox did not pass its self-test",)
    vetted(tmp_path)
    assert len(sandbox.runs) == 2


def test_without_detonation_the_report_says_so(tmp_path: Path, sandbox: Sandbox) -> None:
    one = vetted(tmp_path, How(detonate=False))
    assert sandbox.runs == []
    assert [stage.why for stage in one.stages if stage.name == "detonation"] == [
        "--no-detonate: nothing of it was run"
    ]
    assert one.incomplete == ()


def test_a_broken_cache_is_no_cache(tmp_path: Path, sandbox: Sandbox) -> None:
    vetted(tmp_path)
    [kept] = (tmp_path / "cache/clew/vetting").glob("*.json")
    kept.write_text("{")
    vetted(tmp_path)
    assert len(sandbox.runs) == 2
