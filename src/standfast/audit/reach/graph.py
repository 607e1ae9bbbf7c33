"""The network as a graph: what stands behind firewalls, and every edge those firewalls allow.

An edge needs both sides: the egress rules of the caller and the ingress rules of the target. Network ACLs and
routes are not looked at: they can only close more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.rules import GROUPS, Rule, group_at, read_rules
from standfast.audit.reach.spans import (
    ALL_TRAFFIC,
    PRIVATE,
    PUBLIC,
    Spans,
    difference,
    intersection,
    network,
    ports_of,
    tcp,
    union,
)
from standfast.audit.reading import blocks, flag, items, known, raw
from standfast.blueprint import Resource

INTERNET, ELSEWHERE = "internet", "other private networks"
OUTSIDE = (INTERNET, ELSEWHERE)

# kind -> where it names its security groups, and its subnets
CARRIERS = {
    "aws_lb": ("security_groups", "subnets"),
    "aws_instance": ("vpc_security_group_ids", "subnet_id"),
    "aws_launch_template": ("vpc_security_group_ids", ""),
    "aws_db_instance": ("vpc_security_group_ids", "db_subnet_group_name"),
    "aws_rds_cluster": ("vpc_security_group_ids", "db_subnet_group_name"),
    "aws_elasticache_replication_group": ("security_group_ids", "subnet_group_name"),
    "aws_elasticache_cluster": ("security_group_ids", "subnet_group_name"),
    "aws_lambda_function": ("vpc_config.security_group_ids", "vpc_config.subnet_ids"),
    "aws_ecs_service": ("network_configuration.security_groups", "network_configuration.subnets"),
    "aws_vpc_endpoint": ("security_group_ids", "subnet_ids"),
    "aws_efs_mount_target": ("security_groups", "subnet_id"),
    "aws_network_interface": ("security_groups", "subnet_id"),
    "aws_eks_cluster": ("vpc_config.security_group_ids", "vpc_config.subnet_ids"),
    "aws_mq_broker": ("security_groups", "subnet_ids"),
}
SUBNET_GROUPS = ("aws_db_subnet_group", "aws_elasticache_subnet_group")


@dataclass(frozen=True)
class Node:
    """One thing behind firewalls: `groups` guard it, `addresses` are those of its subnets. Outside: no groups."""

    name: str
    component: str
    resource: Resource | None
    groups: frozenset[str]
    addresses: Spans
    shared: bool = False  # nodes of a cluster: they stand for every service that has no servers of its own

    @property
    def control(self) -> bool:
        """Whether it is the control plane of a cluster."""
        return self.resource is not None and self.resource.kind == "aws_eks_cluster"

    @property
    def balancer(self) -> bool:
        return self.resource is not None and self.resource.kind == "aws_lb"


Guards = Mapping[tuple[str, str], list[Rule]]  # (way, group) -> the rules that are certain


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    spans: Spans


@dataclass(frozen=True)
class Graph:
    nodes: dict[str, Node]
    rules: tuple[Rule, ...]
    forwards: dict[str, dict[int, frozenset[str]]]  # balancer -> port it listens on -> nodes it leads to

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Who may talk to whom: worked out where it is asked for, as it takes each node with each other one."""
        guards: dict[tuple[str, str], list[Rule]] = {}
        for rule in self.rules:
            if not rule.unclear:
                guards.setdefault((rule.way, rule.group), []).append(rule)
        return tuple(
            edge
            for source in self.nodes.values()
            for target in self.nodes.values()
            if (source.groups or target.groups) and (edge := _edge(source, target, guards))
        )

    def allowed(self, source: str, target: str) -> Spans:
        return next((one.spans for one in self.edges if (one.source, one.target) == (source, target)), ())

    def paths_from(self, source: str) -> dict[str, str]:
        """The shortest way to every node, hop by hop: `internet → balancer:443 → web:8080`. A balancer leads only
        where its listener on the port of arrival does."""
        seen: dict[tuple[str, Spans], str] = {(source, ()): source}
        found: dict[str, str] = {source: source}
        todo: list[tuple[str, Spans]] = [(source, ())]
        while todo:
            here, came = todo.pop(0)
            for edge in self.edges:
                if edge.source != here or not self._leads(here, came, edge.target):
                    continue
                arrives = edge.spans if self.nodes[edge.target].balancer else ()
                if (edge.target, arrives) in seen:
                    continue
                way = f"{seen[here, came]} → {edge.target}:{ports_of(edge.spans)}"
                seen[edge.target, arrives] = way
                found.setdefault(edge.target, way)
                todo.append((edge.target, arrives))
        return found

    def _leads(self, here: str, came: Spans, target: str) -> bool:
        if here not in self.forwards:
            return True
        listeners = self.forwards[here].items()
        return any(target in nodes and intersection(came, tcp(port)) for port, nodes in listeners)


def read_graph(estate: Estate) -> Graph:
    nodes = {node.name: node for node in _nodes(estate)}
    rules = read_rules(estate)
    return Graph(nodes, tuple(rules), _forwards(estate, nodes))


def _edge(source: Node, target: Node, guards: Guards) -> Edge | None:
    """What both sides allow; an outside node has no firewall of ours."""
    inward = _through(guards, "ingress", target, source)
    outward = _through(guards, "egress", source, target)
    spans = intersection(inward, outward)
    return Edge(source.name, target.name, spans) if spans else None


def _through(guards: Guards, way: str, guarded: Node, peer: Node) -> Spans:
    if not guarded.groups:
        return ALL_TRAFFIC
    rules = (one for group in guarded.groups for one in guards.get((way, group), ()))
    return union(*(one.spans for one in rules if meets(one, peer)))


