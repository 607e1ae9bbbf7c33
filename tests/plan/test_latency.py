"""Latency: the grid against closed forms, and the call graph against a simulation of requests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.plan.models import distribution
from standfast.plan.models.distribution import Grid
from standfast.plan.models.latency import (
    HOP,
    REQUESTS_PER_CONNECTION,
    STORE_TIME,
    Serving,
    assumed,
    percentiles,
    share_of,
)
from standfast.plan.models.load import loads
from standfast.plan.models.queueing import erlang_c
from standfast.spec.model import Service, System
from standfast.spec.reader import parse_spec
from tests.shop import shop

SERVING = {
    "web": Serving(24, 1.0, 6),
    "api": Serving(48, 1.0, 12),
    "orders": Serving(4, 1.0, 1),
    "sessions": Serving(1, 1.0, 1),
}
RTT = {"DE": 0.020, "FR": 0.012}
ALL = ("p50", "p95", "p99")


def system_of(text: str, users: str = "") -> System:
    performance = f", performance: {{users: {users}}}" if users else ""
    head = f"system: t\npromises: {{scalability: {{peak: 100 rps, average: 50 rps}}{performance}}}\n"
    return parse_spec(head + text, "t.yaml")


# -- the oracle: requests one by one ---------------------------------------------------------------------


def simulated(system: System, serving: Mapping[str, Serving], rtt: Mapping[str, float], count: int) -> np.ndarray:
    """Seconds of `count` requests. Each visit draws anew; nothing is shared with the model but Erlang C."""
    rng = np.random.default_rng(11)
    load = loads(system)

    def own(name: str, size: int) -> np.ndarray:
        part, given = system.component(name), serving[name]
        service = isinstance(part, Service)
        cpu = part.cpu if service else load[name].cores / load[name].peak
        variation = part.variation if service else 1.0
        total = np.zeros(size)
        if given.cores:
            servers = int(given.cores // given.instances)
            mean = cpu / given.speed
            arrivals = load[name].peak / given.instances
            delay = mean * (1 + variation**2) / 2 / (servers - arrivals * mean)
            waits = rng.random(size) < erlang_c(servers, arrivals * mean)
            total += waits * rng.exponential(delay, size)
            shape = 1 / variation**2 if variation else 0
            total += rng.gamma(shape, mean / shape, size) if variation else mean
        if service:
            return total + part.wait
        return total + rng.exponential(STORE_TIME[part.kind] if given.base is None else given.base, size)

    def visit(name: str, size: int) -> np.ndarray:
        total, together = own(name, size), np.zeros(size)
        part = system.component(name)
        for call in part.calls if isinstance(part, Service) else ():
            made = np.zeros(size)
            makes = rng.random(size) < call.share
            copies = math.floor(call.times) + (rng.random(size) < call.times % 1)
            for n in range(math.ceil(call.times)):
                once = HOP + visit(call.to, size)
                if call.cached_by:
                    hit = rng.random(size) < call.hit_rate
                    once = HOP + visit(call.cached_by, size) + np.where(hit, 0.0, once)
                made += np.where(makes & (n < copies), once, 0.0)
            if call.parallel:
                together = np.maximum(together, made)
            else:
                total += made
        return total + together

    public = [service for service in system.services if service.public]
    which = rng.choice(len(public), count, p=[service.traffic for service in public])
    times = np.empty(count)
    for n, service in enumerate(public):
        chosen = which == n
        times[chosen] = visit(service.name, int(chosen.sum()))
    users = system.promises.performance.users or {"": 1.0}
    trips = np.array([rtt.get(country, 0.0) for country in users]) * (1 + 2 / REQUESTS_PER_CONNECTION)
    return times + HOP + rng.choice(trips, count, p=list(users.values()))


SYSTEMS = {
    "shop": (shop(), SERVING, RTT),
    "parallel": (
        system_of("""
services:
  a: {image: a, public: true, cpu: 5 ms, calls: [{to: b, parallel: true}, {to: c, parallel: true}, {to: d}]}
  b: {image: b, cpu: 20 ms, variation: 0.5}
  c: {image: c, cpu: 15 ms, variation: 2}
