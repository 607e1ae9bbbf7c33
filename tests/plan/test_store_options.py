"""What holds a store: capacity rules by hand, read replicas against recomputation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from standfast.blueprint import unwritten
from standfast.clouds import load_catalog
from standfast.plan import make_plan
from standfast.plan.models.load import loads
from standfast.plan.options import of_component
from standfast.plan.options.store import LARGE_IOPS, disk, shared
from standfast.plan.place import CACHES, Place
from standfast.problem import Problems
from standfast.spec import parse_spec

AWS = load_catalog("aws")
PLACE = Place(AWS, AWS.region("eu-west-1"), 2)
SPEC = """
system: s
promises: {{scalability: {{peak: 100 rps, average: 50 rps}}, performance: {{p95: 400 ms}}}}
rules: {{regions: [eu-west-1]}}
services:
  web: {{image: a/b:1, port: 80, public: true, cpu: 5 ms, memory: 300 MiB, calls: [db]}}
stores:
  db: {{kind: postgres, data: 100 GiB, {more}}}
"""


def options(more: str):
    system = parse_spec(SPEC.format(more=more), "s.yaml")
    load = loads(system)["db"]
    return of_component(system, "db", load, PLACE), load


def test_connections_need_memory() -> None:
    """One more than fits refuses the class: 16 GiB less a tenth of 100 GiB and 1 GiB leave room for 500 of 10 MiB."""
    few, _ = options("connections: 500")
    many, _ = options("connections: 501")

    def classes(found) -> set[str]:
        return {found.row(at).offer for at in range(len(found.table.cost))}

    lost = classes(few) - classes(many)
    memory = {name: float(AWS.shelf("eu-west-1", "postgres").memory[at])
              for at, name in enumerate(AWS.shelf("eu-west-1", "postgres").name)}  # fmt: skip
    assert lost and all(memory[name] == 16 for name in lost)


def test_more_operations_than_its_disk_does_are_not_planned() -> None:
    """90 % of reads stay in memory, a write is two operations: 6,000 writes/s are 12,000 operations, 6,001 more."""
    there, load = options("reads: 0 rps, writes: 6000 rps")
    assert load.iops == LARGE_IOPS and len(there.table.cost)
    none, load = options("reads: 0 rps, writes: 6001 rps")
    assert load.iops > LARGE_IOPS and not len(none.table.cost)
    assert disk(replace(load, iops=3001)) == 400 and disk(replace(load, iops=3000)) == 120


def test_reads_are_spread_and_writes_repeated() -> None:
    _, load = options("reads: 9000 rps, writes: 1000 rps")
    each = shared("postgres", load, 2)
    assert each.cores == pytest.approx(3000 * 0.5e-3 + 1000 * 1e-3)
    assert each.iops == pytest.approx(3000 * 0.1 + 1000 * 2)
    assert each.connections * 3 >= load.connections


def test_replicas_are_offered_only_where_the_spec_allows_them_and_cost_a_single_each() -> None:
    without, _ = options("reads: 9000 rps, writes: 100 rps")
    assert all("read_replicas" not in without.row(at).size for at in range(len(without.table.cost)))
    found, load = options("reads: 9000 rps, writes: 100 rps, read_replicas: true")
    single = AWS.shelf("eu-west-1", "postgres")
    hourly = dict(zip(single.name, single.usd_hour, strict=True))
    storage = AWS.price("eu-west-1", "database.storage.gb_month").usd
    seen = set()
    for at in range(len(found.table.cost)):
        row = found.row(at)
        count = int(row.size.get("read_replicas", 0))
        seen.add(count)
        assert found.table.cost[at] == pytest.approx(sum(one.monthly.typical for one in row.lines()))
        extra = sum(one.monthly.typical for one in row.lines() if "replica" in one.what and "standby" not in one.what)
        assert extra == pytest.approx(count * (730 * hourly[row.offer] + row.size["storage_gib"] * storage))
        each = shared("postgres", load, count)
        shelf = single if row.design == "single" else AWS.shelf("eu-west-1", "postgres-multi-az")
        place = int(np.flatnonzero(shelf.name == row.offer)[0])
        assert each.cores <= 0.8 * shelf.vcpu[place] * shelf.speed[place] + 1e-9
        assert row.standing.serving.cores * row.standing.serving.speed * 0.8 >= load.cores - 1e-9
    assert seen == {0, 1, 2, 3}


def test_a_plan_with_replicas_can_be_built() -> None:
    text = SPEC.format(more="reads: 200000 rps, writes: 100 rps, read_replicas: true")
    plan = make_plan(parse_spec(text, "s.yaml"))
    choice = plan.choice("db")
    assert choice is not None and choice.count == 1 + int(choice.size["read_replicas"])
    assert plan.cloud != "aws" or unwritten(plan) == []


def test_on_azure_a_burstable_database_neither_follows_nor_is_followed() -> None:
    text = """\
