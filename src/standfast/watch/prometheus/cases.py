"""Cases for `promtool test rules`: which alerts fire in an outage, minute by minute, from the objective alone.

In an outage the error ratio over a window is the share of it that was bad. The minute at which that passes an alert's
limit is worked out here from the promise and the burn rates; nothing of the rules is read. Where the rules average
rates of 5 minutes instead of counting, what they see lags as a mean of 5 minutes does, and so do the cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from standfast.plan import Plan
from standfast.watch.prometheus.objectives import HISTOGRAM, RAW, window_name
from standfast.watch.signals import BurnWindow, Objective, Signals

RATE = 60 * 1000  # requests a minute: many, so that each share of them is a whole number
MINUTE = 60
MOST = 12  # objectives that have cases: promtool reckons every rule at every minute of each
AFTER = 70  # minutes that are watched after an outage: a window of an hour is empty then


@dataclass(frozen=True)
class Outage:
    """`share` of the requests are bad for `minutes`, after `calm` minutes in which none is."""

    share: float
    minutes: int
    calm: int

    def ratio(self, window: int, minute: int) -> float:
        """The error ratio over the `window` seconds that end at a minute; of what there is, where it began later."""
        span = window // MINUTE
        if window <= RAW:
            return self._bad(minute - span, minute) / span
        before = max(0, minute - span)  # the first minutes have less behind them
        bad, seen = self._rates
        return (bad[minute] - bad[before]) / (seen[minute] - seen[before])

    @cached_property
    def _rates(self) -> tuple[list[float], list[float]]:
        """Sums, up to each minute, of the rates of 5 minutes: of bad requests and of all."""
        every = range(1, self.calm + self.minutes + 2 * AFTER)
        bad = accumulate((self._bad(at - 5, at) for at in every), initial=0.0)
        return list(bad), list(accumulate((float(min(at, 5)) for at in every), initial=0.0))

    def _bad(self, start: int, end: int) -> float:
        return self.share * max(0, min(end, self.calm + self.minutes) - max(start, self.calm))


def outage(share: float, minutes: int, calm: int) -> Outage:
    """One in which each minute has a whole number of bad requests: a counter that is rounded may seem to begin anew."""
    return Outage(max(1, round(share * RATE)) / RATE, minutes, calm)


def firing(objective: Objective, outage: Outage, minute: int, severity: str = "") -> tuple[BurnWindow, ...]:
    """The burn alerts that must fire at a minute; `severity`: of these alone."""
    return tuple(
        burn
        for burn in objective.windows
        if (not severity or burn.severity == severity)
        and all(outage.ratio(window, minute) > burn.rate * (1 - objective.target) for window in (burn.long, burn.short))
    )


def rule_tests(plan: Plan, signals: Signals) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, document): pages in outages of minutes and hours, tickets in outages of days."""
    pages, tickets = [], []
    told = [one for one in signals.objectives if one.services and one.target < 1]
    for objective in told[:MOST]:
        budget = 1 - objective.target
        pages.append(_case(plan, signals, objective, outage(1.0, 20, 70), 2))
        if objective.slower_than is None:
            if 10 * budget < 1:
                pages.append(_case(plan, signals, objective, outage(10 * budget, 130, 70), 2))
            tickets.append(_case(plan, signals, objective, outage(min(1.0, 4 * budget), 10 * 60, 3 * 60), 12))
    for path, every, tests in (("rules_test.yml", "1m", pages), ("tickets_test.yml", "5m", tickets)):
        yield path, {"rule_files": ["rules.yml"], "evaluation_interval": every, "tests": tests}


def _case(plan: Plan, signals: Signals, objective: Objective, outage: Outage, slack: int) -> dict[str, Any]:
    """Looks a little before and a little after each minute at which some alert begins or ends: `slack` minutes, for
    rates are taken from samples a minute apart. A minute near another change says nothing, and is left out."""
    first = objective.services[0]
    parts = [one.objective for one in signals.parts if one.objective.services == (first,)]
    watched = [(objective, ""), *((one, "ticket") for one in parts if objective.slower_than is None)]
    last = outage.calm + outage.minutes + AFTER

    def due(minute: int) -> frozenset[tuple[str, str]]:
        return frozenset(
            (one.name, window_name(burn.long)) for one, only in watched for burn in firing(one, outage, minute, only)
        )

    states = {minute: due(minute) for minute in range(outage.calm - 2 * slack, last + 2 * slack)}
    changes = [minute for minute in states if minute - 1 in states and states[minute] != states[minute - 1]]
    looked = sorted({outage.calm, last, *(at for one in changes for at in (one - slack, one + slack))})
    steady = [at for at in looked if len({states.get(at + by) for by in range(1 - slack, slack)}) == 1]
    return {
        "name": f"{objective.name}: {outage.share:.6g} of all requests bad for {outage.minutes} minutes",
        "interval": "1m",
        "input_series": _series(plan.system.name, objective, outage),
        "promql_expr_test": [_expected(at, states[at]) for at in steady],
    }


def _series(system: str, objective: Objective, outage: Outage) -> list[dict[str, str]]:
    """Counters of the first service that counts."""
    service = f'system="{system}",service="{objective.services[0]}"'
    after = AFTER + 30
    bad = round(RATE * outage.share)
    rising = f"0+{RATE}x{outage.calm}"
    at, fine = RATE * outage.calm, RATE - bad
    end = at + fine * outage.minutes
    good = f"{rising} {_run(at + fine, fine, outage.minutes - 1)} {_run(end + RATE, RATE, after - 1)}"
    lost = f"0x{outage.calm} {_run(bad, bad, outage.minutes - 1)} {_run(bad * outage.minutes, 0, after - 1)}"
    if objective.slower_than is None:
        count = f"{HISTOGRAM}_count{{{service},http_response_status_code="
        return [{"series": f'{count}"200"}}', "values": good}, {"series": f'{count}"500"}}', "values": lost}]
    bucket = f'{HISTOGRAM}_bucket{{{service},le="{objective.slower_than:g}"}}'
    whole = f"0+{RATE}x{outage.calm + outage.minutes + after}"
    return [{"series": f"{HISTOGRAM}_count{{{service}}}", "values": whole}, {"series": bucket, "values": good}]


def _run(first: float, step: float, times: int) -> str:
    return f"{first:.10g}+{step:.10g}x{times}"


def _expected(minute: int, due: frozenset[tuple[str, str]]) -> dict[str, Any]:
    expr = 'count by (objective, window) (ALERTS{alertname="ErrorBudgetBurn",alertstate="firing"})'
    samples = [{"labels": f'{{objective="{name}",window="{window}"}}', "value": 1} for name, window in sorted(due)]
    return {"expr": expr, "eval_time": f"{minute}m", "exp_samples": samples}
