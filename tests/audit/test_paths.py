"""Extra paths on three clouds, shown hop by hop, and what is in the way of those that are only half open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from standfast.audit import Finding, run_audit
from standfast.audit.estate import Estate
from standfast.audit.reach import read_graph
from standfast.audit.reach.spans import tcp
from standfast.blueprint import Block, Ref, Resource, Var
from tests.audit.clouds import planned

AZURE, GOOGLE = "servers on Azure", "servers on Google Cloud"
RULE = "azurerm_network_security_rule"


def edges(name: str, resources: Iterable[Resource]) -> list[Finding]:
    plan, _ = planned(name)
    found = run_audit(plan.system, list(resources), region=plan.region, checks=["firewall-edges"])
    return [one for one in found.findings if one.verdict != "kept"]


def with_rule(**said: Any) -> list[Resource]:
    """The plan on Azure, and a rule of the servers' group."""
    group = Ref("azurerm_network_security_group.app", "name")
    plain = {"network_security_group_name": group, "priority": 99, "direction": "Inbound", "access": "Allow"}
    plain |= {"protocol": "Tcp", "source_address_prefix": "*", "destination_address_prefix": "*"}
    return [*planned(AZURE)[1], Resource(RULE, "oops", {**plain, **said}, "network")]


def group(name: str) -> list[Ref]:
    return [Ref(f"azurerm_application_security_group.{name}", "id")]


def changed(name: str, kind: str, called: str, **said: Any) -> list[Resource]:
    found = [replace(one, settings={**one.settings, **said}) if (one.kind, one.name) == (kind, called) else one
             for one in planned(name)[1]]  # fmt: skip
    assert found != list(planned(name)[1]), "the resource is there"
    return found


def test_azure_names_the_extra_path() -> None:
    (found,) = edges(AZURE, with_rule(
        source_application_security_group_ids=group("front"), source_address_prefix=None,
        destination_application_security_group_ids=group("worker"), destination_address_prefix=None,
        destination_port_range="22",
    ))  # fmt: skip
    assert (found.verdict, found.resource) == ("broken", f"{RULE}.oops")
    assert found.what == (
        "front may reach worker on 22, and no call of the spec needs it"
        " (internet → balancer:80, 443 → front:8080 → worker:22)"
    )


def test_azure_takes_the_first_rule_that_fits() -> None:
    """The same opening does nothing behind a rule that refuses; in front of it, it does."""
    said = {"source_address_prefix": "10.0.16.0/20", "destination_port_range": "22"}
    assert edges(AZURE, with_rule(**said))
    refuse = with_rule(**said, access="Deny", priority=98)[-1]
    assert edges(AZURE, [*with_rule(**said), replace(refuse, name="no")]) == []


def test_azure_own_rules_are_told_of_where_nobody_refuses() -> None:
    left = [one for one in planned(AZURE)[1] if one.name != "app_no_other_in"]
    found = edges(AZURE, left)
    assert found and all("Azure's own rule AllowVnetInBound lets it" in one.what for one in found)
    assert {one.resource for one in found} == {"azurerm_network_security_group.app"}
    assert any("may reach worker on everything" in one.what for one in found)


def test_azure_names_a_call_that_is_closed() -> None:
    (found,) = edges(AZURE, with_rule(access="Deny", source_address_prefix="10.0.0.0/24", destination_port_range="80"))
    assert found.what == "balancer cannot reach admin on 80, which the spec needs"


def test_azure_a_route_to_nowhere_closes_it() -> None:
    """The servers' subnet drops what is for the database's."""
    table = Resource("azurerm_route_table", "t", {"route": Block({
        "name": "x", "address_prefix": "10.0.4.0/24", "next_hop_type": "None",
    })}, "network")  # fmt: skip
    to = {"subnet_id": Ref("azurerm_subnet.app", "id"), "route_table_id": Ref("azurerm_route_table.t", "id")}
    joined = Resource("azurerm_subnet_route_table_association", "t", to, "network")
    found = edges(AZURE, [*planned(AZURE)[1], table, joined])
    assert {one.what for one in found} == {
        f"{name} cannot reach stock on 3306, which the spec needs" for name in ("front", "cart", "worker")
    }


