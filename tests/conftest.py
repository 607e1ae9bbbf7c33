"""The order of the tests: what waits long for real programs begins first, beside what works the processor.

A file stays with one worker, since its tests share what they started; the tests of the files named in ALONE share
nothing and are dealt out one by one.
"""

from __future__ import annotations

import os
from itertools import zip_longest
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

os.environ.pop("STANDFAST_LEDGER", None)  # what tests record belongs in nobody's ledger
WAITING = ("drill", "operate", "worlds")  # folders whose tests with real programs mostly wait for them
ALONE = ("tests/operate/test_examples_applied.py",)


def scope_of(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    return nodeid if path in ALONE else path


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    scopes: dict[str, list[pytest.Item]] = {}
    for item in items:
        scopes.setdefault(scope_of(item.nodeid), []).append(item)
    waiting, working, quick = [], [], []
    for scope in sorted(scopes.values(), key=lambda one: not scope_of(one[0].nodeid).startswith(ALONE)):  # the longest
        real = any(item.get_closest_marker(mark) for item in scope for mark in ("slow", "real"))
        rooms = waiting if scope[0].path.parent.name in WAITING else working
        (rooms if real else quick).append(scope)
    turns = [scope for pair in zip_longest(waiting, working) for scope in pair if scope]
    items[:] = [item for scope in (*turns, *quick) for item in scope]
