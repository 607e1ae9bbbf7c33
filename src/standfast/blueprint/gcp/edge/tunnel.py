"""A private system is reached through a tunnel: HA VPN from the user's own network, two tunnels to two addresses."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.gcp.network import network
from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Block, Ref, Resource, Var, Variable

OWN_ASN = 64_514  # of the private numbers (RFC 6996)
LINKS = ("169.254.100.1", "169.254.101.1")  # this side of each tunnel; the other side is the next address


def variables(site: Site) -> Iterator[Variable]:
    if not stands(site):
        return
    means = "Addresses from which users come, as CIDR"
    yield Variable("client_cidr", "string", means, "10.128.0.0/9", pattern=r"^[0-9.]+/[0-9]+$")
    for number, word in enumerate(("First", "Second"), 1):
        means = f"{word} public address of your own VPN gateway"
        yield Variable(f"peer_address_{number}", "string", means, pattern=r"^[0-9.]+$", example=f"192.0.2.{number}")
    yield Variable("peer_asn", "number", "Number of your own network in BGP", 64_512)
    means = "Word that both gateways know, 32 characters or more: openssl rand -hex 32"
    yield Variable("tunnel_word", "string", means, secret=True, pattern="^[A-Za-z0-9_-]{32,128}$")


def stands(site: Site) -> bool:
    return site.private and bool(site.public)


def resources(site: Site) -> Iterator[Resource]:
    if not stands(site):
        return
    part = site.part("network", "network")
    own = {"name": site.name("vpn"), "region": site.region, "network": network(site)}
    why = "Users come from a network of your own, through this tunnel, and from nowhere else."
    yield part.make("google_compute_ha_vpn_gateway", "main", own, why)
    ends = [Block({"id": number, "ip_address": Var(f"peer_address_{number + 1}")}) for number in (0, 1)]
    settings = {"name": site.name("peer"), "redundancy_type": "TWO_IPS_REDUNDANCY", "interface": ends}
    yield part.make("google_compute_external_vpn_gateway", "main", settings)
    bgp = Block({"asn": OWN_ASN, "advertise_mode": "DEFAULT"})
    yield part.make("google_compute_router", "vpn", {**own, "bgp": bgp})
    for number, link in enumerate(LINKS):
        yield from _tunnel(site, number, link)


def _tunnel(site: Site, number: int, link: str) -> Iterator[Resource]:
    part = site.part("network", "network")
    name = f"tunnel_{number + 1}"
    own = {"name": site.name("tunnel", str(number + 1)), "region": site.region}
    router = Ref("google_compute_router.vpn", "name")
    settings = {
        **own,
        "vpn_gateway": Ref("google_compute_ha_vpn_gateway.main", "id"),
        "vpn_gateway_interface": number,
        "peer_external_gateway": Ref("google_compute_external_vpn_gateway.main", "id"),
        "peer_external_gateway_interface": number,
        "router": Ref("google_compute_router.vpn", "id"),
        "shared_secret": Var("tunnel_word"),
        "ike_version": 2,
    }
    yield part.make("google_compute_vpn_tunnel", name, settings)
    settings = {
        **own,
        "router": router,
        "ip_range": f"{link}/30",
        "vpn_tunnel": Ref(f"google_compute_vpn_tunnel.{name}", "name"),
    }
    yield part.make("google_compute_router_interface", name, settings)
    settings = {
        **own,
        "router": router,
        "interface": Ref(f"google_compute_router_interface.{name}", "name"),
        "peer_ip_address": f"{link[:-1]}2",
        "peer_asn": Var("peer_asn"),
    }
    yield part.make("google_compute_router_peer", name, settings)
