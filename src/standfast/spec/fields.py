"""The words of the spec, as data: for each mapping its fields, how each is written, and its default.

The reader walks these tables; so does the reference page, docs/spec.md. Defaults stand here as people would write
them. One that is an assumption is printed to the user where the spec is silent, with the ground on which it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standfast.spec.model import Retention

REQUIRED = object()
ABSENT = object()  # no default: the reader decides from other fields


@dataclass(frozen=True)
class Field:
    """How one key is written: `kind` names a quantity of `quantity.py`, a reader of `values.py`, or a nested mapping.

    `default` of a quantity is written as a person would. `assume`: the ground of a default that is worth printing.
    """

    kind: str
    default: Any = ABSENT
    means: str = ""
    assume: str | None = None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


NESTED = {"mapping", "recovery", "calls", "named"}  # left to the reader

# How the values of each kind that is not a quantity are written, for the reference page.
WRITTEN = {
    "name": "lower-case letters, digits, `-`; begins with a letter; at most 32",
    "text": "one line of text",
    "word": "one word",
    "words": "a list of words",
    "flag": "`true` or `false`",
    "number": "a number",
    "count": "a whole number above 0",
    "port": "1 to 65535",
    "users": "`{DE: 60%, FR: 40%}`",
    "environment": "`{LOG_LEVEL: info}`",
    "secrets": "a list of names",
    "command": "`[gunicorn, app:web]`",
    "image": "`ghcr.io/acme/web:1.4`",
    "path": "`/healthz`",
    "retention": "`{daily: 7, weekly: 4}`",
    "place": "`EU`, `EEA`, `DE`, `Europe`, `any`",
    "mapping": "a mapping, see below",
    "recovery": "a mapping, see below",
    "calls": "a list, see below",
    "named": "name: mapping, see below",
}

SYSTEM = {
    "system": Field("name", REQUIRED, "name of the system; becomes part of every resource's name"),
    "owner": Field("text", "", "who answers for it; an address that alerts and tags carry"),
    "promises": Field("mapping", ABSENT, "what production must promise"),
    "rules": Field("mapping", ABSENT, "what the plan may choose from"),
    "services": Field("named", REQUIRED, "the programs that run"),
    "stores": Field("named", ABSENT, "databases, caches and object stores"),
    "deploys": Field("mapping", ABSENT, "changes per week, how many fail, how long a rollback takes"),
    "environments": Field("named", ABSENT, "smaller copies of the system: staging, dev"),
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
        "rate", "10 rps", "requests per second at the busiest minute today", "nothing was declared", most=1e8
    ),
    "average": Field("rate", ABSENT, "mean requests per second over a month; default: a third of the peak", most=1e8),
    "growth": Field("growth", "0%/year", "growth of the load", most=100.0),
    "horizon": Field("duration", "1 year", "how far ahead the plan must carry the growth", most=10 * 365.25 * 86_400),
}
RELIABILITY = {
    "availability": Field(
        "share", "99%", "share of the month the system answers", "nothing was declared", least=0.5, most=1.0
    ),
    "recovery": Field("recovery", ABSENT, "what is promised for each disruption"),
}
DISRUPTION = {
    "instance": Field("mapping", ABSENT, "one server or node dies"),
    "zone": Field("mapping", ABSENT, "a data centre is lost"),
    "region": Field("mapping", ABSENT, "all data centres of a region are lost"),
    "corruption": Field("mapping", ABSENT, "data or code is ruined: dropped table, bad deploy, ransomware"),
}
RECOVERY = {
    "rto": Field("duration", None, "longest time until the system answers again"),
    "rpo": Field("duration", None, "longest stretch of acknowledged writes that may be lost"),
}
PERFORMANCE = {
    "p50": Field("duration", ABSENT, "half of the requests are answered within", most=3600.0),
    "p95": Field("duration", ABSENT, "95 of 100 requests are answered within", most=3600.0),
    "p99": Field("duration", ABSENT, "99 of 100 requests are answered within", most=3600.0),
    "users": Field("users", ABSENT, "country (ISO 3166) and its share of the requests; default: beside the region"),
}
# The names of what `audit/frameworks/` has data for; a test holds that they are the same.
FRAMEWORKS = (
    "cis-aws-3",
    "gdpr",
    "hipaa",
    "iso-27001",
    "nist-800-53-high",
    "nist-800-53-low",
    "nist-800-53-moderate",
    "nist-800-53-privacy",
    "pci-dss-4",
    "soc-2",
)
SECURITY = {
    "data": Field(
        "words", (), "classes of data held", choices=("personal", "health", "card", "financial", "secret", "public")
    ),
    "exposure": Field(
        "word",
        ABSENT,
        "from where users reach it; default: `public`, where a service is",
        choices=("public", "private"),
    ),
    "frameworks": Field("words", (), "compliance frameworks the system must meet", choices=FRAMEWORKS),
}
COST = {"budget": Field("money", None, "most that may be spent in a month; default: no promise")}
RULES = {
    "clouds": Field("words", ("aws",), "candidate clouds", choices=("aws", "azure", "gcp")),
    "regions": Field("words", (), "candidate regions; default: all that residency allows"),
    "residency": Field("place", "any", "where data may be: primary, replica and backup"),
    "compute": Field("word", "vm", "shape of compute", choices=("vm", "container", "kubernetes", "any")),
    "commitment": Field("word", "on-demand", "how servers are paid for", choices=("on-demand", "1y", "3y")),
    "retention": Field(
        "retention",
        Retention(),
        "how many backups are kept, by `standfast backup` and, as far as it can, by the cloud: the newest of each of "
        "the last so many hours, days, weeks, months, years; what is written stands in place of all of the default",
    ),
    "hold": Field("flag", False, "a legal hold: no backup is removed while it is `true`"),
}
SERVICE = {
    "image": Field("image", ABSENT, "container image; required, unless there is `build`"),
    "build": Field("text", ABSENT, "folder the image is built from, where there is no image yet"),
    "command": Field(
        "command", (), "program and arguments, each as it stands: no shell; instead of the image's `CMD`, see below"
    ),
    "entrypoint": Field("command", (), "the same instead of the image's `ENTRYPOINT`: then its `CMD` does not count"),
    "port": Field("port", 8080, "port it listens on"),
    "public": Field("flag", False, "users reach it, through the balancer"),
    "traffic": Field(
        "share", ABSENT, "share of the system's requests that enter here; default: equal shares", most=1.0
    ),
    "cpu": Field(
        "duration", "10 ms", "CPU time per request on a reference core", "measure yours", least=1e-6, most=3600.0
    ),
    "variation": Field("number", 1.0, "coefficient of variation of the CPU time", least=0.0, most=20.0),
    "wait": Field("duration", "0 s", "time per request spent waiting on things outside the system", most=3600.0),
    "memory": Field("data", "512 MiB", "memory per instance", "measure yours", least=1e-3, most=24_000.0),
    "calls": Field("calls", (), "the services and stores it calls"),
    "stateful": Field("flag", False, "keeps data on its own disk: one server, no standby"),
    "response": Field("data", "30 KiB", "bytes sent back per request", "a small page or JSON", most=100.0),
    "health": Field("path", "/healthz", "path of the health check"),
    "environment": Field("environment", ABSENT, "environment variables; values are not secret"),
    "secrets": Field("secrets", (), "names of the secrets it finds in its environment"),
}
CALL = {
    "to": Field("text", REQUIRED, "name of the service or store"),
    "times": Field("number", 1.0, "calls per request", least=0.0, most=10_000.0),
    "share": Field("share", "100%", "share of the requests that make the call", most=1.0),
    "parallel": Field("flag", False, "made at the same time as the sibling calls"),
    "essential": Field("flag", ABSENT, "needed for success; default: as the store says, else `true`"),
    "cached_by": Field("text", "", "name of the redis store that answers first"),
    "hit_rate": Field("share", ABSENT, "share answered by that cache; default: as the cache says", most=1.0),
}
STORE = {
    "kind": Field("word", REQUIRED, "what it is", choices=("postgres", "mysql", "redis", "objects")),
    "version": Field("text", "", "engine version; default: the newest the cloud offers"),
    "data": Field("data", ABSENT, "data held", most=65_536.0 * 16),
    "memory": Field("data", ABSENT, "memory of a cache", least=1e-3, most=10_000.0),
    "reads": Field("rate", None, "reads per second at peak; default: from the calls", most=1e8),
    "writes": Field("rate", None, "writes per second at peak; default: from the calls", most=1e8),
    "growth": Field("growth", "0%/year", "growth of the data", most=100.0),
    "connections": Field("count", None, "connections held open; default: from the services"),
    "read_replicas": Field("flag", False, "reads may be seconds old: the program can send them to replicas"),
    "essential": Field("flag", True, "requests fail without it"),
    "egress": Field("data rate", ABSENT, "sent to the internet; default: follows from `requests`", most=1e8),
    "requests": Field("rate", ABSENT, "object requests per second; default: follows from `egress`", most=1e8),
    "cdn": Field("flag", False, "served through a CDN"),
    "hit_rate": Field("share", ABSENT, "share of reads that the cache or CDN answers", most=1.0),
}
# Fields that mean something for some kinds of store only.
STORE_ONLY = {
    "version": ("postgres", "mysql", "redis"),
    "data": ("postgres", "mysql", "objects"),
    "memory": ("redis",),
    "reads": ("postgres", "mysql"),
    "writes": ("postgres", "mysql"),
    "connections": ("postgres", "mysql"),
    "read_replicas": ("postgres", "mysql"),
    "egress": ("objects",),
    "requests": ("objects",),
    "cdn": ("objects",),
    "hit_rate": ("redis", "objects"),
}
# Defaults that depend on the kind: key -> kind -> value as written, ground (None: not worth printing).
STORE_DEFAULTS: dict[str, dict[str, tuple[str, str | None]]] = {
    "data": dict.fromkeys(("postgres", "mysql", "objects"), ("10 GiB", "nothing was declared")),
    "memory": {"redis": ("1 GiB", "nothing was declared")},
    "hit_rate": {"redis": ("80%", "no measurement declared"), "objects": ("85%", None)},
    "egress": {"objects": ("0 B/month", None)},
    "requests": {"objects": ("0 rps", None)},
}
DEPLOYS = {
    "rate": Field("frequency", "2/week", "changes", "nothing was declared", most=1.0),
    "failure": Field("share", "5%", "share of changes that fail", "DORA's high performers report 0 to 15%", most=1.0),
    "rollback": Field(
        "duration", "10 min", "time until a failed change is rolled back", "nothing was declared", most=30 * 86_400.0
    ),
}
ENVIRONMENT = {
    "scale": Field("share", "10%", "share of production's traffic", least=0.001, most=1.0),
    "data": Field("share", ABSENT, "share of production's data; default: as `scale`", least=0.0001, most=1.0),
    "scalability": Field("mapping", ABSENT, "in place of the scaled load; its keys as under `promises`"),
    "reliability": Field(
        "mapping", ABSENT, "what is promised there instead; a `recovery` replaces all of production's"
    ),
    "performance": Field("mapping", ABSENT, "what is promised there instead"),
    "security": Field("mapping", ABSENT, "what is promised there instead"),
    "cost": Field("mapping", ABSENT, "the budget there"),
    "rules": Field("mapping", ABSENT, "what its plan may choose from; its keys as under `rules`"),
}
