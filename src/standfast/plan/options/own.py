"""What the plan's own parts are to the models: what every request passes that the spec does not name."""

from __future__ import annotations

from standfast.plan.models.availability import balancers, regional
from standfast.plan.options.model import sla
from standfast.plan.options.recovering import held
from standfast.plan.place import Place
from standfast.plan.predict import Standing
from standfast.spec.model import System


def standing(system: System, place: Place) -> dict[str, Standing]:
    """By name: each balancer on the way, and the platform that all containers share."""
    names = balancers(system)
    if place.shape == "kubernetes":
        names = names[:1]  # a cluster balances between its own pods
    uptime = regional(sla(place, "balancer"))
    found = {name: Standing(part=uptime, held=held("balancer", "multi-zone", place), needed=True) for name in names}
    if place.shape == "container" and system.services:
        found["platform"] = Standing(part=regional(sla(place, "container")), needed=True)
    return found


def uptime(system: System, place: Place) -> float:
    """The share of time that all of them answer."""
    result = 1.0
    for one in standing(system, place).values():
        result *= one.part.service if one.part else 1.0
    return result
