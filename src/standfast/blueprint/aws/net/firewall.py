"""Security groups: one per component, and a rule on both sides of every edge of the call graph. Nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from standfast.blueprint.aws.net.network import VPC_ID, app_blocks, ranges
from standfast.blueprint.aws.site import PORTS, Hosted, Part, Site, targets
from standfast.blueprint.model import Ref, Resource, Var

HTTPS, HTTP = 443, 80
BALANCER, INTERNAL, ENDPOINTS = "balancer", "balancer_internal", "endpoints"
NODES = "cluster_nodes"  # of a cluster: one group for all its pods, which network policies tell apart
# What the nodes of a cluster need of one another beside the calls of the spec: names, and how busy they are.
AMONG_NODES = {"dns": ("tcp", 53), "names": ("udp", 53), "kubelet": ("tcp", 10250), "metrics": ("tcp", 10251)}
# What the control plane asks of them: logs and commands, metrics, and the operators' hooks (EKS user guide, "Security
# group requirements"; ports of metrics-server, the Load Balancer Controller, External Secrets as they are installed).
FROM_CONTROL = {"kubelet": 10250, "metrics": 10251, "load_balancer_hook": 9443}


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
            yield Edge(BALANCER, _runs_in(site, host), host.service.port, part)
        if host in site.called:
            yield Edge(INTERNAL, host.id, host.service.port, part)
        if site.private:
            yield Edge(_runs_in(site, host), ENDPOINTS, HTTPS, part)
    listeners = {host.name: host.listener for host in site.called}
    stores, hosts = {kept.name: kept for kept in site.kept}, {host.name: host for host in site.hosted}
    for host in site.hosted:
        places = {name: call.place for call in host.service.calls for name in (call.to, call.cached_by) if name}
        for name in targets(host.service):
            part = site.part(host.name, "firewall", places[name])
            kept = stores.get(name)
            if name in listeners:
                yield Edge(host.id, INTERNAL, listeners[name] or 0, part)
            elif name in hosts:
                yield Edge(NODES, NODES, hosts[name].service.port, part)
            elif kept is not None and kept.kind in PORTS:
                yield Edge(_runs_in(site, host), kept.id, PORTS[kept.kind], part)


def _runs_in(site: Site, host: Hosted) -> str:
    """The group that a service's servers, or its pods, are in."""
    return NODES if site.clustered else host.id


def resources(site: Site) -> Iterator[Resource]:
    yield from _groups(site)
    if site.public:
        yield from _outside(site)
    done: set[tuple[str, str, int]] = set()
    for edge in edges(site):
        key = (edge.caller, edge.target, edge.port)
        if key not in done:
            done.add(key)
            yield from _both_sides(site, edge)
    if site.clustered:
        yield from _cluster(site)
    if site.together:
        yield from _between(site)


def _between(site: Site) -> Iterator[Resource]:
    """Services of the second site write to the databases of the first."""
    for kept in site.databases:
        port, first = PORTS[kept.kind], site.first is None
        part = site.part(kept.name, "firewall", kept.store.place)
        if first and site.other:
            for number, block in enumerate(app_blocks(site.other), 1):
                peer, name = {"cidr_ipv4": block}, f"{kept.id}_from_other_site_{number}"
                why = f"The other site writes to {kept.name} here." if number == 1 else ""
                yield _rule(site, part, "ingress", kept.id, name, port, peer, "From services of the other site", why)
        for host in () if first else kept.callers:
            for number, block in enumerate(ranges("data"), 1):
                peer, name = {"cidr_ipv4": block}, f"{host.id}_to_{kept.id}_there_{number}"
                said = f"To {kept.name} of the first site"
                yield _rule(site, part, "egress", _runs_in(site, host), name, port, peer, said)


def _groups(site: Site) -> Iterator[Resource]:
    edge = site.part("balancer", "firewall")
    if site.public:
        yield _group(site, edge, BALANCER, "Where users arrive")
    if site.called:
        yield _group(site, edge, INTERNAL, "Where services reach one another")
    if site.private and site.hosted:
        yield _group(site, site.part("network", "firewall"), ENDPOINTS, "Services of AWS, answered inside the network")
    if site.clustered:
        yield _group(site, site.part("cluster", "firewall"), NODES, "Nodes of the cluster")
    what = "Containers" if site.contained else "Servers"
    for host in () if site.clustered else site.hosted:
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
    servers = [(host.id, host.name, host.service.place) for host in site.hosted]
    for name, component, place in [(NODES, "cluster", None)] if site.clustered else servers:
        part = site.part(component, "firewall", place)
        why = "Images are pulled from their registry and AWS is called over HTTPS; nothing else leaves."
        everywhere = {"cidr_ipv4": "0.0.0.0/0"}
        yield _rule(site, part, "egress", name, f"{name}_https_out", HTTPS, everywhere, "HTTPS out", why)


def _cluster(site: Site) -> Iterator[Resource]:
    """What the cluster itself needs, beside the calls of the spec."""
    part = site.part("cluster", "firewall")
    for word, (protocol, port) in AMONG_NODES.items():
        for way, name in (("egress", "to"), ("ingress", "from")):
            peer = {"referenced_security_group_id": group(NODES)}
            label, said = f"{NODES}_{name}_nodes_{word}", f"{word} {name} nodes"
            yield _rule(site, part, way, NODES, label, port, peer, said, protocol=protocol)
    control = Ref("aws_eks_cluster.main", "vpc_config[0].cluster_security_group_id")
    for word, port in FROM_CONTROL.items():
        peer = {"referenced_security_group_id": control}
        said = f"{word.replace('_', ' ')} from the control plane"
        yield _rule(site, part, "ingress", NODES, f"{NODES}_from_control_{word}", port, peer, said)
    peer, why = {"referenced_security_group_id": group(NODES)}, "Nodes and pods reach the API server."
    yield _rule(site, part, "ingress", control, "control_from_nodes", HTTPS, peer, "API server from nodes", why)


def _both_sides(site: Site, edge: Edge) -> Iterator[Resource]:
    out, into = f"{edge.caller}_to_{edge.target}", f"{edge.target}_from_{edge.caller}"
    if edge.target in (INTERNAL, NODES):  # several services behind one balancer, or on one group of nodes
        out, into = f"{out}_{edge.port}", f"{into}_{edge.port}"
    to = {"referenced_security_group_id": group(edge.target)}
    came = {"referenced_security_group_id": group(edge.caller)}
    shown = edge.caller.replace("_", "-"), edge.target.replace("_", "-")
    yield _rule(site, edge.part, "egress", edge.caller, out, edge.port, to, f"To {shown[1]}")
    yield _rule(site, edge.part, "ingress", edge.target, into, edge.port, came, f"From {shown[0]}")


def _rule(
    site: Site, part: Part, way: str, of: str | Ref, name: str, port: int, peer: dict, description: str,
    why: str = "", *, protocol: str = "tcp",
) -> Resource:  # fmt: skip
    settings = {
        "security_group_id": of if isinstance(of, Ref) else group(of),
        "description": description,
        "ip_protocol": protocol,
        "from_port": port,
        "to_port": port,
        **peer,
    }
    kind = f"aws_vpc_security_group_{way}_rule"
    return part.make(kind, name, settings, why, tag=site.name(name.replace("_", "-"), limit=255))
