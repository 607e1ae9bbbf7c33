"""A plan played through many months: the chance that each promise is kept, and the distributions behind it.

What a plan does not carry is rebuilt (`rebuild`), and believed only where the closed forms then say again what the plan
predicts; a promise for which they do not is left out, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from standfast.clouds import Catalog, load_catalog
from standfast.plan.model import Plan
from standfast.plan.models.availability import availability, with_changes
from standfast.plan.models.latency import percentiles
from standfast.plan.models.load import MONTH, loads
from standfast.plan.models.recovery import system_recovery
from standfast.plan.predict import NEVER, Standing, room
from standfast.plan.simulation import demand, outages, rebuild, recovering, repairs
from standfast.plan.simulation.model import Agreement, Cause, Chance, Simulation, Spread
from standfast.promise import Promise
from standfast.spec.model import Assumption

Step = Callable[[str], None]
UP, CHANGED = "reliability.availability", "reliability.availability_with_changes"
SAME = 1e-6  # relative: a rebuilt prediction is the plan's own
OTHERWISE = (0.5, 2.0)  # times as long as assumed that repairs could take
LEFT = "not simulated: the audit decides"
DIFFERS = "not simulated: the plan predicts {0:g}, what can be rebuilt of it {1:g}"


def simulate(
    plan: Plan, months: int = 10_000, seed: int = 1, catalog: Catalog | None = None, step: Step = lambda text: None
) -> Simulation:
    """Play the planned system through `months` of 730 hours. The same plan, months and seed give the same numbers."""
    catalog = catalog or load_catalog(plan.cloud)
    run = _Run(plan, months, seed, step)
    try:
        run.standing = rebuild.standing(plan, catalog)
    except KeyError as missing:
        run.lacks = f"not simulated: the plan does not tell {missing.args[0]}"
    else:
        run.uptime()
        run.recoveries()
        run.busiest(
            {country: catalog.rtt(country, plan.region)[0] for country in plan.system.promises.performance.users}
        )
    run.bill()
    rows = tuple(run.chances.get(one.measure) or run.without(one) for one in plan.promises)
    return Simulation(
        plan.system.name, months, seed, rows, tuple(run.spreads), run.quiet, tuple(run.causes), tuple(run.agreements),
        tuple(run.assumptions),
    )  # fmt: skip


@dataclass
class _Run:
    plan: Plan
    months: int
    seed: int
    step: Step
    standing: Mapping[str, Standing] = field(default_factory=dict)
    lacks: str = LEFT
    quiet: float | None = None
    chances: dict[str, Chance] = field(default_factory=dict)
    spreads: list[Spread] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.promises = {one.measure: one for one in self.plan.promises}

    @property
    def needed(self) -> frozenset[str]:
        return self.plan.system.essential | {name for name, one in self.standing.items() if one.needed}

    def random(self, stream: int) -> np.random.Generator:
        """Numbers of their own for each subject: one that is left out changes no other."""
        return np.random.default_rng([self.seed, stream])

    def row(self, one: Promise, month: float | None, note: str = "", **more: Any) -> None:
        chance = None if month is None else float(month)
        self.chances[one.measure] = Chance(
            one.measure, one.declared, one.unit, chance, note=note, place=one.place, **more
        )

    def without(self, one: Promise) -> Chance:
        note = LEFT if one.promise == "security" else self.lacks
        return Chance(one.measure, one.declared, one.unit, None, note=note, place=one.place)

    def believed(self, measure: str, value: float) -> bool:
        """Whether what was rebuilt predicts what the plan predicts; else the row says that it does not."""
        one = self.promises.get(measure)
        if one is None:
            return False
        predicted = one.predicted
        if predicted is not None and math.isclose(predicted, value, rel_tol=SAME, abs_tol=SAME):
            return True
        self.row(one, None, DIFFERS.format(math.nan if predicted is None else predicted, value))
        return False

    def uptime(self) -> None:
        system, zones = self.plan.system, len(self.plan.zones)
        parts = {name: one.part for name, one in self.standing.items() if one.part and name in self.needed}
        closed = availability(parts, zones=zones)
        changed = with_changes(closed, system.deploys)
        if not (self.believed(UP, 100 * closed) and self.believed(CHANGED, 100 * changed)):
            return
        lost = min(1.0, system.deploys.rate * system.deploys.failure * system.deploys.rollback)
        deploys, mean = (1 - lost, system.deploys.rollback), repairs.repairs()
        found = outages.play(
            parts, mean, self.months, self.seed, deploys,
            step=lambda done: self.step(f"{done:,} of {self.months:,} months"),
        )  # fmt: skip
        few = max(100, self.months // 4)
        others = [
            outages.play(
                parts, mean.longer(times), few, self.seed, deploys,
                step=lambda done, times=times: self.step(f"{done:,} of {few:,} months, repairs {times:g}x as long"),
            )
            for times in OTHERWISE
        ]  # fmt: skip
        for measure, key, expected in ((UP, "down", closed), (CHANGED, "changed", changed)):
            one, down = self.promises[measure], getattr(found, key)
            chance, *more = (_kept(getattr(played, key), one.declared) for played in (found, *others))
            self.row(one, chance, between=(min(chance, *more), max(chance, *more)))
            half = 1.96 * float(down.std()) / MONTH / math.sqrt(self.months)
            self.agreements.append(Agreement(measure, expected, 1 - float(down.mean()) / MONTH, half))
        self.quiet = float((found.down == 0).mean())
        taken = sorted(found.causes.items(), key=lambda one: (-one[1][0], one[0]))
        self.causes = [Cause(what, down, times) for what, (down, times) in taken if times]
        self.spread("downtime in a month", "s", found.down)
        self.spread("downtime in a month, with failed deploys", "s", found.changed)
        self.spread("one outage", "s", found.lasted)
        self.assumptions += repairs.assumed()

    def recoveries(self) -> None:
        held = {name: one.held for name, one in self.standing.items() if one.held}
        parts = {name: one.part for name, one in self.standing.items() if one.part}
        often = repairs.events(parts, held, len(self.plan.zones))
        wanted = self.plan.system.promises.reliability.recovery
        for stream, (disruption, hit) in enumerate(often.items()):
            if disruption not in wanted:
                continue
            found = system_recovery(held, self.needed, disruption)
            drawn = recovering.draw(self.random(10 + stream), held, self.needed, disruption, self.months)
            for at, (key, closed, times) in enumerate((("rto", found.rto, drawn.rto), ("rpo", found.rpo, drawn.rpo))):
                measure = f"reliability.{key}.{disruption}"
                if not self.believed(measure, NEVER if closed is None else min(closed, NEVER)):
                    continue
                one = self.promises[measure]
                most = one.declared * (1 + 1e-9)
                bad = sum(
                    rate * float(((drawn.each[name][at] if name else times) > most).mean())
                    for name, rate in hit.items()
                )
                self.row(one, math.exp(-bad), event=float((times <= most).mean()), events=sum(hit.values()))
                self.spread(f"{key} {disruption}", "s", times)
        if wanted:
            self.assumptions += recovering.assumed()

    def busiest(self, rtt: Mapping[str, float]) -> None:
        system = self.plan.system
        serving = {name: one.serving for name, one in self.standing.items() if one.serving}
        load = loads(system)
        multiples = demand.peaks(self.random(1), self.months)
        left, measure = room(serving, load), "scalability.peak"
        if measure in self.promises and self.believed(measure, self.promises[measure].declared * left):
            self.row(self.promises[measure], (multiples <= left).mean())
            self.spread("peak of a month", "rps", self.promises[measure].declared * multiples)
        now = percentiles(system, serving, rtt, system.promises.performance.percentiles, load)
        kept = [name for name, value in now.items() if self.believed(f"performance.{name}", 1e3 * min(value, NEVER))]
        if kept:
            times = demand.slowest(system, serving, rtt, load, multiples, self.step)
            for name in kept:
                one = self.promises[f"performance.{name}"]
                self.row(one, (1e3 * times[name] <= one.declared * (1 + 1e-9)).mean())
                self.spread(f"{name} in the busiest hour", "ms", 1e3 * times[name])
        self.assumptions.append(demand.assumed()[0])

    def bill(self) -> None:
        money = self.plan.monthly
        found = demand.bills(self.random(2), money, self.months)
        if one := self.promises.get("cost.budget"):
            self.row(one, (found <= one.declared * (1 + 1e-9)).mean())
        self.spread("bill of a month", "USD", found)
        self.assumptions.append(demand.assumed()[1])

    def spread(self, what: str, unit: str, values: np.ndarray) -> None:
        if not len(values):
            return
        mean, *rest = float(values.mean()), *np.quantile(values, (0.5, 0.95, 0.99), method="higher").tolist()
        self.spreads.append(Spread(what, unit, *(one if math.isfinite(one) else None for one in (mean, *rest))))


def _kept(down: np.ndarray, declared: float) -> float:
    """The share of months whose availability, in per cent, is as declared."""
    return float((100 * (1 - down / MONTH) >= declared * (1 - 1e-9)).mean())
