"""The share in time says what the percentiles say; its slopes say what another option would change."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from standfast.plan.models.deadline import Deadline
from standfast.plan.models.latency import Serving, percentiles
from standfast.plan.models.load import loads
from standfast.plan.question import bounds
from standfast.spec import parse_spec

SPEC = """
system: s
promises:
  scalability: {peak: 400 rps, average: 100 rps}
  performance: {p95: 300 ms, users: {DE: 60%, FR: 40%}}
services:
  web: {image: a/b:1, port: 80, public: true, cpu: 4 ms, memory: 300 MiB, calls: [WEB]}
  api: {image: a/b:1, port: 80, cpu: 12 ms, memory: 300 MiB, calls: [API]}
  pay: {image: a/b:1, port: 80, cpu: 20 ms, variation: 0.5, memory: 300 MiB}
stores:
  db: {kind: postgres, data: 20 GiB}
  cache: {kind: redis, memory: 1 GiB, essential: false}
"""
SHAPES = {
    "chain": ("api", "db"),
    "parallel": ("{to: api, parallel: true}, {to: pay, parallel: true}", "db"),
    "shares": ("{to: api, share: 60%}, {to: pay, share: 25%}", "{to: db, times: 3}"),
    "cached": ("api", "{to: db, cached_by: cache, hit_rate: 70%}, {to: pay, parallel: true}"),
}
RTT = {"DE": 0.02, "FR": 0.03}
GOOD = {"web": Serving(24, 1.5, 6), "api": Serving(24, 1.5, 6), "pay": Serving(24, 1.5, 6), "db": Serving(8, 1.5),
        "cache": Serving(2, 1.0)}  # fmt: skip
OTHERS = [Serving(16, 1.0, 4), Serving(12, 1.2, 3), Serving(16, 1.5, 8), Serving(24, 1.0, 6)]


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest):
    web, api = SHAPES[request.param]
    system = parse_spec(SPEC.replace("WEB", web).replace("API", api), "s.yaml")
    return system, loads(system)


def test_the_share_in_time_is_what_the_percentile_says(shape) -> None:
    system, load = shape
    for share in (0.5, 0.9, 0.95, 0.99):
        name = f"p{share * 100:g}"
        seconds = percentiles(system, GOOD, RTT, (name,), load)[name]
        there = Deadline(system, load, seconds)
        found = there.share({part: there.own(part, GOOD[part]) for part in GOOD}, RTT)
        assert found == pytest.approx(share, abs=1e-3)


def test_a_slope_tells_what_another_option_would_change(shape) -> None:
    """Against working the whole out again; parts that a request meets once, so exactly."""
    system, load = shape
    deadline = Deadline(system, load, 0.12)
    own = {part: deadline.own(part, serving) for part, serving in GOOD.items()}
    share, slopes = deadline.slopes(own, RTT)
    assert share == pytest.approx(deadline.share(own, RTT), abs=1e-12)
    for part, other in itertools.product(("web", "api", "pay"), OTHERS):
        time = deadline.own(part, other)
        told = share + float((slopes[part] * (time - own[part])).real.sum())
        assert told == pytest.approx(deadline.share({**own, part: time}, RTT), abs=1e-9)


def test_the_bound_excludes_nothing_that_is_in_time(shape) -> None:
    """Every combination of these options, against the model."""
    system, load = shape
    seconds = percentiles(system, GOOD, RTT, ("p95",), load)["p95"] * 1.2
    deadline, names = Deadline(system, load, seconds), ["web", "api", "pay"]
    own = {part: deadline.own(part, serving) for part, serving in GOOD.items()}
    best, slopes = deadline.slopes(own, RTT)
    options = [np.array([deadline.own(part, one) for one in (GOOD[part], *OTHERS)]) for part in names]
    order = ([slopes[part] for part in names], [own[part] for part in names], options)
    bound = bounds.of_deadline(0.95, best, *order, bounds.TRUST)
    assert bound is not None
    refused = 0
    for rows in itertools.product(range(len(OTHERS) + 1), repeat=3):
        chosen = {part: options[t][row] for t, (part, row) in enumerate(zip(names, rows, strict=True))}
        load_of_all = sum(float(bound.loads[t][row]) for t, row in enumerate(rows))
        if deadline.share({**own, **chosen}, RTT) >= 0.95:
            assert load_of_all <= bound.most
        refused += load_of_all > bound.most
    assert refused or math.isclose(best, 1.0, abs_tol=0.03), "a bound that refuses nothing would be of no use"


def test_what_has_no_steady_state_is_never_in_time(shape) -> None:
    system, load = shape
    deadline = Deadline(system, load, 10.0)
    own = {part: deadline.own(part, serving) for part, serving in {**GOOD, "web": Serving(0.5, 1.0, 1)}.items()}
    assert deadline.share(own, RTT) == pytest.approx(0.0, abs=1e-9)
