"""Failover between sites: names lead to the first site that is well, and the two networks are joined."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure.network import VNET_ID
from standfast.blueprint.azure.site import GROUP, MARK, Site
from standfast.blueprint.model import Block, Join, Output, Ref, Resource, Var, Variable

PROFILE = "azurerm_traffic_manager_profile.main"
SERVING = ("warm-standby", "active-active")  # designs whose standby answers users already
NEEDED = {
    "first_group": ("Resource group of the first site", "shop"),
    "first_network": ("Name of the first site's virtual network", "shop"),
    "first_network_id": ("Resource id of it", "/subscriptions/s/resourceGroups/g/providers/n/virtualNetworks/shop"),
}


def used(site: Site) -> bool:
    """Whether a first site leads its names to more than one place."""
    there = site.plan.standby
    return bool(there and there.cloud == "azure" and there.design in SERVING and site.public and not site.private)


def joins(site: Site) -> bool:
    return bool(site.first and site.first.cloud == "azure" and site.standby not in ("backup", "log-shipping"))


def serves(site: Site) -> bool:
    return bool(joins(site) and site.standby in SERVING and site.public and not site.private)


def resources(site: Site) -> Iterator[Resource]:
    if used(site):
        yield from _profile(site)
    if serves(site):
        part = site.part("dns", "edge")
        yield _endpoint(part, site, 1 if site.standby == "active-active" else 2, Var("failover_profile_id"))
    if joins(site):
        yield from _joined(site)


def _profile(site: Site) -> Iterator[Resource]:
    part = site.part("dns", "edge")
    both = site.plan.standby is not None and site.plan.standby.design == "active-active"
    front = site.public[0]
    settings = {
        "name": site.name(),
        "resource_group_name": GROUP,
        "traffic_routing_method": "Performance" if both else "Priority",
        "dns_config": Block({"relative_name": Join((f"{site.name(limit=50)}-", MARK)), "ttl": 30}),
        "monitor_config": Block(
            {
                "protocol": "HTTPS",
                "port": 443,
                "path": front.service.health,
                "interval_in_seconds": 10,
                "timeout_in_seconds": 5,
                "tolerated_number_of_failures": 2,
                "custom_header": Block({"name": "host", "value": Var("domain")}),
                "expected_status_code_ranges": ["200-399"],
            }
        ),
    }
    how = "the nearer" if both else "the first"
    why = f"Users are led to {how} of the two sites that is well; each is asked every ten seconds."
    yield part.make("azurerm_traffic_manager_profile", "main", settings, why, tag=True)
    yield _endpoint(part, site, 1, Ref(PROFILE, "id"))


def _endpoint(part, site: Site, priority: int, profile) -> Resource:
    settings = {
        "name": site.name(),
        "profile_id": profile,
        "target": Ref("azurerm_public_ip.gateway", "ip_address"),
        "endpoint_location": site.plan.region,
        "priority": priority,
    }
    return part.make("azurerm_traffic_manager_external_endpoint", "main", settings)


def _joined(site: Site) -> Iterator[Resource]:
    part = site.part("network", "network")
    own = Ref("azurerm_virtual_network.main", "name")
    why = "The two networks reach one another, so that databases here can follow those of the first site."
    there = {
        "name": "to-first",
        "resource_group_name": GROUP,
        "virtual_network_name": own,
        "remote_virtual_network_id": Var("first_network_id"),
    }
    yield part.make("azurerm_virtual_network_peering", "to_first", there, why)
    back = {
        "name": "to-standby",
        "resource_group_name": Var("first_group"),
        "virtual_network_name": Var("first_network"),
        "remote_virtual_network_id": VNET_ID,
    }
    yield part.make("azurerm_virtual_network_peering", "from_first", back)


def variables(site: Site) -> Iterator[Variable]:
    if joins(site):
        for name, (means, example) in NEEDED.items():
            yield Variable(name, "string", f"{means}: an output there", pattern="^.+$", example=example)
    if serves(site):
        example = "/subscriptions/s/resourceGroups/g/providers/n/trafficManagerProfiles/shop"
        means = "Resource id of the first site's failover profile: an output there"
        yield Variable("failover_profile_id", "string", means, pattern="^.+$", example=example)


def outputs(site: Site) -> Iterator[Output]:
    there = site.plan.standby
    if there and there.cloud == "azure" and there.design not in ("backup", "log-shipping"):
        yield Output("first_group", "Resource group, for the standby", GROUP)
        yield Output("first_network", "Virtual network, for the standby", Ref("azurerm_virtual_network.main", "name"))
        yield Output("first_network_id", "Virtual network, for the standby", VNET_ID)
    if used(site):
        yield Output("failover_profile_id", "Failover profile, for the standby", Ref(PROFILE, "id"))
