"""The edges that firewalls allow, against an oracle that asks every rule about every address and port, one by one."""

from __future__ import annotations

import ipaddress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.audit.estate import Estate
from standfast.audit.reach import read_graph
from standfast.audit.reach.spans import intersection, tcp
from standfast.blueprint import Ref, Resource

NAMES = ("a", "b", "c")
HOST = {
    "a": "10.0.0.1",
    "b": "10.0.1.1",
    "c": "10.0.2.1",
    "internet": "203.0.113.9",
    "other private networks": "10.9.9.9",
}
PORTS = (22, 80, 443)
CIDRS = ("0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "10.0.0.0/23", "128.0.0.0/1", "10.9.0.0/16", "203.0.113.0/24")

ports = st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS)).map(sorted)
peers = st.one_of(
    st.sampled_from(CIDRS).map(lambda cidr: {"cidr_ipv4": cidr}),
    st.sampled_from(NAMES).map(lambda name: {"referenced_security_group_id": name}),
)
rules = st.lists(
    st.tuples(st.sampled_from(("ingress", "egress")), st.sampled_from(NAMES), ports, peers, st.booleans()), max_size=8
)


def estate(written: list, *, deployed: bool) -> Estate:
    """Three servers, each in a subnet of its own, with these rules: planned, or with ids as in a state."""

    def group(name: str) -> Any:
        return f"sg-{name}" if deployed else Ref(f"aws_security_group.{name}", "id")

    resources = []
    for number, name in enumerate(NAMES):
        subnet = {"id": f"subnet-{name}", "cidr_block": f"10.0.{number}.0/24"}
        resources.append(Resource("aws_subnet", name, subnet, ""))
        resources.append(Resource("aws_security_group", name, {"id": f"sg-{name}"}, "", name))
        place = f"subnet-{name}" if deployed else Ref(f"aws_subnet.{name}", "id")
        server = {"vpc_security_group_ids": [group(name)], "subnet_id": place}
        resources.append(Resource("aws_instance", name, server, "", name))
    for number, (way, of, (low, high), peer, every) in enumerate(written):
        said = {"security_group_id": group(of), "ip_protocol": "-1" if every else "tcp"}
        said |= {"from_port": None if every else low, "to_port": None if every else high}
        said |= {key: group(value) if key.startswith("ref") else value for key, value in peer.items()}
        resources.append(Resource(f"aws_vpc_security_group_{way}_rule", f"r{number}", said, ""))
    return Estate(None, resources)


def lets(written: list, way: str, of: str, peer: str, port: int) -> bool:
    """Whether a rule of this group lets this one peer through on this one port."""
    for its_way, its_group, (low, high), who, every in written:
        if (its_way, its_group) != (way, of) or not (every or low <= port <= high):
            continue
        cidr = who.get("cidr_ipv4")
        if cidr and ipaddress.ip_address(HOST[peer]) in ipaddress.ip_network(cidr):
            return True
        if who.get("referenced_security_group_id") == peer:
            return True
    return False


@settings(max_examples=150, deadline=None)
@given(rules, st.booleans())
def test_allowed_edges_are_those_of_the_oracle(written: list, deployed: bool) -> None:
    graph = read_graph(estate(written, deployed=deployed))
    assert set(graph.nodes) == set(HOST)
    for source in HOST:
        for target in HOST:
            if source not in NAMES and target not in NAMES:
                continue
            for port in PORTS:
                leaves = source not in NAMES or lets(written, "egress", source, target, port)
                enters = target not in NAMES or lets(written, "ingress", target, source, port)
                allowed = bool(intersection(graph.allowed(source, target), tcp(port)))
                # an outside node stands for many addresses: one host of it may be let in where another is not
                if "internet" in (source, target) or "other private networks" in (source, target):
                    assert allowed or not (leaves and enters), (source, target, port)
                else:
                    assert allowed == (leaves and enters), (source, target, port)


def test_rules_are_read_however_they_are_written() -> None:
    """The same rule as a resource, as an old resource, and inside the group: one edge, one rule each."""
    said = {"from_port": 80, "to_port": 80}
    inside = {"protocol": "tcp", **said, "cidr_blocks": [], "security_groups": ["sg-a"], "self": False}
    out = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
    forms = {
        "new": Resource(
            "aws_vpc_security_group_ingress_rule",
            "x",
            {"security_group_id": "sg-b", "ip_protocol": "tcp", **said, "referenced_security_group_id": "1234/sg-a"},
            "",
        ),
        "old": Resource(
            "aws_security_group_rule",
            "x",
            {
                "security_group_id": "sg-b",
                "type": "ingress",
                "protocol": "tcp",
                **said,
                "source_security_group_id": "sg-a",
            },
            "",
        ),
    }
    for form in ("new", "old", "inside", "both"):
        base = [one for one in estate([], deployed=True).resources if one.kind != "aws_security_group"]
        base.append(Resource("aws_security_group", "a", {"id": "sg-a", "egress": [out]}, "", "a"))
        rules_of_b = [inside] if form in ("inside", "both") else []
        base.append(Resource("aws_security_group", "b", {"id": "sg-b", "ingress": rules_of_b}, "", "b"))
        base += [forms["new" if form == "both" else form]] if form != "inside" else []
        graph = read_graph(Estate(None, base))
        assert graph.allowed("a", "b") == tcp(80), form
        assert [rule.way for rule in graph.rules].count("ingress") == 1, "told twice, counted once"


def test_a_rule_for_the_group_itself_lets_its_members_meet() -> None:
    inside = {"protocol": "tcp", "from_port": 80, "to_port": 80, "self": True}
    resources = [
        one for one in estate([], deployed=True).resources if one.name != "a" or one.kind != "aws_security_group"
    ]
    resources.append(
        Resource("aws_security_group", "a", {"id": "sg-a", "ingress": [inside], "egress": [inside]}, "", "a")
    )
    assert read_graph(Estate(None, resources)).allowed("a", "a") == tcp(80)
