"""Names: the public zone, certificates that renew themselves, and a private zone for the services inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.network import network
from standfast.blueprint.gcp.site import Part, Site, replicas
from standfast.blueprint.model import Block, Join, Ref, Resource, Var, Variable
from standfast.blueprint.site import Hosted, Kept

INTERNAL = "internal"
TTL = 60  # seconds: what a name's way to the other site is reckoned with
# From where Google asks whether a site is well; it wants three (Google "DNS routing policies and health checks").
ASKED_FROM = ["us-east1", "europe-west1", "asia-east1"]
RUNNING = ("warm-standby", "active-active")  # designs of which both sites can serve


def variables(site: Site) -> Iterator[Variable]:
    if not serves(site):
        return
    yield Variable(
        "domain",
        "string",
        f"The domain {site.system.name} answers on; its name servers must be set to those of the zone made here",
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        example=f"{site.system.name}.example.com",
    )
    if site.follows and site.public:
        told = "its output of this name"
        yield Variable("zone", "string", f"Public zone of the first site: {told}", example=site.system.name)
        if not site.private:
            means = f"Address that users of the first site come to: {told}"
            yield Variable("front", "string", means, pattern=r"^[0-9.]+$", example="192.0.2.10")


def serves(site: Site) -> bool:
    """Whether anything here has a name."""
    return bool(site.hosted) or (site.first is None and any(kept.store.cdn for kept in site.buckets))


def zone(site: Site) -> Any:
    """The public zone: made by the first site. None where that one is on another cloud."""
    if site.first is None:
        return Ref("google_dns_managed_zone.main", "name")
    return Var("zone") if site.follows else None


def inside(site: Site) -> tuple[Any, ...]:
    """The parts of the name of the private zone."""
    return ("internal-standby." if site.first else "internal.", Var("domain"))


def bucket_host(kept: Kept) -> tuple[Any, ...]:
    """The parts of the name that content delivery serves a bucket under."""
    return (f"{kept.name}.", Var("domain"))


def internal_host(site: Site, name: str) -> tuple[Any, ...]:
    """The parts of the name that a service is called by inside the network."""
    return (f"{name}.", *inside(site))


def certificate(name: str) -> Ref:
    return Ref(f"google_certificate_manager_certificate.{name}", "id")


def resources(site: Site) -> Iterator[Resource]:
    if not serves(site):
        return
    part = site.part("dns", "edge")
    if site.first is None:
        settings = {
            "name": site.name(),
            "dns_name": Join((Var("domain"), ".")),
            "dnssec_config": Block({"state": "on"}),
            "cloud_logging_config": Block({"enable_logging": True}),
        }
        why = "The public zone. Set the domain's name servers to its own: they are an output."
        yield part.make("google_dns_managed_zone", "main", settings, why)
    called = site.called if site.plan.shape != "kubernetes" else ()  # a cluster has names of its own for its services
    if called or any(replicas(kept) > 1 for kept in site.databases):
        yield _private(site)
    if site.plan.shape == "kubernetes":
        return
    for host in site.public:
        part = site.part(host.name, "edge", host.service.place)
        yield from proven(site, part, host.id, site.host(host.name), site.region)
    if called:
        yield from _inside(site)


def _private(site: Site) -> Resource:
    part = site.part("dns", "edge")
    settings = {
        "name": site.name(INTERNAL),
        "dns_name": Join((*inside(site), ".")),
        "visibility": "private",
        "private_visibility_config": Block({"networks": Block({"network_url": network(site)})}),
    }
    why = "Names that only this network can see."
    return part.make("google_dns_managed_zone", INTERNAL, settings, why)


def _inside(site: Site) -> Iterator[Resource]:
    part = site.part("dns", "edge")
    yield from proven(site, part, INTERNAL, Join(inside(site)), site.region, wildcard=True)
    for host in site.called:
        part = site.part(host.name, "edge", host.service.place)
        why = f"Other services call {host.name} here, on port {host.listener}."
        target = Ref(f"google_compute_address.{host.id}_internal", "address")
        own = Ref(f"google_dns_managed_zone.{INTERNAL}", "name")
        yield record(part, f"{host.id}_internal", own, Join(internal_host(site, host.name)), target, why)


def proven(
    site: Site, part: Part, name: str, host: Join | Var, location: str, wildcard: bool = False
) -> Iterator[Resource]:
    """A certificate and the record that proves whose the domain is: it is renewed as long as that record stands."""
    shown = site.name(name.replace("_", "-"), *(["global"] if location == "global" else []))
    settings = {
        "name": shown,
        "location": location,
        "domain": host,
        "type": "FIXED_RECORD" if location == "global" else "PER_PROJECT_RECORD",
    }
    yield part.make("google_certificate_manager_dns_authorization", name, settings)
    if zone(site) is not None:

        def told(attribute: str) -> Ref:
            return Ref(f"google_certificate_manager_dns_authorization.{name}", f"dns_resource_record[0].{attribute}")

        proof = {"managed_zone": zone(site), "name": told("name"), "type": told("type"), "ttl": 300}
        yield part.make("google_dns_record_set", f"{name}_proof", {**proof, "rrdatas": [told("data")]})
    parts = host.parts if isinstance(host, Join) else (host,)
    domains = [Join(("*.", *parts))] if wildcard else [host]
    managed = {
        "domains": domains,
        "dns_authorizations": [Ref(f"google_certificate_manager_dns_authorization.{name}", "id")],
    }
    settings = {"name": shown, "location": location, "managed": Block(managed)}
    yield part.make("google_certificate_manager_certificate", name, settings)


def record(part: Part, name: str, where: Any, host: Join | Var, target: Any, why: str = "") -> Resource:
    settings = {"managed_zone": where, "name": dotted(host), "type": "A", "ttl": TTL, "rrdatas": [target]}
    return part.make("google_dns_record_set", name, settings, why)


def dotted(host: Join | Var) -> Join:
    return Join((*(host.parts if isinstance(host, Join) else (host,)), "."))


def front_records(site: Site, target: Any) -> Iterator[Resource]:
    """The names of the public services. Where a standby can serve, it is the standby that makes them, with both."""
    behind = site.plan.standby
    if zone(site) is None or (behind and behind.cloud == "gcp" and behind.design in RUNNING):
        return
    if site.standby in RUNNING and not site.private:
        yield _asked(site)
    for host in site.public:
        part = site.part(host.name, "edge", host.service.place)
        if site.standby in RUNNING and not site.private:
            yield _either(site, part, host, target)
        else:
            yield record(part, host.id, zone(site), site.host(host.name), target, f"Users reach {host.name} here.")


def _asked(site: Site) -> Resource:
    part = site.part("dns", "edge")
    settings = {
        "name": site.name("front"),
        "source_regions": ASKED_FROM,
        "check_interval_sec": 30,
        "timeout_sec": 5,
        "unhealthy_threshold": 3,
        "healthy_threshold": 2,
        "https_health_check": Block(
            {"port": 443, "host": Var("domain"), "request_path": site.public[0].service.health}
        ),
        "log_config": Block({"enable": True}),
    }
    why = "Asked from three places, every 30 seconds: three times without an answer, and the names lead elsewhere."
    return part.make("google_compute_health_check", "front", settings, why)


def _either(site: Site, part: Part, host: Hosted, here: Any) -> Resource:
    """A name that leads to the site that is well. Between two that serve, to the nearer."""
    first = site.first.region if site.first else ""
    there = Block({"external_endpoints": [Var("front")]})
    policy: dict[str, Any] = {"health_check": Ref("google_compute_health_check.front", "id")}
    own = Block({"external_endpoints": [here]})
    if site.standby == "active-active":
        policy["geo"] = [
            Block({"location": first, "health_checked_targets": there}),
            Block({"location": site.region, "health_checked_targets": own}),
        ]
        why = f"Users of {host.name} come to the nearer site that is well."
    else:
        behind = Block({"location": site.region, "health_checked_targets": own})
        policy["primary_backup"] = Block({"primary": there, "backup_geo": behind})
        why = f"Users of {host.name} come to the first site while it is well, else here."
    settings = {
        "managed_zone": zone(site),
        "name": dotted(site.host(host.name)),
        "type": "A",
        "ttl": TTL,
        "routing_policy": Block(policy),
    }
    return part.make("google_dns_record_set", host.id, settings, why)
