"""Azure: one region and resource group, scale sets, containers or a cluster, managed stores, all encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure import backup, cluster, firewall, identity, keys, network, site, watch
from standfast.blueprint.azure.cluster import control, pods
from standfast.blueprint.azure.compute import containers, servers
from standfast.blueprint.azure.data import caches, databases, objects
from standfast.blueprint.azure.edge import delivery, domain, failover, gateway, inside, private
from standfast.blueprint.azure.notes import notes
from standfast.blueprint.azure.pairs import apart
from standfast.blueprint.model import Blueprint, Output, Variable
from standfast.blueprint.site import collisions
from standfast.plan import Plan
from standfast.problem import Problem, Problems

WRITES = frozenset(
    {
        "vm", "container", "kubernetes", "read replicas",
        "backup", "log-shipping", "pilot-light", "warm-standby", "active-active",
    }
)  # fmt: skip
# In the order in which a reader meets them in the code.
CONCERNS = (
    network, firewall, domain, gateway, inside, delivery, failover, private, servers, containers, control, databases,
    caches, objects, identity, pods, keys, backup, watch,
)  # fmt: skip
LISTENERS = 100  # of one application gateway (Azure docs, "Application Gateway limits": two for each public service)


def blueprint(plan: Plan, first: Plan | None = None) -> Blueprint:
    """All resources of a plan for Azure. Raises Problems for an incomplete plan and for names that collide.

    `first`: the plan whose standby this one is.
    """
    here = site.survey(plan, first)
    if problems := [*containers.too_large(here), *keys.clashes(here), *apart(here), *_quotas(here)]:
        raise Problems(problems)
    resources = tuple(resource for concern in CONCERNS for resource in concern.resources(here))
    if problems := [*collisions(here.system, resources), *site.same_names(here.system, resources)]:
        raise Problems(problems)
    return Blueprint(
        "azure", plan.region, plan.system.name, resources, tuple(_variables(here)), tuple(_outputs(here)),
        here.tags, (*notes(here), *cluster.notes(here)), platform=cluster.platform(here) if here.clustered else {},
    )  # fmt: skip


def _quotas(here: site.Site) -> Iterator[Problem]:
    if 2 * len(here.public) > LISTENERS:
        what = f"{len(here.public)} services are public"
        why = f"the application gateway has {LISTENERS} listeners at most, two for each"
        yield Problem(what, why, "split the system in two", here.system.place)


def _variables(here: site.Site) -> Iterator[Variable]:
    yield from domain.variables(here)
    means = "What this is: production, staging, ..."
    yield Variable("environment", "string", means, here.system.environment)
    for concern in (keys, private, servers, identity, databases, caches, objects, failover):
        yield from concern.variables(here)


def _outputs(here: site.Site) -> Iterator[Output]:
    for concern in (gateway, private, cluster, databases, caches, objects, failover):
        yield from concern.outputs(here)