stores: {d: {kind: mysql}}"""),
        {"a": Serving(2, 1, 1), "b": Serving(4, 1, 1), "c": Serving(4, 1, 2), "d": Serving(2, 1, 1)},
        {},
    ),
    "cache, shares and times": (
        system_of("""
services:
  a: {image: a, public: true, cpu: 4 ms, wait: 20 ms, calls: [{to: b, share: 30%, times: 2.5}]}
  b: {image: b, cpu: 6 ms, variation: 0.3, calls: [{to: d, times: 4, cached_by: c, hit_rate: 75%}, {to: o, share: 10%}]}
stores: {d: {kind: postgres}, c: {kind: redis}, o: {kind: objects}}"""),
        {"a": Serving(2, 1.5, 2), "b": Serving(2, 1, 1), "d": Serving(2, 1, 1), "c": Serving(), "o": Serving()},
        {},
    ),
    "several doors and countries": (
        system_of(
            """
services:
  a: {image: a, public: true, traffic: 80%, cpu: 3 ms}
  b: {image: b, public: true, traffic: 20%, cpu: 90 ms, calls: [a]}""",
            users="{DE: 50%, US: 40%, AU: 10%}",
        ),
        {"a": Serving(2, 1, 1), "b": Serving(4, 1, 1)},
        {"DE": 0.01, "US": 0.1, "AU": 0.3},
    ),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_percentiles_agree_with_simulated_requests(name: str) -> None:
    system, serving, rtt = SYSTEMS[name]
    times = simulated(system, serving, rtt, 400_000)
    found = percentiles(system, serving, rtt, ALL)
    for percentile in ALL:
        assert found[percentile] == pytest.approx(np.quantile(times, share_of(percentile)), rel=0.01), percentile


def test_it_is_not_the_sum_of_percentiles() -> None:
    """Four exponential visits in a row: gamma of shape 4, whose 95th percentile is 7.7537, not 4 x 2.9957."""
    text = """
services: {a: {image: a, public: true, cpu: 0.001 ms, variation: 0, calls: [{to: d, times: 4}]}}
stores: {d: {kind: mysql}}"""
    found = percentiles(system_of(text), {"a": Serving(8, 1e3, 1), "d": Serving(base=1.0)}, {}, ("p95",))["p95"]
    assert found == pytest.approx(7.753657 + 5 * HOP, rel=2e-4)


def test_the_slower_of_two_exponentials() -> None:
    """P(max <= t) = (1 - e^-t)^2, so its 95th percentile is -ln(1 - sqrt(0.95))."""
    text = """
services:
  a: {image: a, public: true, cpu: 0.001 ms, variation: 0, calls: [{to: d, parallel: true}, {to: e, parallel: true}]}
