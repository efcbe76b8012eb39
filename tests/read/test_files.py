import os
from pathlib import Path

import pytest

from clew.errors import UsageError
from clew.read.files import walk


def test_folders_are_walked_in_order_and_no_file_is_read_twice(tmp_path: Path) -> None:
    for name in ("b/2.log", "b/1.log", "a.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    found = [file.relative_to(tmp_path).as_posix() for file in walk([tmp_path, tmp_path / "a.log"])]
    assert found == ["a.log", "b/1.log", "b/2.log"]


def test_loops_of_links_and_things_that_are_no_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "x" / "a.log").write_text("{}")
    assert [file.name for file in walk([tmp_path])] == ["a.log"]


def test_a_missing_path_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        list(walk([tmp_path / "nowhere"]))
