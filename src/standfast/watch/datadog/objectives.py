"""Service level objectives, and how fast their budgets may burn.

Datadog's own limits (docs.datadoghq.com/service_level_objectives/burn_rate, 2026-11): the long window has 1 to 48
hours, and a burn rate is at most 1 / (1 - target), which a system that answers nothing has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from standfast.plan import Plan
from standfast.problem import Problem
from standfast.watch.datadog.words import good, metric_query, plain, tags, total
from standfast.watch.signals import BURN_WINDOWS, HOUR, PERIOD_DAYS, BurnWindow, Objective, Signals

LONGEST_WINDOW = 48 * HOUR


@dataclass(frozen=True)
class Fitted:
    """The windows that Datadog takes for an objective, and in words what it does not take."""

    windows: tuple[BurnWindow, ...]
    unsaid: tuple[str, ...]


def objective_document(plan: Plan, objective: Objective) -> dict[str, Any]:
    """The body of `POST /api/v1/slo`: good requests of all requests, over 30 days."""
    target = percent(objective.target)
    place = objective.place.short
    return {
        "name": f"{plan.system.name} {plan.system.environment}: {objective.name}",
        "description": f"{plain(objective.means)}. Promise {objective.measure}, {plain(place)}.",
        "type": "metric",
        "sli_specification": {
            "count": {
                "good_events_formula": {"formula": "good"},
                "total_events_formula": {"formula": "total"},
                "queries": [
                    metric_query("good", f"{good(plan, objective)}.as_count()"),
                    metric_query("total", f"{total(plan, objective)}.as_count()"),
                ],
            }
        },
        "thresholds": [{"timeframe": f"{PERIOD_DAYS}d", "target": target}],
        "timeframe": f"{PERIOD_DAYS}d",
        "target_threshold": target,
        "tags": tags(plan, "", objective.measure, place),
    }


def percent(share: float) -> float:
    """A share as Datadog writes targets, without the dust of binary fractions."""
    return round(share * 100, 9)


def fit(objective: Objective) -> Fitted:
    """The burn windows within Datadog's limits: a window that is too long is shortened so that the share of the
    budget spent when it fires is the same."""
    windows, unsaid = [], []
    for burn in BURN_WINDOWS:
        fitted = burn
        if burn.long > LONGEST_WINDOW:
            rate = burn.spent * PERIOD_DAYS * 24 * HOUR / LONGEST_WINDOW
            fitted = replace(burn, rate=rate, long=LONGEST_WINDOW, short=LONGEST_WINDOW // 12)
            unsaid.append(
                f"{objective.name}: {burn.rate:g} times too fast over {burn.long // HOUR} h is watched as {rate:g} "
                f"times over {LONGEST_WINDOW // HOUR} h, the longest that Datadog takes; both spend {burn.spent:.0%}."
            )
        most = 1 / (1 - objective.target)
        if fitted.rate > most:
            unsaid.append(
                f"{objective.name}: no alert at {fitted.rate:g} times too fast over {fitted.long // HOUR} h: with a "
                f"target of {percent(objective.target):g}% a budget burns at most {most:.3g} times too fast."
            )
        else:
            windows.append(fitted)
    return Fitted(tuple(windows), tuple(unsaid))


def untakable(signals: Signals) -> list[Problem]:
    """Objectives that Datadog refuses."""
    problems = []
    for one in signals.objectives:
        if percent(one.target) >= 100:
            why = "a target of 100% leaves no error budget, and Datadog takes less than 100% only"
            problems.append(Problem(f"Datadog cannot watch {one.measure}", why, "promise less than 100%", one.place))
        if not one.services:
            why = "no service is public, so that no requests of users can be counted"
            problems.append(Problem(f"Datadog cannot watch {one.measure}", why, "make a service public", one.place))
    return problems
