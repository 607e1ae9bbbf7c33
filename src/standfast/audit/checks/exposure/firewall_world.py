"""Only the balancer is open to the world, on 80 and 443.

*Looks at*: every rule that lets a large part of the internet in (a /8 or more), and what its group guards
*Why*: whatever the world can reach, somebody tries within minutes
*Fix*: let in the balancer's security group instead of addresses
*Source*: AWS Foundational Security Best Practices, EC2.18 and EC2.19
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, kept, unknown
from standfast.audit.reach import read_graph
from standfast.audit.reach.spans import PUBLIC, V6, Spans, difference, intersection, ports_of, tcp
from standfast.audit.reading import UNKNOWN, known

ID = "firewall-world"
TITLE = "Only the balancer is open to the world, on 80 and 443"
SEVERITY = "critical"
KINDS = ("aws_security_group",)

WEB = tcp(80, 443)
LARGE, LARGE_V6 = 1 << 24, 1 << 96  # addresses of a /8 in IPv4, of a /32 in IPv6
FIX = "let in the security group of the balancer instead, or the few addresses that need it"


def check(estate: Estate) -> Iterator[Finding]:
    graph = read_graph(estate)
    guards: dict[str, set[bool]] = {}
    for node in graph.nodes.values():
        for group in node.groups if node.addresses else ():
            guards.setdefault(group, set()).add(node.balancer)
    said: set[str] = set()
    for rule in graph.rules:
        if rule.way != "ingress":
            continue
        extra = difference(rule.spans, WEB) if guards.get(rule.group) == {True} else rule.spans
        if rule.unclear and extra and _by_address(rule.origin):
            said.add(rule.group)
            yield unknown(rule.origin, "which addresses it lets in is decided when it is applied")
        elif _large(intersection(rule.addresses, PUBLIC)) and extra:
            said.add(rule.group)
            yield broken(rule.origin, f"the whole internet is let in on {ports_of(extra)}", FIX)
    for group in estate.of(*KINDS):
        if group.address not in said:
            yield kept(group, "the internet is not let in, but for 80 and 443 at a balancer")


def _large(addresses: Spans) -> bool:
    return any(last - first + 1 >= (LARGE_V6 if first >= V6 else LARGE) for first, last in addresses)


def _by_address(origin) -> bool:
    return UNKNOWN in (known(origin, "cidr_ipv4"), known(origin, "cidr_ipv6"), known(origin, "cidr_blocks"))
