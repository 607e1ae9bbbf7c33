"""The promise table of the shop, from parts chosen by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from standfast.plan.models.availability import availability, group, regional, spread
from standfast.plan.models.latency import Serving, percentiles
from standfast.plan.models.load import loads
from standfast.plan.models.recovery import Facts, Held
from standfast.plan.predict import NEVER, Standing, predict, room
from standfast.promise import Promise, overall
from standfast.spec.model import Recovery, System
from tests.shop import shop

RTT = {"DE": 0.02, "FR": 0.012}
STANDING = {
    "web": Standing(Serving(24, 1, 6), group(spread(6, 3), 4, 0.995), Held("server", "multi-zone")),
    "api": Standing(Serving(48, 1, 12), group(spread(12, 3), 8, 0.995), Held("server", "multi-zone")),
    "orders": Standing(Serving(4, 1, 1), regional(0.9995), Held("postgres", "multi-az-standby", Facts(200))),
    "sessions": Standing(Serving(), regional(0.5), Held("redis", "single", Facts(4))),
    "images": Standing(Serving(), regional(0.999), Held("objects", "regional", Facts(2048))),
    "balancer": Standing(None, regional(0.9999), Held("balancer", "multi-zone"), needed=True),
}


def table(system: System | None = None, **changed: Standing) -> dict[str, Promise]:
    rows = predict(system or shop(), {**STANDING, **changed}, RTT, monthly_usd=3000.0)
    return {row.measure: row for row in rows}


def test_every_number_of_the_spec_has_its_row() -> None:
    rows = table()
    assert [*rows] == [
        "scalability.peak",
        "reliability.availability",
        "reliability.availability_with_changes",
        "reliability.rto.instance",
        "reliability.rpo.instance",
        "reliability.rto.zone",
        "reliability.rpo.zone",
        "reliability.rto.corruption",
        "reliability.rpo.corruption",
        "performance.p95",
        "security.residency",
        "security.checks",
        "cost.budget",
    ]
    assert {row.place.file for row in rows.values()} == {"shop.yaml"}
    assert rows["security.checks"].predicted is None  # that is for the audit to say
    assert all(row.verdict == "kept" for name, row in rows.items() if name != "security.checks")
    assert overall(rows.values()) == "unknown"


def test_predictions_are_those_of_the_models_in_the_units_of_the_table() -> None:
    rows, system = table(), shop()
    serving = {name: one.serving for name, one in STANDING.items() if one.serving}
    assert rows["performance.p95"].predicted == pytest.approx(1e3 * percentiles(system, serving, RTT)["p95"])
    assert rows["performance.p95"].declared == 300
    assert rows["scalability.peak"].declared == pytest.approx(2100)
    assert rows["scalability.peak"].predicted == pytest.approx(48 * 0.8 / 0.014)  # api is the first to be busy
    needed = {name: STANDING[name].part for name in ("web", "api", "orders", "balancer")}
    assert rows["reliability.availability"].predicted == pytest.approx(100 * availability(needed))
    assert rows["reliability.rto.zone"].predicted == 120
    assert rows["reliability.rto.zone"].note == "decided by orders"
    assert rows["reliability.rpo.corruption"].predicted == 300
    changes = rows["reliability.availability_with_changes"].predicted
    assert changes == pytest.approx(rows["reliability.availability"].predicted * (1 - 60 / 604_800))


def test_only_what_is_needed_counts() -> None:
    """Sessions are up half of the time, and it does not matter: the spec says that they are not essential."""
    before = table()["reliability.availability"].predicted
    assert table(sessions=Standing(Serving(), regional(0.1)))["reliability.availability"].predicted == before
    worse = table(balancer=Standing(None, regional(0.9), needed=True))["reliability.availability"]
    assert worse.verdict == "broken"


def test_what_is_too_small_or_too_slow_breaks_its_promise() -> None:
    rows = table(api=replace(STANDING["api"], serving=Serving(28, 1, 7)))
    assert rows["scalability.peak"].verdict == "broken"
    assert rows["performance.p95"].predicted == 1e3 * NEVER
    assert rows["performance.p95"].verdict == "broken"
    assert room({"api": Serving(28, 1, 7)}, loads(shop())) < 1


def test_what_does_not_come_back_is_broken_not_unknown() -> None:
    system = shop()
    recovery = {**system.promises.reliability.recovery, "region": Recovery(4 * 3600.0, 86_400.0)}
    reliability = replace(system.promises.reliability, recovery=recovery)
    system = replace(system, promises=replace(system.promises, reliability=reliability))
    rows = table(system)
    assert rows["reliability.rto.region"].verdict == rows["reliability.rpo.region"].verdict == "broken"
    assert rows["reliability.rto.region"].note == "it does not come back"
    copied = {
        name: replace(STANDING[name], held=replace(STANDING[name].held, facts=Facts(size, offsite=3600.0)))
        for name, size in (("orders", 200), ("images", 2048), ("sessions", 4))
    }
    rows = table(system, **copied)
    assert (rows["reliability.rto.region"].verdict, rows["reliability.rpo.region"].predicted) == ("kept", 3600)
