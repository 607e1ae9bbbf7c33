"""The order of the tests: files that wait long for real programs begin first, so that the others run beside them."""

from __future__ import annotations

import pytest

WAITING = ("operate", "worlds")  # folders whose slow tests apply to the emulator: most of it is waiting


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def turn(item: pytest.Item) -> int:
        if item.path not in slow:
            return 2
        return 0 if item.path.parent.name in WAITING else 1

    items.sort(key=turn)  # stable: each file stays together, in its order