def meets(rule: Rule, peer: Node) -> bool:
    return bool(rule.groups & peer.groups) or bool(intersection(rule.addresses, peer.addresses))


def _nodes(estate: Estate) -> Iterator[Node]:
    """Outside first; then everything with a firewall; then the groups that guard nothing yet."""
    own = union(*(_cidrs(one) for one in estate.of("aws_subnet")))
    yield Node(INTERNET, "", None, frozenset(), PUBLIC)
    yield Node(ELSEWHERE, "", None, frozenset(), difference(PRIVATE, own))
    used: set[str] = set()
    taken: set[str] = set(OUTSIDE)
    for kind in CARRIERS:
        for one in estate.of(kind):
            groups = frozenset(filter(None, (group_at(estate, value) for value in _groups(one))))
            if kind == "aws_eks_cluster":
                groups |= {one.address}
            if groups:
                used |= groups
                shared = bool(estate.linked("aws_eks_node_group", "launch_template.id", one))
                where = _addresses(estate, one) or own or PRIVATE
                yield Node(_name(one, taken), one.component, one, groups, where, shared)
    for one in estate.of("aws_security_group"):
        if one.address not in used:
            yield Node(_name(one, taken), one.component, one, frozenset({one.address}), ())


def _name(one: Resource, taken: set[str]) -> str:
    """What people call it: the component, or a balancer's own name."""
    name = one.component or one.name
    if one.kind == "aws_lb":
        name = "internal balancer" if flag(one, "internal") else "balancer"
    if one.kind in GROUPS:
        name = f"firewall {one.name}"
    if one.kind == "aws_eks_cluster":
        name = "control plane"
    name = next(shown for shown in (name, f"{name} ({one.name})", one.address) if shown not in taken)
    taken.add(name)
    return name


def _groups(one: Resource) -> list[Any]:
    found = items(one, CARRIERS[one.kind][0])
    for interface in blocks(one, "network_interfaces"):
        found += items(interface, "security_groups")
    return found


def _addresses(estate: Estate, one: Resource) -> Spans:
    """The addresses it may have: those of its subnets; none where they are not known."""
    if one.kind == "aws_launch_template":
        groups = estate.linked("aws_autoscaling_group", "launch_template.id", one)
        nodes = estate.linked("aws_eks_node_group", "launch_template.id", one)
        return union(
            *(_subnets(estate, group, "vpc_zone_identifier") for group in groups),
            *(_subnets(estate, group, "subnet_ids") for group in nodes),
        )
    path = CARRIERS[one.kind][1]
    for group in estate.targets(one, path, *SUBNET_GROUPS):
        return _subnets(estate, group, "subnet_ids")
    return _subnets(estate, one, path)


def _subnets(estate: Estate, owner: Resource, path: str) -> Spans:
    return union(*(_cidrs(one) for one in estate.targets(owner, path, "aws_subnet")))


def _cidrs(subnet: Resource) -> Spans:
    written = (known(subnet, "cidr_block"), known(subnet, "ipv6_cidr_block"))
    return union(*(network(one) for one in written if isinstance(one, str)))


def _forwards(estate: Estate, nodes: dict[str, Node]) -> dict[str, dict[int, frozenset[str]]]:
    """Where each listener of each balancer leads: port -> the nodes behind its target groups."""
    names = {node.resource.address: node.name for node in nodes.values() if node.resource is not None}
    shared = {node.name for node in nodes.values() if node.shared}
    behind = {
        one.address: _behind(estate, one, names) or (shared if known(one, "target_type") == "ip" else set())
        for one in estate.of("aws_lb_target_group")
    }
    found: dict[str, dict[int, frozenset[str]]] = {node.name: {} for node in nodes.values() if node.balancer}
    for listener in estate.of("aws_lb_listener"):
        balancers = estate.targets(listener, "load_balancer_arn", "aws_lb")
        port = known(listener, "port")
        if not balancers or not isinstance(port, (int, float, str)) or balancers[0].address not in names:
            continue
        actions = blocks(listener, "default_action")
        for rule in estate.linked("aws_lb_listener_rule", "listener_arn", listener):
            actions += blocks(rule, "action")
        targets = {name for action in actions for group in _target_groups(estate, action) for name in behind[group]}
        ports = found[names[balancers[0].address]]
        ports[int(port)] = ports.get(int(port), frozenset()) | targets
    return found


def _target_groups(estate: Estate, action: Any) -> Iterator[str]:
    written = [raw(action, "target_group_arn")]
    for forward in blocks(action, "forward"):
        written += [raw(one, "arn") for one in blocks(forward, "target_group")]
    for value in written:
        group = estate.target(value, "aws_lb_target_group")
        if group is not None:
            yield group.address


def _behind(estate: Estate, group: Resource, names: dict[str, str]) -> set[str]:
    """The servers in a target group: of the autoscaling groups that join it, else of its own component."""
    found = set()
    for scaling in estate.linked("aws_autoscaling_group", "target_group_arns", group):
        for template in estate.targets(scaling, "launch_template.id", "aws_launch_template"):
            found.add(names.get(template.address, ""))
    for tasks in estate.of("aws_ecs_service"):
        joins = [estate.target(raw(one, "target_group_arn"), group.kind) for one in blocks(tasks, "load_balancer")]
        if group in joins:
            found.add(names.get(tasks.address, ""))
    for joined in estate.linked("aws_lb_target_group_attachment", "target_group_arn", group):
        for server in estate.targets(joined, "target_id", "aws_instance"):
            found.add(names.get(server.address, ""))
    return found - {""}
