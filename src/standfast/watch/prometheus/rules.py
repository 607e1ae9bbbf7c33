"""The rule file: objectives, what is recorded for conditions, and their alerts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from standfast.plan import Plan
from standfast.watch.conditions import RUNS, cost_parts
from standfast.watch.links import WATCHDOG, of_condition
from standfast.watch.prometheus.annotations import labelled
from standfast.watch.prometheus.objectives import (
    HISTOGRAM,
    INTERVAL,
    LEAST_RATE,
    SLOW_INTERVAL,
    composite,
    objective_groups,
    selector,
    window_name,
)
from standfast.watch.prometheus.sources import used
from standfast.watch.signals import BURN_WINDOWS, Kind, Signal, Signals

__all__ = [
    "HISTOGRAM",
    "INTERVAL",
    "LEAST_RATE",
    "RUNS",
    "WINDOWS",
    "recorded_cost",
    "rules",
    "selector",
    "window_name",
]
WINDOWS = sorted({window for burn in BURN_WINDOWS for window in (burn.long, burn.short)})
FIGURES = ("host", "saturation", "gone")  # kinds whose figures are recorded
SERIES = {
    "errors": "standfast:host_errors:rate5m",
    "clock": "standfast:host_clock:seconds",
    "servers": "standfast:servers:count",
}
USED = "standfast:used:ratio"  # every other resource: the share of it that is used
STALE = 2 * 86_400  # seconds after which written figures are of another day
BACKUP_LOG = "standfast_backup_log_timestamp_seconds"
RECORDS = {  # figures that Standfast's own verbs write for node_exporter's textfile collector
    "backup": ("standfast_backup_timestamp_seconds", "store"),
    "restore-test": ("standfast_restore_test_timestamp_seconds", "store"),
    "drift": ("standfast_drift_changes", ""),
    "audit": ("standfast_audit_failed_checks", ""),
}
FOUND = {"backup": "standfast_backup_wrong", "restore-test": "standfast_restore_test_failed"}  # no age to wait for
ALERTS: dict[Kind, str] = {
    "down": "InstancesMissing",
    "load": "LoadNearPlan",
    "traffic": "TrafficMissing",
    "host": "HostRunsShort",
    "saturation": "StoreRunsShort",
    "gone": "StoreMissing",
    "backup": "BackupTooOld",
    "restore-test": "RestoreNotTested",
    "certificate": "CertificateEnds",
    "outside": "OutsideFails",
    "outside-slow": "OutsideSlow",
    "cost": "CostAboveBudget",
    "drift": "Drift",
    "audit": "AuditFails",
    "feed": "SignalsNotFed",
}


def rules(plan: Plan, signals: Signals, where: str = "") -> dict[str, Any]:
    """The whole rule file as plain data. `where`: what tells of stores, by default the plan's cloud."""
    system, where = plan.system.name, where or plan.cloud
    signals = told(plan, signals, where)
    groups = [group for one in signals.objectives for group in objective_groups(plan, one)]
    for part in signals.parts:
        groups += objective_groups(plan, part.objective, ("ticket",))
    whole = composite(plan, signals.parts)
    recorded = [*([whole] if whole else []), *_recorded(plan, signals, where)]
    if recorded:
        groups.append({"name": f"{system}-recorded", "interval": f"{SLOW_INTERVAL}s", "rules": recorded})
    conditions = [_condition(plan, signal) for signal in signals.conditions]
    groups.append({"name": f"{system}-conditions", "interval": f"{INTERVAL}s", "rules": [*conditions, _watchdog(plan)]})
    return {"groups": groups}


def told(plan: Plan, signals: Signals, where: str = "") -> Signals:
    """The signals whose figures somebody tells there. What is left out is no alert that could never fire; its feed
    is not waited for."""
    where, kept, left = where or plan.cloud, [], dict.fromkeys(FIGURES, 0)
    for one in signals.conditions:
        if one.kind in FIGURES and not used(plan, one, where):
            left[one.kind] += 1
        else:
            kept.append(one)
    lost = {"hosts": left["host"], "stores": left["saturation"] + left["gone"]}
    fewer = [
        replace(one, threshold=one.threshold - lost.get(one.component, 0)) if one.kind == "feed" else one
        for one in kept
    ]
    return replace(signals, conditions=tuple(one for one in fewer if one.kind != "feed" or one.threshold > 0))


def _recorded(plan: Plan, signals: Signals, where: str) -> list[dict[str, Any]]:
    """One series of every figure that has several sources or is worked out."""
    system, found = plan.system.name, []
    for one in signals.conditions:
        if one.kind in FIGURES:
            labels = {"system": system, "component": one.component, "resource": one.resource, "feed": one.feed}
            found.append({"record": figure(one.resource), "expr": used(plan, one, where), "labels": labels})
    if any(one.kind == "cost" for one in signals.conditions):
        found.append({"record": "standfast:cost:usd_month", "expr": recorded_cost(plan), "labels": {"system": system}})
    return found


def figure(resource: str) -> str:
    """The recorded series that tells of a resource."""
    return SERIES.get(resource, USED)


def recorded_cost(plan: Plan) -> str:
    """What running instances cost at the plan's prices, and all else as it was planned: USD a month."""
    system, (fixed, each) = plan.system.name, cost_parts(plan)
    parts = [f'(sum(up{{system="{system}",service="{name}"}}) or vector(0)) * {usd:.10g}' for name, usd in each.items()]
    return " + ".join([*parts, f"vector({fixed:.10g})"])


