"""The order of the tests: what waits long for real programs begins first, so that the others run beside it.

A file stays with one worker, since its tests share what they started; the tests of the files named in ALONE share
nothing and are dealt out one by one.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

os.environ.pop("STANDFAST_LEDGER", None)  # what tests record belongs in nobody's ledger
WAITING = ("operate", "worlds")  # folders whose slow tests apply to the emulator: most of it is waiting
ALONE = ("tests/operate/test_examples_applied.py",)


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return nodeid if path in ALONE else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def turn(item: pytest.Item) -> int:
        if item.path not in slow:
            return 2
        return 0 if item.path.parent.name in WAITING else 1

    items.sort(key=turn)  # stable: each file stays together, in its order
