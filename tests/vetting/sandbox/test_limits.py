"""A package that uses up what it may is stopped, and what it did until then is told."""

import time

import pytest

from clew.vetting.sandbox.plan import Limits
from vetting import machine
from vetting.sandbox.plans import ran


@pytest.fixture(autouse=True, scope="module")
def able() -> None:
    machine.sandbox()


def test_time_and_the_next_phase_still_runs() -> None:
    first, second = ran("echo before; sleep 600", "echo after", limits=Limits(seconds=1)).steps
    assert (first.reached, first.code, first.printed) == (["time"], None, "before\n")
    assert first.seconds < 4
    assert (second.reached, second.code, second.printed) == ([], 0, "after\n")


def test_who_hides_behind_a_new_session_ends_with_the_phase() -> None:
    start = time.monotonic()
    first, second = ran(
        "setsid sh -c 'echo > ~/early; sleep 600; echo > ~/late' & disown; exit 3",
        "cat /proc/[0-9]*/comm; ls ~",
        limits=Limits(seconds=20, linger=0.4),
    ).steps
    assert (first.code, first.reached) == (3, ["linger"])
    assert [path.rpartition("/")[2] for path in first.added] == ["early"]
    assert "sleep" not in second.printed and "late" not in second.printed
    assert time.monotonic() - start < 12


def test_a_child_that_ends_soon_is_waited_for() -> None:
    (step,) = ran("(sleep 0.3; echo done > ~/later) & exit 0", limits=Limits(linger=5)).steps
    assert step.reached == []
    assert [path.rpartition("/")[2] for path in step.added] == ["later"]


def test_processes() -> None:
    (step,) = ran(
        "bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 600", limits=Limits(seconds=2, processes=40)
    ).steps
    assert step.reached == ["time"]
    assert step.seconds < 8


def test_files_and_their_size() -> None:
    limits = Limits(seconds=10, disk=4 << 20, files=600, file=1 << 20)
    large, many, much = ran(
        "head -c 2M /dev/zero > ~/large; stat -c %s ~/large; rm ~/large",
        "i=0; while echo > ~/many-$i; do i=$((i + 1)); done 2>/dev/null; rm ~/many-*",
        "i=0; while head -c 500K /dev/zero > ~/much-$i; do i=$((i + 1)); done 2>/dev/null; echo $i",
        limits=limits,
    ).steps
    assert large.printed.split()[-1] == str(1 << 20)
    assert many.reached == []  # it tidied up
    assert much.reached == ["files"]
    assert 3 < int(much.printed) < 9


def test_output_of_all_kinds() -> None:
    (step,) = ran("yes 0123456789", limits=Limits(seconds=10, output=2 << 20)).steps
    assert step.reached == ["output"]
    assert len(step.printed) == 16_384


def test_memory_of_one_and_of_all() -> None:
    one = "python3 -c 'x = bytearray(200 << 20)' 2>&1 | tail -1"
    each = "python3 -c 'import time; x = bytearray(b\"1\") * (70 << 20); time.sleep(600)' & "
    single, together = ran(one, each * 4 + "wait", limits=Limits(seconds=15, memory=150 << 20)).steps
    assert single.printed == "MemoryError\n"
    assert together.reached == ["memory"]


def test_a_flood_of_calls_to_the_sinkhole() -> None:
    (step,) = ran(
        "for i in $(seq 40); do echo > /dev/udp/203.0.113.1/99; done", limits=Limits(contacts=10)
    ).steps
    assert len(step.contacts) == 10
    assert step.unheard == 30
