"""From what stands for each component to the promise table: one row per number the spec declares. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from standfast.plan.models.availability import Part, availability, with_changes
from standfast.plan.models.latency import Serving, percentiles
from standfast.plan.models.load import Load, loads
from standfast.plan.models.recovery import Held, system_recovery
from standfast.promise import Promise
from standfast.spec.model import System

BUSY = 0.8  # share of its cores that a part may keep busy at the peak: above it, waits grow faster than the load
NEVER = 10 * 365.25 * 86_400.0  # seconds shown for what does not come back


@dataclass(frozen=True)
class Standing:
    """What stands for one component (or a part of the plan's own, such as `balancer`), in the words of the models.

    None where a model does not look at it. `needed`: users are not answered without it; for the components of the
    spec that follows from the calls.
    """

    serving: Serving | None = None
    part: Part | None = None
    held: Held | None = None
    needed: bool = False


def predict(
    system: System,
    standing: Mapping[str, Standing],
    rtt: Mapping[str, float],
    monthly_usd: float,
    zones: int = 3,
    outside: int = 0,
    load: Mapping[str, Load] | None = None,
) -> tuple[Promise, ...]:
    """The promises the spec makes, each with what the models predict for it, in the order of the spec.

    `rtt`: seconds of round trip by country of the users. `outside`: components outside the declared residency.
    `security.checks` is left to the audit: declared 0, nothing predicted.
    """
    load = loads(system) if load is None else load
    serving = {name: one.serving for name, one in standing.items() if one.serving}
    needed = system.essential | {name for name, one in standing.items() if one.needed}
    parts = {name: one.part for name, one in standing.items() if one.part and name in needed}
    held = {name: one.held for name, one in standing.items() if one.held}
    wanted, where = system.promises, system.where
    load_wanted, up_wanted = wanted.scalability, 100 * wanted.reliability.availability

    peak = load_wanted.at_horizon(load_wanted.peak)
    carried = peak * room(serving, load)
    rows = [Promise("scalability.peak", peak, "rps", "higher", where("scalability.peak"), carried)]

    up, place = availability(parts, zones=zones), where("reliability.availability")
    changed = with_changes(up, system.deploys)
    rows += [
        Promise("reliability.availability", up_wanted, "%", "higher", place, 100 * up, note="infrastructure"),
        Promise("reliability.availability_with_changes", up_wanted, "%", "higher", place, 100 * changed),
    ]
    for disruption, recovery in wanted.reliability.recovery.items():
        found = system_recovery(held, needed, disruption)
        for key, declared, value in (("rto", recovery.rto, found.rto), ("rpo", recovery.rpo, found.rpo)):
            if declared is None:
                continue
            place = where(f"reliability.recovery.{disruption}.{key}")
            note = _note(key, value, found.worst)
            measure = f"reliability.{key}.{disruption}"
            rows.append(Promise(measure, declared, "s", "lower", place, _finite(value), None, note))

    latency = percentiles(system, serving, rtt, wanted.performance.percentiles, load)
    for name, declared in wanted.performance.percentiles.items():
        value = 1e3 * _finite(latency[name])
        rows.append(Promise(f"performance.{name}", 1e3 * declared, "ms", "lower", where(f"performance.{name}"), value))
    if system.rules.residency != "any":
        rows.append(Promise("security.residency", 0, "components outside", "lower", where("rules.residency"), outside))
    rows.append(Promise("security.checks", 0, "failed checks", "lower", where("security")))
    rows += [
        Promise(f"security.{name}", 0, "open controls", "lower", where("security.frameworks"))
        for name in wanted.security.frameworks
    ]
    if wanted.cost.budget is not None:
        rows.append(Promise("cost.budget", wanted.cost.budget, "USD/month", "lower", where("cost.budget"), monthly_usd))
    return tuple(rows)


def room(serving: Mapping[str, Serving], load: Mapping[str, Load], busy: float = BUSY) -> float:
    """How many times the load could grow until the first part is `busy`; below 1 it is too small already.

    A part without cores of its own (an object store) sets no limit; inf where none does.
    """
    limits = [
        busy * serving[name].cores * serving[name].speed / one.cores
        for name, one in load.items()
        if one.cores > 0 and name in serving and serving[name].cores > 0
    ]
    return min(limits, default=math.inf)


def _finite(seconds: float | None) -> float:
    return NEVER if seconds is None else min(seconds, NEVER)


def _note(key: str, value: float | None, worst: str) -> str:
    if value is None:
        return "it does not come back" if key == "rto" else "everything would be lost"
    return f"decided by {worst}" if key == "rto" and value else ""