stores: {d: {kind: mysql}, e: {kind: mysql}}"""
    serving = {"a": Serving(8, 1e3, 1), "d": Serving(base=1.0), "e": Serving(base=1.0)}
    expected = -math.log(1 - math.sqrt(0.95)) + 2 * HOP
    assert percentiles(system_of(text), serving, {})["p95"] == pytest.approx(expected, rel=2e-4)


def test_one_mm1_door_is_exact() -> None:
    """The sojourn of M/M/1 is exponential with rate mu - lambda."""
    system = system_of("services: {a: {image: a, public: true, cpu: 8 ms}}")
    found = percentiles(system, {"a": Serving(1, 1, 1)}, {}, ALL)
    for name in ALL:
        assert found[name] == pytest.approx(HOP - math.log(1 - share_of(name)) / (125 - 100), rel=2e-4)


def test_what_has_no_steady_state_takes_for_ever() -> None:
    full = {**SERVING, "api": Serving(24, 1.0, 12)}
    assert percentiles(shop(), full, RTT, ALL) == dict.fromkeys(ALL, math.inf)
    assert percentiles(shop(), {**SERVING, "orders": Serving(1, 1.0, 1)}, RTT) == {"p95": math.inf}
    nothing = {name: one for name, one in SERVING.items() if name != "api"}
    assert percentiles(shop(), nothing, RTT) == {"p95": math.inf}


def test_far_users_pay_the_round_trip_and_a_share_of_the_handshake() -> None:
    near, far = (percentiles(shop(), SERVING, dict.fromkeys(RTT, trip), ALL) for trip in (0.0, 0.2))
    for name in ALL:
        assert far[name] - near[name] == pytest.approx(0.2 * (1 + 2 / REQUESTS_PER_CONNECTION), rel=5e-3)


def test_a_fraction_of_a_core_is_a_slower_core() -> None:
    system = system_of("services: {a: {image: a, public: true, cpu: 2 ms}}")
    half, slow = Serving(2.0, 1.0, 4), Serving(4.0, 0.5, 4)
    assert percentiles(system, {"a": half}, {}) == percentiles(system, {"a": slow}, {})


shapes = st.tuples(st.sampled_from([1, 2, 4, 8, 16]), st.floats(0.4, 3.0), st.integers(1, 40))


def served(shape: tuple[int, float, int]) -> Serving:
    return Serving(shape[0] * shape[2], shape[1], shape[2])


@settings(max_examples=150, deadline=None)
@given(shapes, shapes, shapes, st.sampled_from(["web", "api", "orders"]), st.sampled_from(["cores", "speed", "count"]))
def test_a_better_part_never_makes_the_whole_slower(web, api, orders, which, how) -> None:
    """The exact choice relies on this."""
    before = {"web": served(web), "api": served(api), "orders": served(orders), "sessions": Serving()}
    one = before[which]
    better = {
        "cores": replace(one, cores=one.cores + one.instances),
        "speed": replace(one, speed=one.speed * 1.13),
        "count": replace(one, cores=one.cores / one.instances * (one.instances + 1), instances=one.instances + 1),
    }[how]
    slow = percentiles(shop(), before, RTT, ALL)
    fast = percentiles(shop(), {**before, which: better}, RTT, ALL)
    for name in ALL:
        assert fast[name] <= slow[name] * 1.0001
    assert slow["p50"] <= slow["p95"] <= slow["p99"]


def test_a_rare_call_that_nearly_never_ends_does_not_blur_the_rest() -> None:
    """One request in a thousand meets a queue 25 million times longer than the rest takes."""
    text = """
services:
  a: {image: a, public: true, cpu: 8 ms, calls: [{to: b, share: 0.1%}]}
  b: {image: b, cpu: 9999.99 ms}"""
    found = percentiles(system_of(text), {"a": Serving(1, 1, 1), "b": Serving(1, 1, 1)}, {}, ("p50", "p95", "p99.99"))
    assert found["p50"] == pytest.approx(HOP + math.log(2) / 25, rel=5e-3)
    assert found["p95"] == pytest.approx(HOP + math.log(20) / 25, rel=2e-2)
    assert found["p99.99"] > 1e6


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-5, 10), st.floats(0.05, 3), st.floats(0, 5))
def test_the_grid_keeps_mean_and_variance(mean: float, variation: float, shift: float) -> None:
    grid = Grid(shift + mean * (1 + 15 * (variation + variation**2)))
    chances = grid.chances(grid.after(grid.gamma(mean, variation), grid.fixed(shift)))
    places = np.arange(len(chances)) * grid.step
    assert chances.min() > -1e-9
    assert chances.sum() == pytest.approx(1, abs=1e-5)
    assert chances @ places == pytest.approx(mean + shift, rel=1e-3)
    spread = math.sqrt(chances @ (places - chances @ places) ** 2)
    assert spread == pytest.approx(mean * variation, rel=0.01, abs=grid.step)


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(0.1, 3))
def test_a_sum_of_gammas_is_a_gamma(scale: float, variation: float) -> None:
    """Two of shape k and one of shape 2k, told in different ways, have the same percentiles."""
    shares = (0.5, 0.95, 0.999)
    twice = distribution.percentiles(lambda a: a.repeat(a.gamma(scale, variation), 2), shares)
    once = distribution.percentiles(lambda a: a.gamma(2 * scale, variation / math.sqrt(2)), shares)
    assert twice == pytest.approx(once, rel=2e-3)


def test_what_was_assumed_is_said() -> None:
    said = {one.what: one.value for one in assumed(shop())}
    assert said["store orders: time"] == "2 ms per call"
    assert "store images: time" not in said  # no service calls it
