"""Rules of security groups and network ACLs, however they are written: a resource of its own, inside, as AWS reports.

Source: Amazon VPC User Guide, "Security group rules" and "Network ACL rules"; AWS provider, aws_security_group and
aws_vpc_security_group_ingress_rule. Security groups are stateful: an answer needs no rule. Network ACLs are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.rules import Rule, Way
from standfast.audit.reach.spans import ALL_TRAFFIC, network, traffic, union
from standfast.audit.reading import LATER, UNKNOWN, blocks, flag, items, known, raw
from standfast.blueprint import Ref, Resource

GROUPS = ("aws_security_group", "aws_default_security_group")
LISTS = ("aws_network_acl", "aws_default_network_acl")
OWN_GROUP = "vpc_config.cluster_security_group_id"


def read_rules(estate: Estate) -> list[Rule]:
    """All rules, each once: what AWS reports inside a group repeats the rules that are resources of their own."""
    rules: dict[tuple, Rule] = {}
    for rule in (*_resources(estate), *_old_resources(estate), *_inside(estate), *_listed(estate)):
        key = (rule.group, rule.way, rule.spans, rule.addresses, rule.groups, rule.unclear, rule.allows, rule.order)
        rules.setdefault(key, rule)
    return list(rules.values())


def group_at(estate: Estate, value: Any) -> str:
    """The address of the security group a value refers to, else the value itself; "" where it is not known."""
    found = estate.target(value, *GROUPS)
    if found is not None:
        return found.address
    for cluster in estate.of("aws_eks_cluster"):  # EKS makes a group for the control plane, which no resource is
        own = known(cluster, OWN_GROUP)
        if (isinstance(value, Ref) and value.address == cluster.address) or (value and value == own):
            return cluster.address
    return "" if isinstance(value, LATER) or not value else str(value).rpartition("/")[2]


def _resources(estate: Estate) -> Iterator[Rule]:
    for way in ("ingress", "egress"):
        for one in estate.of(f"aws_vpc_security_group_{way}_rule"):
            cidrs = [raw(one, "cidr_ipv4"), raw(one, "cidr_ipv6")]
            peers = [raw(one, "referenced_security_group_id")]
            lists = [raw(one, "prefix_list_id")]
            yield _rule(estate, one, raw(one, "security_group_id"), way, "ip_protocol", (cidrs, peers, lists), one)


def _old_resources(estate: Estate) -> Iterator[Rule]:
    for one in estate.of("aws_security_group_rule"):
        group = raw(one, "security_group_id")
        peers = [*items(one, "source_security_group_id"), *([group] if flag(one, "self") else [])]
        cidrs = [*items(one, "cidr_blocks"), *items(one, "ipv6_cidr_blocks")]
        way: Way = "egress" if known(one, "type") == "egress" else "ingress"
        yield _rule(estate, one, group, way, "protocol", (cidrs, peers, items(one, "prefix_list_ids")), one)


def _inside(estate: Estate) -> Iterator[Rule]:
    for group in estate.of(*GROUPS):
        for way in ("ingress", "egress"):
            for one in blocks(group, way):
                if one is UNKNOWN:
                    continue  # computed by AWS from the rules that are resources of their own
                peers = [*items(one, "security_groups"), *([group.address] if flag(one, "self") else [])]
                cidrs = [*items(one, "cidr_blocks"), *items(one, "ipv6_cidr_blocks")]
                lists = items(one, "prefix_list_ids")
                yield _rule(estate, group, group.address, way, "protocol", (cidrs, peers, lists), one)


def _rule(
    estate: Estate, origin: Resource, group: Any, way: Way, protocol: str, peers: tuple[list, list, list], settings: Any
) -> Rule:
    """A rule from its parts; `peers`: CIDRs, groups, and prefix lists, whose addresses are not known here."""
    cidrs, groups, lists = ([one for one in found if one not in (None, "")] for found in peers)
    unclear = any(isinstance(one, LATER) for one in cidrs) or bool(lists)
    kind, first, last = known(settings, protocol), known(settings, "from_port"), known(settings, "to_port")
    spans = ALL_TRAFFIC
    if UNKNOWN in (kind, first, last):
        unclear = True
    else:
        spans = traffic(kind, _port(first), _port(last))
    named = [group_at(estate, one) for one in groups]
    unclear = unclear or "" in named
    return Rule(
        group if isinstance(group, str) and "." in group else group_at(estate, group),
        way,
        spans,
        union(*(network(one) for one in cidrs if isinstance(one, str))),
        frozenset(name if name else "?" for name in named),
        unclear,
        origin,
    )


def _port(value: Any) -> int | None:
    return None if value is None else int(value)


def _listed(estate: Estate) -> Iterator[Rule]:
    """Rules of network ACLs: by their number; what none of them allows is refused."""
    for one in estate.of("aws_network_acl_rule"):
        owner = estate.target(raw(one, "network_acl_id"), *LISTS)
        group = owner.address if owner is not None else str(raw(one, "network_acl_id"))
        way: Way = "egress" if flag(one, "egress") else "ingress"
        yield _list_rule(one, group, way, one, ("rule_number", "rule_action"), ("cidr_block", "ipv6_cidr_block"))
    for owner in estate.of(*LISTS):
        for way in ("ingress", "egress"):
            for one in blocks(owner, way):
                if one is not UNKNOWN:
                    names = (("rule_no", "action"), ("cidr_block", "ipv6_cidr_block"))
                    yield _list_rule(owner, owner.address, way, one, *names)


def _list_rule(
    origin: Resource, group: str, way: Way, settings: Any, names: tuple[str, str], cidrs: tuple[str, str]
) -> Rule:
    order, action = known(settings, names[0], 1), known(settings, names[1])
    written = [raw(settings, path) for path in cidrs]
    found = [one for one in written if isinstance(one, str) and one]
    kind, first, last = known(settings, "protocol"), known(settings, "from_port"), known(settings, "to_port")
    values = (order, action, kind, first, last)
    unclear = UNKNOWN in values or any(isinstance(one, LATER) for one in written)
    spans = ALL_TRAFFIC if unclear else traffic(kind, _port(first), _port(last))
    return Rule(
        group,
        way,
        spans,
        union(*(network(one) for one in found)),
        frozenset(),
        unclear,
        origin,
        allows=str(action).lower() == "allow",
        order=1 if order is UNKNOWN else int(order),
    )
