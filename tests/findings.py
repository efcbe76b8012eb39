"""A finding for tests of reports."""

import msgspec

from clew.finding import (
    Ancestor,
    Baseline,
    BlindStage,
    ElementValue,
    EvidenceEvent,
    EvidenceStage,
    Finding,
    LogPosition,
    Value,
)


def event(seconds: str, component: str, **fields: Value) -> EvidenceEvent:
    dotted = {name.replace("__", "."): value for name, value in fields.items()}
    log = LogPosition("jsonlines", "logs/ws1.jsonl", int(float(seconds) * 10))
    return EvidenceEvent(f"id{seconds}", component, f"2026-03-31T09:00:{seconds}Z", dotted, log)


WRITE = event("03.000000", "file_creation", process__name="setup.exe", file__path=r"C:\ProgramData\wt.exe")
RUN = event(
    "05.250000",
    "process_creation",
    process__name="wt.exe",
    process__parent__name="cscript.exe",
    process__command_line="wt.exe -w hidden",
    process__pe__original_file_name="PowerShell.EXE",
    clew__process__renamed=True,
)
ASK = event(
    "07.000000", "network_connection_creation", process__name="wt.exe", dns__question__name="c2.example.org"
)
CALL = event(
    "08.500000",
    "network_connection_creation",
    process__name="wt.exe",
    destination__ip="203.0.113.9",
    destination__port=8000,
    network__direction="egress",
)

FINDING = Finding(
    id="1b4e28ba-2fa1-5d3b-a3f5-ef19b5a7633b",
    revision=1,
    analytic="AN0862",
    variant=None,
    strategy="DET0309",
    technique="T1195.002",
    title="A written program runs and calls out",
    level="critical",
    scope={"host.id": "ws1.corp.example"},
    per={"binary": r"C:\ProgramData\wt.exe"},
    first=WRITE.time,
    last=CALL.time,
    weak=(),
    window_covered=True,
    stages=(
        EvidenceStage("write", False, 1, (WRITE,)),
        EvidenceStage("first_run", False, 1, (RUN,), "write"),
        EvidenceStage("egress", False, 2, (ASK,), "first_run"),
        EvidenceStage("script_child", True, 1, (CALL,), "first_run"),
    ),
    traits=("first_run.renamed_host",),
    unknown=("write.by_installer",),
    baselines=(Baseline("egress", 30 * 86_400, 3 * 86_400 + 4 * 3_600 + 59),),
    lineage=(Ancestor("p2", "p1", "cscript.exe", r"C:\Windows\System32\cscript.exe"),),
    mutable={"TimeWindow": ElementValue("90m", "default")},
    blind=(BlindStage("persist", ("windows_registry_key_modification",)),),
    triage="Look at who wrote the file.\nIsolate the host.",
)

LOW = msgspec.structs.replace(FINDING, id="00000000-0000-5000-8000-000000000000", level="low", triage="")
