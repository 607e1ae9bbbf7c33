"""The groups of hosts of a plan: one per component, each of one kind; and which of them a lab stands in for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from standfast.blueprint.gcp import site as google
from standfast.blueprint.site import Hosted, Kept, Site, identifier, missing
from standfast.plan import Plan
from standfast.problem import NOWHERE, Place, Problem, Problems

# The kinds of hosts that site.yml has a play for, and the group that holds all of one kind.
KINDS = {
    "service": "all_services",
    "postgres": "all_postgres",
    "redis": "all_redis",
    "balancer": "all_balancers",
    "edge": "all_edges",
    "files": "all_files",
}
BALANCER, EDGE = "balancer", "cdn"  # names that the spec reserves for the plan's own parts
LAB_HOSTS = 3  # of one component at most: one in each zone


@dataclass(frozen=True)
class Group:
    """All hosts of one component. `managed`: the cloud keeps it in production, so that only the lab has hosts."""

    component: str
    kind: str  # one of KINDS
    managed: bool
    in_lab: int  # how many hosts stand in for it in the lab
    part: Hosted | Kept | None = None  # a service or a store of the spec
    place: Place = NOWHERE

    @property
    def id(self) -> str:
        return identifier(self.component)


@dataclass(frozen=True)
class Host:
    """A host of the lab: an address of its own on this machine."""

    name: str
    group: Group
    zone: str
    address: str


def groups_of(plan: Plan) -> tuple[Group, ...]:
    """In the order they are configured. Raises Problems where a name would be two groups."""
    site = Site(plan)
    groups = tuple(_groups(site))
    names = Counter([*(one.id for one in groups), *KINDS.values(), *map(zone_group, zones(plan)), "all", "ungrouped"])
    problems = missing(plan) + [
        Problem(
            f"{one.component} would be a group {one.id} of hosts, which Ansible or the project has already",
            "",
            f"rename it, e.g. to {one.component}-1",
            one.place,
        )
        for one in groups
        if names[one.id] > 1
    ]
    if problems:
        raise Problems(problems)
    return groups


def _groups(site: Site) -> Iterator[Group]:
    for kept in site.kept:
        if kept.kind in ("postgres", "redis"):
            standby = kept.choice.zones > 1 or kept.choice.count > 1
            yield Group(kept.name, kept.kind, True, 2 if standby else 1, kept, kept.store.place)
        elif kept.kind == "objects":  # the cloud's bucket; a group for a host of your own that has the files
            yield Group(kept.name, "files", True, 0, kept, kept.store.place)
    for host in site.hosted:
        spread = 1 if host.stateful else max(host.choice.zones, 1)
        yield Group(host.name, "service", False, min(host.choice.count, spread, LAB_HOSTS), host, host.service.place)
    if site.public or site.called:
        yield Group(BALANCER, "balancer", True, 1)
    if site.public:
        yield Group(EDGE, "edge", True, 1)


def zones(plan: Plan) -> tuple[str, ...]:
    """The availability zones as the cloud calls them. Where it has none, its first."""
    if plan.cloud == "gcp":  # some of its regions begin with b
        return google.Site(plan).zone_names
    return plan.zones or (f"{plan.region}-1" if plan.cloud == "azure" else f"{plan.region}a",)


def zone_group(zone: str) -> str:
    """As the inventory plugins write it: `zone_eu_west_1a`."""
    return f"zone_{identifier(zone).lstrip('_')}"


def lab_hosts(plan: Plan, groups: tuple[Group, ...]) -> tuple[Host, ...]:
    """One loopback address per host: 127.x.y.11 and on, with x.y from the system's name so that two labs differ."""
    seed = hashlib.sha256(plan.system.name.encode()).digest()
    network = f"127.{64 + seed[0] % 190}.{1 + seed[1] % 254}"
    names, found = zones(plan), []
    for group in groups:
        for number in range(group.in_lab):
            zone = names[number % len(names)]
            found.append(Host(f"{group.component}-{number + 1}", group, zone, f"{network}.{11 + len(found)}"))
    if len(found) > 200:
        what = f"{len(found)} hosts are more than the lab of one machine has addresses for"
        raise Problems([Problem(what, "", "take services out of the spec", plan.system.place)])
    return tuple(found)
