"""Load: by hand for the shop, and against every path of random call graphs."""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.plan.models.load import MONTH, READ_SHARE, assumed, loads
from standfast.spec.model import Call, System
from standfast.spec.reader import parse_spec
from tests.shop import shop


def system_of(text: str) -> System:
    return parse_spec("system: t\n" + text, "t.yaml")


def test_the_shop_by_hand() -> None:
    load = loads(shop())
    assert load["web"].peak == pytest.approx(1500 * 1.4)  # one year of 40 % growth
    assert load["web"].average == 300
    assert load["web"].average_later == pytest.approx(420)
    assert load["web"].cores == pytest.approx(2100 * 0.006)
    assert load["api"].cores == pytest.approx(2100 * 0.014)
    assert load["web"].egress == pytest.approx(300 * 730 * 3600 * 10 / 2**20)  # 10 KiB per response, in GiB
    assert load["web"].internal == 0
    assert load["api"].egress == 0
    assert load["api"].internal == pytest.approx(300 * 730 * 3600 * 4 / 2**20)
    assert (load["orders"].reads, load["orders"].writes) == (pytest.approx(1680), pytest.approx(420))
    assert load["orders"].data == 200
    assert load["sessions"].data == 4
    assert load["images"].egress == 0
    assert load["images"].cdn == 8192


def test_what_a_cdn_answers_does_not_reach_the_store() -> None:
    images = loads(shop())["images"]
    assert images.cdn_rate == pytest.approx(8192 / MONTH / (30 / 2**20))
    assert images.average == pytest.approx(images.cdn_rate * 0.15)
    assert images.peak == pytest.approx(images.average * 5 * 1.4)  # peak to average as the system's


def test_an_object_store_without_a_cdn_sends_from_the_region() -> None:
    text = "services: {a: {image: a, public: true}}\nstores: {o: {kind: objects, requests: 100 rps}}"
    store = loads(system_of(text))["o"]
    assert store.average == 100
    assert store.egress == pytest.approx(100 * MONTH * 30 / 2**20)
    assert (store.cdn, store.cdn_rate) == (0, 0)


def test_a_cache_takes_its_hits_from_the_target_and_sees_its_own_misses_again() -> None:
    text = """
promises: {scalability: {peak: 100 rps, average: 50 rps}}
services: {a: {image: a, public: true, calls: [{to: d, times: 3, share: 50%, cached_by: c, hit_rate: 60%}]}}
stores: {d: {kind: postgres}, c: {kind: redis}}"""
    load = loads(system_of(text))
    assert load["d"].peak == pytest.approx(100 * 3 * 0.5 * 0.4)
    assert load["c"].peak == pytest.approx(100 * 3 * 0.5 * 1.4)
    assert load["d"].writes == pytest.approx(150 * (1 - READ_SHARE))  # writes pass the cache
    assert load["c"].writes == pytest.approx(150 * 0.4)  # what was missed is filled in


def test_declared_reads_and_writes_win_and_grow() -> None:
    text = """
promises: {scalability: {peak: 100 rps, average: 50 rps, growth: 100%/year, horizon: 2 years}}
services: {a: {image: a, public: true, calls: [d]}}
stores: {d: {kind: postgres, data: 10 GiB, growth: 50%/year, reads: 30 rps, writes: 10 rps, connections: 77}}"""
    load = loads(system_of(text))["d"]
    assert (load.reads, load.writes) == (pytest.approx(120), pytest.approx(40))
    assert load.peak == pytest.approx(160)
    assert load.average == pytest.approx(20)
    assert load.data == pytest.approx(22.5)
    assert load.connections == 77


def test_bytes_between_zones() -> None:
    api = loads(shop())["api"]
    assert api.cross_zone(1) == 0
    assert api.cross_zone(3) == pytest.approx(api.internal * 2 / 3)


def test_what_was_assumed_is_said_only_where_it_counts() -> None:
    assert {one.what for one in assumed(shop())} == {
        "store orders: reads",
        "store orders: CPU",
        "store orders: working set",
        "store orders: disk",
    }
    text = (
        "services: {a: {image: a, public: true, calls: [d]}}\nstores: {d: {kind: mysql, reads: 1 rps, writes: 1 rps}}"
    )
    assert "store d: reads" not in {one.what for one in assumed(system_of(text))}


def test_a_cycle_is_refused_even_without_the_reader() -> None:
    system = shop()
    web, api = system.services
    looped = replace(system, services=(web, replace(api, calls=(Call("web"),))))
    with pytest.raises(CycleError):
        loads(looped)


@st.composite
def graphs(draw: st.DrawFn) -> System:
    """A random acyclic call graph of up to six services and two databases."""
    system = system_of(
        "promises: {scalability: {peak: 80 rps, average: 20 rps}}\nservices:\n"
        + "".join(f"  s{n}: {{image: i, public: {str(n < 2).lower()}, cpu: {n + 1} ms}}\n" for n in range(6))
        + "stores: {d0: {kind: postgres}, d1: {kind: mysql}, c: {kind: redis}}"
    )
    services = []
    for n, service in enumerate(system.services):
        later = [f"s{m}" for m in range(n + 1, 6)] + ["d0", "d1"]
        calls = tuple(
            Call(to, draw(st.sampled_from([0.5, 1.0, 2.0, 3.5])), draw(st.sampled_from([0.1, 0.5, 1.0])),
                 cached_by=draw(st.sampled_from(["", "", "c"])), hit_rate=draw(st.sampled_from([0.0, 0.7, 1.0])))
            for to in draw(st.lists(st.sampled_from(later), max_size=4))
        )  # fmt: skip
        services.append(replace(service, calls=calls))
    return replace(system, services=tuple(services))


@given(graphs())
def test_load_is_the_sum_over_all_paths(system: System) -> None:
    """The oracle walks every path by itself: exponential, and without any order of services."""
    services = {service.name: service for service in system.services}
    visits = dict.fromkeys([*services, "d0", "d1", "c"], 0.0)

    def walk(name: str, weight: float) -> None:
        visits[name] += weight
        for call in services[name].calls if name in services else ():
            made = weight * call.times * call.share
            passed = made * (1 - call.hit_rate) if call.cached_by else made
            if call.cached_by:
                visits["c"] += made + passed
            walk(call.to, passed)

    for service in system.services:
        if service.public:
            walk(service.name, service.traffic)
    load = loads(system)
    assert {name: load[name].peak for name in visits} == pytest.approx({name: 80 * v for name, v in visits.items()})
    assert {name: load[name].average for name in visits} == pytest.approx({name: 20 * v for name, v in visits.items()})
    for name in ("d0", "d1"):
        assert load[name].reads >= -1e-9
        assert load[name].writes >= 0


@given(graphs(), st.floats(1.0, 4.0))
def test_more_traffic_never_means_less_load(system: System, factor: float) -> None:
    wanted = system.promises
    more = replace(wanted, scalability=replace(wanted.scalability, peak=wanted.scalability.peak * factor))
    before, after = loads(system), loads(replace(system, promises=more))
    assert all(after[name].peak >= before[name].peak * (1 - 1e-12) for name in before)
