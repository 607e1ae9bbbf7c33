"""Recovery: the published figures, the shape of the table, and what makes it better or worse."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.plan.models.recovery import STANDBYS, Facts, Held, _table, assumed, designs, recover, system_recovery
from standfast.spec.model import DISRUPTIONS

HOUR = 3600.0
DAY = 24 * HOUR
KNOWN = [
    (kind, design)
    for kind in ("server", "postgres", "mysql", "redis", "objects", "balancer")
    for design in designs(kind)
]


def test_the_designs_that_can_be_chosen_are_known() -> None:
    assert designs("server") == ("multi-zone", "single", "stateful")
    assert designs("postgres") == designs("mysql") == ("multi-az-standby", "single")
    assert designs("redis") == ("replicated", "single")
    assert designs("objects") == ("regional",)
    with pytest.raises(KeyError):
        recover("postgres", "magic", Facts(), "zone")


def test_every_design_answers_every_disruption_with_a_source_and_a_date() -> None:
    for (_, design), rows in _table().items():
        for disruption in ("region",) if design in STANDBYS else DISRUPTIONS:
            there = [row for row in rows if disruption in row.disruptions]
            assert any(row.counts == "rto" for row in there)
            for row in there:
                assert row.counts in ("rto", "rpo")
                assert row.seconds >= 0
                assert re.search(r"\(\d{4}-\d{2}-\d{2}\)$", row.source)


def test_amazon_documents_for_databases() -> None:
    """Multi-AZ fails over in 60 to 120 s without loss; logs are archived every five minutes."""
    for kind in ("postgres", "mysql"):
        for disruption in ("instance", "zone"):
            found = recover(kind, "multi-az-standby", Facts(data=500), disruption)
            assert (found.rto, found.rpo) == (120, 0)
            assert not any(step.assumed for step in found.steps)
        assert recover(kind, "multi-az-standby", Facts(data=500), "corruption").rpo == 300
        assert recover(kind, "single", Facts(data=500), "zone").rpo == 300


def test_a_restore_adds_up_and_takes_longer_with_more_data() -> None:
    small, large = (recover("postgres", "single", Facts(data=gib), "corruption") for gib in (0, 200))
    assert small.rto == 900 + 900 + 600  # decide, start, replay
    assert large.rto == small.rto + 200 * 15  # 70 MB/s
    assert sum(step.seconds for step in large.steps if step.counts == "rto") == large.rto


def test_nobody_is_waited_for_where_the_cloud_takes_over_by_itself() -> None:
    """Both sites serve: on AWS steps promote the database, elsewhere a person has to decide, half an hour later."""
    waited = {
        way: recover("postgres", "single", Facts(standby="active-active", way=way), "region").rto
        for way in ("aws", "azure", "gcp", "apart")
    }
    assert waited == {"aws": 90 + 90 + 300, **dict.fromkeys(("azure", "gcp", "apart"), 90 + 1800 + 300)}
    users = {way: recover("server", "multi-zone", Facts(standby="active-active", way=way), "region") for way in waited}
    assert {way for way, found in users.items() if found.rto and found.rto > 1800} == {"apart"}


def test_a_redis_comes_back_elsewhere_only_with_what_it_held() -> None:
    for design in ("pilot-light", "warm-standby", "active-active"):
        lost, kept = (recover("redis", "single", Facts(offsite=age, standby=design), "region") for age in (None, 1.0))
        assert (lost.rto, lost.rpo) == (None, None)
        assert kept.rto is not None and kept.rpo == 1.0


def test_servers_in_several_zones_only_have_to_notice() -> None:
    assert recover("server", "multi-zone", Facts(), "zone").rto == 20
    assert recover("server", "single", Facts(), "zone").rto == 200


@pytest.mark.parametrize(("kind", "design"), KNOWN)
def test_a_lost_region_takes_a_copy_elsewhere(kind: str, design: str) -> None:
    without, with_copy = (recover(kind, design, Facts(offsite=age), "region") for age in (None, HOUR))
    holds_nothing = kind == "balancer" or (kind == "server" and design != "stateful")
    assert with_copy.rto is not None
    assert with_copy.rpo == (0 if holds_nothing else HOUR)
    assert (without.rto is None) == (not holds_nothing)


def test_without_versions_or_backups_corruption_is_for_good() -> None:
    assert recover("objects", "regional", Facts(versioned=False), "corruption").rto is None
    assert recover("objects", "regional", Facts(), "corruption").rpo == 0
    assert recover("postgres", "multi-az-standby", Facts(interval=None), "corruption").rto is None
    empty = recover("redis", "single", Facts(interval=None), "instance")
    assert empty.rto == 600  # it comes back
    assert empty.rpo is None  # empty


def test_redis_forgets_as_much_as_its_design_lets_it() -> None:
    assert recover("redis", "single", Facts(data=4, interval=DAY), "instance").rpo == DAY
    assert recover("redis", "replicated", Facts(data=4, interval=DAY), "instance").rpo == 1
    assert recover("redis", "replicated", Facts(data=4, interval=DAY), "corruption").rpo == DAY


SHOP = {
    "web": Held("server", "multi-zone"),
    "api": Held("server", "multi-zone"),
    "orders": Held("postgres", "multi-az-standby", Facts(200)),
    "sessions": Held("redis", "single", Facts(4)),
    "images": Held("objects", "regional", Facts(2048)),
    "balancer": Held("balancer", "multi-zone"),
}
ESSENTIAL = {"web", "api", "orders", "images", "balancer"}


def test_the_whole_waits_for_its_slowest_essential_part() -> None:
    zone = system_recovery(SHOP, ESSENTIAL, "zone")
    assert (zone.rto, zone.rpo, zone.worst) == (120, 0, "orders")
    assert zone.steps == recover("postgres", "multi-az-standby", Facts(200), "zone").steps
    corruption = system_recovery(SHOP, ESSENTIAL, "corruption")
    assert (corruption.rto, corruption.rpo, corruption.worst) == (5400, 300, "orders")


def test_a_cache_that_is_not_essential_costs_nothing() -> None:
    assert system_recovery(SHOP, ESSENTIAL | {"sessions"}, "zone").rpo == DAY
    assert system_recovery(SHOP, ESSENTIAL, "zone").rpo == 0


def test_data_that_no_request_needs_is_data_all_the_same() -> None:
    report = {**SHOP, "reports": Held("postgres", "single", Facts(10))}
    found = system_recovery(report, ESSENTIAL, "zone")
    assert (found.rto, found.rpo) == (120, 300)  # nobody waits for it, but it forgets five minutes


def test_one_store_without_a_copy_loses_the_region() -> None:
    lost = system_recovery(SHOP, ESSENTIAL, "region")
    assert (lost.rto, lost.rpo) == (None, None)
    assert lost.worst in {"orders", "images"}
    copied = {name: Held(one.kind, one.design, Facts(one.facts.data, offsite=DAY)) for name, one in SHOP.items()}
    back = system_recovery(copied, ESSENTIAL, "region")
    assert (back.rto, back.rpo) == (1800 + 1800 + 3000, DAY)


def test_nothing_essential_recovers_at_once() -> None:
    assert system_recovery(SHOP, (), "corruption").rto == 0
    assert system_recovery({}, (), "corruption").rpo == 0


def endless(value: float | None) -> float:
    return float("inf") if value is None else value


facts = st.builds(
    Facts, st.floats(0, 5e4), st.one_of(st.none(), st.floats(60, 1e6)), st.one_of(st.none(), st.floats(0, 1e6))
)


@given(facts, st.sampled_from(DISRUPTIONS))
def test_a_better_part_never_makes_the_whole_worse(given_facts: Facts, disruption: str) -> None:
    """The exact choice relies on this: from single to several, and from more data to less."""
    better = [("server", "single", "multi-zone"), ("postgres", "single", "multi-az-standby"),
              ("redis", "single", "replicated")]  # fmt: skip
    for kind, worse_design, better_design in better:
        worse = {**SHOP, "x": Held(kind, worse_design, given_facts)}
        best = {**SHOP, "x": Held(kind, better_design, given_facts)}
        before, after = (system_recovery(held, {*ESSENTIAL, "x"}, disruption) for held in (worse, best))
        assert endless(after.rto) <= endless(before.rto)
        assert endless(after.rpo) <= endless(before.rpo)
        less = Facts(given_facts.data / 2, given_facts.interval, given_facts.offsite)
        assert endless(recover(kind, worse_design, less, disruption).rto) <= endless(
            recover(kind, worse_design, given_facts, disruption).rto
        )


def test_what_was_assumed_is_said_once_and_only_for_what_is_promised() -> None:
    said = assumed(SHOP, ESSENTIAL, ["zone"])
    assert not said  # every figure behind a lost zone is documented
    said = assumed(SHOP, ESSENTIAL, ["zone", "corruption"])
    assert len({one.what for one in said}) == len(said) > 0
    assert any("70 MB/s" in one.ground for one in said)
    assert not any("sessions" in one.what for one in said)
