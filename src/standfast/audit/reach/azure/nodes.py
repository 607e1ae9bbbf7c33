"""What stands in the networks of Azure: servers, clusters, containers, gateways, stores and private endpoints.

Source: azurerm provider; Azure docs, "Application Gateway infrastructure configuration", "Private endpoints".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach.azure.roads import Roads
from standfast.audit.reach.azure.rules import GROUP, group_name, written
from standfast.audit.reach.azure.tags import Tags, is_tag, numbered, service_addresses
from standfast.audit.reach.graph import Node, free_name
from standfast.audit.reach.roads import Place
from standfast.audit.reach.spans import ALL_TRAFFIC, tcp, traffic, union
from standfast.audit.reading import blocks, items, known, number, raw
from standfast.blueprint import Resource

SERVERS = tuple(
    f"azurerm_{one}" for one in (
        "linux_virtual_machine", "windows_virtual_machine", "virtual_machine", "linux_virtual_machine_scale_set",
        "windows_virtual_machine_scale_set", "virtual_machine_scale_set", "orchestrated_virtual_machine_scale_set",
    )
)  # fmt: skip
# Stores that stand in a subnet of ours -> where they name it, and the port they answer at.
STORES = {
    "azurerm_postgresql_flexible_server": ("delegated_subnet_id", 5432),
    "azurerm_mysql_flexible_server": ("delegated_subnet_id", 3306),
    "azurerm_redis_cache": ("subnet_id", 6380),
    "azurerm_mssql_managed_instance": ("subnet_id", 1433),
}
# What a private endpoint leads to -> the port it answers at; anything else is the cloud's own service, on 443.
BEHIND = {
    "azurerm_managed_redis": 10000, "azurerm_redis_enterprise_cluster": 10000, "azurerm_redis_cache": 6380,
    "azurerm_postgresql_flexible_server": 5432, "azurerm_mysql_flexible_server": 3306, "azurerm_mssql_server": 1433,
    "azurerm_cosmosdb_postgresql_cluster": 5432,
}  # fmt: skip
CONTROL = (65200, 65535)  # where Azure runs an application gateway


def read_tags(estate: Estate, roads: Roads) -> Tags:
    paths = [f"{side}_address_{what}" for side in ("source", "destination") for what in ("prefix", "prefixes")]
    named = [one for _, _, rule in written(estate) for path in paths for one in items(rule, path) if is_tag(one)]
    return Tags(roads.space, numbered(named))


def read_nodes(estate: Estate, taken: set[str], roads: Roads, tags: Tags) -> Iterator[Node]:
    """The services of Azure that rules name by tag; then everything that stands in a subnet of ours."""
    for tag in tags.services:
        yield Node(f"Azure's {tag}", "", None, (Place(service_addresses(tags, tag)),), role="service", routed=False)
    for gateway in estate.of("azurerm_application_gateway"):
        yield _gateway(estate, gateway, roads, taken)
    for kind in SERVERS:
        for one in estate.of(kind):
            places, names = _interfaces(estate, roads, one)
            if places:
                yield Node(free_name(one, one.component or one.name, taken), one.component, one, places, names)
    yield from _clusters(estate, taken, roads)
    for kind, (path, port) in STORES.items():
        for one in estate.of(kind):
            if places := _in(estate, roads, one, path):
                name = free_name(one, one.component or one.name, taken)
                yield Node(name, one.component, one, places, port=port)
    for one in estate.of("azurerm_private_endpoint"):
        if places := _in(estate, roads, one, "subnet_id"):
            yield _endpoint(estate, one, places, taken)


def _in(estate: Estate, roads: Roads, owner: Any, path: str) -> tuple[Place, ...]:
    found = estate.targets(owner, path, "azurerm_subnet")
    return tuple(replace(roads.places[one.address], public=False) for one in found)


def _gateway(estate: Estate, one: Resource, roads: Roads, taken: set[str]) -> Node:
    public = any(raw(front, "public_ip_address_id") is not None for front in blocks(one, "frontend_ip_configuration"))
    places = tuple(
        place for way in blocks(one, "gateway_ip_configuration") for place in _in(estate, roads, way, "subnet_id")
    )
    name = free_name(one, "balancer" if public else "internal balancer", taken)
    ports = [*_listeners(one).values()]
    listens = union(tcp(*ports), traffic("tcp", *CONTROL)) if ports else ALL_TRAFFIC
    where = tuple(replace(place, public=public) for place in places) or (Place(roads.space),)
    return Node(name, one.component, one, where, role="balancer", inside=not public, listens=listens)


def _listeners(gateway: Resource) -> dict[str, int]:
    """Name of a listener -> its port."""
    ports = {str(raw(one, "name")): number(one, "port") for one in blocks(gateway, "frontend_port")}
    found = {}
    for one in blocks(gateway, "http_listener"):
        port = ports.get(str(raw(one, "frontend_port_name")))
        if port is not None:
            found[str(raw(one, "name"))] = int(port)
    return found


def _interfaces(estate: Estate, roads: Roads, server: Resource) -> tuple[tuple[Place, ...], frozenset[str]]:
    """The places of a server's interfaces, and the application security groups it is in."""
    places: list[Place] = []
    names: set[str] = set()
    own = [(one, server) for one in blocks(server, "network_interface")]
    far = [(one, one) for one in estate.targets(server, "network_interface_ids", "azurerm_network_interface")]
    for interface, origin in (*own, *far):
        walls = tuple(frozenset({one}) for one in _interface_groups(estate, interface, origin))
        public_ips = blocks(interface, "public_ip_address")
        for way in blocks(interface, "ip_configuration"):
            groups = [group_name(estate, one) for one in items(way, "application_security_group_ids")]
            names.update(one for one in groups if one)
            public = bool(blocks(way, "public_ip_address") or public_ips or raw(way, "public_ip_address_id"))
            for place in _in(estate, roads, way, "subnet_id"):
                places.append(
                    replace(place, walls=(*place.walls, *walls), public=public or _balanced(estate, way, origin))
                )
        if origin is not server:
            joins = "azurerm_network_interface_application_security_group_association"
            for joined in estate.linked(joins, "network_interface_id", origin):
                names.add(group_name(estate, raw(joined, "application_security_group_id")))
    return tuple(places), frozenset(names - {""})


