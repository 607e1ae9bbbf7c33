"""Who may talk to whom: nothing, then exactly the edges that the spec declares, and names (DNS)."""

from __future__ import annotations

from typing import Any

from standfast.blueprint.model import Blueprint, Workload
from standfast.blueprint.site import PORTS
from standfast.blueprint.workloads import namespace as namespace_name
from standfast.code.kubernetes.clouds import Cloud
from standfast.code.kubernetes.text import Document
from standfast.code.kubernetes.workload import head, selector

# CoreDNS and kube-dns carry the first label on all three clouds, the cache on a node the second.
NAMES = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {
        "matchExpressions": [{"key": "k8s-app", "operator": "In", "values": ["kube-dns", "node-local-dns"]}]
    },
}
# Everywhere but the networks that are private (RFC 1918, RFC 6598) and the link's own (RFC 3927).
OUTSIDE = {
    "cidr": "0.0.0.0/0",
    "except": ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
}


def closed(space: str) -> Document:
    """What no other policy allows is refused, both ways. No service is called so: their names begin with a letter."""
    made = head("networking.k8s.io/v1", "NetworkPolicy", "0-default-deny", space)
    return {**made, "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}


def policy(one: Workload, blueprint: Blueprint, cloud: Cloud) -> Document:
    spec: dict[str, Any] = {"podSelector": selector(one.name), "policyTypes": ["Ingress", "Egress"]}
    peers: list[dict[str, Any]] = [{"podSelector": selector(name)} for name in one.callers]
    if one.public:
        peers += [{"ipBlock": {"cidr": cidr}} for cidr in blueprint.platform["balancer_ranges"]]
    if peers:
        spec["ingress"] = [{"from": peers, "ports": [_tcp(one.port)]}]
    spec["egress"] = [
        {"to": [NAMES], "ports": [{"protocol": "UDP", "port": 53}, _tcp(53)]},
        *_ways(one, blueprint),
        *(cloud.identity if one.identity else []),
    ]
    return {**head("networking.k8s.io/v1", "NetworkPolicy", one.name, namespace_name(blueprint.system)), "spec": spec}


def _ways(one: Workload, blueprint: Blueprint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    ports = sorted({way.port for way in one.ways if way.kind in PORTS})
    for way in one.ways:
        if way.kind == "service":
            found.append({"to": [{"podSelector": selector(way.to)}], "ports": [_tcp(way.port)]})
    if ports:
        stores = [{"ipBlock": {"cidr": cidr}} for cidr in blueprint.platform["data_ranges"]]
        found.append({"to": stores, "ports": [_tcp(port) for port in ports]})
    if any(way.kind in ("objects", "outside") for way in one.ways):
        found.append({"to": [{"ipBlock": OUTSIDE}], "ports": [_tcp(443)]})
    return found


def _tcp(port: int) -> dict[str, Any]:
    return {"protocol": "TCP", "port": port}
