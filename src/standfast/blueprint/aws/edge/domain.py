"""Names: the public zone, certificates that renew themselves, and a private zone for the services inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.net.network import VPC_ID
from standfast.blueprint.aws.site import Hosted, Kept, Part, Site
from standfast.blueprint.model import Block, Join, Ref, Resource, Var, Variable

INSIDE = ("internal.", Var("domain"))  # the private zone
CDN_REGION = "us_east_1"  # CloudFront takes certificates and logging from there only
PRIVATE_ZONE = Ref("aws_route53_zone.internal", "zone_id")
FAILOVER = ("warm-standby", "active-active")  # designs in which a standby answers users
INTERNAL = "internal"
WELL = "whole_site"  # the health check of all that a site offers
MOVED = 30  # seconds that the name of a database is remembered for


def zone(site: Site) -> Ref | Var:
    """The public zone. A standby that follows writes into the first site's: zones are of no region."""
    return Var("zone_id") if site.follows else Ref("aws_route53_zone.main", "zone_id")


def probed(site: Site, host: Hosted) -> list[Join]:
    """The name under which the health checks of the DNS reach a service at this site and no other."""
    if not answers(site):
        return []
    name = site.host(host.name)
    return [Join((f"{site.plan.region}.", *(name.parts if isinstance(name, Join) else (name,))))]


def answers(site: Site) -> bool:
    """Whether users are sent to another site when this one does not answer, or to this one when the other does not."""
    design = site.standby if site.follows else site.other.standby if site.other else ""
    return design in FAILOVER or abroad(site)


def abroad(site: Site) -> bool:
    """Whether users are sent to a standby on another cloud. Decision 0099."""
    behind = site.plan.standby
    there = behind is not None and behind.cloud != site.plan.cloud and behind.design in FAILOVER
    return there and not site.first and not site.private


def variables(site: Site) -> Iterator[Variable]:
    if site.first and not site.public:
        return
    yield Variable(
        "domain",
        "string",
        f"The domain {site.system.name} answers on; its name servers must be set to those of the zone made here",
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        example=f"{site.system.name}.example.com",
    )
    if site.public and abroad(site):
        means = (
            "Address at which users arrive at the standby: `front` (Google Cloud) or `gateway` (Azure) of its outputs"
        )
        pattern = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$"
        yield Variable("standby_address", "string", means, pattern=pattern, example="192.0.2.1")


def bucket_host(kept: Kept) -> tuple[Any, ...]:
    """The parts of the name that content delivery serves a bucket under."""
    return (f"{kept.name}.", Var("domain"))


def internal_host(name: str) -> tuple[Any, ...]:
    """The parts of the name that a service is called by inside the network."""
    return (f"{name}.", *INSIDE)


def read_host(kept: Kept) -> tuple[Any, ...]:
    """The parts of the name that stands for all replicas of a database."""
    return (f"{kept.name}-read.", *INSIDE)


def write_host(kept: Kept) -> tuple[Any, ...]:
    """The parts of the name that stands for the copy of a database that is written to, wherever that is."""
    return (f"{kept.name}-write.", *INSIDE)


def certificate(name: str) -> Ref:
    """A certificate's ARN, once it is valid."""
    return Ref(f"aws_acm_certificate_validation.{name}", "certificate_arn")


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("dns", "edge")
    if not site.first or (site.public and not site.follows):
        why = "The public zone. Set the domain's name servers to its own: they are an output."
        yield part.make("aws_route53_zone", "main", {"name": Var("domain")}, why, tag=site.name())
    for host in site.public:
        part = site.part(host.name, "edge", host.service.place)
        yield from _certificate(site, part, host.id, site.host(host.name))
        yield from _found(site, part, host)
    read = [kept for kept in site.databases if site.replicas(kept)]
    written = [kept for kept in site.databases if site.writes_there(kept)]
    if site.called or read or written:
        yield from _zone_inside(site)
    if site.called:
        yield from _inside(site)
    for kept in read:
        yield from _readers(site, kept)
    for kept in written:
        yield _writer(site, kept)
    if site.together and site.public and not site.private:
        yield _well(site)


