"""Firewalls allow the calls of the spec, nothing more and nothing less.

*Looks at*: every ingress rule of every security group, compared with the call graph of the spec as sets of ports
*Why*: a path nobody asked for is the one a break-in takes; a path that is missing is an outage
*Fix*: remove the rule, or declare the call in the spec
*Source*: NIST SP 800-53 rev 5, SC-7(5) deny by default, AC-4 information flow enforcement
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding
from standfast.audit.reach import Edge, allowed, beyond, declared, group_name, path_from_internet

CHECK = Check(
    "firewall-edges",
    "Firewalls allow the calls of the spec, nothing more and nothing less",
    "critical",
    ("aws_security_group",),
    "remove the rule, or declare the call in the spec",
)


def check(estate: Estate) -> Iterator[Finding]:
    edges, wanted = allowed(estate), declared(estate)
    extra: dict[str, list[Edge]] = {}
    for edge in beyond(edges, wanted):
        extra.setdefault(edge.target, []).append(edge)
    missing: dict[str, list[Edge]] = {}
    for edge in beyond(wanted, edges):
        missing.setdefault(edge.target, []).append(edge)
    for group in estate.of(*CHECK.kinds):
        name = group_name(estate, group)
        said = [f"open without need: {edge}{_hops(edge, edges)}" for edge in extra.get(name, ())]
        said += [f"asked for, but closed: {edge} ({edge.place.short})" for edge in missing.get(name, ())]
        yield estate.finding(CHECK, group, "; ".join(said))


def _hops(edge: Edge, edges: list[Edge]) -> str:
    """How somebody from the internet would come along this edge."""
    way = path_from_internet(edge, edges)
    return f" (reached from {' -> '.join([*way, edge.target])})" if len(way) > 1 else ""
