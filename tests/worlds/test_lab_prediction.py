"""The model of few cores that everything shares: against an event-by-event simulation, and its exact corners."""

from __future__ import annotations

import math
import random
from functools import reduce
from typing import Any

import numpy as np
import pytest

from standfast.plan.models import distribution
from standfast.plan.models.distribution import Moments
from standfast.plan.models.latency import HOP
from standfast.plan.models.queueing import Station
from standfast.spec import parse_spec
from standfast.worlds.lab.load.prediction import (
    Calibration,
    Here,
    capacity,
    declared_cpu,
    machine,
    mean,
    predicted,
    visits,
)
from standfast.worlds.lab.load.shared import Machine

SPEC = """
system: s
promises: {scalability: {peak: 100 rps, average: 20 rps}, performance: {p95: 300 ms, users: {DE: 100%}}}
services:
  web: {image: "w:1", port: 80, public: true, cpu: 6 ms, memory: 1 GiB, calls: [{to: api, times: 2, share: 50%}]}
  api: {image: "a:1", port: 81, cpu: 14 ms, memory: 1 GiB, calls: [db]}
stores:
  db: {kind: postgres, data: 1 GiB}
"""


def simulated(rps: float, sizes: list[float], variation: float, cores: int, count: int) -> np.ndarray:
    """Requests that need each size one after the other, on cores shared equally by all that are there. Event by event;
    shape (count,)."""
    draw, shape = random.Random(4), 1 / variation**2
    now, coming, there, done = 0.0, draw.expovariate(rps), [], []
    while len(done) < count:
        part = min(1.0, cores / len(there)) if there else 1.0
        first = min(there, default=None)
        left = first[0] / part if first else math.inf
        step = min(left, coming - now)
        for job in there:
            job[0] -= step * part
        now += step
        if step == left and first is not None:
            there.remove(first)
            if first[2] + 1 < len(sizes):
                size = sizes[first[2] + 1]
                there.append([draw.gammavariate(shape, size / shape), first[1], first[2] + 1])
            else:
                done.append(now - first[1])
        else:
            there.append([draw.gammavariate(shape, sizes[0] / shape), now, 0])
            coming = now + draw.expovariate(rps)
    return np.array(done[count // 20 :])


@pytest.mark.parametrize(
    ("sizes", "busy", "variation"),
    [
        ([0.006, 0.014], 0.3, 1.0),
        ([0.006, 0.014], 0.7, 1.0),
        ([0.006, 0.014], 0.6, 1.6),
        ([0.003] * 5, 0.6, 0.4),
    ],
)
def test_it_agrees_with_the_simulation_within_a_tenth(sizes, busy, variation):
    cores, rps = 2, busy * 2 / sum(sizes)
    work = sum(size**2 for size in sizes) / sum(sizes)
    on = Machine(cores, rps * sum(sizes) / work, work)
    found = distribution.percentiles(lambda a: one_after_the_other(on, sizes, variation, a), [0.5, 0.95])
    seen = np.quantile(simulated(rps, sizes, variation, cores, 25_000), [0.5, 0.95])
    assert found == [pytest.approx(seen[0], rel=0.10), pytest.approx(seen[1], rel=0.10)]


def one_after_the_other(on: Machine, sizes: list[float], variation: float, a: Any) -> Any:
    return on.request(lambda visit: reduce(a.after, [visit(size, variation) for size in sizes]), a)


def test_the_mean_is_that_of_processor_sharing():
    """Exact: E[T] = work times E[N] over the offered load, and E[N] is that of M/M/c."""
    for cores, rate in ((1, 60.0), (2, 150.0), (4, 300.0)):
        on, station = Machine(cores, rate, 0.01), Station(rate, 0.01, 1.0, cores)
        assert one_after_the_other(on, [0.01], 1.0, Moments())[0] == pytest.approx(station.sojourn, rel=1e-3)
        assert on.stretch == pytest.approx(station.sojourn / 0.01)
        assert on.present().sum() == pytest.approx(1.0)


def test_one_core_has_the_known_variance():
    """M/M/1, processor sharing: variance over squared mean is (2 + rho) / (2 - rho) (Coffman, Muntz, Trotter 1970)."""
    for rho in (0.2, 0.5, 0.8):
        mean, variance = one_after_the_other(Machine(1, rho / 0.01, 0.01), [0.01], 1.0, Moments())
        assert variance / mean**2 == pytest.approx((2 + rho) / (2 - rho), rel=0.01)


def test_an_idle_machine_takes_what_the_work_takes_and_a_full_one_has_no_end():
    mean, variance = one_after_the_other(Machine(2, 0.0, 0.0), [0.01], 0.5, Moments())
    assert (mean, math.sqrt(variance)) == (pytest.approx(0.01), pytest.approx(0.005))
    assert math.isinf(one_after_the_other(Machine(2, 300.0, 0.01), [0.01], 1.0, Moments())[0])


def test_the_load_is_walked_through_the_call_graph():
    system = parse_spec(SPEC, "s.yaml")
    assert visits(system) == {"web": 1.0, "api": pytest.approx(1.0)}
    assert declared_cpu(system) == pytest.approx(0.020)
    light = Calibration(100, over=0.005)
    assert capacity(system, light, Here(2)) == pytest.approx(80.0)
    assert machine(system, 40.0, light, Here(2)).busy == pytest.approx(0.5)


def test_what_goes_by_beside_cpu_is_added_and_more_load_is_never_faster():
    system = parse_spec(SPEC, "s.yaml")
    quick, slow = Calibration(100, 0.002), Calibration(100, 0.002, beside=0.010)
    before = predicted(system, 30.0, quick, Here(2))
    after = predicted(system, 30.0, slow, Here(2))
    assert {name: after[name] - before[name] for name in before} == {name: pytest.approx(0.010) for name in before}
    rates = [predicted(system, rps, quick, Here(2))["p95"] for rps in (5, 20, 40, 60, 75, 200)]
    assert rates == sorted(rates) and math.isinf(rates[-1])


def test_a_service_with_one_thread_has_a_line_of_its_own():
    """Exact: threads for every core between them, so that nothing is shared: M/M/1 after M/M/1 (Burke 1956)."""
    system, rps = parse_spec(SPEC, "s.yaml"), 50.0
    here = Here(2, {"web": 1, "api": 1})
    assert capacity(system, Calibration(1), here) == pytest.approx(1 / 0.014)
    assert mean(system, rps, Calibration(1), here) == pytest.approx(
        0.006 / (1 - 0.3) + 0.014 / (1 - 0.7) + 3 * HOP, rel=0.01
    )
    assert mean(system, rps, Calibration(1), Here(2)) < mean(system, rps, Calibration(1), here)
    assert math.isinf(predicted(system, 72.0, Calibration(1), here)["p95"])
