"""Changes as they are written, and what becomes of findings."""

import msgspec
import pytest

from clew.errors import UsageError
from clew.finding import Finding
from clew.report.tuning import Change
from clew.runner.change import half_and_double, parse_change
from clew.runner.effects import effects
from findings import FINDING


@pytest.mark.parametrize(
    ("written", "change", "said"),
    [
        ("TimeWindow=30m", Change("TimeWindow", "set", "30m"), "TimeWindow 30m"),
        ("ApprovedSigners+=Contoso, Ltd.", Change("ApprovedSigners", "add", "Contoso, Ltd."), "ApprovedSigners + Contoso, Ltd."),
        ("Installers -= pip*", Change("Installers", "remove", "pip*"), "Installers - pip*"),
        ('Paths=["C:\\\\A\\\\", "D:\\\\"]', Change("Paths", "set", ["C:\\A\\", "D:\\"]), "Paths C:\\A\\, D:\\"),
        ("Paths+=['C:\\A=B\\']", Change("Paths", "add", ["C:\\A=B\\"]), "Paths + C:\\A=B\\"),
        ("Times=3", Change("Times", "set", 3), "Times 3"),
    ],
)  # fmt: skip
def test_a_change_is_read_and_said(written: str, change: Change, said: str) -> None:
    assert parse_change(written) == change
    assert str(change) == said
    assert parse_change(change.argument) == change


@pytest.mark.parametrize("written", ["TimeWindow", "=30m", "TimeWindow=", "+=x"])
def test_what_is_no_change_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="write Name=value"):
        parse_change(written)


def test_a_list_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="no list as TOML writes it"):
        parse_change("Paths=[a]")


def test_half_and_twice() -> None:
    assert list(half_and_double("90m")) == ["45m", "3h"]
    assert list(half_and_double(3)) == [1, 6]
    assert list(half_and_double(1)) == [2]
    assert list(half_and_double(("a",))) == list(half_and_double("cmd.exe")) == []


def other(**changes: object) -> Finding:
    return msgspec.structs.replace(FINDING, **changes)


def test_findings_come_go_and_change() -> None:
    before = [FINDING, other(id="b", per={"binary": "b"}, level="low"), other(id="c", per={"binary": "c"})]
    after = [other(level="low"), before[1], other(id="d", per={"binary": "d"}, level="medium")]
    found = {effect.id: (effect.fate, effect.was, effect.level) for effect in effects(before, after)}
    level = FINDING.level
    assert found == {
        FINDING.id: ("lower", level, "low"),
        "c": ("gone", level, None),
        "d": ("new", None, "medium"),
    }


def test_the_same_chain_under_another_id_is_the_same() -> None:
    assert list(effects([FINDING], [other(id="other")])) == []
    [effect] = effects([other(level="low")], [other(id="other", level="high")])
    assert (effect.fate, effect.id) == ("higher", "other")
    two = [other(id="one"), other(id="two", first="2026-04-01T00:00:00.000000Z")]
    assert [effect.fate for effect in effects(two, [other(id="three")])] == ["gone"]
