"""What stands in the networks of Google Cloud: servers, clusters, Cloud Run, databases, caches and balancers.

Source: google provider; Google Cloud docs, "Proxy-only subnets" (a balancer calls from there, or from the ranges of
Google's probes), "Private services access".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.google.atlas import LOGIN, PROBES, Atlas
from standfast.audit.reach.google.roads import CONTROL, SUBNET, Roads, unguarded
from standfast.audit.reach.google.rules import identity, network_name
from standfast.audit.reach.graph import Node, free_name
from standfast.audit.reach.roads import Place
from standfast.audit.reach.spans import ALL_TRAFFIC, PORTS, PRIVATE, Spans, network, tcp, union
from standfast.audit.reading import blocks, items, known, raw
from standfast.blueprint import Resource

SERVERS = tuple(
    f"google_compute_{one}"
    for one in ("instance", "instance_template", "region_instance_template", "instance_from_template")
)
RULES = ("google_compute_forwarding_rule", "google_compute_global_forwarding_rule")
ENGINES = {"POSTGRES": 5432, "MYSQL": 3306, "SQLSERVER": 1433}
PROBING, LOGGING_IN = "Google's probes", "Google's login proxy"


def read_nodes(estate: Estate, taken: set[str], roads: Roads, atlas: Atlas) -> list[Node]:
    """Google's own first; then everything that stands in a network. Fills the atlas with hosts as it goes."""
    found = [
        Node(PROBING, "", None, (Place(PROBES),), role="service", routed=False),
        Node(LOGGING_IN, "", None, (Place(LOGIN),), role="service", routed=False),
    ]
    found += _balancers(estate, taken, roads, atlas)
    for kind in SERVERS:
        found += _servers(estate, estate.of(kind), taken, roads)
    found += _clusters(estate, taken, roads)
    for one in estate.of("google_cloud_run_v2_service"):
        found += _servers(estate, [one], taken, roads, "template.vpc_access.network_interfaces", "serverless")
    found += _stores(estate, taken, roads, atlas)
    return found


def _servers(
    estate: Estate,
    servers: list[Resource],
    taken: set[str],
    roads: Roads,
    path: str = "network_interface",
    role: str = "",
) -> Iterator[Node]:
    """`serverless`: it calls from the network, and is not called there."""
    for one in servers:
        interfaces = _at(one, path)
        places = [place for interface in interfaces if (place := roads.of_interface(interface)) is not None]
        tags = [*items(one, "tags"), *(tag for interface in interfaces for tag in items(interface, "tags"))]
        names = frozenset(filter(None, (identity(estate, value) for value in (*tags, *_accounts(one)))))
        name = free_name(one, one.component or one.name, taken)
        listens: Spans = () if role else ALL_TRAFFIC
        if places or role:
            yield Node(name, one.component, one, tuple(places), names, role, listens=listens)


def _at(one: Resource, path: str) -> list[Any]:
    *way, last = path.split(".")
    owner = raw(one, ".".join(way)) if way else one
    owner = owner[0] if isinstance(owner, (list, tuple)) and owner else owner
    return blocks(owner, last) if owner is not None else []


def _accounts(one: Any) -> list[Any]:
    return [*items(one, "service_account.email"), *items(one, "template.service_account")]


def _clusters(estate: Estate, taken: set[str], roads: Roads) -> Iterator[Node]:
    """Nodes and pods of a cluster are one. Google writes rules for them when it makes the cluster."""
    for one in estate.of("google_container_cluster"):
        pools = [*estate.linked("google_container_node_pool", "cluster", one), one]
        names = [identity(estate, value) for pool in pools for value in _of_pool(pool)]
        place = roads.of_interface(one)
        if place is not None:
            name = free_name(one, one.component or one.name, taken)
            known_as = frozenset(filter(None, names))
            yield Node(name, one.component, one, (place,), known_as, shared=True, hidden=True)
            block = known(one, CONTROL)
            if isinstance(block, str):
                control = unguarded(roads.place(place.network, network(block)))
                yield Node(free_name(one, "control plane", taken), one.component, one, (control,), role="control")


def _of_pool(pool: Resource) -> list[Any]:
    return [*items(pool, "node_config.service_account"), *items(pool, "node_config.tags")]


def _stores(estate: Estate, taken: set[str], roads: Roads, atlas: Atlas) -> Iterator[Node]:
    """Databases and caches with a private address, in a range that the network lends to Google."""
    for one in estate.of("google_sql_database_instance"):
        inside = raw(one, "settings.ip_configuration.private_network")
        if inside is not None:
            version = str(known(one, "database_version", ""))
            port = next((port for engine, port in ENGINES.items() if version.startswith(engine)), 0)
            yield _store(estate, one, inside, known(one, "private_ip_address"), port, taken, roads, atlas)
    for one in estate.of("google_redis_instance"):
        port = 6378 if known(one, "transit_encryption_mode") == "SERVER_AUTHENTICATION" else 6379
        inside = raw(one, "authorized_network")
        yield _store(estate, one, inside, known(one, "host"), port, taken, roads, atlas)


def _store(
    estate: Estate, one: Resource, inside: Any, written: Any, port: int, taken: set[str], roads: Roads, atlas: Atlas
) -> Node:
    name = network_name(estate, inside)
    host = atlas.host(one, written, roads.lent.get(name, ()))
    place = unguarded(roads.place(name, host))
    called = free_name(one, one.component or one.name, taken)
    answers = tcp(port) if port else ALL_TRAFFIC
    return Node(called, one.component, one, (place,), port=port, listens=answers, only=frozenset())


