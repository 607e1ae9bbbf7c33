"""How long a recovery takes and what it loses, drawn many times around the steps of `models/recovery.py`.

A documented step lies evenly between two figures where `data/ranges.csv` has them, else it is as documented. An assumed
one is lognormal: its median is the figure, and nine of ten lie within a factor of FACTOR of it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from standfast.plan.models.recovery import Held, Step, recover
from standfast.spec.model import Assumption

FACTOR = 2.0
NINE_OF_TEN = 1.6448536269514722  # standard deviations to each side


@dataclass(frozen=True)
class Drawn:
    """Seconds until all essential parts answer, and of writes lost, (n,) each; inf: it does not come back, all is lost.

    `each`: the same per part, for disruptions that hit one part at a time.
    """

    rto: np.ndarray
    rpo: np.ndarray
    each: Mapping[str, tuple[np.ndarray, np.ndarray]]


def draw(rng: np.random.Generator, held: Mapping[str, Held], needed: Iterable[str], disruption: str, n: int) -> Drawn:
    """`n` disruptions, drawn. As in `recovery.system_recovery`: the slowest of the parts that are needed counts, and
    the most forgetful of those that hold data.

    A decision is made once for the whole system; all other steps of all parts are independent.
    """
    wanted, shared = set(needed), {}
    nothing = np.zeros(n)
    rto, rpo, each = nothing, nothing, {}
    for name, one in sorted(held.items()):
        found = recover(one.kind, one.design, one.facts, disruption)
        back = lost = nothing
        for step in found.steps:
            times = _decided(rng, step, n, shared) if step.name.startswith("decide") else times_of(rng, step, n)
            if step.counts == "rto":
                back = back + times
            else:
                lost = np.maximum(lost, times)
        back = np.full(n, math.inf) if found.rto is None else back
        lost = np.full(n, math.inf) if found.rpo is None else lost
        keeps_data = name in wanted or one.kind != "redis"
        each[name] = (back if name in wanted else nothing, lost if keeps_data else nothing)
        rto, rpo = np.maximum(rto, each[name][0]), np.maximum(rpo, each[name][1])
    return Drawn(rto, rpo, each)


def _decided(rng: np.random.Generator, step: Step, n: int, shared: dict[tuple[str, float], np.ndarray]) -> np.ndarray:
    key = step.name, step.seconds
    if key not in shared:
        shared[key] = times_of(rng, step, n)
    return shared[key]


def times_of(rng: np.random.Generator, step: Step, n: int) -> np.ndarray:
    """Seconds of one step, (n,)."""
    if step.assumed:
        return step.seconds * lognormal(rng, FACTOR, n)
    least = _least(step.name)
    return np.full(n, step.seconds) if least is None else step.seconds * rng.uniform(least, 1.0, n)


def lognormal(rng: np.random.Generator, factor: float, n: int) -> np.ndarray:
    """Multiples with median 1, nine of ten between 1 / factor and factor."""
    return np.exp(rng.standard_normal(n) * (math.log(factor) / NINE_OF_TEN))


def assumed() -> tuple[Assumption, ...]:
    """What was taken here that nobody declared."""
    return (
        Assumption(
            "simulation: steps of a recovery that are assumed", f"nine of ten within a factor of {FACTOR:g}",
            "lognormal around the figure, which is its median: drill yours",
        ),
        Assumption(
            "simulation: steps of a recovery that are documented", "even within the documented range",
            "a failover 60 to 120 s; an archive, backup or copy of any age up to its interval",
        ),
        Assumption("simulation: decisions of people", "once for the whole system", "the same person decides for all"),
    )  # fmt: skip


def _least(step: str) -> float | None:
    return next((least for prefix, least in _ranges() if step.startswith(prefix)), None)


@lru_cache(maxsize=1)
def _ranges() -> tuple[tuple[str, float], ...]:
    text = files("standfast.plan.simulation").joinpath("data/ranges.csv").read_text(encoding="utf-8")
    return tuple((row["step"], float(row["least"])) for row in csv.DictReader(text.splitlines()))