def test_azure_a_rule_that_is_decided_later_is_unknown() -> None:
    (found,) = edges(AZURE, with_rule(source_address_prefix=Var("x"), destination_port_range="22",
                                      destination_application_security_group_ids=group("cart"),
                                      destination_address_prefix=None))  # fmt: skip
    assert found.verdict == "unknown"


def test_google_names_the_extra_path() -> None:
    out = Resource("google_compute_firewall", "oops", {
        "network": Ref("google_compute_network.main", "id"), "direction": "EGRESS", "priority": 1000,
        "target_service_accounts": [Ref("google_service_account.mail", "email")],
        "destination_ranges": [Ref("google_sql_database_instance.stock", "private_ip_address")],
        "allow": Block({"protocol": "tcp", "ports": ["3306"]}),
    }, "network")  # fmt: skip
    (found,) = edges(GOOGLE, [*planned(GOOGLE)[1], out])
    assert found.what == (
        "mail may reach stock on 3306, without need"
        " (internet → balancer:80, 443 → front:8080 → internal balancer (mail_internal):10001 → mail:8080 → stock:3306)"
    )


def test_google_implied_rules_open_what_nobody_refuses() -> None:
    left = [one for one in planned(GOOGLE)[1] if one.name != "deny_egress"]
    found = edges(GOOGLE, left)
    assert found and all(one.resource == "google_compute_network.main" for one in found)
    assert any("worker may reach any address on" in one.what and "implied allow egress" in one.what for one in found)


def test_google_the_rule_that_refuses_decides_between_equals() -> None:
    rule = {"network": Ref("google_compute_network.main", "id"), "direction": "INGRESS", "priority": 1000}
    rule |= {"source_ranges": ["10.0.0.0/20"], "target_service_accounts": [Ref("google_service_account.mail", "email")]}
    ssh = Block({"protocol": "tcp", "ports": ["22"]})
    opens = Resource("google_compute_firewall", "oops", {**rule, "allow": ssh}, "network")
    closes = Resource("google_compute_firewall", "no", {**rule, "deny": ssh}, "network")
    assert edges(GOOGLE, [*planned(GOOGLE)[1], opens])
    assert edges(GOOGLE, [*planned(GOOGLE)[1], opens, closes]) == []


def test_google_names_a_call_that_is_closed() -> None:
    found = edges(GOOGLE, [one for one in planned(GOOGLE)[1] if one.name != "worker_to_fast"])
    assert [one.what for one in found] == ["worker cannot reach fast on 6378, which the spec needs"]
    assert found[0].resource == "google_compute_firewall"


def test_google_what_a_policy_says_is_unknown() -> None:
    policy = Resource("google_compute_network_firewall_policy_rule", "p", {"priority": 1}, "network")
    (found,) = edges(GOOGLE, [*planned(GOOGLE)[1], policy])
    assert found.verdict == "unknown" and "not read" in found.what


def test_google_a_tag_on_a_server_counts_as_its_account_does() -> None:
    rule = {"network": Ref("google_compute_network.main", "id"), "source_ranges": ["0.0.0.0/0"]}
    rule |= {"target_tags": ["open"], "allow": Block({"protocol": "tcp", "ports": ["22"]})}
    opens = Resource("google_compute_firewall", "oops", rule, "network")
    assert edges(GOOGLE, [*planned(GOOGLE)[1], opens]) == [], "it guards nothing"
    tagged = changed(GOOGLE, "google_compute_region_instance_template", "mail", tags=["open"])
    (found,) = edges(GOOGLE, [*tagged, opens])
    assert "everybody may reach mail on 22" in found.what and "a route that is missing still stops it" in found.what


def vpcs(*more: Resource) -> Estate:
    """Two VPCs with a server each; the servers' groups are open."""
    found = [*more]
    for name, place in (("a", 1), ("b", 2)):
        vpc, table = Ref(f"aws_vpc.{name}", "id"), Ref(f"aws_route_table.{name}", "id")
        open_ = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
        found += [
            Resource("aws_vpc", name, {"cidr_block": f"10.{place}.0.0/16"}, ""),
            Resource("aws_route_table", name, {"vpc_id": vpc}, ""),
            Resource("aws_subnet", name, {"vpc_id": vpc, "cidr_block": f"10.{place}.0.0/24"}, ""),
            Resource("aws_route_table_association", name, {
                "subnet_id": Ref(f"aws_subnet.{name}", "id"), "route_table_id": table,
            }, ""),
            Resource("aws_security_group", name, {"ingress": [open_], "egress": [open_]}, ""),
            Resource("aws_instance", name, {
                "subnet_id": Ref(f"aws_subnet.{name}", "id"),
                "vpc_security_group_ids": [Ref(f"aws_security_group.{name}", "id")],
            }, "", name),
        ]  # fmt: skip
    return Estate(None, found)


