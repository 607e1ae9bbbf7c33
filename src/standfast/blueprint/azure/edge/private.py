"""The way in for users of a private system: a VPN that asks who they are in the tenant."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure.network import subnet
from standfast.blueprint.azure.site import Site
from standfast.blueprint.model import Block, Join, Output, Ref, Resource, Variable

# The Azure VPN Client as registered by Microsoft in every tenant (VPN Gateway docs, "Microsoft-registered App ID").
AUDIENCE = "c632b3df-fb67-4d84-bdcf-b95ad541b5c8"
TENANT = Ref("data.azurerm_client_config.current", "tenant_id")


def variables(site: Site) -> Iterator[Variable]:
    if site.private:
        means = "Addresses from which users come, as CIDR; those of the VPN are among them"
        yield Variable("client_cidr", "string", means, "172.16.0.0/12", pattern=r"^[0-9.]+/[0-9]+$")


def resources(site: Site) -> Iterator[Resource]:
    if not site.private:
        return
    part = site.part("network", "network")
    address = {"allocation_method": "Static", "sku": "Standard", **site.over_zones}
    yield part.placed("azurerm_public_ip", "vpn", site.name("vpn"), address)
    users = {
        "address_space": ["172.16.200.0/24"],
        "vpn_client_protocols": ["OpenVPN"],
        "vpn_auth_types": ["AAD"],
        "aad_tenant": Join(("https://login.microsoftonline.com/", TENANT, "/")),
        "aad_audience": AUDIENCE,
        "aad_issuer": Join(("https://sts.windows.net/", TENANT, "/")),
    }
    settings = {
        "type": "Vpn",
        "vpn_type": "RouteBased",
        "sku": "VpnGw1AZ" if site.zone_names else "VpnGw1",
        "generation": "Generation1",
        "ip_configuration": Block(
            {
                "name": "vpn",
                "public_ip_address_id": Ref("azurerm_public_ip.vpn", "id"),
                "private_ip_address_allocation": "Dynamic",
                "subnet_id": subnet("GatewaySubnet"),
            }
        ),
        "vpn_client_configuration": Block(users),
    }
    why = "Users come in with the Azure VPN client and their account in the tenant; nothing else is open."
    yield part.placed("azurerm_virtual_network_gateway", "main", site.name("vpn"), settings, why)


def outputs(site: Site) -> Iterator[Output]:
    if site.private:
        yield Output("vpn", "Address of the VPN", Ref("azurerm_public_ip.vpn", "ip_address"))
