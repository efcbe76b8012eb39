"""Processes: identifiers, parents, and what real logs lack or have early."""

from collections import defaultdict

from plain_sysmon import Record

SECOND = 1_000_000


def creations(day: list[Record]) -> list[Record]:
    return [found for found in day if found.code == 1]


def test_guids_are_unique(day: list[Record]) -> None:
    guids = [found.data["ProcessGuid"] for found in creations(day)]
    assert len(guids) > 500
    assert len(set(guids)) == len(guids)


def test_a_guid_names_one_process(day: list[Record]) -> None:
    seen: dict[str, tuple[str, str, str]] = {}
    for found in day:
        for who in ("Process", "SourceProcess", "TargetProcess", "ParentProcess"):
            guid = found.data.get(f"{who}Guid") or found.data.get(f"{who}GUID")
            if guid:
                image = found.data["Image" if who == "Process" else who.replace("Process", "Image")]
                told = (found.host, found.data[f"{who}Id"], image)
                assert seen.setdefault(guid, told) == told


def test_guids_are_built_as_sysmon_builds_them(day: list[Record]) -> None:
    machines = defaultdict(set)
    for found in creations(day):
        machine, low, high, _, tail = found.data["ProcessGuid"].split("-")
        machines[found.host].add((machine, tail[-4:]))
        started = int(high + low, 16)
        assert 0 <= found.time // SECOND - started <= 2
        logon = found.data["LogonGuid"].split("-")
        assert int.from_bytes(bytes.fromhex(logon[3] + logon[4]), "little") == int(found.data["LogonId"], 16)
    assert all(len(kinds) == 1 for kinds in machines.values())
    assert len(machines) == 8


def test_parents_are_there_or_started_before(day: list[Record]) -> None:
    created = {found.data["ProcessGuid"]: found for found in creations(day)}
    known = 0
    for child in created.values():
        parent = created.get(child.data["ParentProcessGuid"])
        if parent:
            known += 1
            assert child.time >= parent.time - 2 * SECOND
            assert child.data["ParentImage"] == parent.data["Image"]
            assert child.data["ParentCommandLine"] == parent.data["CommandLine"]
    assert known > len(created) / 3


def test_some_processes_have_no_creation_record(day: list[Record]) -> None:
    acting = {found.data["ProcessGuid"] for found in day if "ProcessGuid" in found.data}
    recorded = {found.data["ProcessGuid"] for found in creations(day)}
    assert 0.05 < len(acting - recorded) / len(acting) < 0.4


def test_first_records_may_precede_the_creation_by_less_than_two_seconds(day: list[Record]) -> None:
    created = {found.data["ProcessGuid"]: found.time for found in creations(day)}
    lead = [
        created[found.data["ProcessGuid"]] - found.time
        for found in day
        if found.code != 1 and found.data.get("ProcessGuid") in created
    ]
    early = [span for span in lead if span > 0]
    assert early
    assert max(early) < 2 * SECOND
    assert len(early) / len(lead) < 0.3


def test_nothing_is_done_after_the_end(day: list[Record]) -> None:
    ended = {found.data["ProcessGuid"]: found.time for found in day if found.code == 5}
    created = {found.data["ProcessGuid"]: found.time for found in creations(day)}
    late = [
        found
        for found in day
        if found.code in (1, 11, 13) and ended.get(found.data["ProcessGuid"], 1e18) < found.time
    ]
    assert not late
    assert all(created[guid] < time for guid, time in ended.items() if guid in created)


def test_original_names_of_renamed_programs(day: list[Record]) -> None:
    """The incident's copy is the only command interpreter or shell under another name."""
    renamed = {
        found.data["Image"]
        for found in creations(day)
        if found.data["OriginalFileName"].lower() in ("cmd.exe", "powershell.exe", "cscript.exe")
        and found.data["OriginalFileName"].lower() != found.data["Image"].lower().rpartition("\\")[2]
    }
    assert renamed == {"C:\\ProgramData\\wt.exe"}
    assert any(found.data["Image"].endswith("\\WindowsApps\\Microsoft.WindowsTerminal_1.23.13503.0_x64__8wekyb3d8bbwe\\wt.exe")
               for found in creations(day))  # fmt: skip
