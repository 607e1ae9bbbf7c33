"""A service that keeps data: one server, and a disk that outlives it, in one zone."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure.compute import agents, servers
from standfast.blueprint.azure.edge import gateway, inside
from standfast.blueprint.azure.firewall import asg
from standfast.blueprint.azure.network import subnet
from standfast.blueprint.azure.site import Part, Site
from standfast.blueprint.model import Block, Ref, Resource
from standfast.blueprint.site import Hosted, reason

DISK = "azurerm_managed_disk"


def resources(site: Site, part: Part, host: Hosted) -> Iterator[Resource]:
    zone = site.zone_names[0] if site.zone_names else None
    disk = {
        "zone": zone,
        "storage_account_type": "Premium_LRS",
        "create_option": "Empty",
        "disk_size_gb": max(int(host.choice.size.get("disk_gib", 30)), 30),
        "disk_encryption_set_id": servers.DISKS,
        "network_access_policy": "DenyAll",
        "public_network_access_enabled": False,
    }
    why = f"{host.name} keeps its data on this disk; the server that replaces a lost one takes it over."
    yield part.placed(DISK, host.id, site.name(host.name), disk, why)
    address = {"name": "main", "subnet_id": subnet("app"), "private_ip_address_allocation": "Dynamic"}
    port = {"accelerated_networking_enabled": True, "ip_configuration": Block(address)}
    yield part.placed("azurerm_network_interface", host.id, site.name(host.name), port)
    card = {"network_interface_id": Ref(f"azurerm_network_interface.{host.id}", "id")}
    member = {**card, "application_security_group_id": asg(host)}
    yield part.make("azurerm_network_interface_application_security_group_association", host.id, member)
    joined = {**card, "ip_configuration_name": "main"}
    if host.service.public:
        pool = {**joined, "backend_address_pool_id": gateway.pool_id(host)}
        kind = "azurerm_network_interface_application_gateway_backend_address_pool_association"
        yield part.make(kind, host.id, pool)
    if host.listener is not None:
        pool = {**joined, "backend_address_pool_id": inside.pool(host)}
        yield part.make("azurerm_network_interface_backend_address_pool_association", host.id, pool)
    machine = {
        "size": host.choice.offer,
        "zone": zone,
        "network_interface_ids": [card["network_interface_id"]],
        "patch_mode": "AutomaticByPlatform",
        "patch_assessment_mode": "AutomaticByPlatform",
        "reboot_setting": "IfRequired",
        **servers.common(site, host),
    }
    why = f"{host.name} on {reason(host.choice)} One server with its disk, in one zone; Azure restarts it elsewhere."
    needs = ("azurerm_subnet_nat_gateway_association.app", "azurerm_role_assignment.encryption")
    yield part.placed("azurerm_linux_virtual_machine", host.id, site.name(host.name), machine, why, depends_on=needs)
    held = {
        "managed_disk_id": Ref(f"{DISK}.{host.id}", "id"),
        "virtual_machine_id": Ref(f"azurerm_linux_virtual_machine.{host.id}", "id"),
        "lun": 0,
        "caching": "ReadWrite",
    }
    yield part.make("azurerm_virtual_machine_data_disk_attachment", host.id, held)
    agent = {**agents.monitor(host), "virtual_machine_id": held["virtual_machine_id"]}
    yield part.make("azurerm_virtual_machine_extension", host.id, agent, tag=True)
