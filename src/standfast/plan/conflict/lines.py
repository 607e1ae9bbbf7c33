"""The lines of a spec that may be let go or loosened: how each reads, where it stands, and the spec without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from standfast.problem import Place
from standfast.spec.model import Recovery, System
from standfast.spec.quantity import show

TINY = 1e-6  # of the load: what is carried when nothing is said of the load
FARTHEST = 1e4  # times looser than declared: farther than this no way out is looked for


@dataclass(frozen=True)
class Line:
    """One line that may be let go.

    `without` is the spec without it. Where it is a number, `looser(spec, factor)` is the spec with the line that many
    times looser, rounded to what a person would write and never tighter than asked, and `reads(spec)` how it reads.
    """

    text: str
    place: Place
    without: Callable[[System], System]
    measure: str  # availability, rto.zone, rpo.zone, p95, cost, residency, regions, peak
    looser: Callable[[System, float], System] | None = None
    reads: Callable[[System], str] = lambda system: ""


def lines_of(system: System) -> Iterator[Line]:
    """Every line that may be let go, in the order of the promises."""
    wanted = system.promises
    yield Line(
        _peak(system), system.where("scalability.peak"), lambda one: _scaled(one, TINY), "peak",
        lambda one, factor: _scaled(one, _down(wanted.scalability.peak / factor) / wanted.scalability.peak), _peak,
    )  # fmt: skip
    yield Line(
        _availability(system), system.where("reliability.availability"), lambda one: _up(one, 0.0), "availability",
        lambda one, factor: _up(one, 1 - _above(min(1.0, (1 - wanted.reliability.availability) * factor))),
        _availability,
    )  # fmt: skip
    for name, one in wanted.reliability.recovery.items():
        if one.rto is not None:
            yield _recovery(system, name, "rto", one.rto)
        if one.rpo is not None:
            yield _recovery(system, name, "rpo", one.rpo)
    for name, value in wanted.performance.percentiles.items():
        yield _percentile(system, name, value)
    if wanted.cost.budget is not None:
        yield Line(
            f"budget {show(wanted.cost.budget, 'USD/month')}", system.where("cost.budget"),
            lambda one: _promising(one, cost=replace(one.promises.cost, budget=None)), "cost",
        )  # fmt: skip
    for key, free in (("residency", "any"), ("regions", ())):
        said = getattr(system.rules, key)
        if said != free:
            yield Line(
                f"{key} {said if key == 'residency' else ', '.join(said)}", system.where(f"rules.{key}"),
                lambda one, key=key, free=free: replace(one, rules=replace(one.rules, **{key: free})), key,
            )  # fmt: skip


def _promising(system: System, **changed: Any) -> System:
    return replace(system, promises=replace(system.promises, **changed))


def _scaled(system: System, factor: float) -> System:
    load = system.promises.scalability
    return _promising(system, scalability=replace(load, peak=load.peak * factor, average=load.average * factor))


def _peak(system: System) -> str:
    return f"peak {show(system.promises.scalability.peak, 'rps')}"


def _up(system: System, availability: float) -> System:
    return _promising(system, reliability=replace(system.promises.reliability, availability=availability))


def _availability(system: System) -> str:
    return f"availability {system.promises.reliability.availability * 100:.6g}%"


def _recovery(system: System, name: str, key: str, value: float) -> Line:
    def put(one: System, seconds: float | None) -> System:
        now: Recovery = one.promises.reliability.recovery[name]
        changed = {**one.promises.reliability.recovery, name: replace(now, **{key: seconds})}
        return _promising(one, reliability=replace(one.promises.reliability, recovery=changed))

    def reads(one: System) -> str:
        return f"{key} {show(getattr(one.promises.reliability.recovery[name], key), 's')} for {name}"

    return Line(
        reads(system), system.where(f"reliability.recovery.{name}.{key}"), lambda one: put(one, None), f"{key}.{name}",
        lambda one, factor: put(one, _above(max(value, 1.0) * factor)), reads,
    )  # fmt: skip


def _percentile(system: System, name: str, value: float) -> Line:
    def put(one: System, seconds: float | None) -> System:
        others = {key: v for key, v in one.promises.performance.percentiles.items() if key != name}
        times = others if seconds is None else {**one.promises.performance.percentiles, name: seconds}
        return _promising(one, performance=replace(one.promises.performance, percentiles=times))

    def reads(one: System) -> str:
        return f"{name} {show(one.promises.performance.percentiles[name] * 1000, 'ms')}"

    return Line(
        reads(system), system.where(f"performance.{name}"), lambda one: put(one, None), name,
        lambda one, factor: put(one, _above(value * factor)), reads,
    )  # fmt: skip


def _above(value: float) -> float:
    """Up to two figures: 0.2314 to 0.24."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / unit - 1e-9) * unit


def _down(value: float) -> float:
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.floor(value / unit + 1e-9) * unit
