"""The dashboards of a system: the whole, its objectives, each service, and what no metric measures yet.

Every expression reads what the rules of `watch/prometheus` record, what Prometheus itself knows of its targets, or
the histogram that services must export. Rates look back over 5 minutes, as the rules do.
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.plan import Choice, Plan
from standfast.spec.model import Service
from standfast.watch.grafana.figures import backups, cost, from_outside, kept_panels, of_component, stores
from standfast.watch.grafana.panels import (
    GREEN,
    ORANGE,
    RED,
    Json,
    Panel,
    Query,
    dashboard,
    lines,
    link,
    number,
    plain,
    quoted,
    rows,
    runbook_link,
    told,
    words,
)
from standfast.watch.grafana.promised import promises, recovery
from standfast.watch.links import COST, OBJECTIVES, OVERVIEW, RECOVERY, of_objective, runbook, service_board, uid
from standfast.watch.prometheus.objectives import RAW
from standfast.watch.prometheus.rules import HISTOGRAM, LEAST_RATE, RUNS, WINDOWS, window_name
from standfast.watch.prometheus.rules import told as fed
from standfast.watch.signals import BURN_WINDOWS, PERIOD_DAYS, Objective, Signals


def boards(plan: Plan, signals: Signals) -> Iterator[tuple[str, Json]]:
    """(name of the file, dashboard) of all."""
    signals = fed(plan, signals)
    yield OVERVIEW, _overview(plan, signals)
    yield OBJECTIVES, _objectives(plan, signals)
    for service in sorted(plan.system.services, key=lambda one: one.name):
        yield service_board(service.name), _service(plan, signals, service)
    yield from stores(plan, signals)
    yield COST, cost(plan, signals)
    yield RECOVERY, recovery(plan, list(backups(plan, signals)))


def _overview(plan: Plan, signals: Signals) -> Json:
    system = plan.system.name
    every = f"system={quoted(system)}"
    firing = f'count by (alertname, severity, objective, component) (ALERTS{{{every},alertstate="firing"}})'
    by_service = f"sum by (service) (rate({HISTOGRAM}_count{{{every}}}[5m]))"
    failed = f'sum by (service) (rate({HISTOGRAM}_count{{{every},http_response_status_code=~"5.."}}[5m]))'
    slow = f"histogram_quantile(0.95, sum by (service, le) (rate({HISTOGRAM}_bucket{{{every}}}[5m])))"
    panels = [
        *(_budget(system, one, (6, 5)) for one in signals.objectives),
        number(
            system, "instances", "Instances that answer",
            [Query(f"sum by (service) (up{{{every}}})", "{{service}}", now=True)], size=(12, 5),
            about="Of each service, as Prometheus reaches them. The plan's counts are on each service's dashboard.",
        ),
        words("promises", "Promises", promises(plan), (24, 11)),
        _load(plan),
        rows(
            system, "alerts", "What fires", Query(firing, "", now=True), ("Value",),
            about="`Watchdog` must always be there: it shows that rules are evaluated.",
            links=[runbook_link("README.md")],
        ),
        lines(system, "rate by service", "Requests by service", [Query(by_service, "{{service}}")], unit="reqps"),
        lines(
            system, "errors by service", "Share of requests that fail, by service",
            [Query(f"({failed} or 0 * {by_service}) / {by_service}", "{{service}}")], unit="percentunit",
        ),
        lines(system, "p95 by service", "Latency by service, p95", [Query(slow, "{{service}}")], unit="s"),
        *kept_panels(plan, signals),
    ]  # fmt: skip
    about = f"Written by Standfast from {told(plan.system.place.short)}. {_owner(plan)}"
    return dashboard(system, OVERVIEW, f"{system}: overview", about, panels)


def _objectives(plan: Plan, signals: Signals) -> Json:
    system = plan.system.name
    panels: list[Panel] = []
    every = [(one, WINDOWS) for one in signals.objectives]
    tickets = sorted({RAW, *(at for one in BURN_WINDOWS if one.severity == "ticket" for at in (one.long, one.short))})
    every += [(one.objective, tickets) for one in signals.parts]
    for one, windows in every:
        named = _named(system, one)
        where = f"{_sentence(one.means)} {told(one.place.short)}"
        ratios = [Query(f"standfast:error_ratio:{name}{named}", name) for name in map(window_name, windows)]
        allowed = 1 - one.target
        links = [runbook_link(runbook(one.measure))]
        panels += [
            _budget(system, one, (6, 8)),
            lines(
                system, of_objective(one.name, "burn", one.measure).panel, f"{one.name}: how fast the budget burns",
                [Query(f"{query.expr} / {allowed:.10g}", query.legend) for query in ratios] if allowed > 0 else ratios,
                size=(10, 8), links=links, unit="none" if allowed > 0 else "percentunit",
                limits=[(burn.rate, RED if burn.severity == "page" else ORANGE) for burn in reversed(BURN_WINDOWS)]
                if allowed > 0 else (),
                about=f"1 spends exactly the budget of {PERIOD_DAYS} days. An alert fires where both of its windows "
                f"are above its line. {where}",
            ),
            lines(
                system, of_objective(one.name, "requests", one.measure).panel, f"{one.name}: what is counted",
                [
                    Query(f"standfast:requests:rate5m{named}", "requests"),
                    Query(f"standfast:errors:rate5m{named}", "of these bad"),
                ],
                size=(8, 8), unit="reqps", links=links,
                about=f"Below {LEAST_RATE:g} requests/s a share says nothing, and no alert fires. {where}",
            ),
        ]  # fmt: skip
    if signals.parts:
        panels.append(_together(system, signals))
    about = f"Error budgets over {PERIOD_DAYS} days, and how fast they burn: of the whole, then of each service behind."
    return dashboard(system, OBJECTIVES, f"{system}: objectives", about, panels, back="24h")


def _together(system: str, signals: Signals) -> Panel:
    """Who spends the budget: what each service alone would cost the whole, and all of them together."""
    queries = [
        Query(f"standfast:error_ratio:1h{_named(system, one.objective)} * {one.visits:.6g}", one.objective.services[0])
        for one in signals.parts[:25]
    ]
    queries.append(Query(f"standfast:composite_error_ratio:1h{{system={quoted(system)}}}", "together"))
    return lines(
        system, "together", "Share of requests that each service fails", queries, unit="percentunit", size=(24, 8),
        about="Over an hour, by the visits of each request. What a caller hands on of its callee's failures is counted "
        "at both, so `together` is at most this.",
    )  # fmt: skip


def _service(plan: Plan, signals: Signals, service: Service) -> Json:
    system, choice = plan.system.name, plan.choice(service.name)
    of = f"system={quoted(system)},service={quoted(service.name)}"
    count = f"rate({HISTOGRAM}_count{{{of}}}[5m])"
    failed = f'sum(rate({HISTOGRAM}_count{{{of},http_response_status_code=~"5.."}}[5m]))'
    mine = [one for one in signals.objectives if service.name in one.services]
    shares = sorted({0.5, 0.95, 0.99} | {one.target for one in mine if one.slower_than is not None})
    slow = f"sum by (le) (rate({HISTOGRAM}_bucket{{{of}}}[5m]))"
    spec = told(service.place.short)
    start = [runbook_link("README.md")]
    panels = [
        lines(
            system, "requests", "Requests, by status",
            [Query(f"sum by (http_response_status_code) ({count})", "{{http_response_status_code}}")],
            unit="reqps", links=start, about=f"What arrives here. {spec}",
        ),
        lines(
            system, "errors", "Share of requests that fail",
            [Query(f"({failed} or 0 * sum({count})) / sum({count})", "failed")],
            unit="percentunit", links=start,
            limits=[(round(1 - one.target, 10), RED) for one in mine if one.slower_than is None],
            about="HTTP 5xx. The line, where there is one, is what the promise of availability allows.",
        ),
        lines(
            system, "latency", "Latency",
            [Query(f"histogram_quantile({share:g}, {slow})", f"p{share * 100:g}", traced=True) for share in shares],
            unit="s", links=start,
            limits=sorted((one.slower_than, RED) for one in mine if one.slower_than is not None),
            about="Of the service itself, without the way to the user. Lines: what is promised to users."
            if service.public else "Of the service itself. Nothing is promised of it alone.",
        ),
        lines(
            system, "work", "Requests in work, per instance",
            [Query(f"sum by (instance) (rate({HISTOGRAM}_sum{{{of}}}[5m]))", "{{instance}}")],
            about="Seconds of work begun per second: by Little's law the mean number of requests an instance works "
            "on. One instance above the others is out of balance; all rising at the same load is saturation.",
        ),
        lines(
            system, "instances", "Instances that answer",
            [
                Query(f"sum(up{{{of}}}) or vector(0)", "all"),
                Query(f"sum by (zone) (up{{{of}}})", "{{zone}}"),
            ],
            links=[runbook_link("instance.md")],
            least=[(choice.count, GREEN)] if choice is not None and choice.kind in RUNS else (),
            about=_planned(choice),
        ),
        lines(
            system, "balance", "Requests per instance",
            [Query(f"sum by (instance) ({count})", "{{instance}}")], unit="reqps",
        ),
        *from_outside(plan, signals, service.name),
        *of_component(plan, signals, service.name),
    ]  # fmt: skip
    return dashboard(system, service_board(service.name), f"{system}: {service.name}", spec, panels)


def _budget(system: str, one: Objective, size: tuple[int, int]) -> Panel:
    """The share of the error budget that is left; with a target of 100 % there is none, and bad requests are shown."""
    named, allowed, over = _named(system, one), 1 - one.target, f"[{PERIOD_DAYS}d]"
    bad = f"sum_over_time(standfast:errors:rate5m{named}{over}) / sum_over_time(standfast:requests:rate5m{named}{over})"
    expr = f"1 - {bad} / {allowed:.10g}" if allowed > 0 else bad
    about = (
        f"Of {PERIOD_DAYS} days, or as far back as Prometheus remembers. {_sentence(one.means)} {told(one.place.short)}"
    )
    judged = {"least": [(0.0, ORANGE), (0.25, GREEN)]} if allowed > 0 else {"limits": [(1e-12, RED)]}
    title = f"{one.name}: budget left" if allowed > 0 else f"{one.name}: bad requests"
    see = [link("objective", f"/d/{uid(system, OBJECTIVES)}"), runbook_link(runbook(one.measure))]
    query = [Query(expr, plain(one.name), now=True)]
    return number(
        system, f"budget {one.name}", title, query, size=size, unit="percentunit", about=about, links=see, **judged
    )


def _load(plan: Plan) -> Panel:
    system = plan.system.name
    peak = next((one for one in plan.promises if one.measure == "scalability.peak"), None)
    expr = f'standfast:requests:rate5m{{system={quoted(system)},objective="availability"}}'
    limits = [(0.8 * peak.declared, ORANGE), (peak.declared, RED)] if peak is not None else []
    about = "What users send. Lines: 80% and all of what was planned for." if peak is not None else "What users send."
    if peak is not None:
        about += f" {told(peak.place.short)}"
    links = [runbook_link("README.md")]
    return lines(
        system, "load", "Load", [Query(expr, "requests")], unit="reqps", limits=limits, about=about, links=links
    )


def _named(system: str, one: Objective) -> str:
    return f"{{system={quoted(system)},objective={quoted(one.name)}}}"


def _owner(plan: Plan) -> str:
    return f"Owner: {told(plan.system.owner)}." if plan.system.owner else "The spec names no owner."


def _sentence(said: str) -> str:
    return told(said[:1].upper() + said[1:]) + "."


def _planned(choice: Choice | None) -> str:
    if choice is None or choice.kind not in RUNS:
        return "By zone."
    zones = f"{choice.zones} zone{'s' if choice.zones != 1 else ''}"
    return f"Planned: {choice.count} × {told(choice.offer)} in {zones}. {told(choice.place.short)}"
