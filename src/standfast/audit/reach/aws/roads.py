"""Subnets of AWS as places: their addresses, route tables, network ACLs, and whether the internet finds them.

Source: Amazon VPC User Guide, "Route tables", "Network ACLs" and "Internet gateways"; Amazon VPC Peering Guide: a
peering carries what routes of both sides send into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.aws.rules import LISTS
from standfast.audit.reach.roads import By, Place, Road, by_prefix
from standfast.audit.reach.routes import TABLES, table_routes
from standfast.audit.reach.spans import ALL_ADDRESSES, Spans, network, union
from standfast.audit.reading import flag, items, known, raw
from standfast.blueprint import Resource

# The setting of a route that names its target -> how it leads there. `gateway_id` may name several things.
TARGETS: tuple[tuple[str, By], ...] = (
    ("nat_gateway_id", "translated"),
    ("egress_only_gateway_id", "translated"),
    ("vpc_peering_connection_id", "peer"),
    ("transit_gateway_id", "away"),
    ("network_interface_id", "away"),
    ("carrier_gateway_id", "internet"),
    ("local_gateway_id", "away"),
    ("core_network_arn", "away"),
    ("instance_id", "away"),
    ("vpc_endpoint_id", "nowhere"),
)


class Roads:
    """The places of an estate, each subnet worked out once."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.tables = self._associated("aws_route_table_association", "route_table_id", TABLES)
        self.lists = self._associated("aws_network_acl_association", "network_acl_id", LISTS)
        for acl in estate.of("aws_network_acl"):
            for subnet in estate.targets(acl, "subnet_ids", "aws_subnet"):
                self.lists.setdefault(subnet.address, acl)
        self.places = {one.address: self._place(one) for one in estate.of("aws_subnet")}

    def _associated(self, kind: str, path: str, kinds: tuple[str, ...]) -> dict[str, Resource]:
        return {
            subnet.address: owner
            for joined in self.estate.of(kind)
            for owner in self.estate.targets(joined, path, *kinds)
            for subnet in self.estate.targets(joined, "subnet_id", "aws_subnet")
        }

    def _place(self, subnet: Resource) -> Place:
        vpc = self.estate.target(raw(subnet, "vpc_id"), "aws_vpc", "aws_default_vpc")
        acl = self.lists.get(subnet.address) or self._of_network("aws_default_network_acl", vpc)
        address = vpc.address if vpc is not None else ""
        listed = frozenset({acl.address}) if acl is not None else frozenset()
        name = subnet.address if listed else ""
        return Place(cidrs(subnet), address, self._roads(subnet, vpc), (), listed, name)

    def _of_network(self, kind: str, vpc: Resource | None) -> Resource | None:
        """What AWS makes with each VPC, where somebody took it into the code: it names the VPC's own."""
        for one in self.estate.of(kind):
            for path in ("default_network_acl_id", "default_route_table_id", "vpc_id"):
                if vpc is not None and self.estate.target(raw(one, path), vpc.kind) is vpc:
                    return one
            own = [known(vpc, path) for path in ("default_network_acl_id", "default_route_table_id")] if vpc else []
            if isinstance(found := known(one, "id"), str) and found in own:
                return one
        return None

    def _roads(self, subnet: Resource, vpc: Resource | None) -> tuple[Road, ...] | None:
        """None where its route table is not among the resources, or a part of it is decided later."""
        table = self.tables.get(subnet.address) or self._main(vpc)
        if table is None or vpc is None:
            return None
        found = [Road(one, "inside") for one in vpc_ranges(self.estate, vpc)]
        for route in table_routes(self.estate, table):
            road = self._road(route)
            if road is None:
                return None
            found.append(road)
        return by_prefix(found)

    def _main(self, vpc: Resource | None) -> Resource | None:
        for joined in self.estate.of("aws_main_route_table_association"):
            if vpc is not None and self.estate.target(raw(joined, "vpc_id"), vpc.kind) is vpc:
                return self.estate.target(raw(joined, "route_table_id"), *TABLES)
        return self._of_network("aws_default_route_table", vpc)

    def _road(self, route: Any) -> Road | None:
        paths = ("destination_cidr_block", "destination_ipv6_cidr_block", "cidr_block", "ipv6_cidr_block")
        to = union(*(network(one) for path in paths for one in [known(route, path)] if isinstance(one, str)))
        if known(route, "destination_prefix_list_id") or known(route, "prefix_list_id"):
            return Road((), "nowhere")  # of a gateway endpoint: to the cloud's own services
        if not to:
            return None
        gateway = raw(route, "gateway_id")
        if gateway not in (None, ""):
            return Road(to, self._gateway(gateway))
        for path, by in TARGETS:
            value = raw(route, path)
            if value in (None, ""):
                continue
            if by == "peer":
                return self._peer(to, value)
            return Road(to, by)
        return Road(to, "nowhere")

    def _gateway(self, value: Any) -> By:
        if value == "local":
            return "inside"
        if self.estate.target(value, "aws_internet_gateway") or str(value).startswith("igw-"):
            return "internet"
        return "away"

    def _peer(self, to: Spans, value: Any) -> Road:
        """To the other VPC of the peering; to somebody else's where that is not among the resources."""
        peering = self.estate.target(value, "aws_vpc_peering_connection")
        if peering is None:
            return Road(to, "away")
        ends = [self.estate.target(raw(peering, path), "aws_vpc") for path in ("vpc_id", "peer_vpc_id")]
        if None in ends:
            return Road(to, "away", "", peering.address)
        # A place is in one of the two: its own end never fits, as what is inside is more specific.
        return Road(to, "peer", " ".join(sorted(one.address for one in ends if one is not None)), peering.address)


