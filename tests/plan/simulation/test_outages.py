"""The downtime of a system in time: against the closed form, against SimPy, and in its own structure."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from standfast.plan.models.availability import Part, availability, group, regional, single, spread, standby
from standfast.plan.simulation.outages import Repairs, play
from tests.plan.simulation.des import MONTH, Estate

HOUR = 3600.0
REPAIRS = Repairs(region=4 * HOUR, zone=4 * HOUR, instance=HOUR, service=HOUR / 2)
OFTEN = Repairs(region=20 * HOUR, zone=30 * HOUR, instance=10 * HOUR, service=5 * HOUR)

SHOP = {
    "web": group(spread(9, 3), 6, 0.995),
    "api": group(spread(21, 3), 13, 0.995),
    "orders": regional(0.9995),
    "balancer": regional(0.9999),
}
FRAGILE = {  # everything fails far too often, to be seen: k of n over zones, one in a zone, a standby, a platform
    "web": Part((2, 2, 1), 3, 0.9),
    "api": Part((1, 1, 1), 2, 0.95, service=0.97),
    "orders": single(0.9, zone=0.92),
    "ledger": standby(0.88, 0.92, 0.01),
    "balancer": regional(0.99),
}
SHAPES = {
    "shop": (SHOP, REPAIRS, 4000, {}),
    "fragile": (FRAGILE, OFTEN, 2000, {"zone": 0.92, "region": 0.98}),
    "no spare": ({"web": Part((1, 1, 1), 3, 0.99)}, REPAIRS, 1000, {"zone": 0.99}),
    "one zone": ({"a": Part((2,), 1, 0.95), "b": Part((2,), 1, 0.95)}, REPAIRS, 1000, {"zone": 0.98}),
    "two apart": ({"a": Part((1,)), "b": Part((0, 1))}, REPAIRS, 1000, {"zone": 0.98, "region": 1.0}),
    "never enough": ({"a": Part((1, 1), 3, 0.99)}, REPAIRS, 100, {}),
    "nothing": ({}, REPAIRS, 2000, {}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_long_run_is_the_closed_form(shape: str) -> None:
    """Within four standard errors: one chance in 16,000 of being wrong by luck, and the seed is fixed."""
    parts, repairs, months, more = SHAPES[shape]
    found = play(parts, repairs, months, 5, **more).down / MONTH
    expected = 1 - availability(parts, more.get("zone", 0.999 / 0.9999), 3, more.get("region", 0.9999))
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / math.sqrt(months) + 1e-12)


@pytest.mark.parametrize(("shape", "months"), [("fragile", 400), ("one zone", 1000)])
def test_simpy_agrees_on_the_whole_distribution(shape: str, months: int) -> None:
    """Not on the mean alone: on the number of outages, on quiet months, and on the percentiles of a month."""
    parts, repairs, _, more = SHAPES[shape]
    region = more.get("region", 0.9999)
    oracle = Estate(parts, 11, months, more["zone"], region, repairs)
    theirs = np.array(oracle.down)
    ours = play(parts, repairs, 10 * months, 11, zone=more["zone"], region=region)
    error = math.sqrt(1.1) * theirs.std() / math.sqrt(months)
    assert ours.down.mean() == pytest.approx(theirs.mean(), abs=4 * error)
    assert len(ours.lasted) / (10 * months) == pytest.approx(
        oracle.outages / months, abs=8 * math.sqrt(oracle.outages) / months
    )
    assert (ours.down == 0).mean() == pytest.approx((theirs == 0).mean(), abs=2 / math.sqrt(months))
    off = 2.2 / math.sqrt(2 * months)  # Kolmogorov: a distribution of so many months is seen to within this
    for most in np.quantile(theirs, (0.25, 0.5, 0.75, 0.9, 0.95)):
        assert (ours.down <= most).mean() == pytest.approx((theirs <= most).mean(), abs=off)


def test_what_cannot_matter_is_left_out_without_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """The short way, which looks only at crowded times, gives to the bit what looking at all failures gives."""
    for parts, repairs, months, more in SHAPES.values():
        short = play(parts, repairs, months // 4, 3, **more)
        with monkeypatch.context() as patch:
            patch.setattr("standfast.plan.simulation.outages.crowded", lambda some, *_: np.arange(len(some[0])))
            whole = play(parts, repairs, months // 4, 3, **more)
        assert np.array_equal(short.down, whole.down) and np.array_equal(short.lasted, whole.lasted)


def test_failed_deploys_are_a_line_of_their_own() -> None:
    """They add to the downtime of the infrastructure, and change nothing in it."""
    lost = 2 / (7 * 86_400) * 0.05 * 600
    without = play(SHOP, REPAIRS, 4000, 2)
    found = play(SHOP, REPAIRS, 4000, 2, (1 - lost, 600.0))
    assert np.array_equal(found.down, without.down) and np.array_equal(without.changed, without.down)
    assert (found.changed >= found.down).all()
    expected = 1 - availability(SHOP) * (1 - lost)
    error = found.changed.std() / MONTH / math.sqrt(4000)
    assert found.changed.mean() / MONTH == pytest.approx(expected, abs=4 * error)


def test_same_seed_same_months() -> None:
    one, other = (play(FRAGILE, OFTEN, 50, seed, zone=0.92) for seed in (7, 7))
    assert np.array_equal(one.down, other.down)
    assert not np.array_equal(one.down, play(FRAGILE, OFTEN, 50, 8, zone=0.92).down)


def test_longer_repairs_make_fewer_and_longer_outages_of_the_same_sum() -> None:
    """The mean is the availability's; how it is spread over months is the repair time's."""
    short = play({"db": regional(0.999)}, REPAIRS, 4000, 1, region=1.0)
    long = play({"db": regional(0.999)}, replace(REPAIRS, service=8 * HOUR), 4000, 1, region=1.0)
    assert long.down.mean() == pytest.approx(short.down.mean(), rel=0.2)
    assert (long.down == 0).mean() > 0.85 > 0.5 > (short.down == 0).mean()
    assert long.lasted.mean() == pytest.approx(16 * short.lasted.mean(), rel=0.2)
