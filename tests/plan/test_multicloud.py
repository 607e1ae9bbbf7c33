"""One choice over clouds, shapes of compute and standby regions: it equals brute force, and its bounds are bounds."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.clouds import Shelf, load_catalog
from standfast.plan import make_plan, standby
from standfast.plan.place import DESIGNS, inside
from standfast.plan.question import Question, decide
from standfast.plan.question.least import Least
from standfast.problem import Problems
from standfast.spec import parse_spec

SPEC = """
system: small
promises:
  scalability: {{peak: {peak} rps, average: 20 rps}}
  reliability: {{availability: {up}%, recovery: {{{recovery}}}}}
  performance: {{p95: {p95} ms, users: {{DE: 50%, IE: 50%}}}}
rules: {{clouds: [{clouds}], compute: {compute}, residency: {residency}}}
services:
  web: {{image: a/web:1, port: 80, public: true, cpu: 9 ms, memory: {memory} MiB, calls: [db, cache]}}
stores:
  db: {{kind: postgres, data: 20 GiB}}
  cache: {{kind: redis, memory: 500 MiB, essential: false}}
"""
KEPT = {
    "aws": ("eu-west-1", "us-east-1"),
    "azure": ("westeurope", "northeurope"),
    "gcp": ("europe-west1", "us-central1"),
}
DEFAULT = {"peak": 60, "up": 99.5, "recovery": "zone: {rto: 10 min}", "p95": 200, "memory": 500, "residency": "any",
           "clouds": "aws, azure, gcp", "compute": "any"}  # fmt: skip


class Few:
    """The real catalog of a cloud with two of its regions and some of its offers."""

    def __init__(self, cloud: str, every: int = 17, most: int = 3):
        self.all, self.every, self.most = load_catalog(cloud), every, most

    def __getattr__(self, name: str):
        return getattr(self.all, name)

    def regions(self):
        return tuple(region for region in self.all.regions() if region.name in KEPT[self.all.cloud])

    def shelf(self, region: str, kind: str) -> Shelf:
        whole = self.all.shelf(region, kind)
        fits = np.flatnonzero((whole.vcpu >= 1) & (whole.memory >= 4))[:: self.every][: self.most]
        columns = {name: getattr(whole, name) for name in whole.__dataclass_fields__}
        return Shelf(**{name: one[fits] if isinstance(one, np.ndarray) else one for name, one in columns.items()})


def few(**how: int) -> dict[str, Few]:
    return {cloud: Few(cloud, **how) for cloud in KEPT}


def question(catalogs: dict[str, Few], **fields: object) -> Question:
    system = parse_spec(SPEC.format(**{**DEFAULT, **fields}), "small.yaml")
    return Question(system, {cloud: catalogs[cloud] for cloud in system.rules.clouds})


def brute_force(asked: Question) -> float | None:
    """The least cost over every combination in every place, asking the true models of each."""
    best, requirements = None, asked.requirements()
    for place in asked.places:
        tables, fixed = [one.table for one in asked.options(place)], asked.fixed(place)
        for rows in itertools.product(*(range(len(table.cost)) for table in tables)):
            cost = fixed + sum(float(table.cost[row]) for table, row in zip(tables, rows, strict=True))
            if best is not None and cost >= best:
                continue
            if all(
                one.value(place.name, tuple(t.facts[one.name][r] for t, r in zip(tables, rows, strict=True)))
                <= one.limit * (1 + 1e-9)
                for one in requirements
            ):
                best = cost
    return best


@pytest.mark.parametrize("fields", [
    {}, {"up": 99.8}, {"p95": 60}, {"compute": "container"}, {"compute": "kubernetes"}, {"peak": 600, "p95": 90},
    {"recovery": "zone: {rto: 10 min}, region: {rto: 4 h, rpo: 15 min}"}, {"residency": "EU"}, {"up": 99.999},
    {"recovery": "region: {rto: 40 min, rpo: 1 min}", "compute": "vm"}, {"recovery": "region: {rto: 10 min}"},
])  # fmt: skip
def test_the_optimum_equals_brute_force(fields: dict[str, object]) -> None:
    asked = question(few(), **fields)
    solution, expected = decide(asked), brute_force(question(few(), **fields))
    assert (solution is None) == (expected is None)
    if solution is not None:
        assert solution.cost == pytest.approx(expected, abs=0.01) and solution.gap == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    peak=st.integers(20, 3000), up=st.sampled_from([95, 99, 99.5, 99.8, 99.9]), p95=st.integers(20, 300),
    memory=st.sampled_from([200, 900, 5000]), clouds=st.sampled_from(["aws", "gcp, azure", "aws, azure, gcp"]),
    compute=st.sampled_from(["any", "vm", "container"]), every=st.sampled_from([11, 23]),
    recovery=st.sampled_from(["", "instance: {rto: 5 min}", "corruption: {rto: 8 h}", "region: {rto: 8 h}"]),
)  # fmt: skip
def test_random_small_specs_equal_brute_force(every: int, **fields: object) -> None:
    solution = decide(question(few(every=every), **fields))
    expected = brute_force(question(few(every=every), **fields))
    assert (solution is None) == (expected is None)
    if solution is not None:
        assert solution.cost == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("fields", [
    {}, {"memory": 5000, "peak": 900}, {"recovery": "zone: {rto: 3 min}, region: {rto: 4 h, rpo: 15 min}"},
    {"recovery": "corruption: {rto: 8 h}"},
])  # fmt: skip
def test_the_least_of_a_place_is_a_bound(fields: dict[str, object]) -> None:
    """Against the cheapest option of every component, promises or not; over the whole catalogs of some regions."""
    asked = question(few(every=1, most=10_000), **fields)
    least, tight = Least(asked.system, asked.load), 0
    for place in asked.places:
        costs = [one.table.cost.min(initial=np.inf) for one in asked.options(place)]
        assert least.of(place) <= sum(costs) + 1e-6
        tight += np.isfinite(sum(costs)) and least.of(place) > 0.6 * sum(costs)
    assert tight, "a bound far below everything would be of no use"


@pytest.mark.parametrize("design", DESIGNS)
def test_the_standby_is_where_it_is_cheapest_and_never_at_home(design: str) -> None:
    catalogs = {cloud: load_catalog(cloud) for cloud in KEPT}
    asked = Question(parse_spec(SPEC.format(**{**DEFAULT, "recovery": "region: {rto: 1 day}", "residency": "EU"}), "s"),
                     catalogs)  # fmt: skip
    for place in [one for one in asked.places if one.standby and one.standby.design == design][::97]:
        chosen, found = place.standby, []
        for catalog in catalogs.values():
            for region in catalog.regions():
                if inside("EU", region) and standby.possible(
                    asked.system, place, replace(chosen, catalog=catalog, region=region)
                ):
                    try:
                        lines = standby.lines(asked.system, asked.load, catalog, region, design)
                    except standby.NotSold:
                        continue
                    sent = standby.traffic(asked.system, asked.load, place, catalog.cloud, design)
                    usd = sum(line.monthly.typical for line in (*lines, sent))
                    found.append((usd, (catalog.cloud, region.name)))
        assert chosen is not None
        best = min(found)
        own = next(usd for usd, where in found if where == (chosen.catalog.cloud, chosen.region.name))
        assert own == pytest.approx(best[0]) and inside("EU", chosen.region)


def test_a_region_that_does_not_sell_what_a_standby_needs_is_none() -> None:
    """No server of 5 GiB is left in eu-west-1 of this catalog; copies and replicas need none."""
    asked = question(few(every=11), recovery="region: {rto: 8 h}", clouds="aws", memory=5000)
    there = {
        place.standby.design for place in asked.places if place.standby and place.standby.region.name == "eu-west-1"
    }
    assert there == {"backup", "log-shipping", "pilot-light"}


def test_backups_stay_on_their_cloud_and_go_where_it_sends_them() -> None:
    catalogs = {cloud: load_catalog(cloud) for cloud in KEPT}
    text = SPEC.format(**{**DEFAULT, "recovery": "region: {rto: 1 day, rpo: 1 day}", "residency": "any"})
    asked = Question(parse_spec(text, "s.yaml"), catalogs)
    copied = [(one, one.standby) for one in asked.places if one.standby.design in ("backup", "log-shipping")]
    assert {one.cloud for one, there in copied if there.design == "log-shipping"} == {"aws", "azure"}
    assert all(one.cloud == there.catalog.cloud and one.region.name != there.region.name for one, there in copied)
    pairs = {(one.region.name, there.region.name) for one, there in copied if one.cloud == "azure"}
    assert ("westeurope", "northeurope") in pairs and ("northeurope", "westeurope") in pairs
    assert "brazilsouth" not in {there for _, there in pairs}, "it is copied away from, and nothing is copied to it"
    first = next(one for one in asked.places if one.cloud == "gcp" and one.standby.design == "pilot-light")
    shipped = replace(first.standby, design="log-shipping")
    assert standby.possible(replace(asked.system, stores=()), first, shipped), "there is nothing to ship"


def test_designs_cost_more_the_sooner_they_are_back() -> None:
    asked = question(few(), recovery="region: {rto: 1 day, rpo: 1 day}")
    fixed = {}
    for place in asked.places:
        if place.standby and (place.cloud, place.zones, place.shape) == ("aws", 2, "vm"):
            fixed.setdefault(place.region.name, {})[place.standby.design] = asked.fixed(place)
    for costs in fixed.values():
        assert [costs[design] for design in DESIGNS] == sorted(costs.values())


def test_one_region_has_nowhere_to_stand_by() -> None:
    class One(Few):
        def regions(self):
            return super().regions()[:1]

    system = parse_spec(SPEC.format(**{**DEFAULT, "recovery": "region: {rto: 1 day}", "clouds": "aws"}), "s.yaml")
    with pytest.raises(Problems, match="region"):
        make_plan(system, {"aws": One("aws")})


@pytest.mark.parametrize(("fields", "words"), [
    ({"clouds": "azure", "residency": "SA"}, "leaves no region"), ({"residency": "Narnia"}, "leaves no region"),
])  # fmt: skip
def test_a_residency_that_leaves_nothing_is_a_problem(fields: dict[str, object], words: str) -> None:
    with pytest.raises(Problems, match=words):
        question({cloud: load_catalog(cloud) for cloud in KEPT}, **fields)


def test_a_commitment_is_never_dearer_and_is_told() -> None:
    text = SPEC.format(**{**DEFAULT, "clouds": "aws", "compute": "vm", "residency": "EU"})
    costs = {}
    for term in ("on-demand", "1y", "3y"):
        system = parse_spec(text, "s.yaml")
        plan = make_plan(replace(system, rules=replace(system.rules, commitment=term)))
        costs[term] = plan.monthly.typical
        told = any("committed" in one.what for one in plan.assumptions)
        assert told == (term != "on-demand")
        for choice in plan.choices:
            if choice.kind == "server" and term != "on-demand":
                assert choice.lines[0].monthly.low > 0.5 * choice.lines[0].monthly.typical, (
                    "paid every hour, used or not"
                )
    assert costs["3y"] < costs["1y"] < costs["on-demand"]
