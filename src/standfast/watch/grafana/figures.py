"""Panels of what is not a request: hosts, stores, backups, the edge, money, and whether the feeds tell anything.

Each shows what one condition judges, with its threshold as a line, so that an alert leads to the figure behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from standfast.plan import Choice, Plan
from standfast.watch.grafana.panels import (
    GREEN,
    ORANGE,
    RED,
    Json,
    Panel,
    Query,
    dashboard,
    lines,
    number,
    quoted,
    runbook_link,
    told,
)
from standfast.watch.links import COST, of_condition, store_board
from standfast.watch.prometheus.rules import RECORDS, age, figure, found_wrong, outside
from standfast.watch.signals import Signal, Signals

UNITS = {"errors": "short", "clock": "s", "servers": "short"}  # every other resource: a share
TITLES = {
    "cpu": "Processors busy", "memory": "Memory taken", "disk": "Fullest disk", "waiting": "Work that waits",
    "storage": "Storage taken", "connections": "Connections open", "errors": "Errors of disks and network",
    "clock": "Clock off", "servers": "Servers heard of",
}  # fmt: skip


def of_component(plan: Plan, signals: Signals, component: str) -> Iterator[Panel]:
    """What runs short of one service's hosts, or of one store: in the order of the signals."""
    for one in signals.conditions:
        if one.component != component or one.kind not in ("host", "saturation", "gone"):
            continue
        of = f'system={quoted(plan.system.name)},component={quoted(component)},resource="{one.resource}"'
        few = one.kind == "gone"
        yield lines(
            plan.system.name, _key(one), TITLES[one.resource],
            [Query(f"{figure(one.resource)}{{{of}}}", one.resource)], unit=UNITS.get(one.resource, "percentunit"),
            limits=[] if few else _limit(one) if one.threshold else [(1e-9, ORANGE)],
            least=[(one.threshold, GREEN)] if few else [], links=[runbook_link(one.runbook)],
            about=_sentence(one) if few else f"{_sentence(one)} The worst of all, where there are several.",
        )  # fmt: skip


def from_outside(plan: Plan, signals: Signals, service: str) -> Iterator[Panel]:
    """What a user meets of one service: whether probes are answered, and within which time."""
    system = plan.system.name
    for one in signals.conditions:
        if one.component != service or one.kind not in ("outside", "outside-slow"):
            continue
        slow = one.kind == "outside-slow"
        yield lines(
            system, _key(one), "Answer time from outside" if slow else "Answers from outside",
            [Query(outside(quoted(system), service, one.resource), one.resource or "answered")],
            unit="s" if slow else "short", links=[runbook_link(one.runbook)], about=_sentence(one),
            **({"limits": [(one.threshold, ORANGE)]} if slow else {"least": [(1, GREEN)]}),
        )  # fmt: skip


def stores(plan: Plan, signals: Signals) -> Iterator[tuple[str, Json]]:
    """(name of the file, dashboard) of every store of which some figure is told."""
    for choice in sorted(plan.choices, key=lambda one: one.component):
        panels = list(of_component(plan, signals, choice.component))
        if panels and choice.kind not in ("server", "container", "pod"):
            system, name = plan.system.name, store_board(choice.component)
            yield name, dashboard(system, name, f"{system}: {choice.component}", _bought(choice), panels)


