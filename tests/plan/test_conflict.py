"""An impossible spec: the smallest conflict there is, and ways out that really lead out."""

from __future__ import annotations

import itertools
import re

import pytest

from standfast.clouds import load_catalog
from standfast.plan import make_plan
from standfast.plan.conflict import explain, possible_with
from standfast.plan.conflict.lines import lines_of
from standfast.plan.question import Question, decide
from standfast.problem import CannotTell, Problem, Problems
from standfast.spec import parse_spec
from tests.shop import EXAMPLES

EXAMPLE = (EXAMPLES / "shop.yaml").read_text()


def impossible(old: str, new: str) -> Problems:
    assert old in EXAMPLE
    with pytest.raises(Problems) as found:
        make_plan(parse_spec(EXAMPLE.replace(old, new), "shop.yaml"))
    return found.value


def test_a_line_nothing_can_keep_is_named_alone() -> None:
    found = impossible("rto: 2 min", "rto: 5 s")
    assert [problem.place.line for problem in found.problems] == [10]
    assert "cannot be kept by anything on sale" in found.problems[0].what
    assert "The best on sale is 2 min (orders)" in found.problems[0].why


@pytest.mark.parametrize(("old", "new", "loose"), [
    ("p95: 300 ms", "p95: 20 ms", "p95: {} ms"), ("availability: 99.9%", "availability: 99.999%", "availability: {}%"),
])  # fmt: skip
def test_the_best_on_sale_is_what_can_really_be_had(old: str, new: str, loose: str) -> None:
    """What the message names as the best can be planned, once the budget is out of the way; anything tighter cannot."""
    said = re.search(r"would give is ([\d.]+)", impossible(old, new).problems[0].why)
    assert said
    best = float(said[1])
    for value, there in (
        (best * (1.01 if "ms" in loose else 0.9999), True),
        (best * (0.98 if "ms" in loose else 1.0004), False),
    ):
        text = EXAMPLE.replace(old, loose.format(f"{value:.6f}")).replace("budget: 7000", "budget: 700000")
        solution = decide(Question(parse_spec(text, "shop.yaml"), load_catalog("aws")))
        assert (solution is not None) == there


def test_lines_that_fight_are_named_together_each_with_its_way_out() -> None:
    found = impossible("budget: 7000", "budget: 5800").problems
    assert [problem.place.line for problem in found] == [6, 8, 15, 19]
    assert "no plan keeps peak 1,500 rps (shop.yaml:6) and" in found[0].why
    fixes = [problem.fix for problem in found]
    assert fixes[1] == "loosening this line alone does not help"
    assert sum("the cheapest way out" in fix for fix in fixes) == 1


def test_each_way_out_is_one_and_hardly_less_would_do() -> None:
    """The spec is changed as the message says, and planned; and a twentieth less than it says, which must not do."""
    text = EXAMPLE.replace("budget: 7000", "budget: 5800")
    fixes = [problem.fix for problem in impossible("budget: 7000", "budget: 5800").problems]
    peak, cost = re.search(r"loosen it to peak ([\d,]+) rps: ([\d,]+) USD", fixes[0]).groups()
    budget = re.search(r"raise the budget to ([\d,]+)", fixes[2])[1]
    there = plan_of(
        text.replace("peak: 1500 rps", f"peak: {peak.replace(',', '')} rps").replace("average: 300 rps", average(peak))
    )
    assert there is not None and there.cost == pytest.approx(float(cost.replace(",", "")), abs=1)
    more = f"{float(peak.replace(',', '')) * 1.06:g}"
    assert (
        plan_of(text.replace("peak: 1500 rps", f"peak: {more} rps").replace("average: 300 rps", average(more))) is None
    )
    raised = float(budget.replace(",", ""))
    assert plan_of(EXAMPLE.replace("budget: 7000", f"budget: {raised:g}")) is not None
    assert plan_of(EXAMPLE.replace("budget: 7000", f"budget: {raised * 0.99:g}")) is None
    assert plan_of(text.replace("residency: EU", "residency: any")) is not None


def average(peak: str) -> str:
    return f"average: {float(peak.replace(',', '')) / 5:g} rps"


def plan_of(text: str):
    return decide(Question(parse_spec(text, "shop.yaml"), load_catalog("aws")))


def test_a_load_that_nothing_carries_is_named_with_what_can_be_carried() -> None:
    found = impossible("peak: 1500 rps, average: 300 rps", "peak: 90000000 rps, average: 300 rps").problems
    assert any("peak 90,000,000 rps" in problem.what for problem in found)
    text = EXAMPLE.replace("peak: 1500 rps", "peak: 90000000 rps").replace("  cost:", "  # cost:")
    with pytest.raises(Problems) as alone:
        make_plan(parse_spec(text, "shop.yaml"))
    said = str(alone.value)
    assert "peak 90,000,000 rps cannot be kept by anything on sale" in said and "loosen it to peak" in said


def test_a_region_that_cannot_do_it_is_a_line_of_the_conflict() -> None:
    text = EXAMPLE.replace("residency: EU", "regions: [eu-central-1]").replace("budget: 7000", "budget: 6500")
    with pytest.raises(Problems) as found:
        make_plan(parse_spec(text, "shop.yaml"))
    assert "regions eu-central-1" in str(found.value)


def test_no_time_for_the_ways_out_keeps_the_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    from standfast.plan import conflict

    real, asked = conflict.decide, []

    def late(question: Question, **how: bool):
        asked.append(how)
        if not how.get("enough"):
            raise CannotTell(Problem("too late"))
        return real(question, **how)

    monkeypatch.setattr(conflict, "decide", late)
    found = impossible("p95: 300 ms", "p95: 20 ms").problems
    assert found[0].place.line == 13
    assert found[0].fix == "whether loosening this line alone helps could not be told in time"


def test_the_conflict_is_the_smallest_there_is() -> None:
    """Against every smaller set of lines, tried one by one."""
    text = EXAMPLE.replace("budget: 7000", "budget: 5800")
    question = Question(parse_spec(text, "shop.yaml"), load_catalog("aws"))
    lines = list(lines_of(question.system))
    named = {(problem.place.line, problem.place.column) for problem in explain(question)}
    chosen = [line for line in lines if (line.place.line, line.place.column) in named]
    assert not possible_with(question, lines, chosen)
    for size in range(len(chosen)):
        for fewer in itertools.combinations(lines, size):
            assert possible_with(question, lines, fewer)
