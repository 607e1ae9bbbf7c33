"""Environments: one spec, several systems; what is written there is promised there, at the place where it stands."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from standfast.plan import make_plan
from standfast.plan.store import plan_from_json, plan_to_json
from standfast.problem import Problems
from standfast.spec import parse_spec, read_spec
from standfast.spec.environment import in_environment
from standfast.spec.model import Recovery
from tests.shop import EXAMPLES

SPEC = """
system: shop
promises:
  scalability: {peak: 1000 rps, average: 250 rps, growth: 20%/year}
  reliability: {availability: 99.9%, recovery: {zone: {rto: 3 min, rpo: 0 s}, instance: {rto: 2 min}}}
  performance: {p95: 300 ms, p99: 900 ms, users: {DE: 100%}}
  security: {data: [personal]}
  cost: {budget: 9000 USD/month}
rules: {clouds: [aws], residency: EU}
services:
  web: {image: a/web:1, public: true, cpu: 6 ms, memory: 500 MiB, calls: [db, cache, files]}
stores:
  db: {kind: postgres, data: 100 GiB, reads: 500 rps, writes: 100 rps, connections: 75}
  cache: {kind: redis, essential: false}
  files: {kind: objects, data: 1 TiB, egress: 100 GiB/month, requests: 50 rps}
environments:
  plain: {}
  stage:
    scale: 10%
    data: 1%
    reliability: {availability: 99%}
    performance: {p95: 500 ms}
    cost: {budget: 800 USD/month}
    rules: {regions: [eu-west-1], commitment: 1y}
  dev:
    scalability: {peak: 4 rps, growth: 0%/year}
    reliability: {recovery: {corruption: {rto: 1 day, rpo: 1 day}}}
    security: {data: []}
