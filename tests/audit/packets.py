"""Tiny networks of three clouds, and what a single packet does there, asked rule by rule: the oracle of reach.

A universe is small enough to ask about every pair of addresses and every port that a rule could tell apart. The
oracle knows addresses, rules and routes as they are written, and nothing of boxes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reach import read_graph
from standfast.audit.reach.spans import PORTS as RANGE
from standfast.audit.reach.spans import Spans
from standfast.blueprint import Block, Ref, Resource

HOSTS = ("a", "b", "c")
SUBNET = {"a": "10.0.0.0/31", "b": "10.0.0.4/31", "c": "10.0.1.0/31"}
INTERNET, ELSEWHERE = "internet", "other private networks"
OUTSIDE = {INTERNET: ("203.0.113.8", "203.0.113.200"), ELSEWHERE: ("10.0.0.8", "172.16.0.1")}
CIDRS = (
    "0.0.0.0/0", "10.0.0.0/29", "10.0.0.0/31", "10.0.0.1/32", "10.0.0.4/32", "10.0.1.0/24", "10.0.0.0/16",
    "203.0.113.0/25", "172.16.0.0/12",
)  # fmt: skip
PORTS = (22, 80, 1023, 1024, 60999)
EPHEMERAL = tuple(port for port in PORTS if port >= 1024)  # every range below ends or begins at one of these
RANGES = ((0, 65535), (22, 22), (80, 1023), (1024, 65535), (1024, 60998), (0, 1023), (60999, 65535))


@dataclass(frozen=True)
class Line:
    """A rule as a person writes it, for any of the clouds. `peer`: a CIDR, a host whose group it is, or a tag."""

    wall: str
    inward: bool
    allows: bool
    order: int
    peer: str
    ports: tuple[int, int]
    own: str = ""  # only this host of those it guards


@dataclass(frozen=True)
class World:
    cloud: str
    lines: tuple[Line, ...] = ()  # of groups (AWS), security groups (Azure), firewall rules (Google Cloud)
    lists: tuple[Line, ...] = ()  # network ACLs, of AWS
    routes: tuple[tuple[str, str, str], ...] = ()  # (host, CIDR, how it leads): of AWS
    public: frozenset[str] = field(default_factory=frozenset)


def addresses(name: str) -> list[str]:
    if name in OUTSIDE:
        return list(OUTSIDE[name])
    return list(_all(SUBNET[name]))


@cache
def _all(cidr: str) -> tuple[str, ...]:
    return tuple(str(one) for one in ipaddress.ip_network(cidr))


def disagreements(world: World) -> list[tuple[str, str, str, str, int, bool]]:
    """Every (source, target, address, address, port) that reach and the oracle judge differently; reach's word last."""
    graph = read_graph(Estate(None, [*resources(world)]))
    edges = {(one.source, one.target): one.boxes for one in graph.edges}
    found = []
    for source in (*HOSTS, *OUTSIDE):
        for target in (*HOSTS, *OUTSIDE):
            if source in OUTSIDE and target in OUTSIDE:
                continue
            for one in addresses(source):
                for other in addresses(target):
                    for port in PORTS:
                        said = any(
                            _in(box[0], number(one)) and _in(box[1], number(other)) and _in(box[2], 6 * RANGE + port)
                            for box in edges.get((source, target), ())
                        )
                        if said != passes(world, source, one, target, other, port):
                            found.append((source, target, one, other, port, said))
    return found


@cache
def number(address: str) -> int:
    return int(ipaddress.ip_address(address))


@cache
def within(address: str, cidr: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)


def ours(address: str) -> bool:
    return any(within(address, one) for one in SUBNET.values())


def _in(spans: Spans, value: int) -> bool:
    return any(first <= value <= last for first, last in spans)


def passes(world: World, source: str, one: str, target: str, other: str, port: int) -> bool:
    """What becomes of one packet, and of its answer."""
    if source in HOSTS and not _walls(world, source, one, target, other, port, inward=False):
        return False
    if target in HOSTS and not _walls(world, target, other, source, one, port, inward=True):
        return False
    if world.cloud != "aws":
        return ELSEWHERE not in (source, target)  # no gateway and no peering leads there
    if not (_routed(world, source, target, other, False) and _routed(world, target, source, one, True)):
        return False
    out = _listed(world, source, other, port, False) and _listed(world, target, one, port, True)
    back = any(_listed(world, target, one, e, False) and _listed(world, source, other, e, True) for e in EPHEMERAL)
    return out and back


