"""Which subnets the internet reaches: those whose routes lead to an internet gateway.

Source: Amazon VPC User Guide, "Route table concepts" and "Enable internet access for a VPC using an internet gateway".
"""

from __future__ import annotations

from standfast.audit.estate import Estate
from standfast.audit.reading import UNKNOWN, blocks, raw
from standfast.blueprint import Resource

TABLES = ("aws_route_table", "aws_default_route_table")


def public_subnets(estate: Estate) -> set[str]:
    """Addresses of the subnets with a route to an internet gateway."""
    open_tables = {table.address for table in estate.of(*TABLES) if _leads_out(estate, table)}
    return {
        subnet.address
        for joined in estate.of("aws_route_table_association")
        for table in estate.targets(joined, "route_table_id", *TABLES)
        if table.address in open_tables
        for subnet in estate.targets(joined, "subnet_id", "aws_subnet")
    }


def nat_zones(estate: Estate) -> list[tuple[Resource, object, object]]:
    """(subnet, its zone, the zone of the NAT gateway it leaves through), for every subnet that has one."""
    found = []
    for joined in estate.of("aws_route_table_association"):
        for table in estate.targets(joined, "route_table_id", *TABLES):
            for gateway in _gateways(estate, table):
                for subnet in estate.targets(joined, "subnet_id", "aws_subnet"):
                    for place in estate.targets(gateway, "subnet_id", "aws_subnet"):
                        found.append((subnet, raw(subnet, "availability_zone"), raw(place, "availability_zone")))
    return found


def table_routes(estate: Estate, table: Resource) -> list:
    """Its routes, written inside or as resources of their own."""
    inside = [one for one in blocks(table, "route") if one is not UNKNOWN]
    return [*inside, *estate.linked("aws_route", "route_table_id", table)]


def _leads_out(estate: Estate, table: Resource) -> bool:
    for route in table_routes(estate, table):
        gateway = raw(route, "gateway_id")
        if estate.target(gateway, "aws_internet_gateway") or str(gateway).startswith("igw-"):
            return True
    return False


def _gateways(estate: Estate, table: Resource) -> list[Resource]:
    routes = table_routes(estate, table)
    found = [gateway for route in routes for gateway in estate.targets(route, "nat_gateway_id", "aws_nat_gateway")]
    return list({one.address: one for one in found}.values())
