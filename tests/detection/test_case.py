import pytest

from clew.detection.model import Case, CaseEvent
from writing import RIGHT, faults, line_of, load


def cases(events: str, expect: str = "low") -> tuple[Case, ...]:
    return load(f"{RIGHT}tests:\n  - name: one\n    expect: {expect}\n    events:\n{events}").tests


def test_events_with_offsets_and_columns_as_a_mapping_makes_them() -> None:
    (case,) = cases(
        "      - -2s process_creation: {process.executable: 'C:\\W\\cmd.exe', process.pid: 7, host.id: pc}\n"
        "      - +90m1us file_creation:\n"
        "          file.path: 'C:\\a b\\x.tar.GZ'\n"
        "          clew.synthetic: true\n"
        "      - 0s network_connection_creation: {destination.ip: 192.0.2.1, user.name: ~}\n"
        "      - 0s network_connection_creation: {destination.ip: 192.0.2.1, destination.domain: a.example}\n"
    )
    assert (case.name, case.expect) == ("one", "low")
    assert [(event.offset, event.component) for event in case.events] == [
        (-2_000_000, "process_creation"),
        (5_400_000_001, "file_creation"),
        (0, "network_connection_creation"),
        (0, "network_connection_creation"),
    ]
    assert [event.fields for event in case.events] == [
        {
            "process.executable": "C:\\W\\cmd.exe",
            "process.name": "cmd.exe",
            "process.pid": 7,
            "host.id": "pc",
        },
        {
            "file.path": "C:\\a b\\x.tar.GZ",
            "file.name": "x.tar.GZ",
            "file.directory": "C:\\a b",
            "file.extension": "GZ",
            "clew.synthetic": True,
            "host.id": "host",
        },
        {"destination.ip": "192.0.2.1", "destination.address": "192.0.2.1", "host.id": "host"},
        {
            "destination.ip": "192.0.2.1",
            "destination.domain": "a.example",
            "destination.address": "a.example",
            "host.id": "host",
        },
    ]


def test_paths_of_other_systems_and_names_without_a_path() -> None:
    (case,) = cases(
        "      - 0s file_creation: {file.path: /usr/bin/ls}\n"
        "      - 0s file_creation: {file.path: plain, file.name: other}\n"
    )
    assert case.events[0].fields == {
        "file.path": "/usr/bin/ls",
        "file.name": "ls",
        "file.directory": "/usr/bin",
        "host.id": "host",
    }
    assert case.events[1].fields == {"file.path": "plain", "file.name": "other", "host.id": "host"}


def test_events_may_be_shared_by_aliases() -> None:
    (case,) = cases("      - 0s file_creation: &e {file.name: x}\n      - +1s file_creation: *e\n")
    assert case.events == (
        CaseEvent(0, "file_creation", {"file.name": "x", "host.id": "host"}, case.events[0].line),
        CaseEvent(1_000_000, "file_creation", {"file.name": "x", "host.id": "host"}, case.events[0].line + 1),
    )


def test_none_is_no_finding() -> None:
    assert cases("      - 0s file_creation: {}\n", "none")[0].expect is None


EVENT = "      - 0s file_creation: {file.name: x}\n"


@pytest.mark.parametrize(
    ("event", "piece", "message", "mend"),
    [
        ("9s file_creation", "- 9s file", "an event is one offset and component with its columns", "+3m process"),
        ("{0s file_creation: {}, 1s file_creation: {}}", "- {0s", "an event is one offset and", "+3m"),
        ("0s file_creation: [x]", "[x]", "the columns of an event are a mapping", "+3m"),
        ("file_creation: {}", "- file_creation: {}", "'file_creation' is no offset and component", "+3m"),
        ("soon file_creation: {}", "soon", "'soon' is no offset", "+90m1us"),
        ("+-5s file_creation: {}", "+-5s", "'+-5s' is no offset", "+90m1us"),
        ("--5s file_creation: {}", "--5s", "'--5s' is no offset", "+90m1us"),
        ("5 file_creation: {}", "- 5 file", "'5' is no offset", "+90m1us"),
        ("0s file_creaton: {}", "file_creaton", "no data component is called 'file_creaton'", "file_creation"),
        ("0s file_creation: {file.nam: x}", "file.nam: x", "no column is called 'file.nam'", "file.name"),
        ("0s file_creation: {clew.process.ancestors: x}", "{clew.process.ancestors", "is not written in a test", "follows"),
        ("0s file_creation: {'@timestamp': 5}", "@timestamp", "is not written in a test", "follows"),
        ("0s file_creation: {process.pid: '5'}", "process.pid", "process.pid holds a whole number", "without quotes"),
        ("0s file_creation: {process.pid: true}", "process.pid", "process.pid holds a whole number", "digits"),
        ("0s file_creation: {file.name: 5}", "file.name: 5", "file.name holds text", "quote"),
        ("0s file_creation: {file.name: [a]}", "[a]", "file.name holds text", "quote"),
        ("0s file_creation: {clew.synthetic: 1}", "clew.synthetic", "clew.synthetic holds true or false", "without quotes"),
        ("0s file_creation: {clew.synthetic: yes}", "clew.synthetic", "clew.synthetic holds true or false", "without quotes"),
    ],
)  # fmt: skip
def test_what_is_no_event(event: str, piece: str, message: str, mend: str) -> None:
    text = f"{RIGHT}tests:\n  - name: one\n    expect: low\n    events:\n{EVENT}      - {event}\n"
    found = faults(text)
    assert message in found[0].message
    assert mend in found[0].mend
    assert found[0].line == line_of(text, piece)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("{expect: low, events: [0s file_creation: {}]}", "a test has no 'name'"),
        ("{name: x, events: [0s file_creation: {}]}", "a test has no 'expect'"),
        ("{name: x, expect: hgh, events: [0s file_creation: {}]}", "'expect' cannot be 'hgh'"),
        ("{name: x, expect: low}", "a test has no 'events'"),
        ("{name: x, expect: low, events: []}", "'events' must be a list that is not empty"),
        ("{name: x, expect: low, events: [0s file_creation: {}], evnts: 1}", "a test has no key 'evnts'"),
        ("x", "a test must be a mapping"),
    ],
)
def test_what_is_no_test(test: str, message: str) -> None:
    assert [f.message for f in faults(f"{RIGHT}tests:\n  - {test}\n")] == [message]


def test_names_of_tests_differ() -> None:
    test = "  - {name: x, expect: low, events: [0s file_creation: {}]}\n"
    assert [f.message for f in faults(f"{RIGHT}tests:\n{test}{test}")] == ["a second test is called 'x'"]
