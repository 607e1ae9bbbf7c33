"""What depends on how many people come: the busiest hour of a month, and its bill.

The declared peak is a guess about the future; so each month draws a multiple of it, lognormal with median 1, nine of
ten within a factor of FACTOR. The models of load, waiting and latency then answer as they do for the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from standfast.plan.model import Money
from standfast.plan.models.latency import Serving, percentiles
from standfast.plan.models.load import Load
from standfast.plan.simulation.recovering import lognormal
from standfast.spec.model import Assumption, System

FACTOR = 1.2
POINTS = 25  # multiples of the peak at which latency is worked out; between them it is interpolated


def peaks(rng: np.random.Generator, months: int) -> np.ndarray:
    """The busiest hour of each month as a multiple of the declared peak, (months,)."""
    return lognormal(rng, FACTOR, months)


def slowest(
    system: System,
    serving: Mapping[str, Serving],
    rtt: Mapping[str, float],
    load: Mapping[str, Load],
    multiples: np.ndarray,
    step: Callable[[str], None] = lambda text: None,
) -> dict[str, np.ndarray]:
    """Each promised percentile in the busiest hour of each month, seconds; inf where a part cannot keep up."""
    wanted = tuple(system.promises.performance.percentiles)
    grid = np.linspace(multiples.min(), multiples.max(), POINTS)
    found = {name: np.full(POINTS, np.inf) for name in wanted}
    for at, multiple in enumerate(grid):
        times = percentiles(system, serving, rtt, wanted, grown(load, float(multiple)))
        step(f"the busiest hour, {at + 1} of {POINTS} loads")
        for name in wanted:
            found[name][at] = times[name]
        if np.isinf(list(times.values())).all():  # more load only makes it worse
            break
    return {name: _between(multiples, grid, times) for name, times in found.items()}


def grown(load: Mapping[str, Load], multiple: float) -> dict[str, Load]:
    """The load with every peak so many times as high."""
    return {name: replace(one, peak=one.peak * multiple, cores=one.cores * multiple) for name, one in load.items()}


def _between(at: np.ndarray, grid: np.ndarray, values: np.ndarray) -> np.ndarray:
    finite = np.isfinite(values)
    if not finite.any():
        return np.full(len(at), np.inf)
    return np.interp(at, grid[finite], values[finite], right=values[-1] if finite.all() else np.inf)


def bills(rng: np.random.Generator, money: Money, months: int) -> np.ndarray:
    """USD of each month: all lines of the bill are low or high together, since they share the traffic."""
    low, high = min(money.low, money.typical), max(money.high, money.typical)
    return rng.triangular(low, money.typical, high, months) if high > low else np.full(months, money.typical)


def assumed() -> tuple[Assumption, ...]:
    """What was taken here that nobody declared."""
    return (
        Assumption(
            "simulation: busiest hour of a month", f"nine of ten within a factor of {FACTOR:g} of the declared peak",
            "lognormal, its median is the peak at the horizon",
        ),
        Assumption(
            "simulation: bill of a month", "triangular between low and high, most often typical",
            "all lines are low or high together",
        ),
    )  # fmt: skip