"""


def environment(name: str):
    return in_environment(parse_spec(SPEC, "shop.yaml"), name)


def test_production_is_the_spec_itself() -> None:
    system = parse_spec(SPEC, "shop.yaml")
    assert in_environment(system, "") == in_environment(system, "production") == system
    assert system.environment == "production"


def test_what_flows_is_scaled_and_what_is_held_too() -> None:
    stage = environment("stage")
    assert (stage.name, stage.environment, stage.environments) == ("shop-stage", "stage", ())
    load = stage.promises.scalability
    assert (load.peak, load.average, load.growth) == (pytest.approx(100), pytest.approx(25), 0.2)
    db, cache, files = stage.stores
    assert (db.data, db.reads, db.writes, db.connections) == (pytest.approx(1), 50, 10, math.ceil(7.5))
    assert cache.memory == pytest.approx(0.01)
    assert (files.data, files.egress, files.requests) == (pytest.approx(10.24), pytest.approx(10), 5)
    assert stage.services == parse_spec(SPEC, "shop.yaml").services


def test_what_is_written_replaces_and_the_rest_is_inherited_with_its_place() -> None:
    stage, wanted = environment("stage"), environment("stage").promises
    assert (wanted.reliability.availability, wanted.cost.budget) == (0.99, 800)
    assert set(wanted.reliability.recovery) == {"zone", "instance"}
    assert wanted.performance.percentiles == {"p95": 0.5, "p99": 0.9} and wanted.performance.users == {"DE": 1.0}
    assert (stage.rules.regions, stage.rules.commitment, stage.rules.residency) == (("eu-west-1",), "1y", "EU")
    lines = {path: stage.where(path).line for path in ("scalability.peak", "reliability.availability", "cost.budget")}
    text = SPEC.split("\n")
    assert text[lines["scalability.peak"] - 1] == "    scale: 10%"
    assert "availability: 99%}" in text[lines["reliability.availability"] - 1]
    assert "800 USD" in text[lines["cost.budget"] - 1]
    assert "3 min" in text[stage.where("reliability.recovery.zone.rto").line - 1]
    assert "residency: EU" in text[stage.where("rules.residency").line - 1]


def test_a_load_of_its_own_and_a_recovery_of_its_own() -> None:
    dev = environment("dev")
    assert (dev.promises.scalability.peak, dev.promises.scalability.average) == (4, 1)
    assert dev.promises.scalability.growth == 0 and dev.stores[0].data == pytest.approx(10)
    assert dev.promises.reliability.recovery == {"corruption": Recovery(86_400, 86_400)}
    assert dev.promises.security.data == () and environment("stage").promises.security.data == ("personal",)
    assert "scalability: {peak: 4 rps" in SPEC.split("\n")[dev.where("scalability.peak").line - 1]


def test_what_was_taken_without_being_said_is_told() -> None:
    told = {one.what: one.value for one in environment("plain").assumptions}
    assert told["environment plain: scale"] == told["environment plain: data"] == "10%"
    assert told["store cache: memory"] == "0.1 × 1 GiB"
    assert "environment stage: scale" not in {one.what for one in environment("stage").assumptions}


BAD = [
    ("dev: {scale: 250%}", "'250%' is more than can be meant", ""),
    ("dev: {scale: 0%}", "'0%' is too small", ""),
    ("dev: {scale: 0.00001%}", "is too small", ""),
    ("dev: {scale: many}", "scale", ""),
    ("dev: {scales: 10%}", "unknown key 'scales' in environment dev", "did you mean 'scale'?"),
    ("dev: {promises: {}}", "unknown key 'promises' in environment dev", "known here: cost, data"),
    ("dev: {reliability: {availabilty: 99%}}", "unknown key 'availabilty'", "did you mean 'availability'?"),
    ("dev: {reliability: {availability: 100%}}", "availability of 100% cannot be promised", "99.99%"),
    ("dev: {reliability: {recovery: {moon: {rto: 1 h}}}}", "unknown key 'moon' in recovery", "zone"),
    ("dev: {performance: {p95: 2 s}}", "p95 (2 s) is above p99 (0.9 s)", "swap"),
    ("dev: {scalability: {peak: 5 rps, average: 6 rps}}", "is above the peak", "swap"),
    ("dev: {rules: {clouds: [awz]}}", "'awz' is not known", "did you mean 'aws'?"),
    ("dev: {rules: {clouds: []}}", "clouds names no cloud", ""),
    ("dev: {cost: {budget: 0 USD/month}}", "a budget of 0", ""),
    ("dev: 10%", "environment dev must be a mapping", ""),
    ("production: {}", "'production' is a reserved name", "rename"),
    ("Dev!: {}", "'Dev!' cannot be a name", ""),
]


@pytest.mark.parametrize(("line", "what", "fix"), BAD)
def test_what_cannot_be_meant_is_a_problem_at_its_line(line: str, what: str, fix: str) -> None:
    text = SPEC[: SPEC.index("environments:")] + f"environments:\n  {line}\n"
    with pytest.raises(Problems) as found:
        parse_spec(text, "shop.yaml")
    problems = found.value.problems
    assert any(what in one.what and fix in one.fix for one in problems), problems
    assert {one.place.line for one in problems} == {text.count("\n")}


def test_an_unknown_environment_gets_the_nearest() -> None:
    with pytest.raises(Problems, match="no environment 'stagging' in the spec\n  fix  did you mean 'stage'"):
        environment("stagging")


def test_every_environment_of_the_example_is_planned_and_comes_back_from_disk() -> None:
    usd = []
    for name in ("production", "staging", "dev"):
        plan = make_plan(read_spec(EXAMPLES / "shop.yaml", name))
        assert plan_from_json(plan_to_json(plan)) == plan and plan.system.environment == name
        assert not [one for one in plan.promises if one.verdict == "broken"]
        usd.append(plan.monthly.typical)
    assert usd == sorted(usd, reverse=True)


def test_the_environments_of_a_spec_do_not_change_its_plan() -> None:
    system = read_spec(EXAMPLES / "shop.yaml")
    alone = make_plan(replace(system, environments=()))
    assert make_plan(system).choices == alone.choices
