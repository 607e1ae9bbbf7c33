"""Who may talk to whom: the edges that firewalls allow, and those that the spec declares. Sets, no sampling.

An edge is (source, target, ports): source and target are `internet`, a network in CIDR form, `balancer`,
`internal balancer`, or a component's name; ports is an interval, both ends included.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from standfast.audit.estate import UNKNOWN, Estate
from standfast.blueprint import Resource
from standfast.problem import NOWHERE, Place

PORTS = {"postgres": 5432, "mysql": 3306, "redis": 6379}
ALL_PORTS = (0, 65_535)
INSIDE = "internal balancer"
BALANCER = "balancer"
INTERNET = "internet"


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    low: int
    high: int
    rule: Resource | None = None  # what allows it
    place: Place = NOWHERE  # the call that declares it

    @property
    def ports(self) -> str:
        return (
            "every port"
            if (self.low, self.high) == ALL_PORTS
            else str(self.low)
            if self.low == self.high
            else f"ports {self.low} to {self.high}"
        )

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} on {self.ports}"


def allowed(estate: Estate) -> list[Edge]:
    """Every edge an ingress rule allows: rules of their own, and those inside security groups."""
    names = {group.address: group_name(estate, group) for group in estate.of("aws_security_group")}
    found = []
    for rule in estate.of("aws_vpc_security_group_ingress_rule"):
        for target in estate.targets(rule, "security_group_id"):
            found += _edges(estate, rule, names.get(target, target), names, ("cidr_ipv4", "cidr_ipv6"), "ip_protocol")
    for group in estate.of("aws_security_group"):
        found += _inline(estate, group, names)
    unique = {(edge.source, edge.target, edge.low, edge.high): edge for edge in reversed(found)}
    return sorted(unique.values(), key=lambda edge: (edge.target, edge.source, edge.low))


def _edges(estate, rule, target, names, networks, protocol) -> Iterator[Edge]:
    low, high = estate.value(rule, "from_port"), estate.value(rule, "to_port")
    if estate.value(rule, protocol) in ("-1", -1, "all") or not isinstance(low, int) or not isinstance(high, int):
        low, high = ALL_PORTS
    for source in estate.targets(rule, "referenced_security_group_id"):
        yield Edge(names.get(source, source), target, low, high, rule)
    for path in networks:
        value = estate.value(rule, path)
        if isinstance(value, str):
            yield Edge(network(value), target, low, high, rule)
        elif value is UNKNOWN:
            yield Edge("a network known when applied", target, low, high, rule)


def _inline(estate: Estate, group: Resource, names: dict[str, str]) -> Iterator[Edge]:
    """Rules written inside a group, and what a deployed group reports of itself."""
    target = names[group.address]
    for rules in estate.values(group, "ingress"):
        for rule in rules if isinstance(rules, (list, tuple)) else [rules]:
            one = Resource("", group.name, rule.settings if hasattr(rule, "settings") else rule, "")
            low, high = estate.value(one, "from_port", 0), estate.value(one, "to_port", 0)
            if estate.value(one, "protocol") in ("-1", "all"):
                low, high = ALL_PORTS
            for value in (*estate.values(one, "cidr_blocks"), *estate.values(one, "ipv6_cidr_blocks")):
                for cidr in value:
                    yield Edge(network(cidr), target, low, high, group)
            for source in estate.targets(one, "security_groups"):
                yield Edge(names.get(source, source), target, low, high, group)
            if estate.value(one, "self") is True:
                yield Edge(target, target, low, high, group)


def network(cidr: str) -> str:
    """`internet` for anything that is not a private network."""
    try:
        found = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return cidr
    return cidr if found.is_private and found.prefixlen > 0 else INTERNET


def group_name(estate: Estate, group: Resource) -> str:
    """What a security group protects: a balancer, or the component it is tagged with."""
    for balancer in estate.of("aws_lb"):
        if group.address in estate.targets(balancer, "security_groups"):
            return INSIDE if estate.value(balancer, "internal") is True else BALANCER
    return group.component or group.name


def declared(estate: Estate) -> list[Edge]:
    """Every edge the spec asks for: users to the balancer, the balancer to services, callers to what they call."""
    system, found = estate.system, []
    stores = {store.name: PORTS[store.kind] for store in system.stores if store.kind in PORTS}
    called = {call.to for service in system.services for call in service.calls}
    listeners = _listeners(estate)
    for service in system.services:
        if service.public:
            found += [Edge(INTERNET, BALANCER, port, port, None, service.place) for port in (443, 80)]
            found.append(Edge(BALANCER, service.name, service.port, service.port, None, service.place))
        if service.name in called:
            found.append(Edge(INSIDE, service.name, service.port, service.port, None, service.place))
        for call in service.calls:
            for name in (call.to, call.cached_by):
                if name in stores:
                    found.append(Edge(service.name, name, stores[name], stores[name], None, call.place))
                elif name in listeners:
                    found.append(Edge(service.name, INSIDE, listeners[name], listeners[name], None, call.place))
    unique = {(edge.source, edge.target, edge.low): edge for edge in found}
    return list(unique.values())


def _listeners(estate: Estate) -> dict[str, int]:
    """Service -> its port on the internal balancer."""
    inside = {one.address for one in estate.of("aws_lb") if estate.value(one, "internal") is True}
    return {
        one.component: estate.value(one, "port")
        for one in estate.of("aws_lb_listener")
        if estate.targets(one, "load_balancer_arn") & inside and isinstance(estate.value(one, "port"), int)
    }


def beyond(edges: list[Edge], wanted: list[Edge]) -> list[Edge]:
    """What `edges` allow and no edge of `wanted` covers, as intervals of ports."""
    left = []
    for edge in edges:
        gaps = [(edge.low, edge.high)]
        for other in wanted:
            if (other.source, other.target) == (edge.source, edge.target):
                gaps = [part for low, high in gaps for part in _minus(low, high, other.low, other.high)]
        left += [Edge(edge.source, edge.target, low, high, edge.rule, edge.place) for low, high in gaps]
    return left


def _minus(low: int, high: int, cut_low: int, cut_high: int) -> Iterator[tuple[int, int]]:
    """An interval without another one."""
    if cut_high < low or cut_low > high:
        yield low, high
        return
    if low < cut_low:
        yield low, cut_low - 1
    if cut_high < high:
        yield cut_high + 1, high


def path_from_internet(edge: Edge, edges: list[Edge]) -> list[str]:
    """The hops from the internet through allowed edges to where this edge begins; empty when there are none."""
    ways: dict[str, list[str]] = {INTERNET: [INTERNET]}
    todo = [INTERNET]
    while todo:
        here = todo.pop(0)
        for one in edges:
            if one.source == here and one.target not in ways:
                ways[one.target] = [*ways[here], one.target]
                todo.append(one.target)
    return ways.get(edge.source, [])
