"""Every hunt of every test keeps the books, and they must balance. And Clew as a user runs it."""

import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest

import clew
from clew.cli.main import run
from clew.runner import hunt as runner
from clew.runner.books import Books


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out tests one by one, but those of a real engine to one process, since they share it.

    xdist's own groups are lost with pytest 9.2, which no longer reads the name that they put a test's group into.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "engine" if nodeid.startswith("tests/containers/") else nodeid

    return Scheduling(config, log)


@pytest.fixture(autouse=True, scope="session")
def heard() -> None:
    """Whoever starts the tests in the background ignores Ctrl-C, and so would all that they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def balanced(monkeypatch: pytest.MonkeyPatch) -> None:
    real = runner.hunt

    def hunt(paths: Any, *arguments: Any, books: Books | None = None, **options: Any) -> runner.Hunt:
        books = books or Books()
        result = real(paths, *arguments, books=books, **options)
        if not result.interrupted:
            books.check(result.tally)
        return result

    monkeypatch.setattr(runner, "hunt", hunt)
    monkeypatch.setattr(clew, "hunt", hunt, raising=False)


class Ran(msgspec.Struct):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture(name="clew")
def in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings"))

    def invoke(*arguments: str) -> Ran:
        code = run(arguments)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Ran(code, out, err)

    return invoke
