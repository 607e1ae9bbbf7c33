"""Firewalls of the shop against its call graph: what is open without need, half open, closed, or not to be told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from standfast.audit import Audit, Finding, run_audit
from standfast.blueprint import Block, Ref, Resource, Var
from standfast.spec import parse_spec
from tests.audit.recorded import recorded, recorded_system
from tests.audit.spoiling import drop, egress, ingress, spoilt
from tests.audit.test_checks import PLAN, PLANNED

NEXT = "remove the rule, or declare the call in the spec"


def audit(resources, system=PLAN.system) -> Audit:
    return run_audit(system, resources, region=PLAN.region)


def edges(found: Audit, verdict: str = "broken") -> list[Finding]:
    return [one for one in found.findings if one.check == "firewall-edges" and one.verdict == verdict]


def group(name: str) -> Ref:
    return Ref(f"aws_security_group.{name}", "id")


def test_a_database_open_to_everybody_is_named_by_both_checks() -> None:
    found = audit([*PLANNED, ingress(5432, 5440, cidr_ipv4="0.0.0.0/0")])
    (finding,) = edges(found)
    assert finding.resource == "aws_vpc_security_group_ingress_rule.oops"
    assert finding.what == (
        "everybody may reach orders on 5432-5440, and no call of the spec needs it;"
        " only a route that is missing still stops it"
    )
    assert finding.fix == NEXT
    assert found.failed() == ("firewall-edges", "firewall-world")


def test_an_extra_path_is_named_hop_by_hop() -> None:
    out = egress(5432, out_of="web", referenced_security_group_id=group("orders"))
    into = ingress(5432, referenced_security_group_id=group("web"))
    found = edges(audit([*PLANNED, out, into]))
    way = "internet → balancer:80, 443 → web:8080 → orders:5432"
    assert {one.what for one in found} == {
        f"web may reach orders on 5432, and no call of the spec needs it ({way})",
        f"web may reach orders on 5432, without need ({way})",
    }


def test_what_only_one_side_still_stops_is_told_as_that() -> None:
    (finding,) = edges(audit([*PLANNED, ingress(5432, referenced_security_group_id=group("web"))]))
    assert finding.what.endswith("no call of the spec needs it; only the firewall of web still stops it")
    (finding,) = edges(audit([*PLANNED, egress(22, out_of="web", referenced_security_group_id=group("api"))]))
    assert finding.what == "web may reach api on 22, without need; only the firewall of api still stops it"


def test_only_the_ports_beyond_the_declared_are_extra() -> None:
    wider = [
        replace(one, settings={**one.settings, "to_port": 5440})
        if one.name in ("orders_from_api", "api_to_orders")
        else one
        for one in PLANNED
    ]
    found = edges(audit(wider))
    assert {one.resource.rpartition(".")[2] for one in found} == {"orders_from_api", "api_to_orders"}
    assert all("5433-5440" in one.what and "5432" not in one.what.split(" on ")[1].split(",")[0] for one in found)
    assert found[0].place.short.startswith("shop.yaml:"), "the place of the call that the rule was made for"


def test_a_balancer_leads_only_where_its_listener_does() -> None:
    """web may reach the internal balancer, but not on a port that leads to another service."""
    rules = [
        egress(9000, out_of="web", referenced_security_group_id=group("balancer_internal")),
        ingress(9000, into="balancer_internal", referenced_security_group_id=group("web")),
    ]
    found = edges(audit([*PLANNED, *rules]))
    assert len(found) == 2
    assert "(internet → balancer:80, 443 → web:8080 → internal balancer:8081, 9000)" not in found[0].what
    assert "internet → balancer:80, 443 → web:8080 → internal balancer:9000" in found[0].what


def test_a_service_put_behind_the_public_balancer_is_an_extra_path() -> None:
    rules = [
        egress(8081, out_of="balancer", referenced_security_group_id=group("api")),
        ingress(8081, into="api", referenced_security_group_id=group("balancer")),
    ]
    found = edges(audit([*PLANNED, *rules]))
    assert any("balancer may reach api on 8081, and no call of the spec needs it" in one.what for one in found)


@pytest.mark.parametrize(
    ("peer", "who"),
    [
        ({"cidr_ipv6": "::/0"}, "everybody"),
        ({"cidr_ipv4": "128.0.0.0/1"}, "everybody"),
        ({"cidr_ipv4": "10.0.0.0/8"}, "api and balancer"),
        ({"cidr_ipv4": "172.16.0.0/12"}, "other private networks"),
    ],
)
def test_addresses_are_compared_as_sets(peer: dict[str, str], who: str) -> None:
    found = edges(audit([*PLANNED, ingress(6379, into="orders", **peer)]))
    assert len(found) == 1 and found[0].what.startswith(who)


def test_the_whole_of_every_protocol() -> None:
    every = replace(ingress(0), settings={**ingress(0, cidr_ipv4="0.0.0.0/0").settings, "ip_protocol": "-1"})
    (finding,) = edges(audit([*PLANNED, every]))
    assert "on everything" in finding.what


def test_a_way_out_beyond_https_is_extra() -> None:
    (finding,) = edges(audit([*PLANNED, egress(25, out_of="api", cidr_ipv4="0.0.0.0/0")]))
    assert finding.what.startswith("api may reach any address on 25, without need")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("orders_from_api", "api cannot reach orders on 5432"),
        ("api_to_orders", "api cannot reach orders on 5432"),
        ("balancer_https", "internet cannot reach balancer on 80, 443"),
        ("web_from_balancer", "balancer cannot reach web on 8080"),
        ("web_to_balancer_internal_8081", "web cannot reach internal balancer on 8081"),
        ("api_from_balancer_internal", "internal balancer cannot reach api on 8081"),
    ],
)
def test_a_declared_call_that_is_closed_is_named(name: str, said: str) -> None:
    found = edges(audit([one for one in PLANNED if one.name != name]))
    assert [one.what for one in found] == [f"{said}, which the spec needs"]
    assert found[0].place.file == "shop.yaml"


def test_no_firewall_at_all_closes_everything() -> None:
    rules = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
    resources = [one for one in PLANNED if one.kind not in rules]
    assert len(edges(audit(resources))) == 6


def test_one_call_less_in_the_spec_makes_its_edge_extra() -> None:
    text = _spec()
    system = parse_spec(text.replace("calls: [orders, sessions]", "calls: [orders]"), "shop.yaml")
    found = edges(audit(PLANNED, system))
    assert {one.resource.rpartition(".")[2] for one in found} == {"sessions_from_api", "api_to_sessions"}


def test_one_call_more_in_the_spec_is_missing() -> None:
    system = parse_spec(_spec().replace("calls: [api]", "calls: [api, sessions]"), "shop.yaml")
    (finding,) = edges(audit(PLANNED, system))
    assert finding.what == "web cannot reach sessions on 6379, which the spec needs"


def _spec() -> str:
    from tests.shop import EXAMPLES

    return (EXAMPLES / "shop.yaml").read_text()


@pytest.mark.parametrize(
    "peer", [{"cidr_ipv4": Var("somewhere")}, {"prefix_list_id": "pl-1"}, {"cidr_ipv4": Ref("x.y", "z")}]
)
def test_whom_a_rule_lets_in_may_be_decided_later(peer: dict[str, Any]) -> None:
    found = audit([*PLANNED, ingress(5432, **peer)])
    assert edges(found) == []
    (finding,) = edges(found, "unknown")
    assert finding.resource == "aws_vpc_security_group_ingress_rule.oops"
    assert found.verdict_of("firewall-edges") == "unknown"


def test_a_component_without_firewall_cannot_be_told() -> None:
    found = audit([one for one in PLANNED if one.component != "sessions"])
    assert any("nothing with a firewall was found for sessions" in one.what for one in edges(found, "unknown"))


def test_what_is_deployed_and_changed_by_hand_is_found_inside_the_group() -> None:
    """A rule that somebody added in the console shows up in the group that AWS reports, not as a resource."""
    rule = {
        "protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr_blocks": ["0.0.0.0/0"], "self": False,
        "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "description": "",
    }  # fmt: skip

    def open_(one: Resource) -> Resource:
        if one.address != "aws_security_group.orders":
            return one
        return replace(one, settings={**one.settings, "ingress": [*one.settings["ingress"], rule]})

    found = run_audit(recorded_system(), spoilt(recorded("deployed"), open_), region="eu-north-1", planned=False)
    assert {(one.check, one.resource) for one in found.of("broken")} == {
        ("firewall-edges", "aws_security_group.orders"),
        ("firewall-world", "aws_security_group.orders"),
    }
    assert all(one.place.short == "shop.yaml:26" for one in found.of("broken"))


def test_a_private_system_lets_only_its_users_networks_in() -> None:
    from standfast.blueprint import make_blueprint
    from tests.blueprint.shapes import everything

    plan = everything(exposure="private")
    resources = make_blueprint(plan).resources
    assert any(isinstance(one.settings.get("cidr_ipv4"), Var) for one in resources), "users' networks are a variable"
    found = run_audit(plan.system, resources, region=plan.region)
    assert edges(found) == [] and edges(found, "unknown") == []
    opened = run_audit(plan.system, [*resources, ingress(443, into="balancer", cidr_ipv4="0.0.0.0/0")], region="x")
    assert any("everybody may reach" in one.what for one in edges(opened))


def test_services_that_share_a_port_are_told_apart_by_listener() -> None:
    from standfast.blueprint import make_blueprint
    from tests.blueprint.shapes import everything

    plan = everything()
    resources = list(make_blueprint(plan).resources)
    assert edges(run_audit(plan.system, resources, region=plan.region)) == []
    ports = {one.settings["port"] for one in resources if one.kind == "aws_lb_listener"}
    assert len(ports) >= 4, "cart, mail and front listen on one port each"


def test_edges_without_groups_of_their_own_are_no_edges() -> None:
    resources = spoilt(PLANNED, drop("aws_launch_template"))
    found = audit(resources)
    assert found.verdict_of("firewall-edges") != "kept"


def test_a_group_that_guards_nothing_is_still_read() -> None:
    idle = Resource("aws_security_group", "idle", {"ingress": Block({
        "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"],
    })}, "network")  # fmt: skip
    found = audit([*PLANNED, idle])
    assert set(found.failed()) == {"firewall-edges", "firewall-world", "tagged"}