def condition_expr(plan: Plan, signal: Signal) -> str:
    """When a condition holds, in PromQL."""
    system, limit = plan.system.name, f"{signal.threshold:.10g}"
    load = f'standfast:requests:rate5m{{system="{system}",objective="availability"}}'
    if signal.kind == "down":
        # count() of nothing is nothing, so the last instance's loss is caught by `or`
        return f'(sum(up{{system="{system}",service="{signal.component}"}}) or vector(0)) < {limit}'
    if signal.kind in ("load", "traffic"):
        return f"{load} {'>' if signal.kind == 'load' else '<'} {limit}"
    if signal.kind in FIGURES:
        of = f'system="{system}",component="{signal.component}",resource="{signal.resource}"'
        seen = f"{figure(signal.resource)}{{{of}}}"
        if signal.kind == "gone":  # one that is not heard of at all counts, unless nobody tells of any store
            heard = f"({_figures(system, signal.feed)}) > 0"
            return f"{seen} < {limit}\nor ((vector(0) unless on() {seen}) and on() {heard})"
        return f"{seen} > {limit}"
    if signal.kind == "certificate":
        return f'min(probe_ssl_earliest_cert_expiry{{system="{system}"}}) - time() < {limit}'
    if signal.kind in ("outside", "outside-slow"):
        return outside(f'"{system}"', signal.component, signal.resource) + f" {'>' if signal.resource else '<'} {limit}"
    if signal.kind == "cost":
        return f'standfast:cost:usd_month{{system="{system}"}} > {limit}'
    written = f'(time() - min(node_textfile_mtime_seconds{{system="{system}",file=~".*standfast.*"}}))'
    if signal.kind == "feed":
        missing = f"({_figures(system, signal.feed)} or vector(0)) < {limit}"
        return f"{missing}\nor {written} > {STALE}" if signal.feed == "records" else missing
    if signal.kind in ("backup", "restore-test"):
        of = f'"{system}"'
        return f"{age(of, signal)} > {limit}\nor {found_wrong(of, signal)} > 0"
    return f'max({RECORDS[signal.kind][0]}{{system="{system}"}}) > {limit}'


def outside(system: str, service: str, percentile: str = "") -> str:
    """Whether a probe from any place succeeds: 1 or 0. With a percentile ("p95"): seconds within which so many of its
    requests of the last hour were answered, from the slowest place, once connected: what a promise counts.

    `system` is its name as a string of PromQL.
    """
    of = f'system={system},service="{service}"'
    if not percentile:
        return f"max(probe_success{{{of}}})"
    took = f'sum by (instance, place) (probe_http_duration_seconds{{{of},phase=~"processing|transfer"}})'
    return f"max(quantile_over_time({int(percentile[1:]) / 100:g}, ({took})[1h:1m]))"


def found_wrong(system: str, signal: Signal) -> str:
    """How many copies of a store are damaged, or whether the last test restore failed. `system`: as for `age`."""
    return f'max({FOUND[signal.kind]}{{system={system},store="{signal.component}"}})'


def age(system: str, signal: Signal) -> str:
    """Seconds since the newest backup, or restore that was tried, of a store; of the copy that is furthest behind.

    `system` is its name as a string of PromQL. Where the database's log is kept too, one can return to its newest file.
    """
    of, metric = f'{{system={system},{RECORDS[signal.kind][1]}="{signal.component}"}}', RECORDS[signal.kind][0]
    newest = f"max by (copy) ({metric}{of})"
    if signal.kind == "backup":
        newest = f"max by (copy) ({BACKUP_LOG}{of}) or {newest}"
    return f"time() - min({newest})"


def _figures(system: str, feed: str) -> str:
    """How many different figures of a feed are there."""
    of = f'{{system="{system}"}}'
    if feed == "services":
        return f"count(count by (service) ({HISTOGRAM}_count{of}))"
    if feed in ("hosts", "stores"):
        names = "|".join((USED, *SERIES.values()))
        return f'count({{__name__=~"{names}",system="{system}",feed="{feed}"}})'
    if feed == "endpoints":
        return f"count(count by (service) (probe_ssl_earliest_cert_expiry{of}))"
    names = "|".join(metric for metric, _ in RECORDS.values())
    return f'count(count by (__name__, store) ({{__name__=~"{names}",system="{system}"}}))'


def _condition(plan: Plan, signal: Signal) -> dict[str, Any]:
    summary = f"{plan.system.name}: {signal.means}"
    labels = {"component": signal.component, **({"resource": signal.resource} if signal.resource else {})}
    hold = {"alert": ALERTS[signal.kind], "expr": condition_expr(plan, signal), "for": window_name(signal.hold)}
    value = "Value now: {{ $value | humanize }}."
    seen = of_condition(signal.kind, signal.component, signal.measure, signal.resource)
    return {**hold, **labelled(plan, signal.severity, signal.measure, signal.place, summary, value, labels, seen)}


def _watchdog(plan: Plan) -> dict[str, Any]:
    """Always firing: whoever receives alerts can tell that the whole chain works."""
    text = "Always firing. If it stops arriving, alerting itself is broken."
    alert = {"alert": "Watchdog", "expr": "vector(1)"}
    return {**alert, **labelled(plan, "none", "", plan.system.place, text, text, {}, WATCHDOG)}
