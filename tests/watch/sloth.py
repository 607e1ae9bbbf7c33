"""The rules that Sloth writes for one SLO, in our own words: the oracle for decisions and for cost.

Held against Sloth's source (github.com/slok/sloth, read 2026-11-28): `internal/plugin/slo/core` (`sli_rules_v1` at
1c3336e, `metadata_rules_v1` at 390934f, `alert_rules_v1` at 8411f7b), `internal/alert/windows/google-30d.yaml` and
`pkg/common/conventions`; and against what it wrote itself, `examples/_gen/getting-started.yml`. Eight ratios (30 days:
a mean of 5 minutes), seven series of metadata, and two alerts. Sloth puts them into three groups; here it is one, so
that what is evaluated first is certain. Its labels of version and mode say what we are.
"""

from __future__ import annotations

from typing import Any

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
HOURS = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}
ALERTS = {"page": ((2, "5m", "1h"), (5, "30m", "6h")), "ticket": ((10, "2h", "1d"), (10, "6h", "3d"))}  # % of a budget


def sloth_group(service: str, target: float, bad: str, total: str, interval: str = "30s") -> dict[str, Any]:
    """`bad` and `total`: expressions with `{window}` where the window stands."""
    slo, percent = "availability", target * 100
    ids = {"sloth_id": f"{service}-{slo}", "sloth_service": service, "sloth_slo": slo}
    of = "{" + ", ".join(f'{key}="{value}"' for key, value in sorted(ids.items())) + "}"
    rules: list[dict[str, Any]] = [
        {"record": f"slo:sli_error:ratio_rate{window}", "labels": {**ids, "sloth_window": window},
         "expr": f"({bad.replace('{window}', window)})\n/\n(({total.replace('{window}', window)}) > 0)"}
        for window in WINDOWS
    ]  # fmt: skip
    five = f"slo:sli_error:ratio_rate5m{of}"
    month = f"sum_over_time({five}[30d])\n/ ignoring (sloth_window)\ncount_over_time({five}[30d])"
    on = "/ on(sloth_id, sloth_slo, sloth_service) group_left\n"
    metadata = {
        "slo:objective:ratio": f"vector({target:.6g})",
        "slo:error_budget:ratio": f"vector(1-{target:.6g})",
        "slo:time_period:days": "vector(30)",
        "slo:current_burn_rate:ratio": f"{five}\n{on}slo:error_budget:ratio{of}",
        "slo:period_burn_rate:ratio": f"slo:sli_error:ratio_rate30d{of}\n{on}slo:error_budget:ratio{of}",
        "slo:period_error_budget_remaining:ratio": f"1 - slo:period_burn_rate:ratio{of}",
    }
    rules.append({"record": "slo:sli_error:ratio_rate30d", "expr": month, "labels": {**ids, "sloth_window": "30d"}})
    rules += [{"record": record, "expr": expr, "labels": ids} for record, expr in metadata.items()]
    told = {"sloth_mode": "oracle", "sloth_objective": f"{percent:.10g}", "sloth_spec": "prometheus/v1",
            "sloth_version": "oracle"}  # fmt: skip
    rules.append({"record": "sloth_slo_info", "expr": "vector(1)", "labels": {**ids, **told}})
    budget = repr((100 - percent) / 100)  # with the dust of binary fractions, as there
    for severity, windows in ALERTS.items():
        parts = [
            f"(\n    {_over(short, of, spent, long, budget)}\n    and\n    {_over(long, of, spent, long, budget)}\n)"
            for spent, short, long in windows
        ]
        name = "{{$labels.sloth_service}} {{$labels.sloth_slo}}"
        said = {
            "title": f"({severity}) {name} SLO error budget burn rate is too fast.",
            "summary": f"{name} SLO error budget burn rate is over expected.",
        }
        labels = {"sloth_severity": severity}
        rules.append({"alert": "Sloth", "expr": "\nor\n".join(parts), "labels": labels, "annotations": said})
    return {"name": f"sloth-{service}", "interval": interval, "rules": rules}


def _over(window: str, of: str, spent: float, long: str, budget: str) -> str:
    rate = spent * 30 * 24 / 100 / HOURS[long]
    return f"max(slo:sli_error:ratio_rate{window}{of} > ({rate:g} * {budget})) without (sloth_window)"
