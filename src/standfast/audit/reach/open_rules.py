"""What rules of network security groups (Azure) and firewall rules (Google Cloud) really let in: what a rule that
refuses before them leaves.

Source: Azure docs, "Network security groups"; google provider, google_compute_firewall: a rule without a source lets
the whole internet in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from standfast.audit.estate import Estate
from standfast.audit.reach.boxes import traffic_of
from standfast.audit.reach.rules import End, Rule, let_through, ordered
from standfast.audit.reach.spans import ANYWHERE, Spans, union
from standfast.audit.reading import blocks
from standfast.blueprint import Resource

CLOUDS = ("azurerm_", "google_")


@dataclass(frozen=True)
class Open:
    """`spans` of traffic from `addresses`; `unclear`: one of both is decided when it is applied."""

    origin: Resource
    spans: Spans
    addresses: Spans
    unclear: bool
    web: bool  # whether it stands before a balancer alone


def open_rules(estate: Estate, rules: Iterable[Rule]) -> Iterator[Open]:
    """What each rule that somebody wrote lets in, into whatever it speaks of."""
    fronts = _fronts(estate)
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.way == "ingress" and rule.origin.kind.startswith(CLOUDS):
            groups.setdefault(rule.group, []).append(rule)
    for group, found in groups.items():
        inward = ordered(found)
        for rule in inward:
            if rule.implied or not rule.allows:
                continue
            spans, addresses = rule.spans, rule.addresses
            if not rule.unclear:
                own = End(ANYWHERE, rule.own_groups)
                left = [box for one, boxes in let_through(inward, own, End(ANYWHERE)) if one is rule for box in boxes]
                spans, addresses = traffic_of(left), union(*(box[1] for box in left))
            yield Open(rule.origin, spans, addresses, rule.unclear, group in fronts)


def _fronts(estate: Estate) -> set[str]:
    """The groups of subnets in which application gateways stand, and nothing else may."""
    subnets = {
        subnet.address
        for gateway in estate.of("azurerm_application_gateway")
        for way in blocks(gateway, "gateway_ip_configuration")
        for subnet in estate.targets(way, "subnet_id", "azurerm_subnet")
    }
    found: dict[str, set[str]] = {}
    for joined in estate.of("azurerm_subnet_network_security_group_association"):
        for group in estate.targets(joined, "network_security_group_id", "azurerm_network_security_group"):
            there = {one.address for one in estate.targets(joined, "subnet_id", "azurerm_subnet")} or {"?"}
            found.setdefault(group.address, set()).update(there)
    return {group for group, there in found.items() if there <= subnets}
