"""The bill of the plan's own parts, and how far its instances are away: the quick ways beside the plain ones."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from standfast.clouds import load_catalog
from standfast.plan.options.recovering import broken_by, held
from standfast.plan.options.service import NEGLIGIBLE, away, instances
from standfast.plan.place import Place
from standfast.plan.question import Question
from standfast.spec import parse_spec

SPEC = """
system: small
promises:
  scalability: {peak: 60 rps, average: 20 rps}
  reliability: {availability: 99.5%, recovery: {region: {rto: 4 h, rpo: 1 h}}}
  performance: {p95: 300 ms, users: {DE: 100%}}
rules: {clouds: [aws, azure, gcp], compute: any, residency: DE}
services:
  web: {image: a/web:1, public: true, cpu: 9 ms, memory: 500 MiB, response: 2 MiB, calls: [api]}
  api: {image: a/api:1, cpu: 9 ms, memory: 500 MiB, secrets: [token], calls: [db]}
stores:
  db: {kind: postgres, data: 20 GiB}
  images: {kind: objects, data: 2 TiB, egress: 90 TiB/month, cdn: true}
"""


def test_what_a_place_costs_in_any_case_is_the_sum_of_its_bill() -> None:
    asked = Question(parse_spec(SPEC, "made.yaml"), {cloud: load_catalog(cloud) for cloud in ("aws", "azure", "gcp")})
    seen = set()
    for place in asked.places:
        bill = asked.shared(place)
        seen |= bill.keys()
        total = sum(line.monthly.typical for lines in bill.values() for line in lines)
        assert asked.fixed(place) == pytest.approx(total, rel=1e-12), place.name
        balancers = [line.what for line in bill["balancer"]]
        assert len(balancers) == (2 if place.shape == "kubernetes" else 4), "a cluster balances inside by itself"
    assert seen >= {"cdn", "waf", "dns", "keys", "secrets", "logs", "backup", "cluster", "standby"}


def test_tiers_bill_every_part_of_the_quantity_once() -> None:
    asked = Question(parse_spec(SPEC.replace("DE}", "EU}"), "made.yaml"), load_catalog("aws"))
    sent = asked.shared(asked.places[0])["cdn"]
    tiers = [line for line in sent if line.what.startswith("sent by the CDN")]
    assert sum(line.quantity for line in tiers) == pytest.approx(asked.usage.cdn)
    assert [line.what.partition(" above ")[2] for line in tiers] == ["", "10,240 GB", "51,200 GB"]
    assert [line.unit_price for line in tiers] == sorted((line.unit_price for line in tiers), reverse=True)


@pytest.mark.parametrize("zones", [1, 2, 3])
def test_the_chance_that_too_few_are_up_is_that_of_all_their_states(zones: int) -> None:
    catalog = load_catalog("aws")
    place = Place(catalog, catalog.region("eu-west-1"), zones)
    rows = [(each * zones, needed) for each in (1, 2, 3) for needed in range(1, each * zones + 1)]
    count, needed = np.array([*rows, *rows[::-1]]).T  # equal pairs more than once, in no order
    found, up = away(count, needed, place), instances(zones, 1, place).instance
    assert found.shape == (len(count), zones + 1)
    for at, there in itertools.product(range(len(count)), range(zones + 1)):
        running = int(count[at]) // zones * there
        states = itertools.product((True, False), repeat=running)
        chance = sum(math.prod(up if one else 1 - up for one in state) for state in states if sum(state) < needed[at])
        assert chance - 1e-9 <= found[at, there] <= chance + NEGLIGIBLE, "rounded against the option"
    assert away(count[:0], needed[:0], place).shape == (0, zones + 1)


def test_how_a_part_comes_back_depends_on_what_needs_it() -> None:
    system = parse_spec(SPEC.replace("region: {rto: 4 h, rpo: 1 h}", "zone: {rto: 2 min}"), "made.yaml")
    catalog = load_catalog("aws")
    one = held("postgres", "single", Place(catalog, catalog.region("eu-west-1"), 2), 20.0)
    assert broken_by(system, "db", one) == "zone.rto"
    spared = [replace(call, essential=call.to != "db") for call in system.services[1].calls]
    without = replace(system, services=(system.services[0], replace(system.services[1], calls=tuple(spared))))
    assert broken_by(without, "db", one) == "", "no request waits for it"
