"""Networks of Google Cloud as places: subnets, routes, peerings, and what leads out.

Source: Google Cloud docs, "VPC network routes" (subnets of a network reach one another, whatever their region; a
default route leads out), "VPC Network Peering" (connected when both sides have it), "Cloud NAT".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.google.rules import NETWORK, network_name
from standfast.audit.reach.roads import Place, Road, by_prefix
from standfast.audit.reach.spans import ALL_ADDRESSES, HOSTS, PRIVATE, Spans, network, union
from standfast.audit.reading import blocks, flag, items, known, raw
from standfast.blueprint import Resource

SUBNET = "google_compute_subnetwork"
CONTROL = "private_cluster_config.master_ipv4_cidr_block"  # where the control plane of a cluster answers
PROXIES = ("REGIONAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER", "GLOBAL_MANAGED_PROXY")


class Roads:
    """`space`: all addresses of the networks; `proxies`: network -> where its balancers call from."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        subnets = estate.of(SUBNET)
        self.ranges = {one.address: subnet_ranges(one) for one in subnets}
        self.lent = self._lent()
        planes = [known(one, CONTROL) for one in estate.of("google_container_cluster")]
        controls = [network(one) for one in planes if isinstance(one, str)]
        self.space = union(*self.ranges.values(), *self.lent.values(), *controls)
        self.proxies: dict[str, Spans] = {}
        for one in subnets:
            if known(one, "purpose") in PROXIES:
                name = network_name(estate, raw(one, "network"))
                self.proxies[name] = union(self.proxies.get(name, ()), self.ranges[one.address])
        self.roads = {one.address: by_prefix(self._roads(one)) for one in estate.of(NETWORK)}

    def place(self, network_address: str, addresses: Spans, public: bool | None = False) -> Place:
        walls = (frozenset({network_address}),) if network_address in self.roads else ()
        return Place(addresses, network_address, self.roads.get(network_address), walls, public=public)

    def of_interface(self, interface: Any) -> Place | None:
        """Where an interface stands: in its subnet, with a public address if it is given one."""
        found = self.estate.targets(interface, "subnetwork", SUBNET)
        public = bool(blocks(interface, "access_config") or blocks(interface, "ipv6_access_config"))
        if found:
            name = network_name(self.estate, raw(found[0], "network"))
            return self.place(name, self.ranges[found[0].address], public)
        name = network_name(self.estate, raw(interface, "network"))
        return self.place(name, self.of_network(name) or PRIVATE, public) if name else None

    def of_network(self, name: str) -> Spans:
        subnets = self.estate.of(SUBNET)
        return union(
            *(self.ranges[one.address] for one in subnets if network_name(self.estate, raw(one, "network")) == name)
        )

    def _lent(self) -> dict[str, Spans]:
        """network -> the ranges it lends to Google's own services, where databases and caches stand."""
        found: dict[str, Spans] = {}
        for one in self.estate.of("google_compute_global_address"):
            first, length = known(one, "address"), known(one, "prefix_length")
            if known(one, "purpose") == "VPC_PEERING" and isinstance(first, str):
                name = network_name(self.estate, raw(one, "network"))
                found[name] = union(found.get(name, ()), network(f"{first}/{length}"))
        return found

    def _roads(self, own: Resource) -> Iterator[Road]:
        name = own.address
        for route in self.estate.of("google_compute_route"):
            to = known(route, "dest_range")
            if network_name(self.estate, raw(route, "network")) == name and isinstance(to, str):
                out = str(raw(route, "next_hop_gateway") or "").endswith("default-internet-gateway")
                yield Road(network(to), "either" if out else "away", "", "" if out else route.address)
        yield Road(union(self.of_network(name), self.lent.get(name, ()), HOSTS), "inside")
        yield from self._peers(own)
        if any(self.estate.of(f"google_compute_{kind}") for kind in ("vpn_tunnel", "interconnect_attachment")):
            yield Road(PRIVATE, "away")
        if flag(own, "delete_default_routes_on_create") is not True:
            yield Road(ALL_ADDRESSES, "either" if self._translated(name) else "internet")

    def _translated(self, name: str) -> bool:
        for nat in self.estate.of("google_compute_router_nat"):
            routers = self.estate.targets(nat, "router", "google_compute_router")
            if not routers or any(network_name(self.estate, raw(one, "network")) == name for one in routers):
                return True
        return False

    def _peers(self, own: Resource) -> Iterator[Road]:
        pairs = [
            (one, *(self.estate.target(raw(one, path), NETWORK) for path in ("network", "peer_network")))
            for one in self.estate.of("google_compute_network_peering")
        ]
        for one, near, far in pairs:
            if near is not own:
                continue
            if far is None:
                yield Road(PRIVATE, "away", "", one.address)
            elif any(other_near is far and other_far is own for _, other_near, other_far in pairs):
                yield Road(self.of_network(far.address), "peer", far.address, one.address)


def subnet_ranges(one: Resource) -> Spans:
    """Its addresses, those of pods and services too."""
    written = [*items(one, "ip_cidr_range"), *items(one, "ipv6_cidr_range")]
    written += [known(more, "ip_cidr_range") for more in blocks(one, "secondary_ip_range")]
    return union(*(network(value) for value in written if isinstance(value, str)))


def unguarded(place: Place) -> Place:
    """What Google runs itself, past the firewall of the network."""
    return replace(place, walls=())
