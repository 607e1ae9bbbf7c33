"""Sets of numbers as intervals, and what they stand for here: traffic (protocol and port) and addresses.

A set is a sorted tuple of disjoint (first, last) pairs. Traffic: protocol × 65,536 + port. Addresses: IPv4 as it
is, IPv6 above 2³², so that one set holds both; above them what has no address yet, and the clouds' own services.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache

Spans = tuple[tuple[int, int], ...]

PORTS = 65_536
ALL_TRAFFIC: Spans = ((0, 256 * PORTS - 1),)
PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}  # IANA, assigned internet protocol numbers
NAMES = {number: name for name, number in PROTOCOLS.items()}
V6 = 1 << 32
ALL_ADDRESSES: Spans = ((0, V6 - 1), (V6, V6 + (1 << 128) - 1))
# No addresses, but counted as such: hosts whose address is decided later, and sets that only the cloud can list.
HOSTS: Spans = ((V6 + (1 << 128), V6 + (1 << 128) + (1 << 32) - 1),)
SERVICES: Spans = ((HOSTS[0][1] + 1, HOSTS[0][1] + (1 << 32)),)
ANYWHERE: Spans = (ALL_ADDRESSES[0], (V6, SERVICES[0][1]))
FAMILIES: tuple[Spans, Spans] = ((ALL_ADDRESSES[0], HOSTS[0], SERVICES[0]), ALL_ADDRESSES[1:])  # who meets whom
# Not reached from the internet: RFC 1918, RFC 6598 (carrier NAT), RFC 3927 and loopback; RFC 4193 and RFC 4291.
PRIVATE_NETWORKS = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip


def lone(place: int) -> Spans:
    """A set of one number."""
    return ((place, place),)


def union(*sets: Iterable[tuple[int, int]]) -> Spans:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(pair for one in sets for pair in one):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def intersection(one: Spans, other: Spans) -> Spans:
    found, left, right = [], 0, 0
    while left < len(one) and right < len(other):
        first, last = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if first <= last:
            found.append((first, last))
        if one[left][1] < other[right][1]:
            left += 1
        else:
            right += 1
    return tuple(found)


def difference(one: Spans, other: Spans) -> Spans:
    found = []
    for first, last in one:
        for low, high in other:
            if high < first:
                continue
            if low > last:
                break
            if low > first:
                found.append((first, low - 1))
            first = high + 1
        if first <= last:
            found.append((first, last))
    return tuple(found)


@cache
def network(cidr: str) -> Spans:
    """The addresses of a CIDR; none for text that is no CIDR."""
    try:
        found = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return ()
    base = V6 if found.version == 6 else 0
    return ((base + int(found.network_address), base + int(found.broadcast_address)),)


PRIVATE: Spans = union(*(network(one) for one in PRIVATE_NETWORKS))
PUBLIC: Spans = difference(ALL_ADDRESSES, PRIVATE)


def traffic(protocol: object, first: int | None, last: int | None) -> Spans:
    """What one rule lets through, as its protocol (name, number, or -1 for all) and ports say."""
    name = str(protocol).lower()
    if name in ("-1", "all"):
        return ALL_TRAFFIC
    number = PROTOCOLS.get(name, int(name) if name.isdecimal() and int(name) < 256 else -1)
    if number < 0:
        return ()
    if number not in (PROTOCOLS["tcp"], PROTOCOLS["udp"]) or first is None or last is None or first < 0:
        return ((number * PORTS, number * PORTS + PORTS - 1),)
    return ((number * PORTS + first, number * PORTS + last),)


def port_spans(protocol: str, ports: Iterable[object]) -> Spans:
    """Ports as they are written: `443`, `8000-8100`, `*`; none: all of them."""
    pairs = []
    for port in [*ports] or ["*"]:
        first, _, last = str(port).partition("-")
        pairs.append((int(first), int(last or first)) if first.isdecimal() else (0, 65_535))
    if protocol in ("-1", "all"):
        return (
            ALL_TRAFFIC
            if (0, 65_535) in pairs
            else union(*(traffic(p, *pair) for p in ("tcp", "udp") for pair in pairs))
        )
    return union(*(traffic(protocol, *pair) for pair in pairs))


def tcp(*ports: int) -> Spans:
    return union(*(traffic("tcp", port, port) for port in ports))


def ports_of(spans: Spans) -> str:
    """For people: `443`, `8000-8100`, `udp 53`, `everything`; TCP is not named."""
    if spans == ALL_TRAFFIC:
        return "everything"
    shown = []
    for first, last in spans:
        for number in range(first // PORTS, last // PORTS + 1):
            low, high = max(first - number * PORTS, 0), min(last - number * PORTS, PORTS - 1)
            name = "" if number == PROTOCOLS["tcp"] else f"{NAMES.get(number, f'protocol {number}')} "
            ports = "all ports" if (low, high) == (0, PORTS - 1) else str(low) if low == high else f"{low}-{high}"
            shown.append(f"{name}{ports}" if number in (6, 17) else name.strip())
            if len(shown) == 4:
                return f"{', '.join(shown)} and more"
    return ", ".join(shown)
