"""Rules of network security groups, inside or as resources of their own, with those that Azure adds to each.

Source: Azure docs, "Network security groups": by priority, the first that fits decides; default rules of 65000 and
above. They are stateful: an answer needs no rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.azure.tags import Tags
from standfast.audit.reach.rules import Rule, Way
from standfast.audit.reach.spans import ALL_TRAFFIC, ANYWHERE, Spans, port_spans, union
from standfast.audit.reading import LATER, UNKNOWN, blocks, items, known, raw
from standfast.blueprint import Resource

GROUP = "azurerm_network_security_group"
ASG = "azurerm_application_security_group"
WAYS: dict[str, Way] = {"inbound": "ingress", "outbound": "egress"}
# name, way, peers, allows, priority
DEFAULTS: tuple[tuple[str, Way, str, bool, int], ...] = (
    ("AllowVnetInBound", "ingress", "VirtualNetwork", True, 65000),
    ("AllowAzureLoadBalancerInBound", "ingress", "AzureLoadBalancer", True, 65001),
    ("DenyAllInBound", "ingress", "*", False, 65500),
    ("AllowVnetOutBound", "egress", "VirtualNetwork", True, 65000),
    ("AllowInternetOutBound", "egress", "Internet", True, 65001),
    ("DenyAllOutBound", "egress", "*", False, 65500),
)


def read_rules(estate: Estate, tags: Tags) -> Iterator[Rule]:
    for origin, group, settings in written(estate):
        yield from _rule(estate, tags, origin, group, settings)
    for group in estate.of(GROUP):
        for name, way, peers, allows, order in DEFAULTS:
            yield Rule(
                group.address, way, ALL_TRAFFIC, tags.addresses(peers), frozenset(), False, group, allows, order,
                own=ANYWHERE, implied=f"Azure's own rule {name}",
            )  # fmt: skip


def written(estate: Estate) -> Iterator[tuple[Resource, str, Any]]:
    """Every rule that somebody wrote: the resource, its group, its settings."""
    for one in estate.of("azurerm_network_security_rule"):
        group = estate.target(raw(one, "network_security_group_name"), GROUP)
        yield one, group.address if group is not None else str(raw(one, "network_security_group_name")), one
    for group in estate.of(GROUP):
        for rule in blocks(group, "security_rule"):
            if rule is not UNKNOWN:
                yield group, group.address, rule


def _rule(estate: Estate, tags: Tags, origin: Resource, group: str, settings: Any) -> Iterator[Rule]:
    way = WAYS.get(str(known(settings, "direction")).lower())
    access, kind = known(settings, "access"), known(settings, "protocol", "*")
    order = known(settings, "priority", 4096)
    sources, source_groups = _end(estate, tags, settings, "source")
    targets, target_groups = _end(estate, tags, settings, "destination")
    ports = [*items(settings, "destination_port_range"), *items(settings, "destination_port_ranges")]
    unclear = UNKNOWN in (access, kind, order, known(settings, "direction"))
    unclear = unclear or None in (sources, targets) or any(isinstance(one, LATER) for one in ports)
    protocol = "-1" if kind in ("*", UNKNOWN) else str(kind)
    spans = ALL_TRAFFIC if unclear and not ports else port_spans(protocol, [one for one in ports if _text(one)])
    ways: tuple[Way, ...] = (way,) if way else ("ingress", "egress")
    for each in ways:
        own, own_groups = (targets, target_groups) if each == "ingress" else (sources, source_groups)
        peers, groups = (sources, source_groups) if each == "ingress" else (targets, target_groups)
        yield Rule(
            group,
            each,
            spans,
            peers or (),
            groups,
            unclear,
            origin,
            str(access).lower() == "allow",
            1 if order is UNKNOWN else int(order),
            ANYWHERE if own is None else own,
            own_groups,
        )


def _text(value: Any) -> bool:
    return isinstance(value, (str, int))


def _end(estate: Estate, tags: Tags, settings: Any, side: str) -> tuple[Spans | None, frozenset[str]]:
    """The addresses and application security groups of one side; None where that is decided later."""
    prefixes = [*items(settings, f"{side}_address_prefix"), *items(settings, f"{side}_address_prefixes")]
    groups = items(settings, f"{side}_application_security_group_ids")
    names = [group_name(estate, one) for one in groups]
    if any(isinstance(one, LATER) for one in prefixes) or "" in names:
        return None, frozenset(name for name in names if name)
    if not prefixes and not names:
        return ANYWHERE, frozenset()  # nothing is said: anything
    return union(*(tags.addresses(one) for one in prefixes if isinstance(one, str))), frozenset(names)


def group_name(estate: Estate, value: Any) -> str:
    """The address of an application security group, else its id; "" where it is decided later."""
    found = estate.target(value, ASG)
    if found is not None:
        return found.address
    return "" if isinstance(value, LATER) or not value else str(value).lower()
