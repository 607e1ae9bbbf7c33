"""Two sites on AWS that both serve: users come to the nearer, and the data follows when the first is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from standfast.blueprint import Blueprint, Join, Ref, Var, make_blueprints
from standfast.blueprint.aws.edge.domain import INSIDE
from standfast.plan import Plan
from standfast.plan.models.recovery import Facts, recover
from standfast.problem import Problems
from tests.blueprint.shapes import standing_by
from tests.blueprint.test_aws import only

WRITTEN = Join(("stock-write.", *INSIDE))


@pytest.fixture(scope="module")
def sites() -> tuple[Blueprint, Blueprint]:
    first, second = make_blueprints(standing_by("active-active"))
    return first, second


def steps(second: Blueprint) -> dict:
    document = only(second, "aws_ssm_document.promote").settings["content"].document
    return {one["name"]: one for one in document["mainSteps"]}


def test_users_come_to_the_nearer_site_that_is_well(sites: tuple[Blueprint, Blueprint]) -> None:
    for site in sites:
        well = only(site, "aws_route53_health_check.whole_site")
        asked = {f"aws_route53_health_check.{name}" for name in ("front", "admin")}
        assert {one.address for one in well.settings["child_healthchecks"]} == asked
        assert well.settings["child_health_threshold"] == len(asked), "all of them, until the fence asks for more"
        for name in ("front", "admin"):
            record = only(site, f"aws_route53_record.{name}").settings
            assert record["latency_routing_policy"].settings == {"region": site.region}
            assert record["health_check_id"] == Ref(well.address, "id")
            assert "failover_routing_policy" not in record


def test_both_sites_write_to_one_database_until_the_first_is_lost(sites: tuple[Blueprint, Blueprint]) -> None:
    first, second = sites
    name = only(second, "aws_route53_record.stock_write").settings
    assert (name["name"], name["records"]) == (WRITTEN, [Var("stock_address")])
    (out,) = [one for one in first.outputs if one.name == "stock_address"]
    assert out.value == Ref("aws_db_instance.stock", "address")
    secret = only(second, "aws_secretsmanager_secret_version.stock").settings["secret_string"].document
    assert "stock-write." in secret["url"].parts
    assert Ref("aws_db_instance.stock", "address") in secret["read_url"].parts, "reads stay at the site"
    plain = only(first, "aws_secretsmanager_secret_version.stock").settings["secret_string"].document
    assert Ref("aws_db_instance.stock", "address") in plain["url"].parts


def test_the_way_to_the_first_database_is_open_on_all_its_ends(sites: tuple[Blueprint, Blueprint]) -> None:
    first, second = sites
    peering = only(second, "aws_vpc_peering_connection.first").settings
    assert (peering["peer_vpc_id"], peering["peer_region"]) == (Var("vpc"), first.region)
    assert only(second, "aws_vpc_peering_connection_accepter.first").provider == first.region.replace("-", "_")
    routes = [one for one in second.find("aws_route") if "vpc_peering_connection_id" in one.settings]
    there = {one.settings["destination_cidr_block"] for one in routes if not one.provider}
    data = {one.settings["cidr_block"] for one in first.find("aws_subnet") if one.name.startswith("data")}
    assert there == {"10.0.8.0/21"} and all(block.startswith(("10.0.8.", "10.0.9.")) for block in data)
    (back,) = [one for one in routes if one.provider]
    assert back.settings["route_table_id"] == Var("data_routes")
    servers = {one.settings["cidr_block"] for one in second.find("aws_subnet") if one.name.startswith("app")}
    let_in = {
        one.settings["cidr_ipv4"]
        for one in first.find("aws_vpc_security_group_ingress_rule")
        if one.name.startswith("stock_from_other_site")
    }
    assert let_in == servers, "the servers of the other site, and nothing else of it"
    out = only(second, "aws_vpc_security_group_egress_rule.front_to_stock_there_1").settings
    assert (out["cidr_ipv4"], out["from_port"]) == ("10.0.8.0/21", 3306)


def test_the_first_site_is_fenced_before_a_database_takes_over(sites: tuple[Blueprint, Blueprint]) -> None:
    first, second = sites
    done = steps(second)
    assert list(done) == ["fence", "promote1", "settle", "ready1", "lead1", "tell"]
    fence = done["fence"]
    assert "onFailure" not in fence, "where the fence fails, nothing is promoted"
    children = only(first, "aws_route53_health_check.whole_site").settings["child_healthchecks"]
    assert fence["inputs"]["HealthThreshold"] > len(children), "more than can ever answer"
    assert fence["inputs"]["HealthCheckId"] == Var("well")
    assert done["promote1"]["inputs"]["DBInstanceIdentifier"] == Ref("aws_db_instance.stock", "identifier")
    (change,) = done["lead1"]["inputs"]["ChangeBatch"]["Changes"]
    assert change["ResourceRecordSet"]["Name"] == WRITTEN
    assert change["ResourceRecordSet"]["ResourceRecords"] == [{"Value": Ref("aws_db_instance.stock", "address")}]


def test_no_apply_undoes_what_the_steps_did(sites: tuple[Blueprint, Blueprint]) -> None:
    first, second = sites
    for site, address, changed in (
        (first, "aws_route53_health_check.whole_site", "child_health_threshold"),
        (second, "aws_route53_record.stock_write", "records"),
        (second, "aws_db_instance.stock", "replicate_source_db"),
    ):
        assert only(site, address).lifecycle == {"ignore_changes": [changed]}


def test_the_alarm_reaches_the_steps(sites: tuple[Blueprint, Blueprint]) -> None:
    _, second = sites
    alarm = only(second, "aws_cloudwatch_metric_alarm.first_site_lost")
    assert alarm.provider == "us_east_1", "Route 53 measures there"
    assert alarm.settings["dimensions"] == {"HealthCheckId": Var("well")}
    bus = only(second, "aws_cloudwatch_event_target.pass_on")
    assert (bus.provider, bus.settings["arn"].parts[0]) == ("us_east_1", f"arn:aws:events:{second.region}:")
    run = only(second, "aws_cloudwatch_event_target.promote").settings
    name = only(second, "aws_ssm_document.promote").settings["name"]
    assert f"automation-definition/{name}:$DEFAULT" in run["arn"].parts[-1]
    taken = only(second, "aws_ssm_document.promote").settings["content"].document["parameters"]
    assert set(run["input"].document) == set(taken)


def test_the_steps_may_do_what_they_do_and_to_nothing_else(sites: tuple[Blueprint, Blueprint]) -> None:
    _, second = sites
    policy = only(second, "aws_iam_role_policy.promotion").settings["policy"].document
    for statement in policy["Statement"]:
        assert statement["Resource"] != "*", statement["Sid"]
    actions = [one["Action"] if isinstance(one["Action"], list) else [one["Action"]] for one in policy["Statement"]]
    allowed = {action for some in actions for action in some if not action.startswith("kms:")}
    called = {
        f"{one['inputs']['Service']}:{one['inputs']['Api']}" for one in steps(second).values() if "Api" in one["inputs"]
    }
    assert allowed == called


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_an_alarm_in_the_second_region_needs_nobody_to_pass_it_on(region: str) -> None:
    plan = standing_by("active-active")
    assert plan.standby is not None
    zones = (f"{region}a", f"{region}b")
    second = make_blueprints(replace(plan, standby=replace(plan.standby, region=region, zones=zones)))[1]
    rules = {one.name for one in second.find("aws_cloudwatch_event_rule")}
    assert ("pass_on" in rules) == (region != "us-east-1")


def test_where_nothing_can_notice_the_loss_it_says_so() -> None:
    def told(plan: Plan) -> str:
        with pytest.raises(Problems) as raised:
            make_blueprints(plan)
        return str(raised.value)

    plan = replace(standing_by("active-active"), region="us-east-1", zones=("us-east-1a", "us-east-1b"))
    assert "could not take over by themselves" in told(plan)
    assert "could not take over by themselves" in told(standing_by("active-active", exposure="private"))


def test_the_plan_reckons_with_the_alarm() -> None:
    """No person, but more than the promotion: what notices, and what leads the services."""
    found = recover("postgres", "multi-az", Facts(standby="active-active"), "region")
    assert found.rto is not None and found.rto >= 90 + 60 + 300 + 30
    assert not any("person" in step.name for step in found.steps)
