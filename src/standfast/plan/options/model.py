"""What one option is: a row of the solver's table, and what the models and the bill see of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from standfast.plan.choice.tables import Table
from standfast.plan.model import CostLine
from standfast.plan.place import Place
from standfast.plan.predict import Standing
from standfast.spec.model import System


@dataclass(frozen=True)
class Row:
    """One option, as the models and the bill see it."""

    offer: str
    count: int
    zones: int
    design: str
    standing: Standing
    lines: Callable[[], tuple[CostLine, ...]]
    size: Mapping[str, str | int | float | bool]


@dataclass(frozen=True)
class Options:
    """All options of one component in one place: the solver's table, and row number -> Row."""

    table: Table
    row: Callable[[int], Row]


def facts(system: System, up: np.ndarray, fast: np.ndarray) -> dict[str, np.ndarray]:
    """What each requirement looks at: smaller is never worse. Every percentile looks at the same facts."""
    return {"availability": up, **dict.fromkeys(system.promises.performance.percentiles, fast)}


def none(system: System, component: str, up: int, fast: int) -> Options:
    """No option at all; `up` and `fast` are the widths of the facts."""
    table = Table(component, np.zeros(0), facts(system, np.zeros((0, up)), np.zeros((0, fast))))

    def row(at: int) -> Row:
        raise IndexError(at)

    return Options(table, row)


def sla(place: Place, item: str) -> float:
    """The published uptime of an item on the cloud of a place."""
    return place.catalog.sla(item).uptime
