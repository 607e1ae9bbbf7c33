"""Security groups: one per component, and a rule on both sides of every edge of the call graph. Nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from standfast.blueprint.aws.net.network import VPC_ID
from standfast.blueprint.aws.site import PORTS, Part, Site, targets
from standfast.blueprint.model import Ref, Resource, Var

HTTPS, HTTP = 443, 80
BALANCER, INTERNAL, ENDPOINTS = "balancer", "balancer_internal", "endpoints"


@dataclass(frozen=True)
class Edge:
    """A caller's security group may open connections to another's on one TCP port. Names are identifiers."""

    caller: str
    target: str
    port: int
    part: Part


def group(name: str) -> Ref:
    return Ref(f"aws_security_group.{name}", "id")


def edges(site: Site) -> Iterator[Edge]:
    """Every connection inside the network: balancer to service, caller to the called, service to store."""
    for host in site.hosted:
        part = site.part(host.name, "firewall", host.service.place)
        if host.service.public:
            yield Edge(BALANCER, host.id, host.service.port, part)
        if host.listener is not None:
            yield Edge(INTERNAL, host.id, host.service.port, part)
        if site.private:
            yield Edge(host.id, ENDPOINTS, HTTPS, part)
    listeners = {host.name: host.listener for host in site.called}
    stores = {kept.name: kept for kept in site.kept}
    for host in site.hosted:
        places = {name: call.place for call in host.service.calls for name in (call.to, call.cached_by) if name}
        for name in targets(host.service):
            part = site.part(host.name, "firewall", places[name])
            kept = stores.get(name)
            if name in listeners:
                yield Edge(host.id, INTERNAL, listeners[name] or 0, part)
            elif kept is not None and kept.kind in PORTS:
                yield Edge(host.id, kept.id, PORTS[kept.kind], part)


def resources(site: Site) -> Iterator[Resource]:
    yield from _groups(site)
    yield from _outside(site)
    done: set[tuple[str, str, int]] = set()
    for edge in edges(site):
        key = (edge.caller, edge.target, edge.port)
        if key not in done:
            done.add(key)
            yield from _both_sides(site, edge)


def _groups(site: Site) -> Iterator[Resource]:
    edge = site.part("balancer", "firewall")
    yield _group(site, edge, BALANCER, "Where users arrive")
    if site.called:
        yield _group(site, edge, INTERNAL, "Where services reach one another")
    if site.private:
        yield _group(site, site.part("network", "firewall"), ENDPOINTS, "Services of AWS, answered inside the network")
    what = "Containers" if site.contained else "Servers"
    for host in site.hosted:
        yield _group(site, site.part(host.name, "firewall", host.service.place), host.id, f"{what} of {host.name}")
    for kept in (*site.databases, *site.caches):
        part = site.part(kept.name, "firewall", kept.store.place)
        yield _group(site, part, kept.id, f"{kept.kind} of {kept.name}")


def _group(site: Site, part: Part, name: str, description: str) -> Resource:
    shown = site.name(name.replace("_", "-"), limit=255)
    settings = {"name": shown, "description": description, "vpc_id": VPC_ID}
    return part.make("aws_security_group", name, settings, tag=shown)


def _outside(site: Site) -> Iterator[Resource]:
    """The edges that leave the network: users to the balancer, servers to the registries and APIs they need."""
    part = site.part("balancer", "firewall")
    everyone = Var("client_cidr") if site.private else "0.0.0.0/0"
    for name, port, why in (
        ("https", HTTPS, "Users arrive here."),
        ("http", HTTP, "Answered with a redirect to HTTPS, nothing else."),
    ):
        said = f"{name.upper()} from users"
        yield _rule(site, part, "ingress", BALANCER, f"{BALANCER}_{name}", port, {"cidr_ipv4": everyone}, said, why)
    for host in site.hosted:
        part = site.part(host.name, "firewall", host.service.place)
        why = "Images are pulled from their registry and AWS is called over HTTPS; nothing else leaves."
        everywhere = {"cidr_ipv4": "0.0.0.0/0"}
        yield _rule(site, part, "egress", host.id, f"{host.id}_https_out", HTTPS, everywhere, "HTTPS out", why)


def _both_sides(site: Site, edge: Edge) -> Iterator[Resource]:
    out, into = f"{edge.caller}_to_{edge.target}", f"{edge.target}_from_{edge.caller}"
    if edge.target == INTERNAL:  # several services behind one balancer, each with a port of its own
        out, into = f"{out}_{edge.port}", f"{into}_{edge.port}"
    to = {"referenced_security_group_id": group(edge.target)}
    came = {"referenced_security_group_id": group(edge.caller)}
    shown = edge.caller.replace("_", "-"), edge.target.replace("_", "-")
    yield _rule(site, edge.part, "egress", edge.caller, out, edge.port, to, f"To {shown[1]}")
    yield _rule(site, edge.part, "ingress", edge.target, into, edge.port, came, f"From {shown[0]}")


def _rule(
    site: Site, part: Part, way: str, of: str, name: str, port: int, peer: dict, description: str, why: str = ""
) -> Resource:
    settings = {
        "security_group_id": group(of),
        "description": description,
        "ip_protocol": "tcp",
        "from_port": port,
        "to_port": port,
        **peer,
    }
    kind = f"aws_vpc_security_group_{way}_rule"
    return part.make(kind, name, settings, why, tag=site.name(name.replace("_", "-"), limit=255))
