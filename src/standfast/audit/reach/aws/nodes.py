"""What stands in the networks of AWS behind security groups, and where its balancers lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.aws.roads import Roads, cidrs, public
from standfast.audit.reach.aws.rules import GROUPS, group_at
from standfast.audit.reach.graph import Node, free_name
from standfast.audit.reach.roads import Place
from standfast.audit.reach.spans import HOSTS, PRIVATE, Spans, union
from standfast.audit.reading import blocks, flag, items, known, number, raw
from standfast.blueprint import Resource

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


def own(estate: Estate) -> Spans:
    """The addresses of all subnets."""
    return union(*(cidrs(one) for one in estate.of("aws_subnet")))


def read_nodes(estate: Estate, taken: set[str]) -> Iterator[Node]:
    """Everything with a firewall; then the groups that guard nothing yet."""
    roads = Roads(estate)
    ours = own(estate)
    used: set[str] = set()
    for kind in CARRIERS:
        for one in estate.of(kind):
            groups = frozenset(filter(None, (group_at(estate, value) for value in _groups(one))))
            if kind == "aws_eks_cluster":
                groups |= {one.address}
            if groups:
                used |= groups
                shared = bool(estate.linked("aws_eks_node_group", "launch_template.id", one))
                places = tuple(_places(estate, roads, one)) or (Place(ours or PRIVATE),)
                walled = tuple(replace(place, walls=(groups,)) for place in places)
                yield Node(
                    _name(one, taken), one.component, one, walled, groups, _role(one), shared,
                    inside=one.kind == "aws_lb" and flag(one, "internal") is True, port=_port(one),
                )  # fmt: skip
    idle = [one for one in estate.of("aws_security_group") if one.address not in used]
    for place, one in enumerate(idle, HOSTS[0][0]):
        groups = frozenset({one.address})
        where = Place(((place, place),), walls=(groups,))
        yield Node(_name(one, taken), one.component, one, (where,), groups, "guard")


ROLES = {"aws_lb": "balancer", "aws_eks_cluster": "control", "aws_vpc_endpoint": "endpoint"}


def _role(one: Resource) -> str:
    return ROLES.get(one.kind, "")


def _port(one: Resource) -> int:
    return int(number(one, "port") or 0)


def _name(one: Resource, taken: set[str]) -> str:
    """What people call it: the component, or a balancer's own name."""
    name = one.component or one.name
    if one.kind == "aws_lb":
        name = "internal balancer" if flag(one, "internal") else "balancer"
    if one.kind in GROUPS:
        name = f"firewall {one.name}"
    if one.kind == "aws_eks_cluster":
        name = "control plane"
    return free_name(one, name, taken)


def _groups(one: Resource) -> list[Any]:
    found = items(one, CARRIERS[one.kind][0])
    for interface in blocks(one, "network_interfaces"):
        found += items(interface, "security_groups")
    return found


def _places(estate: Estate, roads: Roads, one: Resource) -> Iterator[Place]:
    """Where it may stand: one place for all subnets that are alike; none where they are not known."""
    alike: dict[Place, list[Place]] = {}
    for subnet in _subnets(estate, one):
        found = replace(roads.places[subnet.address], public=public(estate, one, subnet))
        alike.setdefault(replace(found, addresses=()), []).append(found)
    for place, all_of in alike.items():
        addresses = union(*(each.addresses for each in all_of))
        if addresses:
            yield replace(place, addresses=addresses)


def _subnets(estate: Estate, one: Resource) -> list[Resource]:
    if one.kind == "aws_launch_template":
        groups = estate.linked("aws_autoscaling_group", "launch_template.id", one)
        nodes = estate.linked("aws_eks_node_group", "launch_template.id", one)
        owners = [(each, "vpc_zone_identifier") for each in groups] + [(each, "subnet_ids") for each in nodes]
    else:
        path = CARRIERS[one.kind][1]
        owners = [(each, "subnet_ids") for each in estate.targets(one, path, *SUBNET_GROUPS)] or [(one, path)]
    return [subnet for owner, path in owners for subnet in estate.targets(owner, path, "aws_subnet")]


def read_forwards(estate: Estate, nodes: dict[str, Node]) -> dict[str, dict[int, frozenset[str]]]:
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
