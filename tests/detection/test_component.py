from clew.attack.index import attack_index
from clew.detection.component import COMPONENTS, snake_case


def test_the_names_are_attacks() -> None:
    index = attack_index()
    assert sorted({component.component for component in index.components()}) == list(COMPONENTS)
    assert {snake_case(component.name) for component in index.components()} == set(COMPONENTS)


def test_snake_case() -> None:
    assert snake_case("Process History/Live Data") == "process_history_live_data"
    assert snake_case("WMI Creation") == "wmi_creation"
