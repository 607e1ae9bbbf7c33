"""Plans for Google Cloud, planned by hand: every shape of compute, every design of a standby, odd systems."""

from __future__ import annotations

from dataclasses import replace

from standfast.plan import Choice, Plan
from standfast.plan.model import Elsewhere
from tests.blueprint.shapes import DEFAULT, EVERYTHING, plan_of

REGION, ZONES = "europe-west4", ("europe-west4-a", "europe-west4-b", "europe-west4-c")
BEHIND = "europe-west1"
OFFERS = {
    "postgres": "db-custom-2-8192", "mysql": "db-custom-1-3840", "redis": "redis-m1-1gb", "objects": "Cloud Storage",
}  # fmt: skip
SIZES = {
    "server": {"arch": "x86_64", "min_count": 1, "max_count": 3, "disk_gib": 20},
    "container": {"vcpu": 0.5, "memory_gib": 1.0, "min_count": 2, "max_count": 4},
    "pod": {"vcpu": 0.5, "memory_gib": 1.0, "arch": "x86_64", "min_count": 2, "max_count": 4},
}
RUNS = {"vm": ("server", "e2-small"), "container": ("container", "0.5 vCPU, 1 GiB"), "kubernetes": ("pod", "pod")}
SMALL = """\
system: {system}
owner: platform@example.com
promises: {{performance: {{p95: 300 ms}}}}
services:
  web: {{image: europe-docker.pkg.dev/acme/web/web:1, port: 8080, public: true, calls: [api, images],
    secrets: [API_KEY]}}
  api: {{image: api:2, port: 8081, calls: [orders, sessions]}}
stores:
  orders: {{kind: postgres, data: 20 GiB}}
  sessions: {{kind: redis, memory: 1 GiB}}
  images: {{kind: objects, data: 10 GiB, cdn: true}}
"""
# What runs at a standby of each design.
THERE = {
    "backup": ("images", "keys", "backup"),
    "pilot-light": ("images", "orders", "keys", "backup", "network"),
    "warm-standby": ("web", "api", "images", "orders", "sessions", "keys", "backup", "network", "balancer", "waf"),
}
THERE["active-active"] = THERE["warm-standby"]


def on_google(plan: Plan, shape: str = "vm") -> Plan:
    """A plan as Google Cloud would be planned: its offers, three zones."""
    choices = [_choice(one, shape) for one in plan.choices]
    own = [
        Choice(name, name, name, 1, 0, "regional", {}, (), "for the test", "", None, plan.system.place)
        for name in ("balancer", "waf", "keys", "logs", *(["cluster"] if shape == "kubernetes" else []))
    ]
    return replace(
        plan, cloud="gcp", region=REGION, zones=ZONES, choices=(*choices, *own), shape=shape,
    )  # fmt: skip


def _choice(one: Choice, shape: str) -> Choice:
    if one.kind == "server":
        kind, offer = RUNS[shape]
        size = {**SIZES[kind], **({"max_count": 1} if one.design == "stateful" else {})}
        return replace(one, kind=kind, offer=offer, zones=3, size=size)
    if one.kind in OFFERS:
        wide = {"postgres": "multi-az-standby", "redis": "replicated"}.get(one.kind, one.design)
        count = 2 if one.kind == "redis" else 1
        return replace(one, offer=OFFERS[one.kind], design=wide, count=count, size={"storage_gib": 20})
    return one


def small(shape: str = "vm", system: str = "shop") -> Plan:
    return on_google(plan_of(SMALL.format(system=system)), shape)


def everything(**words: str) -> Plan:
    """Secrets, a disk that stays, shared ports, MySQL: on servers."""
    return on_google(plan_of(EVERYTHING.format(**{**DEFAULT, **words})))


def behind(design: str) -> Plan:
    """The small system with a standby in another region of Google Cloud."""
    plan = small()
    there = tuple(one for one in plan.choices if one.component in THERE[design])
    zones = tuple(f"{BEHIND}-{letter}" for letter in "ab")
    return replace(plan, standby=Elsewhere("gcp", BEHIND, design, zones, there))


def with_replicas(plan: Plan, number: int) -> Plan:
    choices = [
        replace(one, size={**one.size, "read_replicas": number}) if one.kind == "postgres" else one
        for one in plan.choices
    ]
    return replace(plan, choices=tuple(choices))
