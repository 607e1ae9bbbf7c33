"""Private endpoints: what Azure keeps for us gets an address in our network, and a name that leads there."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure.network import VNET_ID, subnet
from standfast.blueprint.azure.site import GROUP, Part, Site
from standfast.blueprint.model import Block, Ref, Resource


def zone(site: Site, part: Part, name: str, domain: str) -> Iterator[Resource]:
    """The private DNS zone in which endpoints of one service are found."""
    yield part.make("azurerm_private_dns_zone", name, {"name": domain, "resource_group_name": GROUP}, tag=True)
    link = {
        "name": site.name(name),
        "private_dns_zone_id": Ref(f"azurerm_private_dns_zone.{name}", "id"),
        "virtual_network_id": VNET_ID,
    }
    yield part.make("azurerm_private_dns_zone_virtual_network_link", name, link, tag=True)


def endpoint(site: Site, part: Part, name: str, title: str, target: Ref, service: str, zone_name: str) -> Resource:
    """An endpoint for `target`; `service` is the part of it that is reached: blob, vault, redisEnterprise."""
    shown = site.name(title, "endpoint", limit=80)
    connection = {
        "name": shown,
        "private_connection_resource_id": target,
        "subresource_names": [service],
        "is_manual_connection": False,
    }
    group = {"name": zone_name, "private_dns_zone_ids": [Ref(f"azurerm_private_dns_zone.{zone_name}", "id")]}
    settings = {
        "subnet_id": subnet("endpoints"),
        "private_service_connection": Block(connection),
        "private_dns_zone_group": Block(group),
    }
    return part.placed("azurerm_private_endpoint", name, shown, settings)
