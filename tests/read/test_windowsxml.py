"""Windows events as XML: each becomes what the evtx library makes of it, and every fault is told."""

import gzip
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evtx_file
import sysmon
import windows_xml
from clew.read import eventxml, windowsxml
from clew.read.source import Source
from clew.record import LINE_BYTES, Batch, Note, Reject
from taken import Read, made, read

EVENTS = [
    sysmon.evtx(
        11, n, n + 100, Image=r"C:\a & b.exe", TargetFilename=f"C:\\<{n}>.exe", User="", Note='it\'s "so"'
    )
    for n in range(1, 6)
]
ONE = windows_xml.event(EVENTS[0])
LINES = "".join(windows_xml.event(event) + "\n" for event in EVENTS)
TREE = (
    '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>'
    + LINES.replace("\n", "")
    + "</Events>"
)


def taken(data: str | bytes, folder: Path) -> Read:
    return read(made(folder / "a.xml", data.encode() if isinstance(data, str) else data), folder=folder)


def records(result: Read) -> list[Any]:
    return [json.loads(line) for line in result.lines.values()]


def numbers(result: Read) -> list[int]:
    return [position for _, position in result.lines]


def with_xmlns(record: dict[str, Any]) -> dict[str, Any]:
    return {"Event": {"#attributes": {"xmlns": windows_xml.XMLNS}, **record["Event"]}}


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("layout", ["", "\n", "\r\n    ", "\n\t\n"])
@pytest.mark.parametrize(
    "root", ["{}", "<Events>{}</Events>", "<Events xmlns='x'>\n{}\n</Events>\n", "<!-- a --> {}\n\n"]
)
@pytest.mark.parametrize(
    "head", ["", "\ufeff", "\n", '<?xml version="1.0" encoding="utf-16"?>\n', "\ufeff<?xml version='1.0'?>"]
)
def test_events_are_read_however_they_are_laid_out(
    tmp_path: Path, quote: str, layout: str, root: str, head: str
) -> None:
    between = "\n" if "\n" in root else ""
    events = between.join(windows_xml.event(event, quote, layout=layout) for event in EVENTS)
    result = taken(head + root.format(events), tmp_path)
    assert records(result) == [with_xmlns(event) for event in EVENTS]
    assert numbers(result) == [1, 2, 3, 4, 5]
    assert result.readers == {"windowsxml"}
    assert result.rejects == result.notes == []


def test_an_event_is_what_the_evtx_library_makes_of_it(tmp_path: Path) -> None:
    data = {
        "Image": r"C:\a.exe",
        "CommandLine": "a <b> & 'c' \"d\" é\u4e2d",
        "User": "",
        "Text": " two\nlines ",
    }
    event = sysmon.evtx(1, 1, 7, **data)
    theirs = read(made(tmp_path / "a.evtx", evtx_file.log([event])), folder=tmp_path)
    ours = taken(windows_xml.event(event, xmlns=""), tmp_path)
    [(_, expected)] = theirs.lines.items()
    expected_event, [record] = json.loads(expected), records(ours)
    system = expected_event["Event"]["System"]
    for name in ("EventID", "EventRecordID"):  # the writer of the test log knows only text
        system[name] = int(system[name])
    assert record == expected_event


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_encodings_of_windows_tools(tmp_path: Path, codec: str) -> None:
    result = taken(TREE.replace("utf-8", "utf-16").encode(codec), tmp_path)
    assert records(result) == [with_xmlns(event) for event in EVENTS]
    assert result.rejects == []


