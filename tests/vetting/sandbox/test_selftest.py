"""No self-test, no run: what it must catch, it catches, and then nothing runs."""

import base64
import shutil
from pathlib import Path

import msgspec
import pytest

from clew.errors import SandboxError
from clew.vetting.sandbox import programs, selftest
from clew.vetting.sandbox.plan import Contact
from clew.vetting.sandbox.stay import stay
from vetting import machine
from vetting.sandbox.plans import plan


def test_a_folder_that_should_be_hidden_and_is_not(tmp_path: Path) -> None:
    machine.sandbox()
    leaky = msgspec.structs.replace(plan(tmp_path, "echo ran > ~/ran"), hidden=["/usr/bin"])
    with pytest.raises(SandboxError, match=r"did not pass its self-test.* visible /usr/bin"):
        stay(leaky)
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_missing_passes(tmp_path: Path) -> None:
    made = selftest.test(plan(tmp_path), "/bin/bash")
    raw = base64.b64encode(made.mark.encode()).decode()
    landed = [Contact(time=0, kind="data", transport="tcp", address=made.address, port=4444, raw=raw)]
    good = "loopback\ndone\n"
    assert made.faults(good, landed) == []
    assert made.faults(good, []) == [f"a call to {made.address} did not land in the sinkhole"]
    assert made.faults("", landed) == ["no answer 'done'", "no answer 'loopback'"]
    for line in ("interface eth0", "visible /root", "writable /usr", "capabilities 3f", "no filter"):
        assert made.faults(f"{good}{line}\n", landed) == [line]


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = shutil.which
    lacking = ("strace", "nft")
    monkeypatch.setattr(
        programs.shutil, "which", lambda name, path=None: None if name in lacking else real(name, path=path)
    )
    with pytest.raises(SandboxError, match=r"needs strace, nft.*apt-get install strace nftables"):
        stay(plan(tmp_path))


def test_another_system_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs.sys, "platform", "darwin")
    with pytest.raises(SandboxError, match="vet on Linux"):
        stay(plan(tmp_path))