def _walls(world: World, own: str, address: str, peer: str, other: str, port: int, *, inward: bool) -> bool:
    walls = {"aws": [own], "azure": ["subnet", f"nic {own}"], "google": ["network"]}[world.cloud]
    return all(_decided(world, wall, own, peer, other, port, inward) for wall in walls)


def _decided(world: World, wall: str, own: str, peer: str, other: str, port: int, inward: bool) -> bool:
    lines = [one for one in world.lines if one.wall == wall and one.inward == inward and one.own in ("", own)]
    fits = [one for one in lines if _fits(one.peer, peer, other) and one.ports[0] <= port <= one.ports[1]]
    if world.cloud == "aws":
        return bool(fits)
    first = min((one.order for one in fits), default=None)
    if first is not None:
        return all(one.allows for one in fits if one.order == first)
    inside = ours(other)
    if world.cloud == "google":
        return not inward
    return inside if inward else inside or peer == INTERNET


def _fits(written: str, peer: str, address: str) -> bool:
    if written == "VirtualNetwork":
        return ours(address)
    if written == "Internet":
        return peer == INTERNET
    return written == peer or ("/" in written and within(address, written))


def _listed(world: World, own: str, other: str, port: int, inward: bool) -> bool:
    lines = [one for one in world.lists if one.wall == own]
    if own not in HOSTS or not lines:
        return True
    if other in addresses(own):
        return True  # inside one subnet nobody asks the list
    lines = sorted((one for one in lines if one.inward == inward), key=lambda one: one.order)
    fits = (one for one in lines if _fits(one.peer, "", other) and one.ports[0] <= port <= one.ports[1])
    first = next(fits, None)
    return first is not None and first.allows


def _routed(world: World, own: str, peer: str, other: str, answer: bool) -> bool:
    """By the most specific route; what has no table here has any."""
    routes = [one for one in world.routes if one[0] == own]
    if own not in HOSTS or not routes:
        return True
    ways = [(cidr, how) for _, cidr, how in routes] + [("10.0.0.0/23", "local")]
    fits = [one for one in ways if within(other, one[0])]
    if not fits:
        return False
    how = max(fits, key=lambda one: (int(one[0].partition("/")[2]), one[1] == "local"))[1]
    if how == "gateway":
        return peer == INTERNET and own in world.public
    if how == "nat":
        return peer == INTERNET and not answer
    return peer in HOSTS if how == "local" else peer != INTERNET


def resources(world: World) -> Iterator[Resource]:
    yield from {"aws": _aws, "azure": _azure, "google": _google}[world.cloud](world)


def _aws(world: World) -> Iterator[Resource]:
    yield Resource("aws_vpc", "v", {"cidr_block": "10.0.0.0/23"}, "")
    yield Resource("aws_internet_gateway", "i", {}, "")
    yield Resource("aws_nat_gateway", "n", {}, "")
    for host in HOSTS:
        subnet = Ref(f"aws_subnet.{host}", "id")
        yield Resource("aws_subnet", host, {"cidr_block": SUBNET[host], "vpc_id": Ref("aws_vpc.v", "id")}, "")
        yield Resource("aws_security_group", host, {}, "", host)
        server = {"vpc_security_group_ids": [Ref(f"aws_security_group.{host}", "id")], "subnet_id": subnet}
        yield Resource("aws_instance", host, {**server, "associate_public_ip_address": host in world.public}, "", host)
        ways = [one for one in world.routes if one[0] == host]
        if ways:
            targets = {
                "gateway": {"gateway_id": Ref("aws_internet_gateway.i", "id")},
                "away": {"transit_gateway_id": "t"},
            }
            targets["nat"] = {"nat_gateway_id": Ref("aws_nat_gateway.n", "id")}
            routes = [Block({"cidr_block": cidr, **targets[how]}) for _, cidr, how in ways]
            yield Resource("aws_route_table", host, {"vpc_id": Ref("aws_vpc.v", "id"), "route": routes}, "")
            joined = {"subnet_id": subnet, "route_table_id": Ref(f"aws_route_table.{host}", "id")}
            yield Resource("aws_route_table_association", host, joined, "")
        lines = [one for one in world.lists if one.wall == host]
        if lines:
            yield Resource("aws_network_acl", host, {"subnet_ids": [subnet]}, "")
        for place, one in enumerate(lines):
            said = {
                "network_acl_id": Ref(f"aws_network_acl.{host}", "id"),
                "rule_number": one.order,
                "egress": not one.inward,
            }
            said |= {"rule_action": "allow" if one.allows else "deny", "protocol": "tcp", "cidr_block": one.peer}
            said |= {"from_port": one.ports[0], "to_port": one.ports[1]}
            yield Resource("aws_network_acl_rule", f"{host}{place}", said, "")
    for place, one in enumerate(world.lines):
        said = {"security_group_id": Ref(f"aws_security_group.{one.wall}", "id"), "ip_protocol": "tcp"}
        said |= {"from_port": one.ports[0], "to_port": one.ports[1]}
        peer: Any = Ref(f"aws_security_group.{one.peer}", "id") if one.peer in HOSTS else one.peer
        said["referenced_security_group_id" if one.peer in HOSTS else "cidr_ipv4"] = peer
        yield Resource(f"aws_vpc_security_group_{'ingress' if one.inward else 'egress'}_rule", f"r{place}", said, "")


