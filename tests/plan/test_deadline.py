"""The share in time says what the percentiles say; its slopes say what another option would change."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from standfast.plan.choice.tables import ideal
from standfast.plan.models.deadline import Deadline
from standfast.plan.models.latency import Serving, percentiles
from standfast.plan.models.load import loads
from standfast.plan.question.late import Late
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


def facts(part: str, one: Serving) -> np.ndarray:
    """As the search has them (question/requirements.py)."""
    placed = part in ("web", "api", "pay")
    return np.array([-one.speed, -one.cores / one.instances, -one.cores] if placed else [-one.speed, -one.cores])


def test_a_cut_excludes_what_was_refused_and_nothing_that_is_in_time(shape) -> None:
    """Made at each combination of these options that is late, against the model for all of them."""
    system, load = shape
    seconds = percentiles(system, GOOD, RTT, ("p95",), load)["p95"] * 1.03
    names = [one for one in GOOD if one in load]
    sold = [[GOOD[name], *(OTHERS if len(facts(name, GOOD[name])) == 3 else ())] for name in names]
    options = [np.array([facts(name, one) for one in some]) for name, some in zip(names, sold, strict=True)]
    late = Late(system, load, names, "p95", seconds, 0.95, {"here": RTT})
    there, rows = Deadline(system, load, seconds), list(itertools.product(*(range(len(some)) for some in sold)))
    shares = {
        row: there.share({n: there.own(n, sold[t][k]) for t, (n, k) in enumerate(zip(names, row, strict=True))}, RTT)
        for row in rows
    }
    refused = [row for row, share in shares.items() if share < 0.948]
    assert refused, "of a spec that refuses nothing nothing is learned"
    for row in refused[:: max(1, len(refused) // 8)]:
        mixture = [(some[[k]], np.ones(1)) for some, k in zip(options, row, strict=True)]
        cut = late.cut("here", mixture, ideal(options))
        assert cut is not None
        loads = [cut.load(t, some) for t, some in enumerate(options)]
        assert all((one >= least - 1e-9).all() for one, least in zip(loads, cut.least, strict=True))
        assert sum(one[k] for one, k in zip(loads, row, strict=True)) > cut.most
        for other, share in shares.items():
            if share >= 0.95:
                assert sum(one[k] for one, k in zip(loads, other, strict=True)) <= cut.most + 1e-9


def test_what_has_no_steady_state_is_never_in_time(shape) -> None:
    system, load = shape
    deadline = Deadline(system, load, 10.0)
    own = {part: deadline.own(part, serving) for part, serving in {**GOOD, "web": Serving(0.5, 1.0, 1)}.items()}
    assert deadline.share(own, RTT) == pytest.approx(0.0, abs=1e-9)
