"""Sets of intervals against plain sets of numbers, and against the standard library's own networks."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from standfast.audit.reach.spans import (
    ALL_ADDRESSES,
    ALL_TRAFFIC,
    PRIVATE,
    PUBLIC,
    V6,
    Spans,
    difference,
    intersection,
    network,
    ports_of,
    tcp,
    traffic,
    union,
)

numbers = st.integers(0, 30)
pairs = st.tuples(numbers, numbers).map(lambda pair: (min(pair), max(pair)))
spans = st.lists(pairs, max_size=5).map(lambda found: union(found))


def members(one: Spans) -> set[int]:
    return {number for first, last in one for number in range(first, last + 1)}


@given(spans, spans)
def test_they_are_sets(one: Spans, other: Spans) -> None:
    for found, wanted in (
        (union(one, other), members(one) | members(other)),
        (intersection(one, other), members(one) & members(other)),
        (difference(one, other), members(one) - members(other)),
    ):
        assert members(found) == wanted
        assert found == union(found), "sorted, disjoint, and nothing that touches is left apart"


@given(st.ip_addresses(v=4), st.integers(0, 32), st.ip_addresses(v=4))
def test_a_network_holds_what_the_standard_library_says(base, length: int, address) -> None:
    cidr = f"{base}/{length}"
    inside = bool(intersection(network(cidr), ((int(address), int(address)),)))
    assert inside == (address in ipaddress.ip_network(cidr, strict=False))


@given(st.ip_addresses(v=4))
def test_private_and_public_part_all_addresses(address) -> None:
    one = ((int(address), int(address)),)
    private = bool(intersection(PRIVATE, one))
    assert private != bool(intersection(PUBLIC, one))
    if address.is_global and not address.is_multicast:
        assert not private, "what the registry calls global is never taken for private"


def test_both_versions_of_the_internet_protocol_live_in_one_set() -> None:
    assert union(network("0.0.0.0/0"), network("::/0")) == union(ALL_ADDRESSES)
    assert intersection(network("0.0.0.0/0"), network("::/0")) == ()
    assert network("2001:db8::/32")[0][0] >= V6
    assert network("no network") == ()


def test_traffic_is_protocol_and_port() -> None:
    assert traffic("-1", None, None) == traffic("all", 1, 2) == traffic(-1, 0, 0) == ALL_TRAFFIC
    assert traffic("tcp", 443, 443) == traffic("6", 443, 443) == tcp(443)
    assert intersection(traffic("udp", 0, 65_535), traffic("tcp", 0, 65_535)) == ()
    assert intersection(traffic("icmp", 8, 0), traffic("tcp", 0, 65_535)) == ()
    assert traffic("carrier pigeon", 1, 2) == ()


def test_people_read_ports() -> None:
    assert ports_of(tcp(443)) == "443"
    assert ports_of(traffic("tcp", 8000, 8100)) == "8000-8100"
    assert ports_of(union(tcp(80, 443), traffic("udp", 53, 53))) == "80, 443, udp 53"
    assert ports_of(traffic("tcp", 0, 65_535)) == "all ports"
    assert ports_of(traffic("icmp", -1, -1)) == "icmp"
    assert ports_of(ALL_TRAFFIC) == "everything"
    assert ports_of(tcp(*range(1, 20, 2))).endswith("and more")
