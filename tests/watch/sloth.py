"""The rules that Sloth writes for one SLO, as we know them: the oracle for decisions and for cost.

Held against excerpts of its documents, not against its source.

Source: sloth.dev, "SLO rules", and the names in slok/sloth pkg/common/conventions: eight ratios
(30 days: a mean of 5 minutes), seven series of metadata, and two alerts by the windows of `google-30d`. No annotations.
"""

from __future__ import annotations

from typing import Any

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
ALERTS = {"page": ((14.4, "5m", "1h"), (6, "30m", "6h")), "ticket": ((3, "2h", "1d"), (1, "6h", "3d"))}


def sloth_group(name: str, target: float, bad: str, total: str, interval: str = "30s") -> dict[str, Any]:
    """`bad` and `total`: expressions with `{window}` where the window stands."""
    ids = {"sloth_id": name, "sloth_service": name, "sloth_slo": "availability"}
    of = "{" + ", ".join(f'{key}="{value}"' for key, value in ids.items()) + "}"
    budget = f"{1 - target:.12g}"
    rules: list[dict[str, Any]] = [
        {"record": f"slo:sli_error:ratio_rate{window}", "labels": {**ids, "sloth_window": window},
         "expr": f"({bad.replace('{window}', window)}) / ({total.replace('{window}', window)})"}
        for window in WINDOWS
    ]  # fmt: skip
    five = f"slo:sli_error:ratio_rate5m{of}"
    month = f"sum_over_time({five}[30d]) / ignoring (sloth_window) count_over_time({five}[30d])"
    on = "/ on(sloth_id, sloth_slo, sloth_service) group_left"
    metadata = {
        "slo:objective:ratio": f"vector({target:.12g})",
        "slo:error_budget:ratio": f"vector({budget})",
        "slo:time_period:days": "vector(30)",
        "slo:current_burn_rate:ratio": f"{five} {on} slo:error_budget:ratio{of}",
        "slo:period_burn_rate:ratio": f"slo:sli_error:ratio_rate30d{of} {on} slo:error_budget:ratio{of}",
        "slo:period_error_budget_remaining:ratio": f"1 - slo:period_burn_rate:ratio{of}",
        "sloth_slo_info": "vector(1)",
    }
    rules.append({"record": "slo:sli_error:ratio_rate30d", "expr": month, "labels": {**ids, "sloth_window": "30d"}})
    rules += [{"record": record, "expr": expr, "labels": ids} for record, expr in metadata.items()]
    for severity, windows in ALERTS.items():
        parts = [
            f"(max({_ratio(short, of)} > ({rate} * {budget})) without (sloth_window) and "
            f"max({_ratio(long, of)} > ({rate} * {budget})) without (sloth_window))"
            for rate, short, long in windows
        ]
        rules.append({"alert": "Sloth", "expr": " or ".join(parts), "labels": {"sloth_severity": severity}})
    return {"name": f"sloth-{name}", "interval": interval, "rules": rules}


def _ratio(window: str, of: str) -> str:
    return f"slo:sli_error:ratio_rate{window}{of}"