def _azure(world: World) -> Iterator[Resource]:
    named = {"virtual_network_name": Ref("azurerm_virtual_network.v", "name")}
    yield Resource("azurerm_virtual_network", "v", {"address_space": list(SUBNET.values())}, "")
    walls = {"subnet": "all", **{f"nic {host}": host for host in HOSTS}}
    for group in walls.values():
        yield Resource("azurerm_network_security_group", group, {}, "")
    for host in HOSTS:
        subnet = Ref(f"azurerm_subnet.{host}", "id")
        yield Resource("azurerm_subnet", host, {**named, "address_prefixes": [SUBNET[host]]}, "")
        joined = {"subnet_id": subnet, "network_security_group_id": Ref("azurerm_network_security_group.all", "id")}
        yield Resource("azurerm_subnet_network_security_group_association", host, joined, "")
        yield Resource("azurerm_application_security_group", host, {}, "")
        way = Block({
            "subnet_id": subnet,
            "application_security_group_ids": [Ref(f"azurerm_application_security_group.{host}", "id")],
            "public_ip_address": Block({"name": "p"}),
        })  # fmt: skip
        face = {
            "network_security_group_id": Ref(f"azurerm_network_security_group.{host}", "id"),
            "ip_configuration": way,
        }
        servers = {"network_interface": Block(face)}
        yield Resource("azurerm_linux_virtual_machine_scale_set", host, servers, "", host)
    for place, one in enumerate(world.lines):
        said = {"network_security_group_name": Ref(f"azurerm_network_security_group.{walls[one.wall]}", "name")}
        said |= {"priority": one.order, "direction": "Inbound" if one.inward else "Outbound", "protocol": "Tcp"}
        said |= {
            "access": "Allow" if one.allows else "Deny",
            "destination_port_range": f"{one.ports[0]}-{one.ports[1]}",
        }
        near, far = ("destination", "source") if one.inward else ("source", "destination")
        said |= _azure_end(far, one.peer) | _azure_end(near, one.own or "*")
        yield Resource("azurerm_network_security_rule", f"r{place}", said, "")


def _azure_end(side: str, written: str) -> dict[str, Any]:
    if written in HOSTS:
        return {f"{side}_application_security_group_ids": [Ref(f"azurerm_application_security_group.{written}", "id")]}
    return {f"{side}_address_prefix": written}


def _google(world: World) -> Iterator[Resource]:
    network = Ref("google_compute_network.v", "id")
    yield Resource("google_compute_network", "v", {}, "")
    for host in HOSTS:
        yield Resource("google_compute_subnetwork", host, {"network": network, "ip_cidr_range": SUBNET[host]}, "")
        face = Block({"subnetwork": Ref(f"google_compute_subnetwork.{host}", "id"), "access_config": Block({})})
        yield Resource("google_compute_instance", host, {"network_interface": face, "tags": [host]}, "", host)
    for place, one in enumerate(world.lines):
        said: dict[str, Any] = {"network": network, "priority": one.order}
        said["direction"] = "INGRESS" if one.inward else "EGRESS"
        said |= {
            "allow" if one.allows else "deny": Block({"protocol": "tcp", "ports": [f"{one.ports[0]}-{one.ports[1]}"]})
        }
        side = "source" if one.inward else "destination"
        said["source_tags" if one.peer in HOSTS else f"{side}_ranges"] = [one.peer]
        said |= {"target_tags": [one.own]} if one.own else {}
        yield Resource("google_compute_firewall", f"r{place}", said, "")
