"""Subnets of Azure as places: their addresses, security groups, routes and peerings.

Source: Azure docs, "Virtual network traffic routing" (system routes reach the whole network and the internet; routes
of users go before them), "Virtual network peering" (connected when both sides have it).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.roads import By, Place, Road, by_prefix
from standfast.audit.reach.spans import ALL_ADDRESSES, PRIVATE, Spans, network, union
from standfast.audit.reading import UNKNOWN, blocks, items, known, raw
from standfast.blueprint import Resource

GROUP = "azurerm_network_security_group"
NETWORK = "azurerm_virtual_network"
TABLE = "azurerm_route_table"
HOPS: dict[str, By] = {
    "virtualnetworkgateway": "away",
    "vnetlocal": "inside",
    "internet": "either",
    "virtualappliance": "away",
    "none": "nowhere",
}


class Roads:
    """The places of an estate, each subnet worked out once. `space`: all addresses of its networks."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.space = union(*(ranges(one, "address_space") for one in estate.of(NETWORK)))
        self.space = union(self.space, *(ranges(one, "address_prefixes") for one in estate.of("azurerm_subnet")))
        self.away = bool(estate.of("azurerm_virtual_network_gateway"))
        self.groups = self._joined(
            "azurerm_subnet_network_security_group_association", "network_security_group_id", GROUP
        )
        self.tables = self._joined("azurerm_subnet_route_table_association", "route_table_id", TABLE)
        self.places = {one.address: self._place(one) for one in estate.of("azurerm_subnet")}

    def _joined(self, kind: str, path: str, to: str) -> dict[str, Resource]:
        return {
            subnet.address: owner
            for joined in self.estate.of(kind)
            for owner in self.estate.targets(joined, path, to)
            for subnet in self.estate.targets(joined, "subnet_id", "azurerm_subnet")
        }

    def _place(self, subnet: Resource) -> Place:
        own = self.estate.target(raw(subnet, "virtual_network_name"), NETWORK)
        group = self.groups.get(subnet.address)
        walls = (frozenset({group.address}),) if group is not None else ()
        roads = tuple(self._roads(subnet, own)) if own is not None else None
        return Place(
            ranges(subnet, "address_prefixes"), own.address if own else "", by_prefix(roads) if roads else None, walls
        )

    def _roads(self, subnet: Resource, own: Resource) -> Iterator[Road]:
        """Routes of users first: of two with one prefix the first is taken."""
        table = self.tables.get(subnet.address)
        for route in self._routes(table):
            hop = HOPS.get(str(known(route, "next_hop_type")).lower())
            to = _route_range(known(route, "address_prefix"))
            if hop is not None and to:
                yield Road(to, hop, "", getattr(table, "address", "") if hop == "away" else "")
        yield Road(ranges(own, "address_space") or ALL_ADDRESSES, "inside")
        yield from self._peers(own)
        if self.away:
            yield Road(PRIVATE, "away")
        yield Road(ALL_ADDRESSES, "either")

    def _routes(self, table: Resource | None) -> list[Any]:
        if table is None:
            return []
        inside = [one for one in blocks(table, "route") if one is not UNKNOWN]
        return [*inside, *self.estate.linked("azurerm_route", "route_table_name", table)]

    def _peers(self, own: Resource) -> Iterator[Road]:
        peerings = self.estate.of("azurerm_virtual_network_peering")
        pairs = [
            (one, self._end(one, "virtual_network_name"), self._end(one, "remote_virtual_network_id"))
            for one in peerings
        ]
        for one, near, far in pairs:
            if near is not own:
                continue
            if far is None:
                yield Road(PRIVATE, "away", "", one.address)
            elif any((other_near, other_far) == (far, own) for _, other_near, other_far in pairs):
                yield Road(ranges(far, "address_space"), "peer", far.address, one.address)

    def _end(self, peering: Resource, path: str) -> Resource | None:
        return self.estate.target(raw(peering, path), NETWORK)


def ranges(one: Resource, path: str) -> Spans:
    """The addresses of its prefixes; IP address management may decide them later."""
    return union(*(network(value) for value in items(one, path) if isinstance(value, str)))


def _route_range(value: Any) -> Spans:
    """A prefix; a service tag has none that is known here."""
    return network(value) if isinstance(value, str) else ()