def _interface_groups(estate: Estate, interface: Any, origin: Resource) -> list[str]:
    found = estate.targets(interface, "network_security_group_id", GROUP)
    if origin.kind == "azurerm_network_interface":
        joins = "azurerm_network_interface_security_group_association"
        for joined in estate.linked(joins, "network_interface_id", origin):
            found += estate.targets(joined, "network_security_group_id", GROUP)
    return [one.address for one in found]


def _balanced(estate: Estate, way: Any, interface: Resource) -> bool:
    """Whether a balancer with a public address passes on to it: such a balancer keeps the caller's address."""
    pools = estate.targets(way, "load_balancer_backend_address_pool_ids", "azurerm_lb_backend_address_pool")
    joins = "azurerm_network_interface_backend_address_pool_association"
    for joined in estate.linked(joins, "network_interface_id", interface):
        pools += estate.targets(joined, "backend_address_pool_id", "azurerm_lb_backend_address_pool")
    return any(
        raw(front, "public_ip_address_id") is not None
        for pool in pools
        for balancer in estate.targets(pool, "loadbalancer_id", "azurerm_lb")
        for front in blocks(balancer, "frontend_ip_configuration")
    )


def _clusters(estate: Estate, taken: set[str], roads: Roads) -> Iterator[Node]:
    """Nodes and pods of a cluster are one: which pod may call which is said by its policies."""
    for one in estate.of("azurerm_kubernetes_cluster"):
        pools: list[Any] = [*blocks(one, "default_node_pool")]
        pools += estate.linked("azurerm_kubernetes_cluster_node_pool", "kubernetes_cluster_id", one)
        paths = ("vnet_subnet_id", "pod_subnet_id")
        places = dict.fromkeys(place for pool in pools for path in paths for place in _in(estate, roads, pool, path))
        if places:
            name = free_name(one, one.component or one.name, taken)
            yield Node(name, one.component, one, tuple(places), shared=True)
    for one in estate.of("azurerm_container_app_environment"):
        if places := _in(estate, roads, one, "infrastructure_subnet_id"):
            name = free_name(one, one.component or one.name, taken)
            yield Node(name, one.component, one, places, shared=True, port=443)


