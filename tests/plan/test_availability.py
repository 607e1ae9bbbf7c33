"""Availability: published aggregates, every state written out, a simulation, and the dependencies that count."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.plan.models.availability import (
    REGION,
    ZONE,
    Part,
    assumed,
    at_least,
    availability,
    failover_outage,
    group,
    independent,
    regional,
    single,
    spread,
    standby,
    with_changes,
)
from standfast.spec.model import Deploys
from standfast.spec.reader import parse_spec
from tests.shop import shop

# -- published aggregates -----------------------------------------------------------------------------------


def chain(*percent: float) -> float:
    parts = {str(n): regional(value / 100) for n, value in enumerate(percent)}
    return 100 * availability(parts, zone=1, region=1)


def test_microsoft_composite_slas() -> None:
    """Azure Well-Architected Framework, "Using business metrics to design resilient Azure applications" (2019)."""
    assert round(chain(99.95, 99.99), 2) == 99.94  # App Service and SQL Database
    fallback = independent([0.9999, 0.999])  # the database, else a queue
    assert round(100 * fallback, 5) == 99.99999
    assert round(chain(99.95, 100 * fallback), 2) == 99.95
    assert 100 * independent([0.9995] * 2) == pytest.approx(99.999975, abs=1e-9)  # two regions, four regions
    assert math.floor(100 * independent([0.9995] * 4) * 1e6) / 1e6 == 99.999999


def test_microsoft_reliable_web_app() -> None:
    """Azure/reliable-web-app-pattern-dotnet, "Calculating Solution Service Level Agreement": each printed line."""
    doors = (99.99, 99.99, 100)  # Front Door, Entra ID, private DNS
    services = (99.95, 99.9, 99.995, 99.9, 99.99, 99.9)  # App Service, Redis, SQL, Storage, Key Vault, configuration
    links = (99.99,) * 7  # private links
    assert chain(*doors, *services) == pytest.approx(99.616, abs=1e-3)
    assert chain(*doors, *services, *links) == pytest.approx(99.546, abs=1e-3)
    assert chain(*doors) == pytest.approx(99.98, abs=1e-3)
    # The page takes 99.546 for one of the two regions, which has the doors in it once more; so does this.
    assert chain(99.98, 100 * independent([0.99546] * 2)) == pytest.approx(99.9779, abs=1e-4)


def test_google_infrastructure_stack() -> None:
    """Google Cloud infrastructure reliability guide, "Building blocks of reliability": load balancer, web tier in two
    zones, internal load balancer, application tier in two zones (99.99 % each), Cloud SQL with a standby (99.95 %)."""
    assert round(chain(99.99, 99.99, 99.99, 99.99, 99.95), 2) == 99.91


def test_google_design_targets() -> None:
    """The same guide, "Design reliable infrastructure for your workloads" (2024-11-20): 99.9 % in one zone, 99.99 % in
    several zones, and more in several regions."""
    one = availability({"web": group((2,), 1, ZONE)})
    several = availability({"web": group((1, 1, 1), 1, ZONE)})
    assert round(100 * one, 2) == 99.9
    assert round(100 * several, 2) == 99.99
    assert independent([several, several]) > 0.99999


# -- oracles ------------------------------------------------------------------------------------------------


def every_state(parts: Mapping[str, Part], zone: float, zones: int) -> float:
    """The sum over every state of every zone and every single instance."""
    switches = [("zone", at) for at in range(zones)]
    switches += [(name, at, n) for name, part in parts.items() for at, m in enumerate(part.instances) for n in range(m)]
    total = 0.0
    for bits in itertools.product((True, False), repeat=len(switches)):
        up = dict(zip(switches, bits, strict=True))
        chance = 1.0
        for switch, on in up.items():
            each = zone if switch[0] == "zone" else parts[switch[0]].instance
            chance *= each if on else 1 - each
        alive = all(
            not part.instances
            or sum(up[s] and up["zone", s[1]] for s in switches if s[0] == name) >= part.needed
            for name, part in parts.items()
        )  # fmt: skip
        total += chance * alive
    return total * math.prod(part.service * (1 - part.outage) for part in parts.values())


probability = st.floats(0.5, 1.0)
placed = st.builds(
    Part,
    st.lists(st.integers(0, 2), min_size=1, max_size=3).map(tuple),
    st.integers(1, 3),
    probability,
    probability,
    st.floats(0, 0.1),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(placed, max_size=2), probability)
def test_it_equals_every_state_written_out(parts: list[Part], zone: float) -> None:
    named = {str(n): part for n, part in enumerate(parts)}
    assert availability(named, zone, 3, region=1) == pytest.approx(every_state(named, zone, 3), abs=1e-12)


def test_it_agrees_with_a_simulation() -> None:
    """Two tiers in the same zones, a database in one of them, a balancer; components fail far too often, to be seen."""
    parts = {
        "web": Part((2, 2, 1), 3, 0.9),
        "api": Part((1, 1, 1), 2, 0.95),
        "orders": single(0.9, zone=0.92),
        "balancer": regional(0.99),
    }
    rng = np.random.default_rng(3)
    count = 400_000
    zones = rng.random((count, 3)) < 0.92
    up = rng.random(count) < 0.99
    for name in ("web", "api", "orders"):
        part = parts[name]
        alive = sum(rng.binomial(n, part.instance, count) * zones[:, at] for at, n in enumerate(part.instances))
        up &= alive >= part.needed
    assert availability(parts, 0.92, 3, region=1) == pytest.approx(up.mean(), abs=4 * math.sqrt(0.25 / count))


# -- structure ----------------------------------------------------------------------------------------------


def test_parts_that_share_a_zone_fail_together() -> None:
    """Two single instances: in the same zone its failure is counted once, in two zones twice."""
    same = availability({"a": Part((1,)), "b": Part((1,))}, 0.9, 2, region=1)
    apart = availability({"a": Part((1,)), "b": Part((0, 1))}, 0.9, 2, region=1)
    assert same == pytest.approx(0.9)
    assert apart == pytest.approx(0.81)


def test_a_standby_outlives_a_zone_and_pays_for_failing_over() -> None:
    alone = availability({"orders": single(0.995, 0.999)}, 0.999, 3, region=1)
    assert alone == pytest.approx(0.995)
    outage = failover_outage(2, 120)
    assert outage == pytest.approx(240 / 31_557_600)
    pair = availability({"orders": standby(0.995, 0.999, outage)}, 0.999, 3, region=1)
    assert pair == pytest.approx((1 - 0.005**2) * (1 - outage))
    assert alone < pair < 1


def test_a_published_sla_is_taken_as_it_is() -> None:
    parts = {"balancer": regional(0.9999), "inner": regional(0.9999), "orders": regional(0.9995), "dns": regional(1.0)}
    assert availability(parts, 0.5, 3, region=1) == pytest.approx(0.9999**2 * 0.9995)
    assert availability({}) == REGION


def test_deploys_are_a_line_of_their_own() -> None:
    twice_a_week = Deploys(rate=2 / (7 * 86_400), failure=0.05, rollback=600)
    assert with_changes(0.9995, twice_a_week) == pytest.approx(0.9995 * (1 - 60 / 604_800))
    assert with_changes(0.9995, replace(twice_a_week, rate=0.0)) == 0.9995
    assert with_changes(0.9995, replace(twice_a_week, rollback=1e9)) == 0.0


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_k_of_n_is_the_binomial_sum(needed: int, there: int, each: float) -> None:
    terms = [math.comb(there, k) * each**k * (1 - each) ** (there - k) for k in range(needed, there + 1)]
    assert at_least(needed, there, each) == pytest.approx(math.fsum(terms), abs=1e-12)


@given(st.integers(0, 50), st.integers(1, 6))
def test_instances_are_spread_evenly(count: int, zones: int) -> None:
    placed = spread(count, zones)
    assert (sum(placed), len(placed)) == (count, zones)
    assert max(placed) - min(placed) <= 1
    assert spread(5, 3) == (2, 2, 1)


@settings(max_examples=150, deadline=None)
@given(
    placed, placed, st.floats(0.9, 1.0), st.sampled_from(["instance", "more", "needed", "service", "outage", "wider"])
)
def test_a_better_part_never_makes_the_whole_worse(part: Part, other: Part, zone: float, how: str) -> None:
    """The exact choice relies on this."""
    better = {
        "instance": replace(part, instance=(1 + part.instance) / 2),
        "more": replace(part, instances=tuple(n + 1 for n in part.instances)),
        "needed": replace(part, needed=part.needed - 1),
        "service": replace(part, service=(1 + part.service) / 2),
        "outage": replace(part, outage=part.outage / 2),
        "wider": replace(part, instances=(*part.instances, 1)),
    }[how]
    assert availability({"a": better, "b": other}, zone, 4) >= availability({"a": part, "b": other}, zone, 4) - 1e-15


def test_more_zones_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="zones"):
        availability({"a": Part((1, 1, 1))}, 0.9, 2)


# -- what counts --------------------------------------------------------------------------------------------


def essential(text: str) -> set[str]:
    return parse_spec("system: t\n" + text, "t.yaml").essential


def test_essential_parts_of_the_shop() -> None:
    """Sessions are declared not essential; images are called by no service, which is said as an assumption."""
    assert shop().essential == {"web", "api", "orders"}
    assert "store images: essential" in {one.what for one in assumed(shop())}


def test_a_store_that_only_users_reach_counts_where_it_is_written() -> None:
    text = "services: {web: {image: w, public: true}}\nstores: {images: {kind: objects, cdn: true%s}}"
    assert essential(text % "") == essential(text % ", essential: false") == {"web"}
    assert essential(text % ", essential: true") == {"web", "images"}


def test_only_essential_calls_from_what_users_reach_count() -> None:
    text = """
services:
  web: {image: w, public: true, calls: [api, {to: ads, essential: false}, {to: spare, share: 0%}]}
  api: {image: a, calls: [{to: db, cached_by: cache}]}
  ads: {image: d, calls: [addb]}
  spare: {image: o}
  batch: {image: b, calls: [jobs]}
stores:
  db: {kind: postgres}
  cache: {kind: redis}
  addb: {kind: mysql}
  jobs: {kind: redis}
  archive: {kind: objects}
"""
    assert essential(text) == {"web", "api", "db"}


def test_a_cache_that_is_also_called_for_itself_counts() -> None:
    text = """
services: {web: {image: w, public: true, calls: [{to: db, cached_by: cache}, cache]}}
stores: {db: {kind: postgres}, cache: {kind: redis}}
"""
    assert essential(text) == {"web", "db", "cache"}
