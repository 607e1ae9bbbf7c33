"""Two sites that both serve: the second writes to the databases of the first, through a peering of their networks.

These stand with the second site, so that it can be applied by itself. What they set in the
first region goes through that region.
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws.net.network import VPC_ID, block_of, ranges
from standfast.blueprint.aws.site import Site
from standfast.blueprint.model import Ref, Resource, Var

PEERING = Ref("aws_vpc_peering_connection.first", "id")
ACCEPTED = "aws_vpc_peering_connection_accepter.first"


def resources(site: Site) -> Iterator[Resource]:
    if not (site.first and site.follows and site.together and site.databases):
        return
    part = site.part("network", "network")
    name = site.name("to", "first", limit=255)
    settings = {"vpc_id": VPC_ID, "peer_vpc_id": Var("vpc"), "peer_region": site.first.region}
    why = "Services here write to the databases of the first site, until those here are promoted."
    yield part.make("aws_vpc_peering_connection", "first", settings, why, tag=name)
    accepted = {"vpc_peering_connection_id": PEERING, "auto_accept": True}
    kind, _, label = ACCEPTED.partition(".")
    yield part.make(kind, label, accepted, tag=name, provider=site.near)
    for zone in site.zones:
        for number, block in enumerate(ranges("data"), 1):
            to = {"route_table_id": Ref(f"aws_route_table.app_{zone + 1}", "id"), "destination_cidr_block": block}
            why = "Only the databases of the first site are reached from here, and only from the services." * (
                zone == 0
            )
            yield _route(part, f"app_{zone + 1}_to_first_{number}", to, why)
    back = {"route_table_id": Var("data_routes"), "destination_cidr_block": str(block_of(site))}
    yield _route(part, "from_first", back, "And their answers come back.", site.near)


def _route(part, name: str, to: dict, why: str, provider: str = "") -> Resource:
    settings = {**to, "vpc_peering_connection_id": PEERING}
    return part.make("aws_route", name, settings, why, provider=provider, depends_on=(ACCEPTED,))
