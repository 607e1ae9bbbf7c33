"""Content delivery: a Front Door before each object store that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure.data.objects import container
from standfast.blueprint.azure.edge.domain import ZONE, owns_zone
from standfast.blueprint.azure.site import GROUP, MARK, Part, Site
from standfast.blueprint.model import Block, Join, Ref, Resource, Var
from standfast.blueprint.site import Kept

PROFILE = Ref("azurerm_cdn_frontdoor_profile.main", "id")
COMPRESSED = [
    "application/javascript", "application/json", "image/svg+xml", "text/css", "text/html", "text/javascript",
    "text/plain",
]  # fmt: skip


def fronted(site: Site) -> list[Kept]:
    """The stores behind content delivery. It spans the world, so it stands with the first site alone."""
    return [kept for kept in site.buckets if kept.store.cdn and site.first is None]


def resources(site: Site) -> Iterator[Resource]:
    stores = fronted(site)
    if not stores:
        return
    part = site.part("cdn", "edge")
    settings = {"name": site.name("cdn"), "resource_group_name": GROUP, "sku_name": "Standard_AzureFrontDoor"}
    yield part.make("azurerm_cdn_frontdoor_profile", "main", settings, "Places near users.", tag=True)
    for kept in stores:
        yield from _store(site, site.part(kept.name, "edge", kept.store.where("cdn")), kept)


def _store(site: Site, part: Part, kept: Kept) -> Iterator[Resource]:
    own = {"name": kept.name, "cdn_frontdoor_profile_id": PROFILE}
    endpoint = {**own, "name": Join((f"{site.name(kept.name, limit=39)}-", MARK))}
    why = f"{kept.name} is read from a place near the user."
    yield part.make("azurerm_cdn_frontdoor_endpoint", kept.id, endpoint, why, tag=True)
    group = {
        **own,
        "session_affinity_enabled": False,
        "load_balancing": Block({"sample_size": 4, "successful_samples_required": 3}),
    }
    yield part.make("azurerm_cdn_frontdoor_origin_group", kept.id, group)
    host = Ref(f"azurerm_storage_account.{kept.id}", "primary_blob_host")
    origin = {
        "name": kept.name,
        "cdn_frontdoor_origin_group_id": Ref(f"azurerm_cdn_frontdoor_origin_group.{kept.id}", "id"),
        "enabled": True,
        "host_name": host,
        "origin_host_header": host,
        "https_port": 443,
        "certificate_name_check_enabled": True,
    }
    yield part.make("azurerm_cdn_frontdoor_origin", kept.id, origin)
    domain = {
        **own,
        "host_name": Join((f"{kept.name}.", Var("domain"))),
        "dns_zone_id": Ref("azurerm_dns_zone.main", "id"),
        "tls": Block({"certificate_type": "ManagedCertificate", "minimum_version": "TLS12"}),
    }
    why = "Azure makes and renews the certificate of this name."
    yield part.make("azurerm_cdn_frontdoor_custom_domain", kept.id, domain, why)
    route = {
        "name": kept.name,
        "cdn_frontdoor_endpoint_id": Ref(f"azurerm_cdn_frontdoor_endpoint.{kept.id}", "id"),
        "cdn_frontdoor_origin_group_id": Ref(f"azurerm_cdn_frontdoor_origin_group.{kept.id}", "id"),
        "cdn_frontdoor_origin_ids": [Ref(f"azurerm_cdn_frontdoor_origin.{kept.id}", "id")],
        "cdn_frontdoor_origin_path": f"/{container(kept)}",
        "cdn_frontdoor_custom_domain_ids": [Ref(f"azurerm_cdn_frontdoor_custom_domain.{kept.id}", "id")],
        "patterns_to_match": ["/*"],
        "supported_protocols": ["Http", "Https"],
        "https_redirect_enabled": True,
        "forwarding_protocol": "HttpsOnly",
        "link_to_default_domain": False,
        "cache": Block(
            {
                "query_string_caching_behavior": "IgnoreQueryString",
                "compression_enabled": True,
                "content_types_to_compress": COMPRESSED,
            }
        ),
    }
    yield part.make("azurerm_cdn_frontdoor_route", kept.id, route)
    joined = {
        "cdn_frontdoor_custom_domain_id": Ref(f"azurerm_cdn_frontdoor_custom_domain.{kept.id}", "id"),
        "cdn_frontdoor_route_ids": [Ref(f"azurerm_cdn_frontdoor_route.{kept.id}", "id")],
    }
    yield part.make("azurerm_cdn_frontdoor_custom_domain_association", kept.id, joined)
    if owns_zone(site):
        where = {"zone_name": ZONE, "resource_group_name": GROUP, "ttl": 3600}
        proof = Ref(f"azurerm_cdn_frontdoor_custom_domain.{kept.id}", "validation_token")
        txt = {**where, "name": f"_dnsauth.{kept.name}", "record": Block({"value": proof})}
        yield part.make("azurerm_dns_txt_record", kept.id, txt, tag=True)
        target = Ref(f"azurerm_cdn_frontdoor_endpoint.{kept.id}", "host_name")
        cname = {**where, "name": kept.name, "record": target}
        yield part.make("azurerm_dns_cname_record", kept.id, cname, tag=True)
