"""Sparing the garbage collector work that finds nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New objects that wait for a look at the young ones, then how often those are looked at before their elders are.
_SELDOM = (100_000, 50, 50)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """The garbage collector looks seldom, instead of through all open chains again and again.

    It is safe since open chains leave no circles: what an engine drops goes at once, by its counts of references
    (tests/chain/test_garbage.py). Seldom is not never, for what others might leave that work in between.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
