"""Synthetic checks: probes and certificates as API tests, bodies of `POST /api/v1/synthetics/tests/api`.

Datadog asks from its own places, named after the regions of clouds; those nearest to the users are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from math import ceil
from pathlib import Path
from typing import Any

from standfast.clouds.latency import distance
from standfast.clouds.tables import rows
from standfast.plan import Plan
from standfast.watch.conditions import DAY
from standfast.watch.datadog.monitors import PRIORITY, REPEAT, described
from standfast.watch.datadog.words import plain
from standfast.watch.probes import Probe, probes_of
from standfast.watch.signals import HOUR, Severity, Signal, Signals

# Managed locations on AWS as Terraform's users name them (read 2026-11-28), with the degrees of the city.
LOCATIONS = {
    "aws:ap-northeast-1": (35.7, 139.7), "aws:ap-northeast-2": (37.6, 127.0), "aws:ap-south-1": (19.1, 72.9),
    "aws:ap-southeast-1": (1.3, 103.8), "aws:ap-southeast-2": (-33.9, 151.2), "aws:ca-central-1": (45.5, -73.6),
    "aws:eu-central-1": (50.1, 8.7), "aws:eu-north-1": (59.3, 18.1), "aws:eu-west-1": (53.3, -6.3),
    "aws:eu-west-2": (51.5, -0.1), "aws:eu-west-3": (48.9, 2.4), "aws:sa-east-1": (-23.5, -46.6),
    "aws:us-east-2": (40.0, -83.0), "aws:us-west-1": (37.4, -122.0), "aws:us-west-2": (45.8, -119.7),
}  # fmt: skip
ANYWHERE = ("aws:ap-northeast-1", "aws:eu-central-1", "aws:us-east-2")  # assumed, where the spec names no users
LONGEST = 60.0  # seconds that Datadog waits for an answer at most
DOMAIN = "${domain}"  # put in by whoever sends it: nobody but the user knows it


def synthetics(plan: Plan, signals: Signals) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each test with the name of its file; none of a system that is not asked from outside."""
    probes = {one.service: one for one in probes_of(plan) if not one.inside}
    for signal in signals.conditions:
        if signal.kind in ("outside", "outside-slow") and signal.component in probes:
            yield f"{signal.component.lower()}-{signal.name}", _asked(plan, probes[signal.component], signal)
        if signal.kind == "certificate":
            for probe in probes.values():
                yield f"{probe.service.lower()}-{signal.name}", _certificate(plan, probe, signal)


def locations(probe: Probe) -> list[str]:
    """The place nearest to the users of each country, sorted."""
    countries = _countries()
    known = [countries[one] for one in probe.places if one in countries]
    return sorted({min(LOCATIONS, key=lambda name: distance(at, LOCATIONS[name])) for at in known} or ANYWHERE)


@cache
def _countries() -> dict[str, tuple[float, float]]:
    table = Path(str(files("standfast.clouds"))) / "data/countries.csv"
    return {one["country"]: (float(one["latitude"]), float(one["longitude"])) for one in rows(table)}


def _asked(plan: Plan, probe: Probe, signal: Signal) -> dict[str, Any]:
    asserted: list[dict[str, Any]] = [{"type": "statusCode", "operator": "is", "target": probe.status}]
    if signal.kind == "outside-slow":
        limit = {"type": "responseTime", "operator": "lessThan", "target": round(signal.threshold * 1000)}
        asserted = [{**limit, "timingsScope": "withoutDNS"}]
    request = {"method": probe.method, "url": probe.address(DOMAIN), "timeout": ceil(min(probe.timeout, LONGEST))}
    return _test(plan, probe, signal, "http", {"request": request, "assertions": asserted}, probe.every, signal.hold)


def _certificate(plan: Plan, probe: Probe, signal: Signal) -> dict[str, Any]:
    days = int(signal.threshold // DAY)
    asserted = [{"type": "certificate", "operator": "isInMoreThan", "target": days}]
    host = probe.address(DOMAIN).removeprefix("https://").partition("/")[0]
    config = {"request": {"host": host, "port": 443}, "assertions": asserted}
    return _test(plan, probe, signal, "ssl", config, HOUR, 0)


def _test(
    plan: Plan, probe: Probe, signal: Signal, subtype: str, config: dict[str, Any], every: int, hold: int
) -> dict[str, Any]:
    places, severity = locations(probe), signal.severity
    title, lines = f"{probe.service}: {signal.name}", [f"{plain(signal.means)}."]
    rest = described(plan, title, lines, severity, probe.service, signal.measure, signal.place)
    del rest["priority"]
    told = {"follow_redirects": False} if subtype == "http" else {}
    return {
        "type": "api",
        "subtype": subtype,
        "status": "live",
        **rest,
        "locations": places,
        "config": config,
        "options": {**told, **_options(every, hold, len(places), severity)},
    }


def _options(every: int, hold: int, places: int, severity: Severity) -> dict[str, Any]:
    """One place alone may be cut off itself: all of them must fail."""
    return {
        "tick_every": every,
        "min_failure_duration": hold,
        "min_location_failed": places,
        "retry": {"count": 1, "interval": 1000},
        "monitor_priority": PRIORITY[severity],
        "monitor_options": {"renotify_interval": REPEAT[severity]},
    }
