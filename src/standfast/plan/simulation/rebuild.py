"""What stands for each component, in the words of the models, read back from a Plan and the catalog of its cloud.

A plan does not carry the models' own words. What is rebuilt here is therefore held against what the plan predicts
before it is believed: see `run`.
"""

from __future__ import annotations

from standfast.clouds import Catalog, load_catalog
from standfast.plan.model import Choice, Plan
from standfast.plan.models.availability import Part, regional
from standfast.plan.models.latency import Serving
from standfast.plan.models.load import loads
from standfast.plan.options import cluster, own
from standfast.plan.options.model import sla
from standfast.plan.options.recovering import held
from standfast.plan.options.service import container_speed, instances
from standfast.plan.place import Place, Standby
from standfast.plan.predict import Standing
from standfast.spec.model import DATABASES

SERVERS = ("server", "container", "pod")
SHELVES = {"multi-az-standby": "{}-multi-az", "replicated": "redis-replicated"}


def standing(plan: Plan, catalog: Catalog) -> dict[str, Standing]:
    """What stands for the components of the spec and the balancer. KeyError names what a plan does not tell."""
    load, place = loads(plan.system), place_of(plan, catalog)
    found = {}
    for choice in plan.choices:
        if choice.kind in SERVERS:
            kept = held("server", choice.design, place)
        elif choice.component in load:
            kept = held(choice.kind, choice.design, place, load[choice.component].data)
        else:
            continue
        found[choice.component] = Standing(_serving(choice, place), _part(choice, place), kept)
    return found | own.standing(plan.system, place)


def place_of(plan: Plan, catalog: Catalog) -> Place:
    """Where the plan stands."""
    behind = None
    if one := plan.standby:
        other = catalog if one.cloud == plan.cloud else load_catalog(one.cloud)
        behind = Standby(one.design, other, other.region(one.region))
    return Place(catalog, catalog.region(plan.region), len(plan.zones), plan.shape, behind)


def _part(choice: Choice, place: Place) -> Part:
    if choice.kind in SERVERS:
        return instances(choice.count, int(choice.size["needed"]), place)
    if choice.kind in DATABASES:
        return regional(sla(place, f"{choice.kind}.{'single' if choice.design == 'single' else 'multi-az'}"))
    return regional(sla(place, f"redis.{choice.design}" if choice.kind == "redis" else choice.kind))


def _serving(choice: Choice, place: Place) -> Serving:
    """As the planner counts: all instances of a service serve; of a database or cache, the primary."""
    if "vcpu" not in choice.size:
        return Serving()
    count = choice.count if choice.kind in SERVERS else 1
    return Serving(float(choice.size["vcpu"]) * count, _speed(choice, place), count)


def _speed(choice: Choice, place: Place) -> float:
    if choice.kind == "container":
        return container_speed(place)
    if choice.kind == "pod":
        return float(place.catalog.shelf(place.region.name, "server").speed[cluster.node(place)])
    shelf = place.catalog.shelf(place.region.name, SHELVES.get(choice.design, choice.kind).format(choice.kind))
    rows = (shelf.name == choice.offer).nonzero()[0]
    if not len(rows):
        raise KeyError(f"the speed of {choice.offer}")
    return float(shelf.speed[rows[0]])
