"""The words of the spec, as data: for each mapping its fields, how each is read, and its default.

The reader walks these tables; so does the reference page. A default given here is printed to the user as an
assumption when the spec is silent, with the ground on which it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

REQUIRED = object()
ABSENT = object()  # no default: the reader decides from other fields


@dataclass(frozen=True)
class Field:
    """How one key is read: `kind` names a quantity or a reader of `values.py`; `assume` is the default's ground."""

    kind: str
    default: Any = ABSENT
    means: str = ""
    assume: str = ""  # set: the default is an assumption worth printing
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    valid: Callable[[Any], bool] | None = None


SYSTEM = {
    "system": Field("name", REQUIRED, "name of the system; lower case, becomes part of every resource's name"),
    "owner": Field("text", "", "who answers for it; an address that alerts and tags carry"),
    "promises": Field("promises", ABSENT, "what production must promise"),
    "rules": Field("rules", ABSENT, "what the plan may choose from"),
    "services": Field("services", REQUIRED, "the programs that run"),
    "stores": Field("stores", ABSENT, "databases, caches and object stores"),
    "deploys": Field("deploys", ABSENT, "changes per week, how many fail, how long a rollback takes"),
    "environments": Field("environments", ABSENT, "smaller copies of the system: staging, dev"),
}
PROMISES = {
    "scalability": Field("mapping", ABSENT, "load to carry"),
    "reliability": Field("mapping", ABSENT, "availability and recovery"),
    "performance": Field("mapping", ABSENT, "latency as users see it"),
    "security": Field("mapping", ABSENT, "data, exposure, frameworks"),
    "cost": Field("mapping", ABSENT, "budget"),
}
SCALABILITY = {
    "peak": Field(
        "rate",
        10.0,
        "requests per second at the busiest minute today",
        "10 rps: nothing was declared",
        most=1e8,
    ),
    "average": Field("rate", ABSENT, "mean requests per second over a month (default: a third of the peak)", most=1e8),
    "growth": Field("growth", 0.0, "growth of the load", most=100.0),
    "horizon": Field(
        "duration",
        365.25 * 86_400.0,
        "how far ahead the plan must carry the growth",
        most=10 * 365.25 * 86_400,
    ),
}
RELIABILITY = {
    "availability": Field(
        "share",
        0.99,
        "share of the month the system answers",
        "99%: nothing was declared",
        least=0.5,
        most=1.0,
    ),
    "recovery": Field("recovery", ABSENT, "rto and rpo per disruption: instance, zone, region, corruption"),
}
RECOVERY = {
    "rto": Field("duration", None, "longest time until the system answers again"),
    "rpo": Field("duration", None, "longest stretch of acknowledged writes that may be lost"),
}
PERFORMANCE = {
    "p50": Field("duration", ABSENT, "half of the requests are answered within"),
    "p95": Field("duration", ABSENT, "95 of 100 requests are answered within"),
    "p99": Field("duration", ABSENT, "99 of 100 requests are answered within"),
    "users": Field("users", ABSENT, "country code -> share of the requests"),
}
SECURITY = {
    "data": Field("words", (), "classes of data held: personal, health, card, secret"),
    "exposure": Field("word", ABSENT, "public or private", choices=("public", "private")),
    "frameworks": Field("words", (), "compliance frameworks the system must meet"),
}
COST = {"budget": Field("money", None, "most that may be spent in a month")}
RULES = {
    "clouds": Field("words", ("aws",), "candidate clouds", choices=("aws", "azure", "gcp")),
    "regions": Field("words", (), "candidate regions (default: all that residency allows)"),
    "residency": Field("text", "any", "where data may be: a country code, a continent, EU or EEA"),
    "compute": Field("word", "any", "shape of compute", choices=("vm", "container", "kubernetes", "any")),
    "commitment": Field("word", "on-demand", "how servers are paid for", choices=("on-demand", "1y", "3y")),
}
SERVICE = {
    "image": Field("image", ABSENT, "container image"),
    "build": Field("text", ABSENT, "folder the image is built from, where there is no image yet"),
    "port": Field("port", 8080, "port it listens on"),
    "public": Field("flag", False, "reached from the internet, through the balancer"),
    "traffic": Field(
        "share", ABSENT, "share of the system's requests that enter here (default: equal shares)", most=1.0
    ),
    "cpu": Field(
        "duration",
        0.010,
        "CPU time per request on a reference core",
        "10 ms of CPU per request: measure yours",
        least=1e-6,
        most=3600.0,
    ),
    "variation": Field("number", 1.0, "coefficient of variation of the CPU time", least=0.0, most=20.0),
    "wait": Field("duration", 0.0, "time per request spent waiting on things outside the system", most=3600.0),
    "memory": Field("data", 0.5, "memory per instance", "512 MiB of memory per instance", least=1e-3, most=24_000.0),
    "calls": Field("calls", (), "the services and stores it calls"),
    "stateful": Field("flag", False, "keeps data on its own disk"),
    "response": Field("data", 30 / 2**20, "bytes sent back per request", "30 KiB per response", most=100.0),
    "health": Field("path", "/healthz", "path of the health check"),
    "environment": Field("environment", ABSENT, "environment variables; values are not secret"),
    "secrets": Field("words", (), "names of secrets it reads"),
}
CALL = {
    "to": Field("text", REQUIRED, "name of the service or store"),
    "times": Field("number", 1.0, "calls per request", least=0.0, most=10_000.0),
    "share": Field("share", 1.0, "share of the requests that make the call", most=1.0),
    "parallel": Field("flag", False, "made at the same time as the sibling calls"),
    "essential": Field("flag", ABSENT, "needed for success (default: as the store says, else yes)"),
    "cached_by": Field("text", "", "name of the redis store that answers first"),
    "hit_rate": Field("share", ABSENT, "share answered by that cache", most=1.0),
}
STORE = {
    "kind": Field("word", REQUIRED, "what it is", choices=("postgres", "mysql", "redis", "objects")),
    "version": Field("text", "", "engine version (default: the newest the cloud offers by name)"),
    "data": Field("data", ABSENT, "data held", most=65_536.0 * 16),
    "memory": Field("data", ABSENT, "memory of a cache", least=1e-3, most=10_000.0),
    "reads": Field("rate", None, "reads per second at peak (default: from the calls)"),
    "writes": Field("rate", None, "writes per second at peak (default: from the calls)"),
    "growth": Field("growth", 0.0, "growth of the data", most=100.0),
    "connections": Field("count", None, "connections held open (default: from the services)"),
    "essential": Field("flag", True, "requests fail without it"),
    "egress": Field("data rate", ABSENT, "sent to the internet from an object store"),
    "requests": Field("rate", ABSENT, "object requests per second"),
    "cdn": Field("flag", False, "served through a CDN"),
    "hit_rate": Field("share", ABSENT, "share the cache or CDN answers", most=1.0),
}
DEPLOYS = {
    "rate": Field("frequency", 2 / (7 * 86_400.0), "changes per week", "2 changes a week"),
    "failure": Field(
        "share",
        0.05,
        "share of changes that fail",
        "5% of changes fail: DORA's high performers report 0 to 15%",
        most=1.0,
    ),
    "rollback": Field(
        "duration",
        600.0,
        "time until a failed change is rolled back",
        "10 min until a failed change is rolled back",
    ),
}
ENVIRONMENT = {
    "scale": Field("share", 0.1, "share of the production load", most=1.0),
    "reliability": Field("mapping", ABSENT, "what is promised there instead"),
}
