"""The plan of a spec: the optimum equals brute force, reasons hold, an impossible spec names its smallest conflict."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from standfast.clouds import Shelf, load_catalog
from standfast.plan import make_plan
from standfast.plan.question import Question, decide
from standfast.plan.store import plan_from_json, plan_to_json
from standfast.problem import CannotTell, Problems
from standfast.spec import parse_spec
from tests.shop import EXAMPLES, shop

EXAMPLE = (EXAMPLES / "shop.yaml").read_text()
SMALL = """
system: small
promises:
  scalability: {{peak: {peak} rps, average: 20 rps}}
  reliability: {{availability: {up}%, recovery: {{zone: {{rto: 10 min}}}}}}
  performance: {{p95: {p95} ms, users: {{DE: 50%, IE: 50%}}}}
rules: {{regions: [eu-west-1, eu-central-1]}}
services:
  web: {{image: a/web:1, port: 80, public: true, cpu: 9 ms, memory: 500 MiB, calls: [db, cache]}}
stores:
  db: {{kind: postgres, data: 20 GiB}}
  cache: {{kind: redis, memory: 500 MiB, essential: false}}
"""


class Few:
    """The real catalog with only some offers of each shelf."""

    def __init__(self, every: int, most: int):
        self.all, self.every, self.most = load_catalog("aws"), every, most

    def __getattr__(self, name: str):
        return getattr(self.all, name)

    def shelf(self, region: str, kind: str) -> Shelf:
        whole = self.all.shelf(region, kind)
        fits = np.flatnonzero((whole.vcpu >= 2) & (whole.memory >= 4))[:: self.every][: self.most]
        columns = {
            name: getattr(whole, name)[fits] if isinstance(getattr(whole, name), np.ndarray) else getattr(whole, name)
            for name in whole.__dataclass_fields__
        }
        return Shelf(**columns)


def brute_force(question: Question) -> float | None:
    """The least cost over every combination in every place, asking the true models of each."""
    best = None
    requirements = question.requirements()
    for place in question.places:
        tables = [one.table for one in question.options(place)]
        fixed = question.fixed(place)
        for rows in itertools.product(*(range(len(table.cost)) for table in tables)):
            cost = fixed + sum(float(table.cost[row]) for table, row in zip(tables, rows, strict=True))
            if best is not None and cost >= best:
                continue
            points = {
                one.name: tuple(table.facts[one.name][row] for table, row in zip(tables, rows, strict=True))
                for one in requirements
            }
            if all(one.holds(place.name, points[one.name]) for one in requirements):
                best = cost
    return best


@pytest.mark.parametrize(("peak", "up", "p95"), [
    (60, 99.0, 200), (60, 99.9, 200), (60, 99.9, 75), (400, 99.5, 120), (400, 99.9, 90), (60, 99.99, 200), (60, 99, 10),
])  # fmt: skip
@pytest.mark.parametrize("every", [7, 23])
def test_the_optimum_equals_brute_force(peak: int, up: float, p95: int, every: int) -> None:
    system = parse_spec(SMALL.format(peak=peak, up=up, p95=p95), "small.yaml")
    question = Question(system, Few(every, 4))
    solution, expected = decide(question), brute_force(Question(system, Few(every, 4)))
    assert (solution is None) == (expected is None)
    if solution is not None:
        assert solution.cost == pytest.approx(expected, abs=0.01) and solution.gap == 0


def test_the_same_spec_gives_the_same_bytes() -> None:
    assert plan_to_json(make_plan(shop())) == plan_to_json(make_plan(shop()))


def test_a_plan_survives_the_disk() -> None:
    plan = make_plan(shop(), margins=True)
    text = plan_to_json(plan)
    assert plan_to_json(plan_from_json(text)) == text


def test_the_bill_adds_up_and_every_line_has_a_source() -> None:
    plan = make_plan(shop())
    assert plan.monthly.typical == pytest.approx(sum(line.monthly.typical for c in plan.choices for line in c.lines))
    for choice in plan.choices:
        assert choice.because and choice.place.line
        for line in choice.lines:
            assert line.source and line.date
            assert line.monthly.low <= line.monthly.typical + 1e-9 <= line.monthly.high + 2e-9
    predicted = {row.measure: row.predicted for row in plan.promises}
    assert predicted["cost.budget"] == pytest.approx(plan.monthly.typical)


@pytest.mark.parametrize(("up", "zones"), [("99.9%", 3), ("95%", 1)])
def test_the_solver_and_the_promise_table_tell_the_same(up: str, zones: int) -> None:
    """Two roads to one figure: what the solver required and what the table predicts; in three zones, and in one."""
    lost = "\n      zone:       {rto: 3 min, rpo: 0 s}"
    text = EXAMPLE.replace("99.9%", up).replace("{rto: 2 min, rpo: 0 s}", "{rto: 2 h}")
    text = text if zones > 1 else text.replace(lost, "")
    system = parse_spec(text, "shop.yaml")
    question = Question(system, load_catalog("aws"))
    solution, plan = decide(question), make_plan(system)
    assert len(plan.zones) == zones
    assert solution is not None
    place = question.places[solution.group]
    tables = [one.table for one in question.options(place)]
    values = {
        one.name: one.value(place.name, tuple(t.facts[one.name][r] for t, r in zip(tables, solution.rows, strict=True)))
        for one in question.requirements()
    }
    predicted = {row.measure: row.predicted for row in plan.promises}
    assert predicted["performance.p95"] == pytest.approx(1000 * values["p95"])
    assert predicted["reliability.availability"] == pytest.approx(100 * (1 - values["availability"]))
    assert solution.cost == pytest.approx(plan.monthly.typical)


def test_the_next_best_is_dearer_and_also_keeps_the_promises() -> None:
    plan = make_plan(shop())
    for choice in plan.choices:
        if choice.next_best:
            assert choice.next_best.monthly_usd >= choice.monthly.typical - 0.01


def test_residency_holds_for_the_whole_plan() -> None:
    eu = {region.name for region in load_catalog("aws").regions() if region.eu}
    assert make_plan(shop()).region in eu
    anywhere = replace(shop(), rules=replace(shop().rules, residency="any"))
    assert make_plan(anywhere).monthly.typical <= make_plan(shop()).monthly.typical


@pytest.mark.parametrize("word", ["Atlantis", "'; DROP", "DEE"])
def test_a_residency_nobody_knows_is_a_problem(word: str) -> None:
    with pytest.raises(Problems) as found:
        make_plan(replace(shop(), rules=replace(shop().rules, residency=word)))
    assert found.value.problems[0].place.line == 19


def test_a_solver_out_of_time_is_undecided_never_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    from standfast.plan import question

    monkeypatch.setattr(question, "SECONDS", 0.0)
    monkeypatch.setattr(question, "EACH", 0.0)
    with pytest.raises(CannotTell, match="could not finish"):
        decide(Question(shop(), load_catalog("aws")))