def _endpoint(estate: Estate, one: Resource, places: tuple[Place, ...], taken: set[str]) -> Node:
    to = [
        estate.target(raw(way, "private_connection_resource_id")) for way in blocks(one, "private_service_connection")
    ]
    behind = to[0] if to else None
    port = BEHIND.get(behind.kind, 443) if behind is not None else 0
    kept = _policies(estate, one)
    walled = places if kept else tuple(replace(place, walls=()) for place in places)
    role = "endpoint" if port in (0, 443) else ""
    name = free_name(one, one.component if role == "" else f"endpoint {one.name}", taken)
    return Node(name, one.component, one, walled, role=role, port=port, listens=tcp(port) if port else ALL_TRAFFIC)


def _policies(estate: Estate, endpoint: Resource) -> bool:
    """Security groups are not asked for private endpoints, unless their subnet says so."""
    subnets = estate.targets(endpoint, "subnet_id", "azurerm_subnet")
    said = [known(one, "private_endpoint_network_policies", "Disabled") for one in subnets]
    return any(one in ("NetworkSecurityGroupEnabled", "Enabled") for one in said)


def read_forwards(estate: Estate, nodes: dict[str, Node]) -> dict[str, dict[int, frozenset[str]]]:
    """Where each listener of an application gateway leads: port -> the nodes in the pool of its rule."""
    found: dict[str, dict[int, frozenset[str]]] = {}
    for node in nodes.values():
        if not node.balancer or node.resource is None or node.resource.kind != "azurerm_application_gateway":
            continue
        listeners, ports = _listeners(node.resource), {}
        for rule in blocks(node.resource, "request_routing_rule"):
            port = listeners.get(str(raw(rule, "http_listener_name")))
            if port is not None:
                pools = _pools(node.resource, rule)
                there = {one for pool in pools for one in _pooled(estate, node.resource, pool, nodes)}
                ports[port] = ports.get(port, frozenset()) | frozenset(there)
        shared = frozenset(one.name for one in nodes.values() if one.shared)
        if shared and not any(ports.values()):  # a cluster writes the listeners of its gateway itself
            ports = {80: shared, 443: shared}
        found[node.name] = ports
    return found


def _pools(gateway: Resource, rule: Any) -> list[str]:
    """The pools of a rule: its own, or those of its paths."""
    names = [raw(rule, "backend_address_pool_name")]
    for way in blocks(gateway, "url_path_map"):
        if raw(way, "name") == raw(rule, "url_path_map_name"):
            names.append(raw(way, "default_backend_address_pool_name"))
            names += [raw(one, "backend_address_pool_name") for one in blocks(way, "path_rule")]
    return [str(one) for one in names if one]


def _pooled(estate: Estate, gateway: Resource, pool: str, nodes: dict[str, Node]) -> Iterator[str]:
    for node in nodes.values():
        if node.resource is None or not node.resource.kind.startswith("azurerm_"):
            continue
        if any(_in_pool(one, pool) for one in _pool_ids(node.resource)):
            yield node.name
    for one in blocks(gateway, "backend_address_pool"):
        if str(raw(one, "name")) == pool:
            apps = estate.targets(one, "fqdns", "azurerm_container_app")
            homes = {home.address for app in apps for home in estate.targets(app, "container_app_environment_id")}
            yield from (node.name for node in nodes.values() if node.resource and node.resource.address in homes)


def _pool_ids(server: Resource) -> Iterator[Any]:
    for interface in blocks(server, "network_interface"):
        for way in blocks(interface, "ip_configuration"):
            yield from items(way, "application_gateway_backend_address_pool_ids")


def _in_pool(value: Any, pool: str) -> bool:
    """An id ends in the name of the pool."""
    parts = getattr(value, "parts", (value,))
    end = str(parts[-1]) if parts and isinstance(parts[-1], str) else ""
    return end.rpartition("/")[2] == pool
