import io
from pathlib import Path

import pytest

from clew.read import jsonlines
from clew.read.source import Source
from clew.record import LINE_BYTES, Batch
from taken import made, read


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b'{"a":1}\n', {1: b'{"a":1}'}),
        (b"\n\n  {}\n", {3: b"  {}"}),
        (b"\xef\xbb\xbf{}", {1: b"{}"}),
        (b"", {}),
        (b"\n\n", {}),
        (b'{"cut', {1: b'{"cut'}),
        (b'{"a":1}\r\n{"b":2}\r\n', {1: b'{"a":1}', 2: b'{"b":2}'}),
    ],
)
def test_json_lines_and_empty_files_are_read(tmp_path: Path, data: bytes, lines: dict[int, bytes]) -> None:
    result = read(made(tmp_path / "a.log", data), folder=tmp_path)
    assert {position: line.rstrip() for (_, position), line in result.lines.items()} == lines
    assert result.rejects == result.notes == []
    assert result.opened == ["a.log"]


def batches(data: bytes, folder: Path, size: int) -> list[Batch]:
    source = Source("a.jsonl", data[:100], io.BytesIO(data))
    return [item for item in jsonlines.read(source, folder, size) if isinstance(item, Batch)]


def test_a_large_file_is_cut_at_line_ends_with_true_positions(tmp_path: Path) -> None:
    lines = [f'{{"n":{n}}}'.encode() + b"x" * (n % 7) for n in range(1000)]
    seen: list[bytes] = []
    for batch in batches(b"\n".join(lines) + b"\n", tmp_path, 777):
        assert batch.place(0)[1] == len(seen) + 1
        content = batch.lines.read_bytes()
        assert batch.size == len(content)
        assert 777 <= len(content) < 800 or len(seen) > 950
        seen += content.splitlines()
        assert not batch.spans[0].cut
    assert seen == lines


def test_a_last_line_without_an_end_is_in_the_last_batch(tmp_path: Path) -> None:
    *others, last = batches(b'{"n":1}\n' * 50 + b'{"n":', tmp_path, 100)
    assert last.lines.read_bytes().endswith(b'{"n":')
    assert last.spans[0].cut
    assert not any(batch.spans[0].cut for batch in others)


def test_of_an_overlong_line_only_so_much_is_kept_as_shows_that_it_is_one(tmp_path: Path) -> None:
    data = b'{"a":1}\n' + b"x" * (5 * LINE_BYTES) + b'\n{"b":2}\n'
    parts = batches(data, tmp_path, 100)
    assert LINE_BYTES < parts[0].size < 2 * LINE_BYTES
    assert parts[1].lines.read_bytes() == b'{"b":2}\n'
    assert parts[1].place(0)[1] == 3


@pytest.mark.parametrize(("data", "cut"), [(b"", False), (b"{}\n", False), (b"{}", True), (b"{}\r", False)])
def test_a_file_that_ends_in_mid_line_is_seen(tmp_path: Path, data: bytes, cut: bool) -> None:
    assert jsonlines.ends_in_mid_line(made(tmp_path / "a", data)) is cut