system: s
promises: {scalability: {peak: 20 rps, average: 5 rps}, reliability: {recovery: {region: {rto: 1 h, rpo: 5 min}}}}
rules: {clouds: [CLOUD]}
services:
  web: {image: a/b:1, port: 80, public: true, cpu: 2 ms, memory: 256 MiB, calls: [db]}
stores:
  db: {kind: postgres, data: 10 GiB}
"""
    burstable = {"azure": "B_", "aws": "db.t"}
    for cloud, name in burstable.items():
        spec = parse_spec(text.replace("CLOUD", cloud), "s.yaml")
        plan = make_plan(spec, {cloud: load_catalog(cloud)})
        assert plan.standby is not None and plan.standby.design == "pilot-light"
        sizes = [plan.choice("db").offer, *(line.what for line in plan.choice("standby").lines if "db" in line.what)]
        assert any(name in one for one in sizes) == (cloud == "aws"), sizes


COPIED = """\
system: s
promises: {scalability: {peak: 20 rps, average: 5 rps}, reliability: {recovery: {region: {rto: 1 h, rpo: 5 min}}}}
rules: {clouds: [CLOUD]}
services:
  web: {image: a/b:1, port: 80, public: true, cpu: 2 ms, memory: 256 MiB, calls: [held]}
stores:
  held: {kind: redis, memory: 2 GiB}
"""


@pytest.mark.parametrize("cloud", ["aws", "azure"])
def test_a_redis_that_requests_need_and_its_copy_are_of_one_class(cloud: str) -> None:
    catalog = load_catalog(cloud)
    plan = make_plan(parse_spec(COPIED.replace("CLOUD", cloud), "s.yaml"), {cloud: catalog})
    assert plan.standby is not None and (cloud, plan.standby.design) in CACHES
    (copy,) = (one for one in plan.standby.choices if one.component == "held")
    shelf = catalog.shelf(plan.standby.region, "redis")
    fits = [
        (usd, name)
        for name, gib, usd in zip(shelf.name, shelf.memory, shelf.usd_hour, strict=True)
        if gib * 0.75 >= 2 and not name.startswith("cache.t")
    ]
    assert plan.choice("held").offer == copy.offer == min(fits)[1]
    assert any(copy.offer in line.what for line in plan.choice("standby").lines), "and its copy is in the bill"


def test_google_copies_no_redis_and_the_reason_is_told() -> None:
    text = COPIED.replace("CLOUD", "gcp").replace("rules: {", "rules: {regions: [europe-west1], ")
    with pytest.raises(Problems) as told:
        make_plan(parse_spec(text, "s.yaml"), {"gcp": load_catalog("gcp")})
    assert "What a Redis holds follows to another region on AWS" in str(told.value)
    cached = make_plan(
        parse_spec(text.replace("2 GiB}", "2 GiB, essential: false}"), "s.yaml"), {"gcp": load_catalog("gcp")}
    )
    assert cached.standby is not None
