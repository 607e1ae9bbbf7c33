"""An explanation's numbers are the models' own; the frontier is what planning each step would give."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from standfast.clouds import load_catalog
from standfast.plan import make_plan
from standfast.plan.models.load import loads
from standfast.plan.question import Question, decide
from standfast.plan.reasons.explanation import explain
from standfast.plan.reasons.frontier import Step, frontier
from standfast.problem import CannotTell, Problem, Problems
from standfast.report.curve import frontier_svg
from standfast.spec import parse_spec
from standfast.spec.model import DISRUPTIONS
from tests.shop import shop

CATALOG = load_catalog("aws")


@pytest.fixture(scope="module")
def plan():
    return make_plan(shop(), CATALOG)


def test_every_choice_is_explained_by_its_own_numbers(plan) -> None:
    found = {one.choice.component: one for one in explain(plan, CATALOG)}
    assert set(found) == {choice.component for choice in plan.choices}
    api = {figure.name: figure.value for figure in found["api"].figures}
    load = loads(plan.system)["api"]
    assert api["requests at the peak"] == load.peak
    choice = plan.choice("api")
    shelf = CATALOG.shelf(plan.region, "server")
    speed = float(shelf.speed[list(shelf.name).index(choice.offer)])
    expected = load.cores / (choice.count * choice.size["vcpu"] * speed)
    assert api["busy at the peak"] == pytest.approx(100 * expected)


def test_recovery_steps_add_up_to_what_the_table_predicts(plan) -> None:
    (orders,) = explain(plan, CATALOG, "orders")
    predicted = {row.measure: row.predicted for row in plan.promises}
    assert [back.disruption for back in orders.recovery] == list(DISRUPTIONS), "also where nothing is promised"
    for back in orders.recovery:
        if f"reliability.rto.{back.disruption}" not in predicted or back.rto is None:
            continue
        assert back.rto == pytest.approx(sum(step.seconds for step in back.steps if step.counts == "rto"))
        assert predicted[f"reliability.rto.{back.disruption}"] >= back.rto


def test_an_unknown_component_is_a_problem_with_the_nearest(plan) -> None:
    with pytest.raises(Problems, match="orders"):
        explain(plan, CATALOG, "orderz")


FREE = """
system: free
promises:
  scalability: {peak: 60 rps, average: 20 rps}
  reliability: {availability: 99%}
  performance: {p95: 400 ms}
rules: {regions: [eu-west-1]}
services:
  web: {image: a/web:1, port: 80, public: true, cpu: 9 ms, memory: 500 MiB, calls: [db]}
stores:
  db: {kind: postgres, data: 20 GiB}
"""


def test_the_frontier_rises_and_each_step_is_what_planning_it_gives() -> None:
    system = parse_spec(FREE, "free.yaml")
    steps = frontier(make_plan(system, CATALOG), {"aws": CATALOG})
    there = [step for step in steps if step.usd is not None]
    costs = [step.usd for step in there]
    assert costs == sorted(costs) and costs[0] < costs[-1]
    assert [step.availability for step in there if step.declared] == [0.99]
    assert steps[-1].usd is None, "it ends with the first that nothing keeps"
    for step in there[:: len(there) - 1]:
        wanted = replace(system.promises.reliability, availability=step.availability)
        again = replace(system, promises=replace(system.promises, reliability=wanted))
        solution = decide(Question(again, CATALOG))
        assert solution is not None and solution.cost == pytest.approx(step.usd)


def test_a_step_that_could_not_be_told_in_time_is_not_called_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    from standfast.plan.reasons import frontier as module

    def late(*_args, **_more):
        raise CannotTell(Problem("late"))

    plan = make_plan(parse_spec(FREE, "free.yaml"), CATALOG)
    monkeypatch.setattr(module, "decide", late)
    steps = frontier(plan, {"aws": CATALOG})
    assert all(step.unknown and step.usd is None for step in steps) and len(steps) > 3


@pytest.mark.parametrize("steps", [
    [Step(0.99, 100.0, "aws x, 1 zone", declared=True)],
    [Step(0.99, 100.0, "a"), Step(0.999, 100.0, "b", declared=True), Step(0.9999, None, "")],
    [Step(0.99, None, "")],
    [Step(0.9, 1e6, "<b>&"), Step(0.99, 2e6, '"'), Step(1.0, 3e6, "c")],
])  # fmt: skip
def test_the_picture_is_well_formed_whatever_the_names(steps: list[Step]) -> None:
    root = ET.fromstring(frontier_svg('<script>"&', steps))
    said = "".join(root.itertext())
    assert "<script>" in said, "the name stands there as text"
    dots = [one for one in root.iter() if one.tag.endswith("circle")]
    assert len(dots) == sum(step.usd is not None for step in steps)
    for dot in dots:
        assert 0 <= float(dot.get("cx")) <= 860 and 0 <= float(dot.get("cy")) <= 420