def _found(site: Site, part: Part, host: Hosted) -> Iterator[Resource]:
    """The name users know. With a standby that answers, the DNS sends them there while this site does not."""
    target = Ref("aws_lb.main", "dns_name")
    why = f"Users reach {host.name} here."
    if not answers(site):
        yield _alias(part, host.id, zone(site), site.host(host.name), target, "zone_id", why)
        return
    (probe,) = probed(site, host)
    yield _alias(part, f"{host.id}_here", zone(site), probe, target, "zone_id", f"{host.name} at this site alone.")
    checked = {}
    if not site.private:  # what is inside cannot be asked by checks outside: the balancer's own word counts there
        check = {
            "type": "HTTPS",
            "fqdn": probe,
            "port": 443,
            "resource_path": host.service.health,
            "request_interval": 30,
            "failure_threshold": 3,
            "enable_sni": True,
        }
        said = f"Three failures, 30 s apart, and users of {host.name} are sent to the other site."
        if site.together:
            said = f"Whether {host.name} answers at this site, asked from around the world every 30 s."
        yield part.make("aws_route53_health_check", host.id, check, said, tag=site.name(host.name))
        checked = {"health_check_id": Ref(f"aws_route53_health_check.{WELL if site.together else host.id}", "id")}
    way = "SECONDARY" if site.first else "PRIMARY"
    routed = {"failover_routing_policy": Block({"type": way})}
    if site.together:
        routed = {"latency_routing_policy": Block({"region": site.plan.region})}
        why = f"Users of {host.name} come to the nearer of the two sites that are well."
    more = {"set_identifier": site.plan.region, **routed, **checked}
    yield _alias(part, host.id, zone(site), site.host(host.name), target, "zone_id", why, healthy=True, more=more)
    if abroad(site):
        yield _there(site, part, host)


def _there(site: Site, part: Part, host: Hosted) -> Resource:
    settings = {
        "zone_id": zone(site),
        "name": site.host(host.name),
        "type": "A",
        "ttl": 60,
        "records": [Var("standby_address")],
        "set_identifier": "standby",
        "failover_routing_policy": Block({"type": "SECONDARY"}),
    }
    why = "And there on the other cloud, while this site does not answer."
    return part.make("aws_route53_record", f"{host.id}_there", settings, why)


def _well(site: Site) -> Resource:
    """Whether users are sent here: the one switch for all names of a site. What promotes the databases of the other
    site turns it off for good, by asking for more answers than there are; no apply turns it on again."""
    names = [host.id for host in site.public]
    settings = {
        "type": "CALCULATED",
        "child_health_threshold": len(names),
        "child_healthchecks": [Ref(f"aws_route53_health_check.{name}", "id") for name in names],
    }
    why = "Users are sent here while all that they call answers, and until the other site takes the databases over."
    kept = {"ignore_changes": ["child_health_threshold"]}
    part = site.part("dns", "edge")
    return part.make("aws_route53_health_check", WELL, settings, why, tag=site.name("well"), lifecycle=kept)


def _writer(site: Site, kept: Kept) -> Resource:
    settings = {
        "zone_id": PRIVATE_ZONE,
        "name": Join(write_host(kept)),
        "type": "CNAME",
        "ttl": MOVED,
        "records": [Var(f"{kept.id}_address")],
    }
    why = f"Where {kept.name} is written to: at the first site, until the copy here is promoted and this name changed."
    part = site.part(kept.name, "edge", kept.store.place)
    kind, fixed = "aws_route53_record", {"ignore_changes": ["records"]}
    return part.make(kind, f"{kept.id}_write", settings, why, lifecycle=fixed)


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
        yield _alias(part, name, zone(site), Join(bucket_host(kept)), target, "hosted_zone_id", "", kind)


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

    if site.follows:  # one proof for the account: the record that the first site keeps renews this one too
        yield part.make(
            "aws_acm_certificate_validation", name, {"certificate_arn": Ref(f"aws_acm_certificate.{name}", "arn")}
        )
        return
    proof = {
        "zone_id": zone(site),
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
    part: Part, name: str, zone: Ref | Var, host: Any, target: Ref, target_zone: str, why: str, kind: str = "A",
    healthy: bool = False, more: dict[str, Any] | None = None,
) -> Resource:  # fmt: skip
    alias = {"name": target, "zone_id": Ref(target.address, target_zone), "evaluate_target_health": healthy}
    settings = {"zone_id": zone, "name": host, "type": kind, **(more or {}), "alias": Block(alias)}
    return part.make("aws_route53_record", name, settings, why)
