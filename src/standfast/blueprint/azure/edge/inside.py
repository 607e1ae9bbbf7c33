"""The balancer between services: a port for each that is called. It asks each server whether it is well."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure.network import subnet
from standfast.blueprint.azure.site import Site
from standfast.blueprint.model import Block, Ref, Resource
from standfast.blueprint.site import Hosted

FRONT = "inside"


def used(site: Site) -> bool:
    """Containers and pods find one another by the platform's own names."""
    return bool(site.called) and site.plan.shape == "vm"


def pool(host: Hosted) -> Ref:
    return Ref(f"azurerm_lb_backend_address_pool.{host.id}", "id")


def resources(site: Site) -> Iterator[Resource]:
    if not used(site):
        return
    part = site.part("balancer", "edge")
    front = {
        "name": FRONT,
        "subnet_id": subnet("inside"),
        "private_ip_address_allocation": "Dynamic",
        **site.over_zones,
    }
    settings = {"sku": "Standard", "frontend_ip_configuration": Block(front)}
    why = "Services call one another through this one, in all zones at once: it knows which servers are well."
    yield part.placed("azurerm_lb", "internal", site.name("internal", limit=80), settings, why)
    for host in site.called:
        part = site.part(host.name, "edge", host.service.place)
        own = {"loadbalancer_id": Ref("azurerm_lb.internal", "id"), "name": host.name}
        yield part.make("azurerm_lb_backend_address_pool", host.id, own)
        probe = {
            **own,
            "protocol": "Http",
            "port": host.service.port,
            "request_path": host.service.health,
            "interval_in_seconds": 10,
            "probe_threshold": 2,
        }
        yield part.make("azurerm_lb_probe", host.id, probe)
        rule = {
            **own,
            "protocol": "Tcp",
            "frontend_ip_configuration_name": FRONT,
            "frontend_port": host.listener,
            "backend_port": host.service.port,
            "backend_address_pool_ids": [pool(host)],
            "probe_id": Ref(f"azurerm_lb_probe.{host.id}", "id"),
            "tcp_reset_enabled": True,
            "disable_outbound_snat": True,
        }
        yield part.make("azurerm_lb_rule", host.id, rule)