SYSTEM = "<System><Provider Name='P'/><EventID Qualifiers='0'>7</EventID></System>"
HEAD = {"Provider": {"#attributes": {"Name": "P"}}, "EventID": {"#attributes": {"Qualifiers": 0}, "#text": 7}}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("<EventData><Data>a</Data></EventData>", {"EventData": {"Data": {"#text": "a"}}}),
        (
            "<EventData><Data>a</Data><Data/><Data>\n</Data><Binary>0A</Binary><Binary/></EventData>",
            {"EventData": {"Binary": "0A", "Binary_1": None, "Data": {"#text": ["a", "", ""]}}},
        ),
        (
            "<EventData><Data Name='x'>1</Data><Data>2</Data><Data Name=''>3</Data></EventData>",
            {"EventData": {"x": "1", "Data": {"#text": ["2", "3"]}}},
        ),
        (
            "<EventData><Data Name='x'>1</Data><Data Name='x'>2</Data><Data Name='x_1'>3</Data></EventData>",
            {"EventData": {"x": "1", "x_1": "2", "x_1_1": "3"}},
        ),
        ("<EventData/>", {"EventData": None}),
        ("<EventData></EventData>", {"EventData": None}),
        (
            "<EventData Name='t'><Data Name='x'/></EventData>",
            {"EventData": {"#attributes": {"Name": "t"}, "x": ""}},
        ),
        ("<EventData><Data Name='x'> </Data></EventData>", {"EventData": {"x": " "}}),
        ("<EventData><Data Name='x'><a>1</a></Data></EventData>", {"EventData": {"x": {"a": "1"}}}),
        (
            "<UserData><Op xmlns='u'><A>1</A><A>2</A><B/><C k='v'/><D k='v'>t</D></Op></UserData>",
            {
                "UserData": {
                    "Op": {
                        "#attributes": {"xmlns": "u"},
                        "A": "1",
                        "A_1": "2",
                        "B": None,
                        "C": {"#attributes": {"k": "v"}},
                        "D": {"#attributes": {"k": "v"}, "#text": "t"},
                    }
                }
            },
        ),
        ("<UserData><Event><a>1</a></Event></UserData>", {"UserData": {"Event": {"a": "1"}}}),
        (
            "<RenderingInfo Culture='en-US'><Message>m\n</Message><Keywords><Keyword>a</Keyword></Keywords></RenderingInfo>",
            {
                "RenderingInfo": {
                    "#attributes": {"Culture": "en-US"},
                    "Message": "m\n",
                    "Keywords": {"Keyword": "a"},
                }
            },
        ),
        (
            "<ProcessingErrorData><ErrorCode>15005</ErrorCode></ProcessingErrorData>",
            {"ProcessingErrorData": {"ErrorCode": "15005"}},
        ),
        (
            "<EventData><Data Name='x'>&lt;&#65;&#x4e2d;&amp;lt;&quot;&apos;&gt;</Data></EventData>",
            {"EventData": {"x": "<A中&lt;\"'>"}},
        ),
        ("<EventData><Data Name='x'><![CDATA[<&>]]></Data></EventData>", {"EventData": {"x": "<&>"}}),
        (
            "<EventData><Data Name='x'>a&#1;b\x02c&#x1F;</Data></EventData>",
            {"EventData": {"x": "a\ufffdb\ufffdc\ufffd"}},
        ),
        ("<EventData><Data Name='x'>a\x02b</Data></EventData>", {"EventData": {"x": "a\ufffdb"}}),
        ("<EventData><Data Name='a &amp; b'>1</Data></EventData>", {"EventData": {"a & b": "1"}}),
    ],
)
def test_shapes_of_event_data(tmp_path: Path, content: str, found: dict[str, Any]) -> None:
    result = taken(f"<Event>{SYSTEM}{content}</Event>\n{ONE}", tmp_path)
    assert records(result) == [{"Event": {"System": HEAD, **found}}, with_xmlns(EVENTS[0])]
    assert result.rejects == []


def test_numbers_of_system_are_numbers_and_data_stay_as_written() -> None:
    system = (
        "<EventID>4624</EventID><Version>007</Version><Level>99999999999999999999999</Level><Task>18446744073709551615</Task>"
        "<EventRecordID>1</EventRecordID><Execution ProcessID='4' ThreadID='x'/><Channel>12</Channel>"
    )
    event = eventxml.event(
        f"<Event><System>{system}</System><EventData><Data Name='n'>5</Data></EventData></Event>"
    )
    assert event["Event"] == {
        "System": {
            "EventID": 4624,
            "Version": "007",
            "Level": "99999999999999999999999",
            "Task": 18446744073709551615,
            "EventRecordID": 1,
            "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": "x"}},
            "Channel": "12",
        },
        "EventData": {"n": "5"},
    }


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">'
    '<!ENTITY file SYSTEM "file:///etc/hostname">]>\n'
)


