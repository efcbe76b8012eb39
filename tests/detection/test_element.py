"""Types of mutable elements: what they accept, what they say of the rest, and what they match."""

from __future__ import annotations

import pytest

from clew.detection.element import TYPES, ElementError, coerce, matcher
from clew.detection.folder import VARIABLES, parse_folders
from clew.detection.matcher import Number
from clew.event import SCHEMA


@pytest.mark.parametrize(
    ("type_", "raw", "data"),
    [
        ("duration", "1h30m", 5_400_000_000),
        ("duration", "500ms", 500_000),
        ("number", 3, 3),
        ("number", 1.5, 1.5),
        ("string", "setup*.exe", "setup*.exe"),
        ("string", 7, "7"),
        ("strings", ["a", 80, "a"], ("a", "80")),
        ("strings", "a", ("a",)),
        ("strings", [], ()),
        ("domains", ["Windowsupdate.COM", "a.b."], ("windowsupdate.com", "a.b")),
        (
            "paths",
            ["C:\\Program Files\\", "%TEMP%", "/usr/bin/"],
            ("C:\\Program Files\\", "%TEMP%", "/usr/bin/"),
        ),
        ("cidrs", ["10.0.0.0/8", "10.1.2.3", "fe80::/10"], ("10.0.0.0/8", "10.1.2.3/32", "fe80::/10")),
        ("images", ["nginx", "ghcr.io/acme/*:1.*"], ("nginx", "ghcr.io/acme/*:1.*")),
        ("regex", "\\.(ps1|bat)$", "\\.(ps1|bat)$"),
    ],
)
def test_accepted(type_, raw, data):
    assert coerce(type_, raw) == data


@pytest.mark.parametrize(
    ("type_", "raw", "says"),
    [
        ("duration", 90, "such as 90m"),
        ("duration", "90", "such as 90m"),
        ("duration", "soon", "such as 90m"),
        ("number", True, "a number"),
        ("number", "3", "a number"),
        ("number", float("nan"), "a number"),
        ("number", float("inf"), "a number"),
        ("string", ["a"], "one text"),
        ("strings", [""], "a list of texts"),
        ("strings", [True], "a list of texts"),
        ("strings", [1.5], "a list of texts"),
        ("strings", [["a"]], "a list of texts"),
        ("strings", {"a": 1}, "a list of texts"),
        ("strings", None, "a list of texts"),
        ("strings", ["\ud800"], "a list of texts"),
        ("domains", ["*.a.com"], "a.com will do"),
        ("domains", ["https://a.com/"], "labels"),
        ("domains", ["bücher.de"], "xn--"),
        ("domains", ["a..b"], "labels"),
        ("paths", ["AppData\\Local"], "begins at no root"),
        ("paths", ["C:\\\\Users"], "doubled"),
        ("paths", ["%NOWHERE%\\a"], "%TEMP%"),
        ("paths", ["%LOCALAPDATA%\\a"], "did you mean 'LOCALAPPDATA'"),
        ("paths", ["%TEMP%a"], "separator is missing"),
        ("paths", ["C:\\a\\%TEMP%\\b"], "at the start only"),
        ("cidrs", ["10.0.0.1/8"], "10.0.0.0/8"),
        ("cidrs", ["10.0.0"], "a list of networks"),
        ("cidrs", ["fe80::1%eth0"], "zone"),
        ("images", ["a b"], "blanks"),
        ("images", ["nginx:"], "empty"),
        ("images", ["/nginx"], "empty"),
        ("regex", "a(?=b)", "lookaround"),
        ("regex", "[", "missing ]"),
        ("regex", ["a"], "a regular expression"),
    ],
)
def test_refused_with_what_is_expected_and_an_example(type_, raw, says):
    with pytest.raises(ElementError, match=r"such as") as caught:
        coerce(type_, raw)
    assert says in str(caught.value)
    assert TYPES[type_][1] in str(caught.value)


def test_every_example_suits_its_type():
    import yaml

    for type_, (_, example) in TYPES.items():
        assert coerce(type_, yaml.safe_load(example)) not in ((), "")


def test_refusals_do_not_reach_stderr(capfd):
    with pytest.raises(ElementError):
        coerce("regex", "a(?!b)")
    assert capfd.readouterr().err == ""


def fits(type_, raw, held, column="file.path"):
    return matcher(type_, coerce(type_, raw), SCHEMA[column]).matches(held)


