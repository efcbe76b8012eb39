from pathlib import Path

from clew.errors import Fault
from clew.settings.file import TomlFile, read_toml

TEXT = '''\
a = 1  # first
  b.c = 2
"d e" = {f = 1, g = 2}
text = """
a = 5
[h]
"""
list = [
  "x = 1",
]

[h]
i = 1
[h.'j.k']   # a table
l = 2
[[m]]
n = 1
[m.o]
p = 1
[[m]]
n = 2
[[m.q]]
r = 1
[[m.q]]
r = 2
'''


def read(folder: Path, text: str) -> TomlFile:
    path = folder / "clew.toml"
    path.write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    file = read_toml(path, "clew.toml", faults)
    assert file is not None, faults
    return file


def test_every_key_and_table_has_its_place(tmp_path: Path) -> None:
    assert read(tmp_path, TEXT).places == {
        ("a",): (1, 1),
        ("b", "c"): (2, 3),
        ("d e",): (3, 1),
        ("text",): (4, 1),
        ("list",): (8, 1),
        ("h",): (12, 2),
        ("h", "i"): (13, 1),
        ("h", "j.k"): (14, 2),
        ("h", "j.k", "l"): (15, 1),
        ("m", 0): (16, 3),
        ("m", 0, "n"): (17, 1),
        ("m", 0, "o"): (18, 2),
        ("m", 0, "o", "p"): (19, 1),
        ("m", 1): (20, 3),
        ("m", 1, "n"): (21, 1),
        ("m", 1, "q", 0): (22, 3),
        ("m", 1, "q", 0, "r"): (23, 1),
        ("m", 1, "q", 1): (24, 3),
        ("m", 1, "q", 1, "r"): (25, 1),
    }


def test_what_has_no_place_of_its_own_has_that_of_what_it_stands_in(tmp_path: Path) -> None:
    file = read(tmp_path, TEXT)
    assert file.place("d e", "f") == (3, 1)
    assert file.place("list", 0) == (8, 1)
    assert file.place("b") == (0, 0)
    assert file.origin("b") == "clew.toml"
    assert file.fault(("h", "i", "x"), "wrong", "mend it") == Fault("clew.toml", 13, 1, "wrong", "mend it")


def test_a_missing_file_is_no_fault(tmp_path: Path) -> None:
    faults: list[Fault] = []
    assert read_toml(tmp_path / "clew.toml", "clew.toml", faults) is None
    assert not faults


def test_deep_nesting_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "clew.toml"
    path.write_text("a = " + "[" * 100_000)
    faults: list[Fault] = []
    assert read_toml(path, "clew.toml", faults) is None
    assert faults[0].message.startswith("not TOML")
