"""What rules of network security groups (Azure) and firewall rules (Google Cloud) let in, each rule by itself.

A rule that refuses before it is not counted: what is named here may be stopped by another rule.

Source: Azure docs, "Network security groups"; google provider, google_compute_firewall: a rule without a source lets
the whole internet in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.spans import ALL_ADDRESSES, ALL_TRAFFIC, PUBLIC, Spans, network, traffic, union
from standfast.audit.reading import LATER, UNKNOWN, blocks, flag, items, known, raw
from standfast.blueprint import Resource

AZURE_ALL = {"*": ALL_ADDRESSES, "any": ALL_ADDRESSES, "internet": PUBLIC}
GOOGLE_SOURCES = ("source_ranges", "source_tags", "source_service_accounts")


@dataclass(frozen=True)
class Open:
    """`spans` of traffic from `addresses`; `unclear`: one of both is decided when it is applied."""

    origin: Resource
    spans: Spans
    addresses: Spans
    unclear: bool
    web: bool  # whether it stands before a balancer alone


def open_rules(estate: Estate) -> Iterator[Open]:
    fronts = _fronts(estate)
    for one in estate.of("azurerm_network_security_rule"):
        group = estate.target(raw(one, "network_security_group_name"), "azurerm_network_security_group")
        yield from _azure(one, one, group is not None and group.address in fronts)
    for group in estate.of("azurerm_network_security_group"):
        for rule in blocks(group, "security_rule"):
            yield from _azure(rule, group, group.address in fronts) if rule is not UNKNOWN else ()
    for one in estate.of("google_compute_firewall"):
        yield from _google(one)


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


def _azure(rule: Any, origin: Resource, web: bool) -> Iterator[Open]:
    way, access = known(rule, "direction"), known(rule, "access")
    if way not in ("Inbound", UNKNOWN) or access not in ("Allow", UNKNOWN):
        return
    sources = [*items(rule, "source_address_prefix"), *items(rule, "source_address_prefixes")]
    ports = [*items(rule, "destination_port_range"), *items(rule, "destination_port_ranges")]
    kind = known(rule, "protocol", "*")
    unclear = UNKNOWN in (way, access, kind) or any(isinstance(one, LATER) for one in (*sources, *ports))
    protocol = "-1" if kind in ("*", UNKNOWN) else str(kind)
    written = [one for one in sources if isinstance(one, str)]
    addresses = union(*(AZURE_ALL.get(one.lower()) or network(one) for one in written))
    later = any(isinstance(one, LATER) for one in ports)
    yield Open(origin, ALL_TRAFFIC if later else port_spans(protocol, ports), addresses, unclear, web)


def _google(one: Resource) -> Iterator[Open]:
    way = known(one, "direction", "INGRESS")
    if way not in ("INGRESS", UNKNOWN) or flag(one, "disabled"):
        return
    allowed = blocks(one, "allow")
    if not allowed:
        return
    sources = items(one, "source_ranges")
    everybody = not any(items(one, path) for path in GOOGLE_SOURCES)
    unclear = way is UNKNOWN or UNKNOWN in allowed or any(isinstance(each, LATER) for each in sources)
    spans = [
        port_spans(str(known(each, "protocol")), items(each, "ports")) if each is not UNKNOWN else ALL_TRAFFIC
        for each in allowed
    ]
    addresses = ALL_ADDRESSES if everybody else union(*(network(each) for each in sources if isinstance(each, str)))
    yield Open(one, union(*spans), addresses, unclear, False)


def port_spans(protocol: str, ports: list[Any]) -> Spans:
    """Ports as they are written: `443`, `8000-8100`, `*`; none: all of them."""
    pairs = []
    for port in ports or ["*"]:
        first, _, last = str(port).partition("-")
        pairs.append((int(first), int(last or first)) if first.isdecimal() else (0, 65_535))
    if protocol in ("-1", "all"):
        return (
            ALL_TRAFFIC
            if (0, 65_535) in pairs
            else union(*(traffic(p, *pair) for p in ("tcp", "udp") for pair in pairs))
        )
    return union(*(traffic(protocol, *pair) for pair in pairs))
