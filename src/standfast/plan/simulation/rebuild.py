"""What stands for each component, in the words of the models, read back from a Plan and the SLAs of its cloud.

A plan does not carry the models' own words. What is rebuilt here is therefore held against what the plan predicts
before it is believed: see `run`.
"""

from __future__ import annotations

from dataclasses import replace

from standfast.clouds import Catalog
from standfast.plan.model import Choice, Plan
from standfast.plan.models.availability import Part, group, regional, spread
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import Load, loads
from standfast.plan.models.recovery import Facts, Held
from standfast.plan.predict import Standing
from standfast.spec.model import DATABASES

SERVERS = ("server", "container", "pod")


def standing(plan: Plan, catalog: Catalog) -> dict[str, Standing]:
    """What stands for the components of the spec and the balancer. KeyError names what a plan does not tell."""
    load = loads(plan.system)
    found = {}
    for choice in plan.choices:
        if choice.component in load:
            part = _part(choice, plan, catalog)
            found[choice.component] = Standing(
                _serving(choice, plan, catalog), part, _held(choice, load[choice.component])
            )
        elif choice.kind == "balancer":
            part = regional(catalog.sla("balancer").uptime)
            found[choice.component] = Standing(None, part, Held("balancer", "multi-zone"), needed=True)
    return found


def _part(choice: Choice, plan: Plan, catalog: Catalog) -> Part:
    if choice.kind in SERVERS:
        placed = spread(choice.count, len(plan.zones))
        part = group(placed, int(choice.size["needed"]), catalog.sla("server.single").uptime)
        return replace(part, service=catalog.sla("container").uptime) if choice.kind == "container" else part
    if choice.kind in DATABASES:
        return regional(catalog.sla(f"{choice.kind}.{'single' if choice.design == 'single' else 'multi-az'}").uptime)
    return regional(catalog.sla(f"redis.{choice.design}" if choice.kind == "redis" else choice.kind).uptime)


def _serving(choice: Choice, plan: Plan, catalog: Catalog) -> Serving:
    """As the planner counts: all instances of a service serve; of a database or cache, the primary."""
    if "vcpu" not in choice.size:
        return Serving()
    instances = choice.count if choice.kind in SERVERS else 1
    speed = float(choice.size["speed"]) if "speed" in choice.size else _speed(choice, plan, catalog)
    return Serving(float(choice.size["vcpu"]) * instances, speed, instances)


def _speed(choice: Choice, plan: Plan, catalog: Catalog) -> float:
    shelves = {"multi-az-standby": f"{choice.kind}-multi-az", "replicated": "redis-replicated"}
    shelf = catalog.shelf(plan.region, shelves.get(choice.design, choice.kind))
    rows = (shelf.name == choice.offer).nonzero()[0]
    if not len(rows):
        raise KeyError(f"speed of {choice.offer}")
    return shelf.offer(int(rows[0])).speed


def _held(choice: Choice, load: Load) -> Held:
    data = 0.0 if choice.kind in SERVERS else load.data
    offsite = choice.size.get("offsite")
    facts = Facts(
        data=data, offsite=None if offsite is None else float(offsite), standby=str(choice.size.get("standby", ""))
    )
    return Held("server" if choice.kind in SERVERS else choice.kind, choice.design, facts)