@pytest.mark.parametrize("entity", ["&lol2;", "&file;", "&nbsp;"])
def test_nothing_is_expanded_or_fetched(tmp_path: Path, entity: str) -> None:
    bad = f"<Event>{SYSTEM}<EventData><Data Name='x'>{entity}</Data></EventData></Event>\n"
    result = taken(f"{LAUGHS}<Events>\n{bad}{ONE}</Events>", tmp_path)
    assert records(result) == [with_xmlns(EVENTS[0])]
    assert [(r.position, r.reason) for r in result.rejects] == [
        (1, "line 1: a document type (DOCTYPE): it is not read, and what it defines is unknown"),
        (2, "line 3: not well-formed XML: undefined entity (its line 1, byte 105)"),
    ]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("<Event><!DOCTYPE a><System/></Event>", "not well-formed XML"),
        ("<Event>" + "<a>" * 70 + "</a>" * 70 + "</Event>", "nested more than 64 deep"),
        ("<Event>" + "<a/>" * 70_000 + "</Event>", "more than 65536 elements"),
        ("<Event><System></Event>", "not well-formed XML: mismatched tag"),
        ("<Event><a b='1' b='2'/></Event>", "not well-formed XML: duplicate attribute"),
        ("<Event>&#xD800;</Event>", "not well-formed XML: reference to invalid character number"),
        ("<Event>" + "x" * (LINE_BYTES + 5) + "</Event>", "the event is longer than 16 MiB"),
        ("<Event>" + "x" * (3 * LINE_BYTES) + "</Event>", "the event is longer than 16 MiB"),
        (
            "<Event>" + "\x01\x02" * (LINE_BYTES // 2 - 50) + "</Event>",
            "the record is longer than 16 MiB as JSON",
        ),
        (ONE[:200], "its end tag is missing: another event begins"),
        (ONE[:-3], "its end tag is missing: another event begins"),
        ("Oct 24 17:05:46 host sysmon:", "no event"),
        ("</Event>", "no event"),
        ("<Other>1</Other>", "no event"),
    ],
)
def test_a_broken_event_loses_no_other(tmp_path: Path, event: str, reason: str) -> None:
    result = taken(f"{ONE}\n\n{event}\n{ONE}\n", tmp_path)
    assert records(result) == [with_xmlns(EVENTS[0])] * 2
    assert numbers(result) == [1, 3]
    [reject] = result.rejects
    assert (reject.position, reject.count) == (2, 1)
    assert reason in reject.reason
    if "as JSON" not in reason:
        assert reject.reason.startswith("line 3: ")


def test_lines_that_are_no_event_are_counted(tmp_path: Path) -> None:
    result = taken(f"<Events>{ONE}\n\na\n \nb\nc{ONE}</Events>", tmp_path)
    assert numbers(result) == [1, 5]
    assert result.rejects == [Reject("a.xml", 2, "line 3: no event", 3)]


def test_an_event_without_its_end_before_the_end_of_the_root(tmp_path: Path) -> None:
    result = taken(f"<Events>{ONE}<Event>{SYSTEM}</Events>", tmp_path)
    assert numbers(result) == [1]
    assert [r.reason for r in result.rejects] == ["line 1: its end tag is missing"]


def test_a_file_that_is_not_utf8_is_read_as_latin_1(tmp_path: Path) -> None:
    result = taken(
        f"{ONE}\n<Event>{SYSTEM}<EventData><Data Name='x'>\xe9</Data></EventData></Event>".encode("latin-1"),
        tmp_path,
    )
    assert records(result)[1]["Event"]["EventData"] == {"x": "é"}
    assert result.notes == [Note("a.xml", "not UTF-8, read as Latin-1: 1 record, the first is 2")]


@pytest.mark.parametrize(
    "text", [LINES, TREE, "".join(windows_xml.event(e, layout="\n") for e in EVENTS[:2]) + "\n"]
)
def test_a_file_that_is_cut_anywhere(tmp_path: Path, text: str) -> None:
    """Whole events come out, what is cut is told, and a cut that loses nothing is not held against the file."""
    data = text.encode()
    ends = [i + len(b"</Event>") for i in range(len(data)) if data.startswith(b"</Event>", i)]
    begins = data.index(b"<Event ") + len(b"<Event ")
    for at in range(begins, len(data)):
        items = list(windowsxml.read(source(data[:at]), tmp_path))
        whole = sum(end <= at for end in ends)
        assert lines(items) == whole
        rejects = [item for item in items if isinstance(item, Reject)]
        begun = data[max((end for end in ends if end <= at), default=0) : at].strip()
        within = bool(begun) and not ("<Events>" in text and b"</Events>".startswith(begun))
        if within or "<Events>" in text:
            [reject] = rejects
            assert "cut" in reject.reason
            assert reject.position == (whole + 1 if within else 0)
        else:
            assert rejects == []


def source(data: bytes) -> Source:
    return Source("a.xml", data[:65536], io.BufferedReader(io.BytesIO(data)))


def lines(items: list[Any]) -> int:
    count = 0
    for item in items:
        if isinstance(item, Batch):
            count += item.lines.read_bytes().count(b"\n")
            item.done()
    return count


def test_batches_have_the_size_that_was_asked_for_and_tell_their_input(tmp_path: Path) -> None:
    data = LINES.encode() * 100
    batches = [item for item in windowsxml.read(source(data), tmp_path, 5000) if isinstance(item, Batch)]
    assert len(batches) == 50
    assert sum(batch.size for batch in batches) == len(data)
    seen = 0
    for batch in batches:
        assert batch.place(0)[1] == seen + 1
        seen += batch.lines.read_bytes().count(b"\n")
    assert seen == 500


