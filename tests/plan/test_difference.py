"""A difference says what changed and nothing else; a comparison puts the cheapest first and says why others lose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from standfast.plan import CostLine, Elsewhere, Money, Plan
from standfast.plan.comparison import compare
from standfast.plan.difference import difference, where
from standfast.problem import Problem
from tests.shop import shop_plan


def dearer(plan: Plan, component: str, usd: float) -> Plan:
    line = CostLine("more", 1, "month", usd, Money(usd, usd, usd), "tests", "2026-11-23")
    choices = [replace(c, lines=(*c.lines, line)) if c.component == component else c for c in plan.choices]
    return replace(plan, choices=tuple(choices))


def predicting(plan: Plan, measure: str, value: float | None) -> Plan:
    rows = [replace(row, predicted=value) if row.measure == measure else row for row in plan.promises]
    return replace(plan, promises=tuple(rows))


def test_a_plan_does_not_differ_from_itself() -> None:
    found = difference(shop_plan(), shop_plan())
    assert (found.bought, found.promised, found.newly_broken) == ((), (), ())
    assert found.usd[0] == found.usd[1] and found.where[0] == found.where[1]


def test_money_is_told_by_component_largest_first_and_adds_up() -> None:
    changed = dearer(dearer(shop_plan(), "api", 10.0), "orders", -25.0)
    found = difference(shop_plan(), changed)
    assert [(one.component, round(one.usd, 6)) for one in found.bought] == [("orders", -25.0), ("api", 10.0)]
    assert sum(one.usd for one in found.bought) == pytest.approx(found.usd[1] - found.usd[0])


def test_what_is_bought_no_more_and_what_is_new_is_told() -> None:
    plan = shop_plan()
    without = replace(plan, choices=tuple(choice for choice in plan.choices if choice.component != "sessions"))
    gone, new = difference(plan, without), difference(without, plan)
    assert [(one.component, one.after) for one in gone.bought] == [("sessions", None)]
    assert [(one.component, one.before) for one in new.bought] == [("sessions", None)]


def test_a_promise_that_breaks_is_newly_broken_once() -> None:
    good, bad = predicting(shop_plan(), "performance.p95", 100.0), predicting(shop_plan(), "performance.p95", 900.0)
    assert [one.measure for one in difference(good, bad).newly_broken] == ["performance.p95"]
    assert difference(bad, bad).newly_broken == ()
    assert difference(bad, good).newly_broken == ()
    unknown = predicting(good, "performance.p95", None)
    assert difference(good, unknown).promised[0].verdict == ("kept", "unknown")


def test_a_promise_that_is_made_no_more_is_told() -> None:
    plan = shop_plan()
    fewer = replace(plan, promises=plan.promises[1:])
    gone = difference(plan, fewer).promised
    assert [(one.measure, one.declared[1], one.verdict[1]) for one in gone] == [(plan.promises[0].measure, None, None)]


def test_the_standby_is_part_of_where() -> None:
    behind = replace(shop_plan(), standby=Elsewhere("gcp", "europe-west1", "pilot-light"))
    assert where(behind).endswith("; pilot-light in gcp europe-west1")


def test_the_cheapest_is_first_and_the_others_say_why_they_lose() -> None:
    cheap = shop_plan()
    columns = compare({"b": dearer(cheap, "api", 40.0), "none": [Problem("no zone", fix="allow more")], "a": cheap})
    assert [column.name for column in columns] == ["a", "b", "none"]
    assert columns[0].loses == "" and columns[1].loses == "+40 USD/month: api +40"
    assert columns[2].usd is None and columns[2].loses == "no zone: allow more"


def test_a_comparison_without_any_plan_still_says_why() -> None:
    columns = compare({"a": [Problem("too small")], "b": []})
    assert [column.loses for column in columns] == ["too small", "no plan"]
