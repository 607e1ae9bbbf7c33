"""Plans on Azure, planned by hand: every shape, stateful, private, replicas, a standby of each design."""

from __future__ import annotations

from dataclasses import replace

from standfast.plan import Choice, Elsewhere, Plan, Prices
from standfast.spec import parse_spec
from tests.blueprint.shapes import EVERYTHING

OFFERS = {
    "vm": ("server", "Standard_D2s_v5"),
    "container": ("container", "1 vCPU, 2 GiB"),
    "kubernetes": ("pod", "pod of 0.5 vCPU on Standard_D8s_v5"),
}
STORES = {"postgres": "GP_Standard_D2ads_v5", "mysql": "GP_Standard_D2ads_v5", "redis": "Balanced_B3", "objects": "Hot"}
REPLICAS = """\
system: read
services:
  web: {image: acmeregistry.azurecr.io/web:1, port: 8080, public: true, calls: [orders, items, held], memory: 2 GiB}
stores:
  orders: {kind: postgres, data: 100 GiB, read_replicas: true}
  items: {kind: mysql, data: 100 GiB, read_replicas: true}
  held: {kind: redis, memory: 1 GiB}
  pictures: {kind: objects, data: 10 GiB, cdn: true}
"""


def plan_of(
    text: str, shape: str = "vm", zones: tuple[str, ...] = ("westeurope-1", "westeurope-2", "westeurope-3"), **size
) -> Plan:
    """A plan that gives every part of a spec something plausible. `size`: facts of every database."""
    system = parse_spec(text, "odd.yaml")
    kind, offer = OFFERS[shape]
    place, over = system.place, len(zones)

    def choice(component: str, kind: str, offer: str, count: int, design: str, where, **size) -> Choice:
        return Choice(component, kind, offer, count, over, design, size, (), "for the test", "", None, where)

    choices = [
        choice(
            one.name, kind, offer, 1 if one.stateful else 3, "stateful" if one.stateful else "multi-zone", one.place,
            arch="x86_64", min_count=1, max_count=1 if one.stateful else 6, vcpu=1.0, memory_gib=2.0,
        )
        for one in system.services
    ]  # fmt: skip
    design = "multi-az-standby" if over > 1 else "single"
    choices += [
        choice(one.name, one.kind, STORES[one.kind], 2 if one.kind == "redis" else 1, design, one.place,
               **(size if one.kind in ("postgres", "mysql") else {}))
        for one in system.stores
    ]  # fmt: skip
    choices += [
        choice("network", "network", "NAT gateway", over, "multi-zone", place),
        choice("waf", "waf", "Application Gateway WAF v2", 1, "regional", place),
        choice("backup", "backup", "Azure Backup", 1, "regional", place, interval_hours=5, retention_days=10),
    ]
    region = zones[0].rpartition("-")[0]
    return Plan(system, "azure", region, zones, tuple(choices), (), (), Prices("", "", ""), shape=shape)


def everything(
    system: str = "odd", exposure: str = "public", motto: str = "plain", owner: str = "ops@example.com", **more
) -> Plan:
    text = EVERYTHING.format(system=system, owner=owner, exposure=exposure, motto=motto)
    if more.get("shape", "vm") != "vm":
        text = text.replace(", stateful: true", "")
    return plan_of(text, **more)


def with_standby(plan: Plan, design: str, cloud: str = "azure", region: str = "northeurope") -> Plan:
    """The plan with all its parts at a standby as well, those that hold no data only where they run there."""
    runs = design in ("warm-standby", "active-active")
    data = design not in ("backup", "log-shipping")
    there = [
        one
        for one in plan.choices
        if one.kind == "objects"
        or (one.kind in ("postgres", "mysql") and data)
        or one.component in ("backup", "keys")
        or (one.component == "network" and data)
        or runs
    ]
    stateless = [replace(one, kind="server", offer="Standard_D2s_v5") if one.kind in ("pod", "container") else one
                 for one in there]  # fmt: skip
    zones = (f"{region}-1", f"{region}-2")
    return replace(plan, standby=Elsewhere(cloud, region, design, zones, tuple(stateless)))