@pytest.mark.parametrize("block", [1, 7, 100, 5000])
def test_where_a_block_ends_changes_nothing(
    tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"\ufeff<?xml version='1.0'?><!-- <a> --><Events>\n{LINES}junk{ONE[:300]}{ONE}<Event a='1'/>{ONE[:-1]}"
    expected = taken(text, tmp_path)
    monkeypatch.setattr(windowsxml, "_BLOCK", block)
    found = taken(text, tmp_path)
    assert found.lines == expected.lines
    assert found.rejects == expected.rejects
    assert len(found.lines) == 7
    assert [r.position for r in found.rejects] == [6, 7, 10]


def test_packed_and_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = TREE.encode()
    made(tmp_path / "a.gz", gzip.compress(data))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("b.xml", data)
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        info = tarfile.TarInfo("c.txt")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    for name in ("a.gz", "a.zip", "a.tar"):
        assert records(read(tmp_path / name, folder=tmp_path)) == [with_xmlns(event) for event in EVENTS]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    assert len(read(Path("-"), folder=tmp_path).lines) == 5


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (b"<Event/>", True),
        (b"<Event\n a='1'>", True),
        (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- a > b --><?x y?><Events>", True),
        (LAUGHS.encode() + b"<Events >", True),
        (b"<EventData>", False),
        (b"<html><Event>", False),
        (b"<!-- <Event> -->", False),
        (b"<34>1 - a b c d - <Event>", False),
        (b"", False),
        (b"<!-" * 20000, False),
        (b"<!----><??>" * 6000, False),
    ],
)
def test_what_is_claimed(head: bytes, claimed: bool) -> None:
    assert windowsxml.claims(head) is claimed


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("<>&'\"\n \t]"), max_size=12)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(NAMES, TEXT, max_size=4), max_size=5),
    st.sampled_from("'\""),
    st.sampled_from(("", "\n", "\n  ")),
)
def test_what_is_written_comes_back(
    tmp_path: Path, data: list[dict[str, str]], quote: str, layout: str
) -> None:
    events = [
        sysmon.evtx(1, n, n, **{"x" + k: v for k, v in fields.items()}) for n, fields in enumerate(data)
    ]
    text = (
        "<Events>"
        + layout.join(windows_xml.event(event, quote, layout=layout) for event in events)
        + "</Events>"
    )
    result = taken(text, tmp_path)
    for event in events:
        for name, value in event["Event"]["EventData"].items():
            if "\n" in value and not value.strip(" \t\n"):
                event["Event"]["EventData"][name] = ""
    assert [e["Event"]["EventData"] for e in records(result)] == [
        {
            escaped(k): v.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
            for k, v in e["Event"]["EventData"].items()
        }
        for e in events
    ]
    assert result.rejects == []


def escaped(name: str) -> str:
    return name.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


PIECES = (
    *(
        "<Event>",
        "</Event>",
        "<Event a='1' ",
        "<System>",
        "</System>",
        "<EventData>",
        "</EventData>",
        "<Data Name='x'>",
    ),
    *(
        "</Data>",
        "<Data/>",
        "text",
        "&amp;",
        "&bad;",
        "&#2;",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "\n",
        " ",
        "<?x ?>",
    ),
    *("<Events>", "</Events>", "<!DOCTYPE a>", "\x00", "é", "<", ">", "'", ONE),
)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_both_ways_of_reading_an_event_agree(text: str) -> None:
    fast = eventxml._fast(text.replace("\x00", ""))
    if fast is not None:
        assert fast == eventxml._slow(text.replace("\x00", ""))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_nothing_but_blanks_and_layout_is_passed_over(tmp_path: Path, text: str) -> None:
    """Positions of records and rejects, put together, are 1, 2, 3 ..."""
    result = taken("<Events>" + text, tmp_path)
    places = [(position, 1) for position in numbers(result)]
    places += [(reject.position, reject.count) for reject in result.rejects if reject.position]
    expected = 1
    for position, count in sorted(places):
        assert position == expected
        expected += count
    if "text" in text and "<!--" not in text:
        assert expected > 1
    for line in result.lines.values():
        json.loads(line)


def test_a_quote_that_must_be_escaped(tmp_path: Path) -> None:
    event = sysmon.evtx(1, 1, 1, **{"a'b\"c": "'"})
    for quote in "'\"":
        [record] = records(taken(windows_xml.event(event, quote), tmp_path))
        assert record["Event"]["EventData"]["a'b\"c"] == "'"
