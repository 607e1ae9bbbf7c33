"""What a simulation found: plain data. A value of None is beyond all bounds: it does not come back, all is lost."""

from __future__ import annotations

from dataclasses import dataclass

from standfast.problem import NOWHERE, Place
from standfast.spec.model import Assumption


@dataclass(frozen=True)
class Chance:
    """How likely one promise is kept.

    `month`   probability that a whole month keeps it; None: not simulated, `note` says why
    `between` the least and the most of `month` if repairs took half or twice as long as assumed; None where that
              does not matter
    `event`   probability that one disruption keeps it; None where the promise is not about disruptions
    `events`  disruptions of that kind in a month, mean
    """

    measure: str
    declared: float
    unit: str
    month: float | None
    between: tuple[float, float] | None = None
    event: float | None = None
    events: float | None = None
    note: str = ""
    place: Place = NOWHERE

    @property
    def troubled(self) -> float | None:
        """Months that break it, in ten years."""
        return None if self.month is None else 120 * (1 - self.month)


@dataclass(frozen=True)
class Spread:
    """The distribution of one quantity over months or disruptions."""

    what: str
    unit: str
    mean: float | None
    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True)
class Cause:
    """What one thing alone takes from a month: mean seconds of downtime, and how often it begins.

    Two things that are down together are counted with both.
    """

    what: str
    down: float
    outages: float


@dataclass(frozen=True)
class Agreement:
    """The long-run mean of the simulation beside the closed form; `half_width`: of its 95 % confidence interval."""

    what: str
    closed_form: float
    simulated: float
    half_width: float


@dataclass(frozen=True)
class Simulation:
    """`quiet`: the share of months without any downtime of the infrastructure; None where that was not simulated.

    `causes`: the worst first.
    """

    system: str
    months: int
    seed: int
    chances: tuple[Chance, ...]
    spreads: tuple[Spread, ...]
    quiet: float | None
    causes: tuple[Cause, ...]
    agreements: tuple[Agreement, ...]
    assumptions: tuple[Assumption, ...]
