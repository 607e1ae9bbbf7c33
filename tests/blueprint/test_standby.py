"""What stands in another region, by design; what it needs of the first site; that neither takes the other's names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from standfast.blueprint import Blueprint, Ref, Var, at_standby, make_blueprints, unwritten
from standfast.operate.audits import audit_planned
from standfast.plan import Elsewhere, make_plan
from standfast.problem import Problems
from standfast.spec import read_spec
from tests.blueprint.shapes import everything, standing_by
from tests.blueprint.test_aws import only, parts
from tests.shop import EXAMPLES

DESIGNS = ("backup", "log-shipping", "pilot-light", "warm-standby", "active-active")
RUNNING = {"warm-standby", "active-active"}


@pytest.fixture(params=DESIGNS, scope="module")
def sites(request: pytest.FixtureRequest) -> tuple[Blueprint, Blueprint]:
    first, standby = make_blueprints(standing_by(request.param))
    return first, standby


def kinds(blueprint: Blueprint) -> set[str]:
    return {one.kind for one in blueprint.resources}


def test_every_reference_leads_to_a_resource_of_the_same_site(sites: tuple[Blueprint, Blueprint]) -> None:
    for site in sites:
        known = {one.address for one in site.resources}
        for one in site.resources:
            refs = {each.address for each in parts(one.settings) if isinstance(each, Ref)}
            assert refs | set(one.depends_on) <= known, one.address


def test_what_a_standby_needs_of_the_first_site_is_an_output_there(sites: tuple[Blueprint, Blueprint]) -> None:
    first, standby = sites
    used = {one.name for one in parts([one.settings for one in standby.resources]) if isinstance(one, Var)}
    declared = {one.name: one for one in standby.variables}
    assert used <= set(declared) | {"environment"}
    told = {one.name for one in first.outputs}
    from_first = {name for name, one in declared.items() if "of the first site's outputs" in one.means}
    assert from_first and from_first <= told and from_first <= used
    assert all(not declared[name].secret and declared[name].default is None for name in from_first)


def test_no_name_of_the_account_is_taken_twice(sites: tuple[Blueprint, Blueprint]) -> None:
    """Roles and buckets are named once for all regions."""
    for kind, key in (("aws_iam_role", "name"), ("aws_s3_bucket", "bucket"), ("aws_iam_instance_profile", "name")):
        names = [str(one.settings[key]) for site in sites for one in site.find(kind)]
        assert len(names) == len(set(names)), kind


def test_each_design_holds_what_it_says() -> None:
    held = {design: kinds(make_blueprints(standing_by(design))[1]) for design in DESIGNS}
    assert all("aws_s3_bucket_replication_configuration" in found for found in held.values())
    archived = {design for design, found in held.items() if "aws_db_instance_automated_backups_replication" in found}
    assert archived == {"log-shipping"}
    assert {design for design, found in held.items() if "aws_db_instance" in found} == {*RUNNING, "pilot-light"}
    assert {design for design, found in held.items() if "aws_autoscaling_group" in found} == RUNNING
    assert {design for design, found in held.items() if "aws_ssm_document" in found} == {"active-active"}
    assert "aws_vpc" not in held["backup"] and "aws_nat_gateway" not in held["pilot-light"]
    assert all("aws_route53_zone" not in found or design in RUNNING for design, found in held.items())


@pytest.mark.parametrize("design", ["pilot-light", "warm-standby"])
def test_a_replica_takes_its_data_from_the_first_region(design: str) -> None:
    first, standby = make_blueprints(standing_by(design))
    database = only(standby, "aws_db_instance.stock").settings
    assert database["replicate_source_db"] == Var("stock_arn")
    assert not {"engine", "username", "password", "db_name", "manage_master_user_password"} & set(database)
    assert database["kms_key_id"] == Ref("aws_kms_key.data", "arn")
    assert only(first, "aws_db_instance.stock").settings["password"] == Var("stock_password")


def test_the_first_site_copies_its_backups_over_where_no_replica_runs() -> None:
    for design, copied in (("backup", True), ("log-shipping", True), ("warm-standby", True)):  # mail keeps a disk
        first, standby = make_blueprints(standing_by(design))
        (rule,) = [one.settings["rule"].settings for one in first.find("aws_backup_plan")]
        assert bool(rule["copy_action"]) is copied, design
        arn = rule["copy_action"].settings["destination_vault_arn"].parts
        (vault,) = standby.find("aws_backup_vault")
        assert arn[0] == "arn:aws:backup:eu-west-1:" and arn[-1].endswith(f":{vault.settings['name']}")


def test_users_are_sent_to_a_warm_standby_when_the_first_site_fails() -> None:
    ways = []
    for site in make_blueprints(standing_by("warm-standby")):
        record = only(site, "aws_route53_record.front").settings
        check = only(site, "aws_route53_health_check.front").settings
        assert record["health_check_id"] == Ref("aws_route53_health_check.front", "id")
        assert (check["request_interval"], check["failure_threshold"]) == (30, 3), "what the plan reckons with"
        served = only(site, "aws_lb_listener_rule.front").settings["condition"].settings["host_header"]
        assert check["fqdn"] in served.settings["values"], "the balancer answers the check"
        ways.append((record["set_identifier"], record["failover_routing_policy"].settings["type"], record["name"]))
    assert [way[:2] for way in ways] == [("eu-north-1", "PRIMARY"), ("eu-west-1", "SECONDARY")]
    assert ways[0][2] == ways[1][2]
    plain = only(make_blueprints(standing_by("pilot-light"))[0], "aws_route53_record.front").settings
    assert "failover_routing_policy" not in plain


def test_networks_of_the_sites_are_apart() -> None:
    blocks = {only(site, "aws_vpc.main").settings["cidr_block"] for site in make_blueprints(standing_by("pilot-light"))}
    assert blocks == {"10.0.0.0/16", "10.1.0.0/16"}


def test_a_standby_of_another_cloud_is_a_site_of_its_own() -> None:
    """AWS behind a first site elsewhere: nothing is asked of that site, and the zone is its own."""
    from standfast.blueprint.aws import blueprint

    plan = replace(standing_by("warm-standby"), cloud="gcp")
    standby = blueprint(at_standby(plan), plan)
    assert not [one for one in standby.variables if "first site" in one.means]
    assert {"aws_route53_zone", "aws_db_instance"} <= kinds(standby)
    assert "replicate_source_db" not in only(standby, "aws_db_instance.stock").settings


@pytest.mark.parametrize("cloud", ["azure", "gcp"])
def test_each_cloud_writes_its_own_site(cloud: str) -> None:
    first, standby = make_blueprints(standing_by("warm-standby", cloud=cloud))
    assert (first.cloud, first.site, standby.cloud, standby.site) == ("aws", "", cloud, "standby")
    assert any(note.heading == "The standby on another cloud" for note in first.notes), "what is left to people is said"
    audit = audit_planned(standing_by("warm-standby", cloud=cloud))
    assert audit.verdict != "kept", "what no check reads is not kept"


@pytest.mark.parametrize("cloud", ["azure", "gcp"])
def test_the_dns_sends_users_to_the_other_cloud_when_the_first_site_fails(cloud: str) -> None:
    first, standby = make_blueprints(standing_by("warm-standby", cloud=cloud))
    here, there = (only(first, f"aws_route53_record.{name}").settings for name in ("front", "front_there"))
    assert (here["name"], here["type"]) == (there["name"], there["type"])
    assert here["health_check_id"] == Ref("aws_route53_health_check.front", "id")
    ways = [one["failover_routing_policy"].settings["type"] for one in (here, there)]
    assert ways == ["PRIMARY", "SECONDARY"] and here["set_identifier"] != there["set_identifier"]
    (address,) = [one for one in first.variables if one.name == "standby_address"]
    assert there["records"] == [Var("standby_address")] and address.default is None
    assert {"azure": "gateway", "gcp": "front"}[cloud] in {one.name for one in standby.outputs}, "where it is told"
    assert not [one for one in make_blueprints(standing_by("pilot-light", cloud=cloud))[0].variables
                if one.name == "standby_address"]  # fmt: skip


def test_backups_on_another_cloud_are_not_written() -> None:
    said = [one.what for one in unwritten(standing_by("backup", cloud="gcp"))]
    assert any("copies of backups on another cloud can be planned, but not built yet" in one for one in said)


def test_what_an_essential_cache_holds_is_copied_and_what_cannot_be_is_said() -> None:
    plan = make_plan(read_spec(EXAMPLES / "standby.yaml"), margins=False)
    first, standby = make_blueprints(plan)
    joined = only(first, "aws_elasticache_global_replication_group.drafts").settings
    assert joined["primary_replication_group_id"] == Ref("aws_elasticache_replication_group.drafts", "id")
    copy = only(standby, "aws_elasticache_replication_group.drafts").settings
    assert copy["global_replication_group_id"] == Var("drafts_copies"), "it takes all that its source is from there"
    assert not {"engine", "engine_version", "node_type"} & set(copy)
    assert plan.standby is not None
    sites = {one.component: one.offer for one in plan.standby.choices}
    assert sites["drafts"] == plan.choice("drafts").offer, "both are of one class"  # type: ignore[union-attr]
    small = tuple(replace(one, offer="cache.t4g.micro") if one.kind == "redis" else one for one in plan.choices)
    with pytest.raises(Problems, match="cannot be copied to the standby"):
        make_blueprints(replace(plan, choices=small))
    with pytest.raises(Problems, match="cannot be copied to the standby"):
        make_blueprints(replace(plan, standby=replace(plan.standby, design="active-active")))


def test_the_planner_says_what_runs_at_the_standby() -> None:
    plan = make_plan(read_spec(EXAMPLES / "standby.yaml"), margins=False)
    assert plan.standby is not None and plan.standby.design == "warm-standby"
    there = {one.component: one for one in plan.standby.choices}
    assert {"app", "entries", "documents", "balancer", "network"} <= set(there)
    first = plan.choice("app")
    assert first is not None and there["app"].size["max_count"] >= first.size["needed"], "it grows to the full load"
    assert all(not one.lines for one in there.values()), "the bill is the choice standby's"
    found = audit_planned(plan)
    assert found.verdict == "kept", [one for one in found.findings if one.verdict != "kept"]
    assert any(one.resource.startswith("standby/") for one in found.findings)


def test_a_plan_without_a_standby_has_none() -> None:
    assert len(make_blueprints(everything())) == 1
    with pytest.raises(ValueError, match="no standby"):
        at_standby(everything())


def test_a_design_that_cannot_be_written_is_a_problem() -> None:
    plan = replace(everything(), cloud="gcp", standby=Elsewhere("gcp", "europe-west1", "log-shipping"))
    assert "log-shipping" in " ".join(one.what for one in unwritten(plan))
