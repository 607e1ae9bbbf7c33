"""Balancers: one for users, and one inside on which each called service has a port that the firewall can tell apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.edge.domain import INTERNAL, certificate, probed
from standfast.blueprint.aws.net.firewall import BALANCER, HTTP, HTTPS, group
from standfast.blueprint.aws.net.firewall import INTERNAL as INTERNAL_GROUP
from standfast.blueprint.aws.net.network import VPC_ID, subnets
from standfast.blueprint.aws.site import Hosted, Part, Site, shortened
from standfast.blueprint.aws.stores.objects import ACCESS_LOGS
from standfast.blueprint.model import Block, Ref, Resource

# TLS 1.3, and 1.2 for clients that have no better (ELB guide, "Security policies": the recommended one).
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
# Two failed checks ten seconds apart: what the plan's recovery times are reckoned with.
HEALTH = {"interval": 10, "timeout": 5, "healthy_threshold": 2, "unhealthy_threshold": 2}
LISTENERS = 50  # of one balancer (ELB guide, "Quotas")


def target_groups(site: Site, host: Hosted) -> list[str]:
    """Addresses of the target groups that a service's servers join."""
    groups = [f"aws_lb_target_group.{host.id}"] if host.service.public else []
    return groups + ([f"aws_lb_target_group.{host.id}_internal"] if host.listener is not None else [])


def resources(site: Site) -> Iterator[Resource]:
    if not site.public:
        return
    part = site.part("balancer", "edge")
    yield _balancer(site, part, "main", "public", site.private, BALANCER)
    yield from _listeners(site, part)
    for host in site.public:
        yield from _public(site, host)
    if site.called:
        why = "Services call one another through this one, over TLS: it knows which servers are well."
        yield _balancer(site, part, "internal", "inside", True, INTERNAL_GROUP, why)
    for host in site.called:
        yield from _called(site, host)


def _balancer(site: Site, part: Part, name: str, shown: str, inside: bool, security: str, why: str = "") -> Resource:
    logs = {"bucket": Ref(f"aws_s3_bucket.{ACCESS_LOGS}", "id"), "prefix": f"balancer/{name}", "enabled": True}
    title = shortened(f"{site.own}-{shown}", 32)
    if title.startswith("internal-"):
        title = shortened(f"lb-{title}", 32)  # AWS keeps that beginning for itself
    settings = {
        "name": title,
        "internal": inside,
        "load_balancer_type": "application",
        "security_groups": [group(security)],
        "subnets": subnets("app" if inside else "public", site.zones),
        "drop_invalid_header_fields": True,
        "enable_deletion_protection": True,
        "access_logs": Block(logs),
    }
    needs = (f"aws_s3_bucket_policy.{ACCESS_LOGS}",)
    return part.make("aws_lb", name, settings, why, tag=title, depends_on=needs)


def _listeners(site: Site, part: Part) -> Iterator[Resource]:
    redirect = Block({"port": str(HTTPS), "protocol": "HTTPS", "status_code": "HTTP_301"})
    plain = {"port": HTTP, "protocol": "HTTP", "default_action": Block({"type": "redirect", "redirect": redirect})}
    yield part.make(
        "aws_lb_listener", "http", {"load_balancer_arn": Ref("aws_lb.main", "arn"), **plain}, tag=site.name("http")
    )
    unknown = Block({"content_type": "text/plain", "message_body": "no such host", "status_code": "404"})
    settings = {
        "load_balancer_arn": Ref("aws_lb.main", "arn"),
        "port": HTTPS,
        "protocol": "HTTPS",
        "ssl_policy": TLS_POLICY,
        "certificate_arn": certificate(site.public[0].id),
        "default_action": Block({"type": "fixed-response", "fixed_response": unknown}),
    }
    why = "Only requests for a name of ours go on to a service."
    yield part.make("aws_lb_listener", "https", settings, why, tag=site.name("https"))


def _public(site: Site, host: Hosted) -> Iterator[Resource]:
    part = site.part(host.name, "edge", host.service.place)
    yield _target_group(site, part, host, host.id, "")
    listener = Ref("aws_lb_listener.https", "arn")
    if host != site.public[0]:
        also = {"listener_arn": listener, "certificate_arn": certificate(host.id)}
        yield part.make("aws_lb_listener_certificate", host.id, also)
    rule = {
        "listener_arn": listener,
        "priority": 10 * (site.hosted.index(host) + 1),
        "condition": Block({"host_header": Block({"values": [site.host(host.name), *probed(site, host)]})}),
        "action": Block({"type": "forward", "target_group_arn": Ref(f"aws_lb_target_group.{host.id}", "arn")}),
    }
    yield part.make("aws_lb_listener_rule", host.id, rule, tag=site.name(host.name))


def _called(site: Site, host: Hosted) -> Iterator[Resource]:
    part = site.part(host.name, "edge", host.service.place)
    name = f"{host.id}_internal"
    yield _target_group(site, part, host, name, "in")
    settings = {
        "load_balancer_arn": Ref("aws_lb.internal", "arn"),
        "port": host.listener,
        "protocol": "HTTPS",
        "ssl_policy": TLS_POLICY,
        "certificate_arn": certificate(INTERNAL),
        "default_action": Block({"type": "forward", "target_group_arn": Ref(f"aws_lb_target_group.{name}", "arn")}),
    }
    yield part.make("aws_lb_listener", name, settings, tag=site.name(host.name, "internal"))


def _target_group(site: Site, part: Part, host: Hosted, name: str, mark: str) -> Resource:
    """Port and kind are part of the name: a group with others is made before the old one goes."""
    kind = "ip" if site.contained or site.clustered else ""
    words = [word for word in (site.own, host.name, str(host.service.port), mark, kind) if word]
    title = shortened("-".join(words), 32)
    settings = {
        "name": title,
        "vpc_id": VPC_ID,
        "port": host.service.port,
        "protocol": "HTTP",
        "target_type": kind or None,
        "deregistration_delay": 30,
        "health_check": Block({"path": host.service.health, "matcher": "200-399", **HEALTH}),
    }
    return part.make("aws_lb_target_group", name, settings, tag=title, lifecycle={"create_before_destroy": True})


def quota(site: Site) -> dict[str, Any]:
    """Listeners that the internal balancer needs, against what one balancer may have."""
    return {"needed": len(site.called), "most": LISTENERS}