def _balancers(estate: Estate, taken: set[str], roads: Roads, atlas: Atlas) -> Iterator[Node]:
    """One node for each address that forwarding rules share; those that keep the caller's address are no hop."""
    fronts: dict[str, list[Resource]] = {}
    for kind in RULES:
        for one in estate.of(kind):
            if raw(one, "target") is not None:
                value = raw(one, "ip_address")
                key = getattr(value, "address", None) or str(value or one.address)
                fronts.setdefault(key, []).append(one)
    for rules in fronts.values():
        one = rules[0]
        inside = str(known(one, "load_balancing_scheme", "EXTERNAL")).startswith("INTERNAL")
        if not inside and not any(_backends(estate, rule) for rule in rules):
            continue  # content delivery from a bucket: nothing of ours stands behind it
        name = network_name(estate, raw(one, "network"))
        within = union(*(roads.ranges[two.address] for two in estate.targets(one, "subnetwork", SUBNET)))
        address = atlas.host(one, raw(one, "ip_address"), within or PRIVATE)
        speaks = roads.proxies.get(name, ()) if one.kind == RULES[0] else PROBES
        place = replace(unguarded(roads.place(name, address, not inside)), speaks=speaks)
        if not inside:
            place = replace(place, roads=None)
        called = free_name(one, "internal balancer" if inside else "balancer", taken)
        ports = union(*(_ports(rule) for rule in rules))
        routed = speaks != PROBES
        yield Node(
            called, one.component, one, (place,), role="balancer", inside=inside, listens=ports, routed=routed
        )  # fmt: skip


def _ports(rule: Resource) -> Spans:
    found = []
    for one in (*items(rule, "port_range"), *items(rule, "ports")):
        first, _, last = str(one).partition("-")
        if first.isdecimal():
            found.append(((6 * PORTS + int(first), 6 * PORTS + int(last or first)),))
    return union(*found)


def _backends(estate: Estate, rule: Resource) -> list[Resource]:
    """The backend services behind a forwarding rule: target, map of paths, service."""
    found: list[Resource] = []
    for proxy in _each(estate, rule, "target"):
        for urls in _each(estate, proxy, "url_map"):
            services = items(urls, "default_service")
            for one in blocks(urls, "path_matcher"):
                services += items(one, "default_service")
                services += [raw(two, "service") for two in blocks(one, "path_rule")]
            found += [hit for value in services if (hit := estate.target(value, *SERVICES)) is not None]
        found += _each(estate, proxy, "backend_service")
    return list({one.address: one for one in found}.values())


SERVICES = ("google_compute_region_backend_service", "google_compute_backend_service")
STEPS = {
    "target": tuple(
        f"google_compute_{where}target_{what}_proxy"
        for where in ("", "region_")
        for what in ("http", "https", "tcp", "ssl")
    ),
    "url_map": ("google_compute_url_map", "google_compute_region_url_map"),
    "backend_service": SERVICES,
}


def _each(estate: Estate, owner: Resource, path: str) -> list[Resource]:
    return estate.targets(owner, path, *STEPS[path])


def read_forwards(estate: Estate, nodes: dict[str, Node]) -> dict[str, dict[int, frozenset[str]]]:
    """Where each port of each balancer leads: port -> the nodes behind its backend services."""
    found: dict[str, dict[int, frozenset[str]]] = {}
    owners = {node.resource.address: node.name for node in nodes.values() if node.resource is not None}
    keys: dict[str, str] = {}
    for kind in RULES:
        for rule in estate.of(kind):
            value = raw(rule, "ip_address")
            key = getattr(value, "address", None) or str(value or rule.address)
            name = keys.setdefault(key, owners.get(rule.address, ""))
            if not name:
                continue
            behind = frozenset(filter(None, (owners.get(one) for one in _behind(estate, _backends(estate, rule)))))
            for first, last in _ports(rule):
                for port in range(first % PORTS, last % PORTS + 1):
                    ports = found.setdefault(name, {})
                    ports[port] = ports.get(port, frozenset()) | behind
    return found


def _behind(estate: Estate, services: list[Resource]) -> Iterator[str]:
    """Addresses of what the groups of backend services are made of."""
    managers = ("google_compute_region_instance_group_manager", "google_compute_instance_group_manager")
    groups = ("google_compute_region_network_endpoint_group", "google_compute_instance_group")
    for service in services:
        for backend in blocks(service, "backend"):
            for one in estate.targets(backend, "group", *managers):
                for version in blocks(one, "version"):
                    yield from (found.address for found in estate.targets(version, "instance_template", *SERVERS))
            for one in estate.targets(backend, "group", *groups):
                yield from (found.address for found in estate.targets(one, "instances", "google_compute_instance"))
                for run in blocks(one, "cloud_run"):
                    yield from (
                        found.address for found in estate.targets(run, "service", "google_cloud_run_v2_service")
                    )


def proxied(nodes: list[Node], forwards: dict[str, dict[int, frozenset[str]]]) -> list[Node]:
    """Balancers send to what stands behind them, and to nothing else that the range of their proxies may reach."""
    return [
        replace(node, only=frozenset(one for names in forwards[node.name].values() for one in names))
        if node.name in forwards
        else node
        for node in nodes
    ]
