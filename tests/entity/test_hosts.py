"""One host, one id."""

from itertools import permutations

import hypothesis.strategies as st
from hypothesis import given

from clew.entity.hosts import Folding, fold


def test_a_short_name_is_the_host_of_the_full_name() -> None:
    assert fold(["ws1", "ws1.corp.example", "ws2", "ws10.corp.example"]).same == {"ws1": "ws1.corp.example"}


def test_two_full_names_leave_the_short_one_alone() -> None:
    assert fold(["ws1", "ws1.a.example", "ws1.b.example"]) == Folding(
        {}, {"ws1": ("ws1.a.example", "ws1.b.example")}
    )


def test_an_address_is_no_full_name() -> None:
    assert fold(["10", "10.0.0.5"]).same == {}


def test_the_inventory_says_otherwise() -> None:
    seen = ["ws1", "ws1.corp.example"]
    assert fold(seen, {"ws1"}).same == {"ws1": "ws1.corp.example"}
    assert fold(seen, {"ws1", "ws1.corp.example"}) == Folding({}, {})
    assert fold(["ws1"], {"ws1.corp.example"}).same == {"ws1": "ws1.corp.example"}


@given(st.lists(st.sampled_from(["a", "b", "a.x", "a.y", "b.x", "a.x.z"]), unique=True, max_size=5))
def test_the_order_means_nothing(names: list[str]) -> None:
    assert all(fold(order) == fold(names) for order in permutations(names))