PEERING = Resource("aws_vpc_peering_connection", "p", {
    "vpc_id": Ref("aws_vpc.a", "id"), "peer_vpc_id": Ref("aws_vpc.b", "id"),
}, "")  # fmt: skip


def route(name: str, to: str) -> Resource:
    said = {"route_table_id": Ref(f"aws_route_table.{name}", "id"), "destination_cidr_block": to}
    said["vpc_peering_connection_id"] = Ref("aws_vpc_peering_connection.p", "id")
    return Resource("aws_route", name, said, "")


def test_a_peering_carries_what_both_sides_route_into_it() -> None:
    there, back = route("a", "10.2.0.0/16"), route("b", "10.1.0.0/16")
    assert read_graph(vpcs()).allowed("a", "b") == ()
    assert read_graph(vpcs(PEERING)).allowed("a", "b") == ()
    assert read_graph(vpcs(PEERING, there)).allowed("a", "b") == (), "an answer finds no way back"
    graph = read_graph(vpcs(PEERING, there, back))
    assert graph.allowed("a", "b") and graph.allowed("b", "a")
    assert graph.paths_from("a")["b"] == "a → aws_vpc_peering_connection.p → b:everything"


def test_a_part_of_the_range_is_a_part_of_the_edge() -> None:
    half = read_graph(vpcs(PEERING, route("a", "10.2.0.0/25"), route("b", "10.1.0.0/16")))
    (edge,) = [one for one in half.edges if (one.source, one.target) == ("a", "b")]
    assert {box[1] for box in edge.boxes} == {((0x0A020000, 0x0A02007F),)}


def acl(*rules: tuple[bool, int, str, tuple[int, int]]) -> list[Resource]:
    """An access list of subnet b: (egress, number, action, ports)."""
    said = [
        Resource("aws_network_acl_rule", f"r{number}{out}", {
            "network_acl_id": Ref("aws_network_acl.b", "id"), "egress": out, "rule_number": number,
            "rule_action": action, "protocol": "6", "cidr_block": "0.0.0.0/0", "from_port": low, "to_port": high,
        }, "")
        for out, number, action, (low, high) in rules
    ]  # fmt: skip
    return [Resource("aws_network_acl", "b", {"subnet_ids": [Ref("aws_subnet.b", "id")]}, ""), *said]


@pytest.mark.parametrize(
    ("rules", "may", "surely"),
    [
        ([(False, 100, "allow", (80, 80)), (True, 100, "allow", (1024, 65535))], tcp(80), tcp(80)),
        ([(False, 100, "allow", (80, 80)), (True, 100, "allow", (1024, 40000))], tcp(80), ()),
        ([(False, 100, "allow", (80, 80))], (), ()),
        ([(False, 100, "deny", (80, 80)), (False, 200, "allow", (80, 80)), (True, 1, "allow", (0, 65535))], (), ()),
        (
            [(False, 300, "deny", (80, 80)), (False, 200, "allow", (80, 80)), (True, 1, "allow", (0, 65535))],
            tcp(80),
            tcp(80),
        ),
    ],
)
def test_an_access_list_needs_a_rule_for_the_answer(rules: list, may: Any, surely: Any) -> None:
    """Open to the port, and to the ports answers take: all of them, a part, none."""
    both = (PEERING, route("a", "10.2.0.0/16"), route("b", "10.1.0.0/16"))
    graph = read_graph(vpcs(*both, *acl(*rules)))
    assert (graph.allowed("a", "b"), graph.sure("a", "b")) == (may, surely)


def test_what_only_an_access_list_stops_is_told_as_that() -> None:
    graph = read_graph(vpcs(PEERING, route("a", "10.2.0.0/16"), route("b", "10.1.0.0/16"), *acl()))
    assert graph.allowed("a", "b") == () and graph.stopped_by("a", "b", "ingress") == "the firewall of a"
    assert graph.stopped_by("internet", "b", "ingress") == "a route that is missing"
