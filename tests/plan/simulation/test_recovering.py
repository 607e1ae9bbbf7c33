"""Draws of recoveries: around the figures of the recovery model, never beside them."""

from __future__ import annotations

import csv
import math
from importlib.resources import files

import numpy as np
import pytest

from standfast.plan.models import recovery
from standfast.plan.models.recovery import Facts, Held, Step, system_recovery
from standfast.plan.simulation.recovering import FACTOR, draw, lognormal, times_of

N = 20_000
SHOP = {
    "web": Held("server", "multi-zone"),
    "orders": Held("postgres", "multi-az-standby", Facts(data=100.0, offsite=86_400.0)),
    "images": Held("objects", "regional", Facts(offsite=900.0)),
    "balancer": Held("balancer", "multi-zone"),
}
NEEDED = {"web", "orders", "balancer"}


def drawn(held: dict[str, Held], disruption: str, needed: set[str] = NEEDED):
    return draw(np.random.default_rng(3), held, needed, disruption, N)


def test_a_documented_range_is_drawn_evenly_and_the_plan_takes_its_end() -> None:
    """Amazon RDS: a failover typically takes 60 to 120 s."""
    found = drawn(SHOP, "zone")
    times = found.each["orders"][0]
    assert 60 <= times.min() < 61 and 119 < times.max() <= 120
    assert times.mean() == pytest.approx(90, rel=0.01) and times.std() == pytest.approx(60 / 12**0.5, rel=0.02)
    assert found.rto.max() <= system_recovery(SHOP, NEEDED, "zone").rto
    checks = found.each["web"][0]
    assert 10 <= checks.min() < 10.1 and 19.9 < checks.max() <= 20


def test_what_is_assumed_is_spread_around_its_figure() -> None:
    step = Step("restore", 300.0, "", assumed=True)
    times = times_of(np.random.default_rng(1), step, N)
    assert np.median(times) == pytest.approx(300, rel=0.02)
    assert ((times > 300 / FACTOR) & (times < 300 * FACTOR)).mean() == pytest.approx(0.9, abs=0.01)
    assert times_of(np.random.default_rng(1), Step("TTL", 60.0, "", assumed=False), 3).tolist() == [60.0] * 3


def test_an_archive_is_of_any_age_and_a_synchronous_copy_of_none() -> None:
    corruption = drawn(SHOP, "corruption")
    assert corruption.rpo.max() <= system_recovery(SHOP, NEEDED, "corruption").rpo == 300
    assert corruption.rpo.mean() == pytest.approx(150, rel=0.02)
    assert not drawn(SHOP, "zone").rpo.any()
    region = drawn(SHOP, "region")
    assert region.rpo.mean() == pytest.approx(43_200, rel=0.02)  # a copy a day: half a day on average


def test_a_person_decides_once_for_all_parts() -> None:
    """All parts wait for the same half hour: with decisions of their own, the slowest would take longer."""
    held = {name: Held("balancer", "multi-zone") for name in "abcdefgh"}
    together = draw(np.random.default_rng(3), held, held, "region", N).rto
    alone = draw(np.random.default_rng(3), {"a": held["a"]}, {"a"}, "region", N).rto
    rng = np.random.default_rng(4)
    build = np.max([lognormal(rng, FACTOR, N) for _ in held], axis=0)
    assert together.mean() == pytest.approx(1800 * (lognormal(rng, FACTOR, N) + build).mean(), rel=0.02)
    apart = np.max([1800 * (lognormal(rng, FACTOR, N) + lognormal(rng, FACTOR, N)) for _ in held], axis=0)
    assert alone.mean() < together.mean() < 0.95 * apart.mean()


def test_what_does_not_come_back_never_does() -> None:
    lost = drawn({**SHOP, "orders": Held("postgres", "multi-az-standby", Facts(data=100.0))}, "region")
    assert np.isinf(lost.rto).all() and np.isinf(lost.rpo).all()


def test_parts_that_nobody_waits_for_do_not_count_but_their_data_does() -> None:
    held = {
        "web": SHOP["web"],
        "archive": Held("postgres", "single", Facts(data=50.0)),
        "cache": Held("redis", "single"),
    }
    found = drawn(held, "zone", {"web"})
    assert found.rto.max() <= 20 and 0 < found.rpo.max() <= 300  # of the archive; the cache holds nothing


@pytest.mark.parametrize("disruption", ["instance", "zone", "region", "corruption"])
def test_the_figure_of_the_plan_lies_within_what_is_drawn(disruption: str) -> None:
    """Each part alone: the model's figure is the most of what is documented, and the middle of what is assumed."""
    for kind in ("server", "postgres", "redis", "objects", "balancer"):
        for design in recovery.designs(kind):
            held = {"x": Held(kind, design, Facts(data=20.0, offsite=900.0))}
            found = draw(np.random.default_rng(2), held, {"x"}, disruption, 2000)
            closed = system_recovery(held, {"x"}, disruption)
            assert found.rto.min() <= closed.rto + 1e-9 and found.rto.max() >= closed.rto * 0.97
            assert found.rpo.min() <= closed.rpo + 1e-9 and found.rpo.max() >= closed.rpo * 0.97
            assert math.isfinite(found.rto.max())


def test_every_documented_step_is_known_or_exact() -> None:
    """Each range names a step that there is; a range of a renamed step would silently be exact."""
    text = files("standfast.plan.simulation").joinpath("data/ranges.csv").read_text()
    ranges = list(csv.DictReader(text.splitlines()))
    rows = [row for rows in recovery._table().values() for row in rows]
    for one in ranges:
        assert any(row.step.startswith(one["step"]) for row in rows), one["step"]
        assert 0 <= float(one["least"]) < 1 and one["source"]
    exact = {row.step for row in rows if not row.assumed and not any(row.step.startswith(r["step"]) for r in ranges)}
    moving = {step for step in exact if "TTL" not in step and "goes on" not in step and "go on" not in step}
    assert moving <= {
        "synchronous standby: nothing is lost",
        "every version is kept: nothing is lost",
        "promote the replica",  # several minutes, the plan reads five
        "the other region carries all of it, as it is sized to",
    }
