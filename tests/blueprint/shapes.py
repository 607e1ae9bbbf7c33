"""Plans of other shapes than the shop, planned by hand: stateful, private, one zone, MySQL, ECR, shared ports."""

from __future__ import annotations

from dataclasses import replace

from standfast.plan import Choice, Elsewhere, Plan, Prices
from standfast.spec import parse_spec

EVERYTHING = """\
system: {system}
owner: {owner}
promises:
  reliability: {{availability: 99.5%, recovery: {{corruption: {{rto: 4 h, rpo: 1 h}}}}}}
  security: {{exposure: {exposure}}}
services:
  front: {{image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/front:1, port: 8080, public: true, traffic: 70%,
    calls: [cart, mail, {{to: stock, cached_by: fast}}], secrets: [API_KEY, dotted.name],
    environment: {{MOTTO: {motto}}}}}
  admin: {{image: nginx, port: 80, public: true, traffic: 30%, calls: [cart, files], secrets: [API_KEY]}}
  cart: {{image: cart:2, port: 8080, calls: [stock]}}
  mail: {{image: mail:2, port: 8080, stateful: true}}
  worker: {{image: worker:3, calls: [stock, fast, files], entrypoint: [/usr/bin/tini, --],
    command: [work, "", "a b", '%{{if}} ${{x}} {{{{ y }}}} $HOME "it''s" \\ ☃ %n !Sub `z` ; #', --]}}
stores:
  stock: {{kind: mysql, data: 20 GiB}}
  fast: {{kind: redis, memory: 1 GiB}}
  files: {{kind: objects, data: 10 GiB}}
"""


def plan_of(text: str, zones: tuple[str, ...] = ("eu-north-1a",), gateways: int = 1) -> Plan:
    """A plan that gives every part of a spec something plausible: small servers, single stores."""
    system = parse_spec(text, "odd.yaml")

    def choice(component: str, kind: str, offer: str, count: int, design: str, place, **size) -> Choice:
        return Choice(component, kind, offer, count, len(zones), design, size, (), "for the test", "", None, place)

    choices = [
        choice(
            one.name, "server", "t4g.small" if one.port == 80 else "c7i.large", 1,
            "stateful" if one.stateful else "single", one.place,
            arch="arm64" if one.port == 80 else "x86_64", min_count=1, max_count=1 if one.stateful else 3,
        )
        for one in system.services
    ]  # fmt: skip
    offers = {"postgres": "db.t4g.micro", "mysql": "db.t4g.small", "redis": "cache.t4g.micro", "objects": "S3"}
    choices += [choice(one.name, one.kind, offers[one.kind], 1, "single", one.place) for one in system.stores]
    choices += [
        choice("network", "network", "NAT gateway", gateways, "single", system.place),
        choice("backup", "backup", "AWS Backup", 1, "regional", system.place, interval_hours=5, retention_days=10),
    ]
    region = zones[0][:-1]
    return Plan(system, "aws", region, zones, tuple(choices), (), (), Prices("", "", ""))


DEFAULT = {"system": "odd", "owner": "'Jane O''Brien <jane@x>'", "exposure": "public", "motto": "plain"}


def everything(**words: str) -> Plan:
    return plan_of(EVERYTHING.format(**{**DEFAULT, **words}))


def contained(**words: str) -> Plan:
    """The same system on a container platform, which keeps no disk."""
    plan = plan_of(
        EVERYTHING.format(**{**DEFAULT, **words}).replace(", stateful: true", ""), ("eu-west-1a", "eu-west-1b")
    )
    size = {"vcpu": 0.5, "memory_gib": 1.0, "arch": "x86_64", "min_count": 2, "max_count": 4, "needed": 1}
    choices = [
        replace(one, kind="container", offer="0.5 vCPU, 1 GiB", count=2, design="multi-zone", size=size)
        if one.kind == "server" else one
        for one in plan.choices
    ]  # fmt: skip
    return replace(plan, choices=tuple(choices), shape="container")


def standing_by(design: str, cloud: str = "aws", **words: str) -> Plan:
    """The same system with a standby of a design: what runs there is what its design says, in the same sizes."""
    plan = everything(**words)
    stores = tuple(replace(one, essential=one.kind != "redis") for one in plan.system.stores)  # its cache is a cache
    plan = replace(plan, system=replace(plan.system, stores=stores))
    running = ("backup", "log-shipping", "pilot-light", "warm-standby", "active-active").index(design)
    own = ["keys", "secrets", "backup", "logs", "objects"] + ["network", "postgres", "mysql"] * (running > 1)
    own += ["server", "redis", "balancer", "dns", "waf"] * (running > 2)
    there = tuple(replace(one, zones=2) for one in plan.choices if one.kind in own)
    places = {
        "aws": ("eu-west-1", ("eu-west-1a", "eu-west-1b")),
        "azure": ("westeurope", ("westeurope-1", "westeurope-2")),
        "gcp": ("europe-west1", ("europe-west1-b", "europe-west1-c")),
    }
    region, zones = places[cloud]
    return replace(plan, standby=Elsewhere(cloud, region, design, zones, there))


def without(plan: Plan, component: str) -> Plan:
    return replace(plan, choices=tuple(one for one in plan.choices if one.component != component))