@pytest.mark.parametrize(
    ("entry", "held", "expected"),
    [
        ("C:\\Program Files\\", "C:\\Program Files\\a\\b.exe", True),
        ("C:\\Program Files\\", "c:\\PROGRAM FILES\\b.exe", True),
        ("C:\\Program Files\\", "C:\\Program Files", True),
        ("C:\\Program Files\\", "C:\\Program Files (x86)\\b.exe", False),
        ("C:\\Program Files", "C:\\Program Files (x86)\\b.exe", False),
        ("C:\\Users\\*\\AppData\\Local\\", "C:\\Users\\eve\\AppData\\Local\\x.exe", True),
        ("C:\\Users\\*\\AppData\\Local\\", "C:\\Users\\a\\b\\AppData\\Local\\x.exe", False),
        ("C:\\Users\\*\\AppData\\Local\\", "C:\\Users\\eve\\AppData\\LocalLow\\x.exe", False),
        ("C:\\Windows\\explorer.exe", "C:\\Windows\\explorer.exe", True),
        ("C:\\Windows\\explorer.exe", "C:\\Windows\\explorer.exe.bak", False),
        ("?:\\Tools\\", "E:\\tools\\a.exe", True),
        ("\\\\server\\share\\", "\\\\SERVER\\share\\a.exe", True),
        ("HKLM\\SOFTWARE\\", "HKLM\\Software\\Microsoft", True),
        ("%TEMP%", "C:\\Users\\eve\\AppData\\Local\\Temp\\a.exe", True),
        ("%temp%\\x", "C:\\Windows\\Temp\\x\\a.exe", True),
        ("%LOCALAPPDATA%\\", "C:\\Windows\\System32\\config\\systemprofile\\AppData\\Local\\a", True),
        ("%PROGRAMFILES(X86)%", "C:\\Program Files (x86)\\a", True),
        ("%HOME%/.config", "/home/eve/.config/autostart/a.desktop", True),
        ("%HOME%/.config", "/root/.config", True),
        ("/usr/bin", "/usr/bin/curl", True),
        ("/usr/bin", "/usr/bin2/curl", False),
        ("/", "/anything", True),
        ("/", "C:\\anything", False),
    ],
)
def test_paths(entry, held, expected):
    assert fits("paths", [entry], held) is expected


def test_many_stars_in_a_folder_take_no_exponential_time():
    """Hostile input: a backtracking matcher would not come back."""
    assert not fits("paths", ["C:\\" + "*a" * 30 + "b\\"], "C:\\" + "a" * 5000 + "\\x")
    assert fits("paths", ["C:\\" + "*a" * 30 + "b\\"], "C:\\" + "a" * 5000 + "b\\x")


def test_every_variable_resolves_to_folders():
    for name, starts in VARIABLES.items():
        assert len(parse_folders(f"%{name.lower()}%")) == len(starts)


def test_domains():
    for held in ("windowsupdate.com", "A.WindowsUpdate.com", "a.b.windowsupdate.com."):
        assert fits("domains", ["windowsupdate.com"], held)
    for held in ("evilwindowsupdate.com", "windowsupdate.com.evil.org", "com", ""):
        assert not fits("domains", ["windowsupdate.com"], held)


def test_columns_of_numbers():
    assert matcher("strings", ("80", "443"), SCHEMA["destination.port"]) == Number("eq", (80, 443))
    assert fits("number", 80, 80, "destination.port")
    assert not fits("strings", [], 80, "destination.port")
    with pytest.raises(ElementError, match="no whole number"):
        matcher("strings", ("80*",), SCHEMA["destination.port"])


@pytest.mark.parametrize(
    ("type_", "data", "column"),
    [
        ("duration", 5, "process.name"),
        ("duration", 5, "destination.port"),
        ("number", 5, "process.name"),
        ("domains", ("a.b",), "destination.port"),
        ("strings", ("true",), "clew.synthetic"),
        ("strings", ("x",), "@timestamp"),
    ],
)
def test_what_cannot_be_compared(type_, data, column):
    with pytest.raises(ElementError, match="cannot be compared"):
        matcher(type_, data, SCHEMA[column])


def test_an_empty_list_matches_nothing():
    for type_ in ("strings", "domains", "paths", "cidrs", "images"):
        assert not fits(type_, [], "a")


def test_all_texts_that_do_not_suit_are_said_as_they_are_written() -> None:
    with pytest.raises(ElementError) as error:
        coerce("paths", [r"Acme\bin", "/usr", r"%NOPE%\a", "x"])
    said = str(error.value)
    assert said.startswith(
        r"'Acme\bin', '%NOPE%\a', 'x' do not suit paths (it begins at no root, such as a drive"
    )
    assert "; %NOPE% is no variable that can be resolved" in said
    assert said.count("it begins at no root") == 1
