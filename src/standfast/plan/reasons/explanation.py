"""A choice explained by its numbers: what reaches it, how busy it is, what it adds, how it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from standfast.clouds import Catalog
from standfast.plan.model import Choice, Plan
from standfast.plan.models import latency
from standfast.plan.models.availability import availability
from standfast.plan.models.load import Load, loads
from standfast.plan.models.recovery import Step, recover
from standfast.plan.predict import Standing
from standfast.plan.simulation.rebuild import standing
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.spec.model import DISRUPTIONS

MINUTES = 730.0 * 60  # in the month of a bill


@dataclass(frozen=True)
class Figure:
    """One number of one model: `value` in `unit`, and how it comes about."""

    name: str
    value: float
    unit: str
    how: str


@dataclass(frozen=True)
class Recovering:
    """How a component comes back from one disruption; None: it does not, or everything is lost."""

    disruption: str
    rto: float | None
    rpo: float | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Explained:
    choice: Choice
    figures: tuple[Figure, ...]
    recovery: tuple[Recovering, ...]


def explain(plan: Plan, catalog: Catalog, component: str = "") -> tuple[Explained, ...]:
    """Every choice, or the one for a component. Raises Problems for a component that the plan does not have."""
    known = [choice.component for choice in plan.choices]
    if component and component not in known:
        raise Problems([Problem(f"no component {quoted(component)} in the plan", fix=did_you_mean(component, known))])
    there, load = standing(plan, catalog), loads(plan.system)
    return tuple(
        Explained(
            choice,
            _figures(plan, choice.component, there, load),
            _recovery(there[choice.component]) if choice.component in there else (),
        )
        for choice in plan.choices
        if component in ("", choice.component)
    )


def _figures(plan: Plan, name: str, there: Mapping[str, Standing], load: Mapping[str, Load]) -> tuple[Figure, ...]:
    found = []
    one, stands = load.get(name), there.get(name)
    if one and one.peak:
        found.append(Figure("requests at the peak", one.peak, "rps", "the declared peak, along the calls, grown"))
    if one and stands and stands.serving and one.cores:
        serving = stands.serving
        busy = one.cores / (serving.cores * serving.speed)
        how = f"{one.cores:.3g} reference cores of {serving.cores:g} at {serving.speed:.2f} of its speed"
        found.append(Figure("busy at the peak", 100 * busy, "%", how))
        visits = (
            one.average / plan.system.promises.scalability.average if plan.system.promises.scalability.average else 0
        )
        station = latency.part_of(plan.system, name, serving, one)
        each = station.station.sojourn + station.fixed + station.varying
        how = f"{1e3 * station.station.wait:.2g} ms of it waiting for a core; {visits:.3g} visits per request"
        found.append(Figure("time per visit, mean", 1e3 * each, "ms", how))
    if stands and stands.part:
        up = availability({name: stands.part}, zones=len(plan.zones), region=1.0)
        how = "counts for every request" if name in plan.system.essential or stands.needed else "no request needs it"
        found.append(Figure("away in a month", (1 - up) * MINUTES, "min", how))
    return tuple(found)


def _recovery(stands: Standing) -> tuple[Recovering, ...]:
    """From every disruption, whether or not something is promised for it."""
    kept = stands.held
    if kept is None:
        return ()
    found = []
    for disruption in DISRUPTIONS:
        one = recover(kept.kind, kept.design, kept.facts, disruption)
        found.append(Recovering(disruption, one.rto, one.rpo, one.steps))
    return tuple(found)
