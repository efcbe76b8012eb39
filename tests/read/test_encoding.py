import codecs
from pathlib import Path

import pytest

from taken import Read, made, read

TEXT = '{"a":"Straße"}\n{"b":"日本"}\n'


def taken(data: bytes, folder: Path) -> Read:
    return read(made(folder / "a.json", data), folder=folder)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        codecs.BOM_UTF16_LE + TEXT.replace("\n", "\r\n").encode("utf-16-le"),
    ],
)
def test_unicode_in_every_form_is_the_same_text(tmp_path: Path, data: bytes) -> None:
    result = taken(data, tmp_path)
    assert [line.decode().strip() for line in result.lines.values()] == TEXT.splitlines()
    assert [position for _, position in result.lines] == [1, 2]
    assert result.rejects == result.notes == []


def test_broken_utf16_keeps_its_lines(tmp_path: Path) -> None:
    lone, cut = b"\x00\xd8", b"x"
    data = codecs.BOM_UTF16_LE + '{"a":"'.encode("utf-16-le") + lone + '"}\n{}\n'.encode("utf-16-le") + cut
    lines = [line.decode() for line in taken(data, tmp_path).lines.values()]
    assert lines == ['{"a":"\ufffd"}', "{}", "\ufffd"]


def test_large_utf16_is_the_same_text_across_blocks(tmp_path: Path) -> None:
    text = "".join(f'{{"n":{n},"x":"日本\U0001f642"}}\n' for n in range(30_000))
    result = taken(codecs.BOM_UTF16_BE + text.encode("utf-16-be"), tmp_path)
    assert b"".join(line + b"\n" for line in result.lines.values()) == text.encode()
