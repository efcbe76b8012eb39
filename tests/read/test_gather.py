from pathlib import Path

from clew.read.gather import SMALL
from taken import made, read


def test_small_files_become_one_batch_with_true_positions(tmp_path: Path) -> None:
    contents = [
        b'{"a":1}\n\n{"a":2}',
        b"",
        b'\xef\xbb\xbf{"b":1}\r\n{"b":2}\r\n',
        b'{"c":"\xe4"}\n',
        b'{"d":1}',
    ]
    paths = [made(tmp_path / f"{n}.jsonl", data) for n, data in enumerate(contents)]
    result = read(*paths, folder=tmp_path)
    assert result.batches == 1
    assert {place: line.strip() for place, line in result.lines.items()} == {
        ("0.jsonl", 1): b'{"a":1}',
        ("0.jsonl", 3): b'{"a":2}',
        ("2.jsonl", 1): b'{"b":1}',
        ("2.jsonl", 2): b'{"b":2}',
        ("3.jsonl", 1): '{"c":"ä"}'.encode(),
        ("4.jsonl", 1): b'{"d":1}',
    }
    assert [note.path for note in result.notes] == ["3.jsonl"]


def test_a_large_file_stays_where_it_is_and_the_order_is_kept(tmp_path: Path) -> None:
    large = b'{"n":1}\n' * (SMALL // 8 + 1)
    paths = [
        made(tmp_path / name, data) for name, data in [("a", b"{}"), ("b", large), ("c", b"{}"), ("d", b"{}")]
    ]
    result = read(*paths, folder=tmp_path)
    assert result.batches == 3
    assert list(dict.fromkeys(source for source, _ in result.lines)) == ["a", "b", "c", "d"]
