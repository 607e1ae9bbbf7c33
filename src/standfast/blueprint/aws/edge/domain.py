"""Names: the public zone, certificates that renew themselves, and a private zone for the services inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.net.network import VPC_ID
from standfast.blueprint.aws.site import Hosted, Kept, Part, Site
from standfast.blueprint.model import Block, Join, Ref, Resource, Var, Variable

INSIDE = ("internal.", Var("domain"))  # the private zone
CDN_REGION = "us_east_1"  # CloudFront takes certificates and logging from there only
ZONE, PRIVATE_ZONE = Ref("aws_route53_zone.main", "zone_id"), Ref("aws_route53_zone.internal", "zone_id")
INTERNAL = "internal"


def variables(site: Site) -> Iterator[Variable]:
    yield Variable(
        "domain",
        "string",
        f"The domain {site.system.name} answers on; its name servers must be set to those of the zone made here",
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        example=f"{site.system.name}.example.com",
    )


def bucket_host(kept: Kept) -> tuple[Any, ...]:
    """The parts of the name that content delivery serves a bucket under."""
    return (f"{kept.name}.", Var("domain"))


def internal_host(name: str) -> tuple[Any, ...]:
    """The parts of the name that a service is called by inside the network."""
    return (f"{name}.", *INSIDE)


def read_host(kept: Kept) -> tuple[Any, ...]:
    """The parts of the name that stands for all replicas of a database."""
    return (f"{kept.name}-read.", *INSIDE)


def certificate(name: str) -> Ref:
    """A certificate's ARN, once it is valid."""
    return Ref(f"aws_acm_certificate_validation.{name}", "certificate_arn")


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("dns", "edge")
    why = "The public zone. Set the domain's name servers to its own: they are an output."
    yield part.make("aws_route53_zone", "main", {"name": Var("domain")}, why, tag=site.name())
    for host in site.public:
        part = site.part(host.name, "edge", host.service.place)
        yield from _certificate(site, part, host.id, site.host(host.name))
        why = f"Users reach {host.name} here."
        yield _alias(part, host.id, ZONE, site.host(host.name), Ref("aws_lb.main", "dns_name"), "zone_id", why)
    read = [kept for kept in site.databases if site.replicas(kept)]
    if site.called or read:
        yield from _zone_inside(site)
    if site.called:
        yield from _inside(site)
    for kept in read:
        yield from _readers(site, kept)


def _readers(site: Site, kept: Kept) -> Iterator[Resource]:
    """One name for all replicas of a database, with equal weights. A minute's TTL: a lost one is soon forgotten."""
    part = site.part(kept.name, "edge", kept.store.place)
    for number in range(1, site.replicas(kept) + 1):
        settings = {
            "zone_id": PRIVATE_ZONE,
            "name": Join(read_host(kept)),
            "type": "CNAME",
            "ttl": 60,
            "records": [Ref(f"aws_db_instance.{kept.id}_read_{number}", "address")],
            "set_identifier": str(number),
            "weighted_routing_policy": Block({"weight": 1}),
        }
        why = f"Reads of {kept.name} that may be seconds old are spread over its copies." if number == 1 else ""
        yield part.make("aws_route53_record", f"{kept.id}_read_{number}", settings, why)


def _zone_inside(site: Site) -> Iterator[Resource]:
    settings = {"name": Join(INSIDE), "vpc": Block({"vpc_id": VPC_ID})}
    why = "Names that only this network can see."
    yield site.part("dns", "edge").make("aws_route53_zone", "internal", settings, why, tag=site.name("internal"))


def _inside(site: Site) -> Iterator[Resource]:
    part = site.part("dns", "edge")
    yield from _certificate(site, part, INTERNAL, Join(("*.", *INSIDE)))
    for host in site.called:
        yield _call_name(site, host)


def _call_name(site: Site, host: Hosted) -> Resource:
    part = site.part(host.name, "edge", host.service.place)
    target = Ref("aws_lb.internal", "dns_name")
    why = f"Other services call {host.name} here, on port {host.listener}."
    return _alias(part, f"{host.id}_internal", PRIVATE_ZONE, Join(internal_host(host.name)), target, "zone_id", why)


def bucket_names(site: Site, kept: Kept) -> Iterator[Resource]:
    """Certificate and name of a bucket behind content delivery."""
    part = site.part(kept.name, "edge", kept.store.place)
    yield from _certificate(site, part, kept.id, Join(bucket_host(kept)), provider=CDN_REGION)
    target = Ref(f"aws_cloudfront_distribution.{kept.id}", "domain_name")
    for name, kind in ((kept.id, "A"), (f"{kept.id}_ipv6", "AAAA")):
        yield _alias(part, name, ZONE, Join(bucket_host(kept)), target, "hosted_zone_id", "", kind)


def _certificate(site: Site, part: Part, name: str, domain: Any, provider: str = "") -> Iterator[Resource]:
    settings = {"domain_name": domain, "validation_method": "DNS"}
    renewal = {"create_before_destroy": True}
    yield part.make(
        "aws_acm_certificate",
        name,
        settings,
        tag=site.name(name.replace("_", "-")),
        provider=provider,
        lifecycle=renewal,
    )

    def option(attribute: str) -> Ref:
        return Ref(f"aws_acm_certificate.{name}", "domain_validation_options", f"resource_record_{attribute}")

    proof = {
        "zone_id": ZONE,
        "name": option("name"),
        "type": option("type"),
        "records": [option("value")],
        "ttl": 300,
        "allow_overwrite": True,
    }
    yield part.make("aws_route53_record", f"{name}_validation", proof)
    settings = {
        "certificate_arn": Ref(f"aws_acm_certificate.{name}", "arn"),
        "validation_record_fqdns": [Ref(f"aws_route53_record.{name}_validation", "fqdn")],
    }
    yield part.make("aws_acm_certificate_validation", name, settings, provider=provider)


def _alias(
    part: Part, name: str, zone: Ref, host: Any, target: Ref, target_zone: str, why: str, kind: str = "A"
) -> Resource:
    alias = {"name": target, "zone_id": Ref(target.address, target_zone), "evaluate_target_health": False}
    settings = {"zone_id": zone, "name": host, "type": kind, "alias": Block(alias)}
    return part.make("aws_route53_record", name, settings, why)
