"""Names: the public zone, a private zone for the services inside, and the certificates of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.azure import keys
from standfast.blueprint.azure.network import VNET_ID
from standfast.blueprint.azure.site import GROUP, Site
from standfast.blueprint.model import Join, Ref, Resource, Var, Variable

INSIDE = ("internal.", Var("domain"))  # the private zone
ZONE = Ref("azurerm_dns_zone.main", "name")
TTL = 60


def variables(site: Site) -> Iterator[Variable]:
    yield Variable(
        "domain",
        "string",
        f"The domain {site.system.name} answers on; its name servers must be set to those of the zone made here",
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        example=f"{site.system.name}.example.com",
    )
    if site.public:
        means = "Who signs the certificate: Self, or an issuer that the vault knows, as DigiCert"
        yield Variable("certificate_issuer", "string", means, "Self")


def owns_zone(site: Site) -> bool:
    """The public zone stands with the first site; a standby in Azure is reached through it."""
    return site.first is None


def internal_host(name: str) -> tuple[Any, ...]:
    """The parts of the name that a service is called by inside the network."""
    return (f"{name}.", *INSIDE)


def relative(site: Site, name: str) -> str:
    """A public service's name within the zone; the busiest answers on the bare domain."""
    return "@" if name == site.public[0].name else name


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("dns", "edge")
    if owns_zone(site):
        zone = {"name": Var("domain"), "resource_group_name": GROUP}
        why = "The public zone. Set the domain's name servers to its own: they are an output."
        yield part.make("azurerm_dns_zone", "main", zone, why, tag=True)
    if site.public:
        names = [Var("domain"), Join(("*.", Var("domain")))]
        why = (
            "For users. Signed by itself until certificate_issuer names one, or yours is imported over it: a new "
            "version is taken within four hours."
        )
        yield keys.certificate(site, part, "public", names, why)
    if site.called and site.plan.shape == "vm":
        yield from _inside(site)


def _inside(site: Site) -> Iterator[Resource]:
    part = site.part("dns", "edge")
    zone = {"name": Join(INSIDE), "resource_group_name": GROUP}
    yield part.make("azurerm_private_dns_zone", "internal", zone, "Names that only this network can see.", tag=True)
    link = {
        "name": site.name("internal"),
        "private_dns_zone_id": Ref("azurerm_private_dns_zone.internal", "id"),
        "virtual_network_id": VNET_ID,
    }
    yield part.make("azurerm_private_dns_zone_virtual_network_link", "internal", link, tag=True)
    for host in site.called:
        part = site.part(host.name, "edge", host.service.place)
        record = {
            "name": host.name,
            "private_dns_zone_id": Ref("azurerm_private_dns_zone.internal", "id"),
            "ttl": TTL,
            "records": [Ref("azurerm_lb.internal", "private_ip_address")],
        }
        why = f"Other services call {host.name} here, on port {host.listener}."
        yield part.make("azurerm_private_dns_a_record", host.id, record, why, tag=True)
