"""Cases for `promtool test rules`: what the rules must do, computed from the objective and not from the rules.

In a steady outage of share `bad` that begins at minute `start`, the error ratio over a window of w minutes is
`bad * elapsed / w` until it is full. An alert is due once that passes its limit in both windows.
"""

from __future__ import annotations

import math
from typing import Any

from standfast.plan import Plan
from standfast.watch.prometheus.rules import HISTOGRAM, window_name
from standfast.watch.signals import BURN_WINDOWS, BurnWindow, Objective, Signals

CALM = 7 * 60  # minutes of good traffic before the outage: longer than the longest paging window
OUTAGE = 120
RATE = 60 * 10  # requests a minute per series
MARGIN = 7  # minutes: the rate itself looks back over 5, and rules are evaluated twice a minute


def rule_tests(plan: Plan, signals: Signals) -> dict[str, Any]:
    """The test file: a calm stretch in which nothing fires, then an outage in which exactly the due pages do."""
    tests = [_case(plan, objective) for objective in signals.objectives if objective.services]
    return {"rule_files": ["rules.yml"], "evaluation_interval": "30s", "tests": tests}


def due_after(objective: Objective, burn: BurnWindow, bad: float) -> float:
    """Minutes from the start of an outage until this alert is due; inf where the outage is too mild for it."""
    limit = burn.rate * (1 - objective.target)
    if bad <= limit:
        return math.inf
    return max(limit / bad * window / 60 for window in (burn.long, burn.short))


def _case(plan: Plan, objective: Objective) -> dict[str, Any]:
    pages = [burn for burn in BURN_WINDOWS if burn.severity == "page"]
    checks = [_expected(plan, objective, CALM, [])]
    moments = sorted({due for burn in pages if (due := due_after(objective, burn, 1.0)) < OUTAGE - MARGIN})
    for moment in moments:
        at = CALM + math.ceil(moment) + MARGIN
        # a moment when another alert may or may not have begun says nothing: leave it out
        if any(abs(CALM + due_after(objective, burn, 1.0) - at) < MARGIN for burn in pages):
            continue
        due = [burn for burn in pages if CALM + due_after(objective, burn, 1.0) < at]
        checks.append(_expected(plan, objective, at, due))
    return {
        "name": f"{objective.name}: calm, then an outage of all requests",
        "interval": "1m",
        "input_series": _series(plan.system.name, objective),
        "promql_expr_test": checks,
    }


def _series(system: str, objective: Objective) -> list[dict[str, str]]:
    """Counters of the first public service: good for CALM minutes, bad for OUTAGE minutes."""
    service = f'system="{system}",service="{objective.services[0]}"'
    flat, rising = f"0x{CALM} ", f"0+{RATE}x{CALM} "
    last = RATE * CALM
    good = f"{rising}{last}x{OUTAGE}"
    bad = f"{flat}{RATE}+{RATE}x{OUTAGE}"
    everything = f"0+{RATE}x{CALM + OUTAGE}"
    if objective.slower_than is None:
        count = f"{HISTOGRAM}_count{{{service},http_response_status_code="
        return [{"series": f'{count}"200"}}', "values": good}, {"series": f'{count}"500"}}', "values": bad}]
    bucket = f'{HISTOGRAM}_bucket{{{service},le="{objective.slower_than:g}"}}'
    return [
        {"series": f"{HISTOGRAM}_count{{{service}}}", "values": everything},
        {"series": bucket, "values": good},
    ]


def _expected(plan: Plan, objective: Objective, minute: int, due: list[BurnWindow]) -> dict[str, Any]:
    alerts = f'ALERTS{{alertname="ErrorBudgetBurn",objective="{objective.name}",severity="page",alertstate="firing"}}'
    samples = [{"labels": f'{{window="{window_name(burn.long)}"}}', "value": 1} for burn in due]
    return {"expr": f"count by (window) ({alerts})", "eval_time": f"{minute}m", "exp_samples": samples}