def kept_panels(plan: Plan, signals: Signals) -> Iterator[Panel]:
    """For the overview: the certificate, what drifted, what the audit says, and which feed tells too little."""
    system = plan.system.name
    of = f"{{system={quoted(system)}}}"
    shown = {
        "certificate": ("Certificate ends in", f"min(probe_ssl_earliest_cert_expiry{of}) - time()", "s"),
        "drift": ("Changed by hand", f"max({RECORDS['drift'][0]}{of})", "short"),
        "audit": ("Audit checks that fail", f"max({RECORDS['audit'][0]}{of})", "short"),
    }
    for kind, (title, expr, unit) in shown.items():
        found = [one for one in signals.conditions if one.kind == kind]
        if not found:
            continue
        judged = (
            {"least": sorted((one.threshold, ORANGE if one.severity == "page" else "green") for one in found)}
            if kind == "certificate"
            else {"limits": [(found[0].threshold + 1, ORANGE)]}
        )
        yield number(
            system, of_condition(kind, "", "").panel, title, [Query(expr, title.lower(), now=True)],
            size=(6, 5), unit=unit, about=_sentence(found[0]), links=[runbook_link(found[0].runbook)], **judged,
        )  # fmt: skip
    feeds = [one for one in signals.conditions if one.kind == "feed"]
    if feeds:
        lacking = f'count by (component) (ALERTS{{alertname="SignalsNotFed",system={quoted(system)}}})'
        yield number(
            system, "feed", "Feeds that tell too little", [Query(f"count({lacking}) or vector(0)", "feeds", now=True)],
            size=(6, 5), limits=[(1, ORANGE)], links=[runbook_link(feeds[0].runbook)],
            about="What brings the figures of signals. Where one is silent, its signals are watched by nobody.",
        )  # fmt: skip


def cost(plan: Plan, signals: Signals) -> Json:
    """Money: what runs at the plan's prices, and where it goes."""
    system = plan.system.name
    budget = next((one for one in signals.conditions if one.kind == "cost"), None)
    series = f"standfast:cost:usd_month{{system={quoted(system)}}}"
    fixed = [one for one in plan.choices if one.monthly.typical]
    about = (
        f"An estimate, not a bill: instances that answer now at the prices of {told(plan.prices.newest)}, and all else "
        "as planned. The bill itself is what your cloud says."
    )
    panels = [
        lines(
            system, of_condition("cost", "", "").panel, "Cost at this size, USD a month", [Query(series, "estimated")],
            unit="currencyUSD", limits=[(budget.threshold, RED)] if budget else [], about=about, size=(16, 10),
            links=[runbook_link(budget.runbook)] if budget else [],
        ),
        *(
            [number(
                system, "budget left", "Of the budget", 
                [Query(f"{series} / {budget.threshold:.10g}", "spent", now=True)],
                unit="percentunit", limits=[(0.9, ORANGE), (1.0, RED)], size=(8, 10), about=_sentence(budget),
            )] if budget else []
        ),
        lines(
            system, "planned", "Planned, by part, USD a month",
            [Query(f"vector({one.monthly.typical:.10g})", told(one.component)) for one in fixed[:26]],
            unit="currencyUSD", size=(24, 10), about="What the plan reckons of each part, in a typical month.",
        ),
    ]  # fmt: skip
    return dashboard(system, COST, f"{system}: cost", "What it costs now, and what was allowed.", panels, back="30d")


WRONG = {"backup": "damaged (a count)", "restore-test": "failed (1) or not (0)"}


def backups(plan: Plan, signals: Signals) -> Iterator[Panel]:
    """Age of the newest point to return to, and of the newest restore, against what was promised."""
    system = plan.system.name
    for kind, title in (("backup", "Newest point to return to"), ("restore-test", "Newest restore that was tried")):
        found = [one for one in signals.conditions if one.kind == kind]
        if not found:
            continue
        of, shown = quoted(system), found[:13]
        queries = [Query(age(of, one), told(one.component)) for one in shown]
        queries += [Query(found_wrong(of, one), f"{told(one.component)}: {WRONG[kind]}") for one in shown]
        yield lines(
            system, of_condition(kind, "", "").panel, title, queries, unit="s", limits=_limit(found[0]),
            links=[runbook_link(found[0].runbook)], about=f"How long ago. {_sentence(found[0])}",
        )  # fmt: skip


def _key(one: Signal) -> str:
    return of_condition(one.kind, one.component, one.measure, one.resource).panel


def _limit(one: Signal) -> Sequence[tuple[float, str]]:
    return [(one.threshold, RED if one.severity == "page" else ORANGE)]


def _sentence(one: Signal) -> str:
    return f"An alert when {told(one.means)}. {told(one.place.short)}"


def _bought(choice: Choice) -> str:
    return f"Planned: {choice.count} × {told(choice.offer)}, {told(choice.design)}. {told(choice.place.short)}"