def vpc_ranges(estate: Estate, vpc: Resource) -> Iterator[Spans]:
    written = [known(vpc, "cidr_block"), known(vpc, "ipv6_cidr_block")]
    for more in estate.linked("aws_vpc_ipv4_cidr_block_association", "vpc_id", vpc):
        written.append(known(more, "cidr_block"))
    ranges = [network(one) for one in written if isinstance(one, str)]
    subnets = estate.linked("aws_subnet", "vpc_id", vpc)
    yield from ranges or [cidrs(one) for one in subnets] or [ALL_ADDRESSES]
    if ranges:  # what AWS hands out of IPv6 is only known of the subnets
        yield from (network(one) for one in (known(two, "ipv6_cidr_block") for two in subnets) if isinstance(one, str))


def cidrs(subnet: Resource) -> Spans:
    written = (known(subnet, "cidr_block"), known(subnet, "ipv6_cidr_block"))
    return union(*(network(one) for one in written if isinstance(one, str)))


def public(estate: Estate, one: Resource, subnet: Resource) -> bool | None:
    """Whether it has an address of the internet there; None: not known."""
    if one.kind == "aws_lb":
        inside = flag(one, "internal")
        return None if inside is None else not inside
    if one.kind == "aws_instance":
        if estate.linked("aws_eip", "instance", one) or estate.linked("aws_eip_association", "instance_id", one):
            return True
        given = known(one, "associate_public_ip_address")
        return flag(subnet, "map_public_ip_on_launch") if given is None else flag(one, "associate_public_ip_address")
    if one.kind == "aws_network_interface":
        return bool(estate.linked("aws_eip", "network_interface", one)) or None
    if one.kind == "aws_launch_template":
        given = [flag(each, "associate_public_ip_address") for each in items(one, "network_interfaces")]
        return given[0] if given and given[0] is not None else flag(subnet, "map_public_ip_on_launch")
    if one.kind in ("aws_db_instance", "aws_mq_broker"):
        return flag(one, "publicly_accessible")
    if one.kind == "aws_ecs_service":
        return flag(one, "network_configuration.assign_public_ip")
    return False
