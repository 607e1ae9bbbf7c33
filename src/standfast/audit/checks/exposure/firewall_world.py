"""Only the balancer is open to the world, on 80 and 443.

*Looks at*: every rule that lets a large part of the internet in (a /8 or more), and what its group guards; rules of
network security groups (Azure) and firewall rules (Google Cloud), as far as none that refuses comes before
*Why*: whatever the world can reach, somebody tries within minutes
*Fix*: let in the balancer's security group instead of addresses
*Source*: AWS Foundational Security Best Practices, EC2.18 and EC2.19; CIS Microsoft Azure Foundations Benchmark
3.0, 7.1 to 7.4; CIS Google Cloud Platform Foundation Benchmark 3.0, 3.6 and 3.7
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, kept, unknown
from standfast.audit.reach import Graph, read_graph
from standfast.audit.reach.open_rules import open_rules
from standfast.audit.reach.spans import PUBLIC, V6, Spans, difference, intersection, ports_of, tcp
from standfast.audit.reading import UNKNOWN, known

ID = "firewall-world"
TITLE = "Only the balancer is open to the world, on 80 and 443"
SEVERITY = "critical"
AWS = ("aws_security_group",)
OTHERS = ("azurerm_network_security_group", "azurerm_network_security_rule", "google_compute_firewall")
KINDS = (*AWS, *OTHERS)

WEB = tcp(80, 443)
LARGE, LARGE_V6 = 1 << 24, 1 << 96  # addresses of a /8 in IPv4, of a /32 in IPv6
FIX = "let in the security group of the balancer instead, or the few addresses that need it"


def check(estate: Estate) -> Iterator[Finding]:
    graph = read_graph(estate)
    yield from _elsewhere(estate, graph)
    guards: dict[str, set[bool]] = {}
    for node in graph.nodes.values():
        for group in node.groups if node.addresses else ():
            guards.setdefault(group, set()).add(node.balancer)
    said: set[str] = set()
    for rule in graph.rules:
        if rule.way != "ingress" or rule.order:
            continue  # access lists and the rules of other clouds have an order
        extra = difference(rule.spans, WEB) if guards.get(rule.group) == {True} else rule.spans
        if rule.unclear and extra and _by_address(rule.origin):
            said.add(rule.group)
            yield unknown(rule.origin, "which addresses it lets in is decided when it is applied")
        elif _large(intersection(rule.addresses, PUBLIC)) and extra:
            said.add(rule.group)
            yield broken(rule.origin, f"the whole internet is let in on {ports_of(extra)}", FIX)
    for group in estate.of(*AWS):
        if group.address not in said:
            yield kept(group, "the internet is not let in, but for 80 and 443 at a balancer")


def _elsewhere(estate: Estate, graph: Graph) -> Iterator[Finding]:
    """Google Cloud's balancers need no rule for the world: what such a rule lets in is a server."""
    for rule in open_rules(estate, graph.rules):
        extra = difference(rule.spans, WEB) if rule.web else rule.spans
        if extra and _large(intersection(rule.addresses, PUBLIC)):
            fix = "let in the subnet of the balancer instead, or the few addresses that need it"
            yield broken(rule.origin, f"the whole internet is let in on {ports_of(extra)}", fix)
        elif extra and rule.unclear:
            yield unknown(rule.origin, "which addresses it lets in is decided when it is applied")
        else:
            yield kept(rule.origin, "the internet is not let in, but for 80 and 443 at a balancer")


def _large(addresses: Spans) -> bool:
    return any(last - first + 1 >= (LARGE_V6 if first >= V6 else LARGE) for first, last in addresses)


def _by_address(origin) -> bool:
    return UNKNOWN in (known(origin, "cidr_ipv4"), known(origin, "cidr_ipv6"), known(origin, "cidr_blocks"))
