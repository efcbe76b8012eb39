from pathlib import Path

from clew.read.gather import WORTH
from clew.record import LINE_BYTES
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
    large = (b'{"n":"' + b"x" * 8000 + b'"}\n') * (WORTH // 8000)
    paths = [
        made(tmp_path / name, data) for name, data in [("a", b"{}"), ("b", large), ("c", b"{}"), ("d", b"{}")]
    ]
    result = read(*paths, folder=tmp_path)
    assert result.batches == 3
    assert list(dict.fromkeys(source for source, _ in result.lines)) == ["a", "b", "c", "d"]


def test_what_would_be_too_much_together_stays_apart(tmp_path: Path) -> None:
    """Each of three files of 21 MB is less than a batch that is worth its plan, and two of them more than a part."""
    data = (b'{"n":"' + b"x" * 8000 + b'"}\n') * 2700
    assert read(*(made(tmp_path / name, data) for name in "abc"), folder=tmp_path).batches == 3
    assert (
        read(*(made(tmp_path / name, data[: len(data) // 2]) for name in "abc"), folder=tmp_path).batches == 1
    )


def test_a_line_that_is_too_long_is_found_in_a_small_file(tmp_path: Path) -> None:
    data = b'{"a":1}\n' + b'{"b":"' + b"x" * LINE_BYTES + b'"}\n' + b'{"c":1}\n'
    result = read(made(tmp_path / "a", data), made(tmp_path / "b", b"{}"), folder=tmp_path)
    assert result.batches == 1
    assert [*result.lines] == [("a", 1), ("a", 3), ("b", 1)]
    assert [reject.position for reject in result.rejects] == [2]
