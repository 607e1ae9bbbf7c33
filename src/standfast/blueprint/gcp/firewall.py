"""Firewall rules: the edges of the call graph by the account a service runs as, and nothing else in or out.

A balancer hides who calls, so an edge between services is held where it leaves: each called service has an address
and a port of its own on the balancer, and only its callers may open connections to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.data.stores import address, copies
from standfast.blueprint.gcp.network import CONTROL, LOGIN, RELAYS, cidr, network, pods
from standfast.blueprint.gcp.site import Part, Site, email
from standfast.blueprint.model import Block, Join, Ref, Resource
from standfast.blueprint.site import PORTS, Hosted, targets

NODES = "nodes"  # the account of a cluster's nodes
LAST, ALLOW = 65_534, 1000


def runs_as(site: Site, host: Hosted) -> str:
    """Whose rules a service's are: its own; on a cluster all share the nodes', and its policies tell them apart."""
    return NODES if site.plan.shape == "kubernetes" else host.id


def who(site: Site, name: str, host: Hosted | None) -> dict[str, Any]:
    """What a rule is for: an account where it may be, which nobody can put on another machine; else a tag."""
    if site.plan.shape == "container" and host is not None:
        return {"target_tags": [site.name(host.name)]}
    return {"target_service_accounts": [email(name)]}


def resources(site: Site) -> Iterator[Resource]:
    if not site.hosted:
        return
    yield from _closed(site)
    runners = {runs_as(site, host): host for host in reversed(site.hosted)}
    for name, host in sorted(runners.items()):
        yield from _outside(site, name, host)
    if site.plan.shape == "kubernetes":
        yield from _cluster(site)
    done: list[tuple[str, Any]] = []
    for host in site.hosted:
        for rule in (*_balanced(site, host), *_calls(site, host)):
            if (rule.address, rule.settings) not in done:  # services on a cluster's nodes share their rules
                done.append((rule.address, rule.settings))
                yield rule


def _closed(site: Site) -> Iterator[Resource]:
    if not site.alone:  # the network is the first site's, and so are its last words
        return
    part = site.part("network", "firewall")
    for way, ranges in (("EGRESS", "destination_ranges"), ("INGRESS", "source_ranges")):
        settings = {"direction": way, "priority": LAST, ranges: ["0.0.0.0/0"], "deny": Block({"protocol": "all"})}
        why = "What no rule below allows is refused and recorded, on the way out too." if way == "EGRESS" else ""
        yield _rule(site, part, f"deny_{way.lower()}", settings, why)


def _cluster(site: Site) -> Iterator[Resource]:
    """Between the nodes and their pods, and to the control plane; the cluster's own policies hold the pods apart."""
    part, where = site.part("cluster", "firewall"), who(site, NODES, None)
    every = [Block({"protocol": protocol}) for protocol in ("tcp", "udp", "icmp")]
    ranges = [cidr(site, "app"), pods(site)]
    settings = {"direction": "EGRESS", "destination_ranges": ranges, **where, "allow": every}
    why = "Nodes and pods reach one another; which pod may call which is the cluster's to say."
    yield _rule(site, part, "nodes_inside", settings, why)
    control = Block({"protocol": "tcp", "ports": ["443", "8132"]})
    settings = {"direction": "EGRESS", "destination_ranges": [CONTROL], **where, "allow": control}
    yield _rule(site, part, "nodes_control", settings, "Nodes reach their control plane.")


def _outside(site: Site, name: str, host: Hosted) -> Iterator[Resource]:
    part = site.part(host.name, "firewall", host.service.place)
    where = who(site, name, host)
    settings = {"direction": "EGRESS", "destination_ranges": ["0.0.0.0/0"], **where, **_tcp(443)}
    why = "Images are pulled from their registry and Google is called over HTTPS; nothing else leaves."
    yield _rule(site, part, f"{name}_https_out", settings, why)
    if site.plan.shape == "vm":
        settings = {"direction": "INGRESS", "source_ranges": [LOGIN], **where, **_tcp(22)}
        why = "People log in through Identity-Aware Proxy, which asks who they are first."
        yield _rule(site, part, f"{name}_login", settings, why)


def _balanced(site: Site, host: Hosted) -> Iterator[Resource]:
    """From the balancers and health checks to the service. A container platform lets its own balancers in."""
    if site.plan.shape != "vm":
        return
    part = site.part(host.name, "firewall", host.service.place)
    proxies = [cidr(site, "proxy")] if host.service.public or host.listener is not None else []
    settings = {
        "direction": "INGRESS",
        "source_ranges": [*RELAYS, *proxies],
        **who(site, host.id, host),
        **_tcp(host.service.port),
    }
    yield _rule(
        site, part, f"{host.id}_balanced", settings, f"The balancer reaches {host.name}, and asks if it is well."
    )


def _calls(site: Site, host: Hosted) -> Iterator[Resource]:
    called = {one.name: one for one in site.called}
    kept = {one.name: one for one in site.kept}
    places = {name: call.place for call in host.service.calls for name in (call.to, call.cached_by) if name}
    caller = runs_as(site, host)
    for name in targets(host.service):
        part = site.part(host.name, "firewall", places[name])
        store = kept.get(name)
        if name in called and site.plan.shape != "kubernetes":
            there = [Ref(f"google_compute_address.{called[name].id}_internal", "address")]
            number, target = called[name].listener or 0, called[name].id
        elif store is not None and store.kind in PORTS:
            there, number, target = [address(site, store), *copies(site, store)], site.port(store.kind), store.id
        else:
            continue
        where = who(site, caller, host)
        ranges = [Join((one, "/32")) for one in there]
        settings = {"direction": "EGRESS", "destination_ranges": ranges, **where, **_tcp(number)}
        yield _rule(site, part, f"{caller}_to_{target}", settings)


def _tcp(number: int) -> dict[str, Any]:
    return {"allow": Block({"protocol": "tcp", "ports": [str(number)]})}


def _rule(site: Site, part: Part, name: str, what: dict[str, Any], why: str = "") -> Resource:
    settings = {
        "name": site.name(name.replace("_", "-")),
        "network": network(site),
        "priority": ALLOW,
        **what,
        "log_config": Block({"metadata": "INCLUDE_ALL_METADATA"}),
    }
    return part.make("google_compute_firewall", name, settings, why)
