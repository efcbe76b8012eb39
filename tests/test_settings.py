"""Layers of settings, their origins, and what is told when one of them is wrong."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.errors import SettingsError
from clew.settings import FILE, OPTIONS, TABLES, Settings, read_settings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    (tmp_path / "xdg" / "clew").mkdir(parents=True)
    return tmp_path


def settings(home: Path, flags: dict[str, Any] | None = None, **environ: str) -> Settings:
    return read_settings(
        flags, {"XDG_CONFIG_HOME": str(home / "xdg"), **environ}, home / "work", home / "system.toml"
    )


def faults(home: Path, **environ: str) -> list[str]:
    with pytest.raises(SettingsError) as error:
        settings(home, **environ)
    return [str(fault) for fault in error.value.faults]


def test_defaults(home: Path) -> None:
    found = settings(home)
    assert (found.memory_limit, found.threads, found.temp_directory) == (500_000_000, None, None)
    assert (found.skew, found.lateness, found.network_lateness) == (2_000_000, 1_000_000, 30_000_000)
    assert (found.fail_on, found.detections, found.files) == (None, (), ())
    assert (found.evidence_cap, found.state_cap) == (50, 256_000_000)
    assert set(found.origins.values()) == {"default"}
    assert set(found.origins) == {option.name for option in OPTIONS}


def test_every_option_is_a_field() -> None:
    fields = [field.name for field in msgspec.structs.fields(Settings)]
    assert fields == [*(option.name for option in OPTIONS), "origins", "files"]
    assert not set(fields) & set(TABLES)


def test_each_layer_lies_over_the_one_before(home: Path) -> None:
    expected = ["default"]
    assert settings(home).origins["threads"] == "default"
    (home / "system.toml").write_text("threads = 1\n")
    expected.append(f"{home}/system.toml:1")
    assert settings(home).origins["threads"] == expected[-1]
    (home / "xdg/clew/clew.toml").write_text("\nthreads = 2\n")
    assert (settings(home).threads, settings(home).origins["threads"]) == (2, f"{home}/xdg/clew/clew.toml:2")
    (home / "work" / FILE).write_text("skew = '1s'\n\nthreads = 3\n")
    assert (settings(home).threads, settings(home).origins["threads"]) == (3, "clew.toml:3")
    assert settings(home).skew == 1_000_000
    found = settings(home, CLEW_THREADS="4")
    assert (found.threads, found.origins["threads"]) == (4, "CLEW_THREADS")
    found = settings(home, {"threads": 5, "skew": None}, CLEW_THREADS="4")
    assert (found.threads, found.origins["threads"]) == (5, "flag --threads")
    assert found.origins["skew"] == "clew.toml:1"
    assert [file.path for file in found.files] == [
        f"{home}/system.toml",
        f"{home}/xdg/clew/clew.toml",
        "clew.toml",
    ]


def test_the_users_file_without_xdg(home: Path) -> None:
    (home / ".config/clew").mkdir(parents=True)
    (home / ".config/clew/clew.toml").write_text("threads = 2\n")
    found = read_settings({}, {"HOME": str(home)}, home / "work", home / "none.toml")
    assert found.threads == 2
    assert read_settings({}, {}, home / "work", home / "none.toml").threads is None


def test_paths_are_relative_to_where_they_are_written(home: Path) -> None:
    (home / "xdg/clew/clew.toml").write_text('detections = ["mine", "/abs"]\ntemp_directory = "t"\n')
    found = settings(home)
    assert found.detections == (home / "xdg/clew/mine", Path("/abs"))
    assert found.temp_directory == home / "xdg/clew/t"
    found = settings(home, {"temp_directory": Path("x")}, CLEW_DETECTIONS="a:/b")
    assert found.detections == (home / "work/a", Path("/b"))
    assert found.temp_directory == Path("x")


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("memory_limit", "2GiB", 2 * 1024**3),
        ("memory_limit", "1.5 gb", 1_500_000_000),
        ("memory_limit", "800kb", 800_000),
        ("state_cap", "7B", 7),
        ("lateness", "1m30s", 90_000_000),
        ("fail_on", "high", "high"),
        ("fail_on", "never", None),
        ("evidence_cap", "10", 10),
        ("threads", "", None),
    ],
)
def test_values_of_variables(home: Path, name: str, written: str, value: object) -> None:
    assert getattr(settings(home, **{f"CLEW_{name.upper()}": written}), name) == value


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("thread = 2", "clew.toml:3:1: no setting is called 'thread' (did you mean 'threads'?)"),
        ("elemnts = 2", "clew.toml:3:1: no setting is called 'elemnts' (did you mean 'elements'?)"),
        ("[nonsense]", "clew.toml:3:2: no setting is called 'nonsense' (one of memory_limit"),
        ("threads = 0", "clew.toml:3:1: 'threads' cannot be 0 (a whole number of 1 or more)"),
        ("threads = true", "clew.toml:3:1: 'threads' cannot be True (a whole number of 1 or more)"),
        ("threads = 1.5", "clew.toml:3:1: 'threads' cannot be 1.5 (a whole number of 1 or more)"),
        ("memory_limit = 500", "clew.toml:3:1: 'memory_limit' cannot be 500 (a size is text with a unit"),
        ("memory_limit = '0B'", "clew.toml:3:1: 'memory_limit' cannot be '0B' (a size is greater than"),
        ("memory_limit = '5XB'", "clew.toml:3:1: 'memory_limit' cannot be '5XB' (a size is text"),
        ("skew = 2", "clew.toml:3:1: 'skew' cannot be 2 (a duration is text: 2s, 90m)"),
        ("skew = 'soon'", "clew.toml:3:1: 'skew' cannot be 'soon' (a duration is a number with"),
        ("fail_on = 'hgh'", "clew.toml:3:1: 'fail_on' cannot be 'hgh' (one of never, low"),
        ("fail_on = []", "clew.toml:3:1: 'fail_on' cannot be [] (one of never, low"),
        ("detections = 'x'", "clew.toml:3:1: 'detections' cannot be 'x' (a list of paths"),
        ("detections = [1]", "clew.toml:3:1: 'detections' cannot be [1] (a path is text)"),
        ("temp_directory = ''", "clew.toml:3:1: 'temp_directory' cannot be '' (a path is text)"),
        ("threads = ", "clew.toml:3:11: not TOML: Invalid value"),
    ],
)
def test_what_is_wrong_in_a_file(home: Path, line: str, message: str) -> None:
    (home / "work" / FILE).write_text(f"# settings\nlateness = '2s'\n{line}\n")
    (found,) = faults(home)
    assert found.startswith(message)


def test_what_is_wrong_in_a_variable_or_a_flag(home: Path) -> None:
    assert faults(home, CLEW_THREDS="2", CLEW_SKEW="x") == [
        "CLEW_SKEW: 'skew' cannot be 'x' (a duration is a number with us, ms, s, m, h, d or w, as in 90m or 1h30m)",
        "CLEW_THREDS: no setting has this variable (did you mean 'CLEW_THREADS'?)",
    ]
    with pytest.raises(SettingsError, match=r"^--fail-on: 'fail_on' cannot be 'x'"):
        settings(home, {"fail_on": "x"})


def test_all_layers_are_told_at_once(home: Path) -> None:
    (home / "system.toml").write_text("a = 1\n")
    (home / "work" / FILE).write_text("b = 1\nc = 2\n")
    assert len(faults(home, CLEW_D="1")) == 4


def test_a_file_that_cannot_be_read(home: Path) -> None:
    (home / "work" / FILE).write_bytes(b"a = '\xff'\n")
    assert faults(home) == ["clew.toml: not UTF-8 text (save the file as UTF-8)"]
    (home / "work" / FILE).unlink()
    (home / "work" / FILE).mkdir()
    assert faults(home) == ["clew.toml: cannot be read: Is a directory"]


def test_tables_of_others_are_handed_on(home: Path) -> None:
    (home / "work" / FILE).write_text("[elements]\nWindow = '1h'\n[[except]]\nstage = 'x'\n[[host]]\n")
    (file,) = settings(home).files
    assert file.values["except"] == [{"stage": "x"}]
    assert file.origin("elements", "Window") == "clew.toml:2"
    assert file.place("except", 0, "stage") == (4, 1)
    assert file.place("except", 0, "nowhere") == (3, 3)
