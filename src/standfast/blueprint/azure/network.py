"""The private network: a subnet for each use, one way out that no single zone can take away, a record of traffic."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from standfast.blueprint.azure.site import GROUP, LOCATION, Part, Site
from standfast.blueprint.model import Block, Ref, Resource, Var

# Subnets: size and place within the /16 of the network. All of them span the zones of the region, as subnets do.
SUBNETS = {
    "gateway": (24, 0),  # the application gateway has its subnet to itself
    "inside": (24, 1),  # the balancer between services
    "endpoints": (24, 2),  # private endpoints of caches, storage and the vault
    "postgres": (24, 3),
    "mysql": (24, 4),
    "app": (20, 1),
    "containers": (21, 4),
    "nodes": (20, 4),
    "pods": (17, 1),
    "GatewaySubnet": (27, 1023),  # Azure asks for this name
}
DELEGATED = {
    "postgres": ("Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.Network/virtualNetworks/subnets/join/action"),
    "mysql": ("Microsoft.DBforMySQL/flexibleServers", "Microsoft.Network/virtualNetworks/subnets/join/action"),
    "containers": ("Microsoft.App/environments", "Microsoft.Network/virtualNetworks/subnets/join/action"),
    "pods": ("Microsoft.ContainerService/managedClusters", "Microsoft.Network/virtualNetworks/subnets/join/action"),
}
OURS = ("inside", "endpoints", "app", "nodes")  # of the others Azure's own services decide the way out
OUT = {"vm": "app", "container": "containers", "kubernetes": "nodes"}  # where services run, by shape
VNET_ID = Ref("azurerm_virtual_network.main", "id")
WHY = {
    "gateway": "Public: the application gateway only.",
    "inside": "Private: where services reach one another.",
    "endpoints": "Private: what Azure keeps for us is reached here, and not over the internet.",
    "app": "Private: the servers. They reach out through NAT and are not reached from outside.",
    "containers": "Private: the container platform. It reaches out through NAT.",
    "nodes": "Private: the nodes of the cluster. They reach out through NAT.",
    "pods": "Private: the pods, which the gateway reaches at addresses of their own.",
    "postgres": "Isolated: PostgreSQL alone.",
    "mysql": "Isolated: MySQL alone.",
    "GatewaySubnet": "The way in for users: the VPN.",
}


def network(site: Site) -> IPv4Network:
    """Addresses of a site; those of a standby differ, so that the two can be joined."""
    return IPv4Network("10.1.0.0/16" if site.first else "10.0.0.0/16")


def block(site: Site, name: str) -> str:
    size, at = SUBNETS[name]
    return str(list(network(site).subnets(new_prefix=size))[at])


def subnet(name: str) -> Ref:
    return Ref(f"azurerm_subnet.{name.lower()}", "id")


def used(site: Site) -> list[str]:
    """The subnets a site needs, in the order of SUBNETS."""
    wanted = {"endpoints"}
    if site.public:
        wanted.add("gateway")
    if site.hosted:
        wanted.add(OUT[site.plan.shape])
    if site.called and site.plan.shape == "vm":
        wanted.add("inside")
    if site.clustered:
        wanted.add("pods")
    wanted |= {kept.kind for kept in site.databases}
    if site.private:
        wanted.add("GatewaySubnet")
    return [name for name in SUBNETS if name in wanted]


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("network", "network")
    group = {"name": site.name(limit=90), "location": site.plan.region}
    yield part.make("azurerm_resource_group", "main", group, "Everything of this system stands in here.", tag=True)
    vnet = {
        "address_space": [str(network(site))],
        # between servers that can: all sizes a plan buys with accelerated networking
        "encryption": Block({"enforcement": "AllowUnencrypted"}),
    }
    why = "Traffic between servers is encrypted by the network itself."
    yield part.placed("azurerm_virtual_network", "main", site.name("network"), vnet, why)
    for name in used(site):
        yield _subnet(site, part, name)
    if site.hosted:
        yield from _nat(site, part)
    yield from _flow_log(site, part)


def _subnet(site: Site, part: Part, name: str) -> Resource:
    settings: dict[str, Any] = {
        "name": name,
        "resource_group_name": GROUP,
        "virtual_network_name": Ref("azurerm_virtual_network.main", "name"),
        "address_prefixes": [block(site, name)],
    }
    if name in OURS:
        settings["default_outbound_access_enabled"] = False
    if name == "endpoints":
        settings["private_endpoint_network_policies"] = "NetworkSecurityGroupEnabled"
    if name in DELEGATED:
        service, action = DELEGATED[name]
        settings["delegation"] = Block(
            {"name": name, "service_delegation": Block({"name": service, "actions": [action]})}
        )
    return part.make("azurerm_subnet", name.lower(), settings, WHY[name])


def _nat(site: Site, part: Part) -> Iterator[Resource]:
    several = len(site.zone_names) > 1
    sku = "StandardV2" if several else "Standard"
    why = (
        "The way out. Of this kind one gateway stands in all zones, and outlives any of them."
        if several
        else "The way out: one gateway, in one zone."
    )
    address = {"allocation_method": "Static", "sku": sku, **({} if several else site.over_zones)}
    yield part.placed("azurerm_public_ip", "nat", site.name("nat"), address, why)
    gateway = {"sku_name": sku, "idle_timeout_in_minutes": 4, **({} if several else site.over_zones)}
    yield part.placed("azurerm_nat_gateway", "main", site.name("nat"), gateway)
    main = Ref("azurerm_nat_gateway.main", "id")
    joined = {"nat_gateway_id": main, "public_ip_address_id": Ref("azurerm_public_ip.nat", "id")}
    yield part.make("azurerm_nat_gateway_public_ip_association", "main", joined)
    for name in (OUT[site.plan.shape], *(["pods"] if site.clustered else [])):
        joined = {"nat_gateway_id": main, "subnet_id": subnet(name)}
        yield part.make("azurerm_subnet_nat_gateway_association", name, joined)


def _flow_log(site: Site, part: Part) -> Iterator[Resource]:
    # Azure makes one watcher per region by itself, under these names (Network Watcher docs, "Automatic enablement")
    watcher = {"name": f"NetworkWatcher_{site.plan.region}", "resource_group_name": "NetworkWatcherRG"}
    yield part.make("azurerm_network_watcher", "main", watcher, "Made by Azure, one per region.", data=True)
    flow = {
        "name": site.name("flow"),
        "network_watcher_name": Ref("data.azurerm_network_watcher.main", "name"),
        "resource_group_name": Ref("data.azurerm_network_watcher.main", "resource_group_name"),
        "location": LOCATION,
        "target_resource_id": VNET_ID,
        "storage_account_id": Ref("azurerm_storage_account.logs", "id"),
        "enabled": True,
        "version": 2,
        "retention_policy": Block({"enabled": True, "days": site.log_days}),
        "traffic_analytics": Block(
            {
                "enabled": True,
                "workspace_id": Ref("azurerm_log_analytics_workspace.main", "workspace_id"),
                "workspace_region": LOCATION,
                "workspace_resource_id": Ref("azurerm_log_analytics_workspace.main", "id"),
                "interval_in_minutes": 10,
            }
        ),
    }
    why = "Who talked to whom, accepted or refused."
    yield part.make("azurerm_network_watcher_flow_log", "main", flow, why, tag=True)


def client_addresses(site: Site) -> Any:
    """Where users come from, as a rule's source."""
    return Var("client_cidr") if site.private else "Internet"
