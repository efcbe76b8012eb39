import threading
from collections.abc import Iterator

import pytest

from clew.read.ahead import ahead


def test_the_items_come_in_order() -> None:
    assert list(ahead(range(1000))) == list(range(1000))
    assert list(ahead(())) == []


def test_what_is_raised_comes_after_the_items_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("full")

    taken = []
    with pytest.raises(OSError, match="full"):
        for item in ahead(broken()):
            taken.append(item)
    assert taken == [1]


def test_only_a_few_are_made_ahead_and_none_after_the_end() -> None:
    made = []

    def endless() -> Iterator[int]:
        number = 0
        while True:
            made.append(number)
            yield number
            number += 1

    items = ahead(endless())
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    items.close()
    assert len(made) < 10
    assert not [thread for thread in threading.enumerate() if thread.name == "clew reader"]
