"""Content delivery: Cloud CDN before each bucket that has one, with an address and a certificate at Google's edge."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.gcp.edge.domain import bucket_host, certificate, proven, record, zone
from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Block, Join, Ref, Resource
from standfast.blueprint.site import Kept

HOUR, DAY = 3600, 86_400


def delivered(site: Site) -> list[Kept]:
    """The buckets that users read through Cloud CDN. A standby's are copies until its first site is gone."""
    return [kept for kept in site.buckets if kept.store.cdn and site.first is None]


def resources(site: Site) -> Iterator[Resource]:
    found = delivered(site)
    if not found:
        return
    part = site.part("cdn", "edge")
    yield part.make(
        "google_compute_ssl_policy",
        "cdn",
        {"name": site.name("cdn"), "profile": "MODERN", "min_tls_version": "TLS_1_2"},
    )
    for kept in found:
        yield from _edge(site, kept)


def _edge(site: Site, kept: Kept) -> Iterator[Resource]:
    part = site.part(kept.name, "edge", kept.store.where("cdn"))
    name, host = f"{kept.id}_cdn", Join(bucket_host(kept))
    own = {"name": site.name(kept.name, "cdn")}
    policy = {
        "cache_mode": "CACHE_ALL_STATIC",
        "client_ttl": HOUR,
        "default_ttl": HOUR,
        "max_ttl": DAY,
        "negative_caching": True,
        "serve_while_stale": DAY,
        "request_coalescing": True,
    }
    settings = {
        **own,
        "bucket_name": Ref(f"google_storage_bucket.{kept.id}", "name"),
        "enable_cdn": True,
        "compression_mode": "AUTOMATIC",
        "cdn_policy": Block(policy),
        "custom_response_headers": [
            "Strict-Transport-Security: max-age=31536000; includeSubDomains",
            "X-Content-Type-Options: nosniff",
        ],
    }
    why = f"{kept.name} is read from a place near the user."
    yield part.make("google_compute_backend_bucket", kept.id, settings, why)
    yield part.make("google_compute_global_address", name, own)
    service = Ref(f"google_compute_backend_bucket.{kept.id}", "id")
    yield part.make("google_compute_url_map", name, {**own, "default_service": service})
    yield from proven(site, part, name, host, "global")
    yield part.make("google_certificate_manager_certificate_map", name, own)
    entry = {
        **own,
        "map": Ref(f"google_certificate_manager_certificate_map.{name}", "name"),
        "certificates": [certificate(name)],
        "hostname": host,
    }
    yield part.make("google_certificate_manager_certificate_map_entry", name, entry)
    known = Join(
        ("//certificatemanager.googleapis.com/", Ref(f"google_certificate_manager_certificate_map.{name}", "id"))
    )
    proxy = {
        **own,
        "url_map": Ref(f"google_compute_url_map.{name}", "id"),
        "certificate_map": known,
        "ssl_policy": Ref("google_compute_ssl_policy.cdn", "id"),
    }
    yield part.make("google_compute_target_https_proxy", name, proxy)
    rule = {
        **own,
        "load_balancing_scheme": "EXTERNAL_MANAGED",
        "ip_address": Ref(f"google_compute_global_address.{name}", "id"),
        "port_range": "443",
        "target": Ref(f"google_compute_target_https_proxy.{name}", "id"),
    }
    yield part.make("google_compute_global_forwarding_rule", name, rule)
    # the proof is a record of another name, so the two do not meet
    target = Ref(f"google_compute_global_address.{name}", "address")
    yield record(part, name, zone(site), host, target, f"Users read {kept.name} here.")
