"""What stands on Google Cloud for a plan: names, edges, identities, keys, standbys. Read from the resources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from standfast.blueprint import (
    Block,
    Blueprint,
    Join,
    Ref,
    Resource,
    Var,
    at_standby,
    gcp,
    make_blueprint,
    make_blueprints,
    unwritten,
)
from standfast.blueprint.gcp.names import PROJECT_ID, RULES
from standfast.blueprint.gcp.services import api
from standfast.blueprint.gcp.site import plain
from standfast.plan import Plan
from standfast.problem import Problems
from tests.blueprint.google import BEHIND, THERE, behind, everything, on_google, small, with_replicas
from tests.blueprint.shapes import plan_of
from tests.blueprint.test_aws import only, parts

LONG = "a-system-with-a-very-long-name-x"
PLANS: dict[str, Plan] = {
    "servers": small(),
    "containers": small("container"),
    "cluster": small("kubernetes"),
    "everything": everything(system=LONG),
    "private": everything(exposure="private", motto="'%{if} ${x} $${y} \"quoted\" \\ ☃ %n'"),
    "replicas": with_replicas(small(), 2),
    **{design: behind(design) for design in THERE},
}
SITES = [(name, number) for name, plan in PLANS.items() for number in range(2 if plan.standby else 1)]
# Kinds that hold what users wrote, and the setting under which they take a key of one's own.
ENCRYPTED = {
    "google_cloud_run_v2_service": "encryption_key",
    "google_compute_disk": "disk_encryption_key",
    "google_compute_region_instance_template": "disk_encryption_key",
    "google_container_cluster": "database_encryption",
    "google_container_node_pool": "boot_disk_kms_key",
    "google_logging_project_bucket_config": "kms_key_name",
    "google_redis_instance": "customer_managed_key",
    "google_secret_manager_secret": "kms_key_name",
    "google_sql_database_instance": "encryption_key_name",
    "google_storage_bucket": "default_kms_key_name",
}


@pytest.fixture(params=SITES, ids=lambda one: f"{one[0]} {one[1]}", scope="module")
def blueprint(request: pytest.FixtureRequest) -> Blueprint:
    name, number = request.param
    return make_blueprints(PLANS[name])[number]


def settings(value: Any) -> Iterator[tuple[str, Any]]:
    """Every named setting inside a value."""
    for one in parts(value):
        if isinstance(one, Block):
            yield from one.settings.items()
        if isinstance(one, dict):
            yield from one.items()


def test_every_reference_leads_to_a_resource(blueprint: Blueprint) -> None:
    known = {one.address for one in blueprint.resources}
    for resource in blueprint.resources:
        refs = {one.address for one in parts(resource.settings) if isinstance(one, Ref)}
        assert refs | set(resource.depends_on) <= known, resource.address
    told = {one.address for output in blueprint.outputs for one in parts(output.value) if isinstance(one, Ref)}
    assert told <= known


def test_every_variable_is_declared_and_used(blueprint: Blueprint) -> None:
    declared = {one.name for one in blueprint.variables}
    values = [*(one.settings for one in blueprint.resources), blueprint.tags, [one.value for one in blueprint.outputs]]
    used = {one.name for one in parts(values) if isinstance(one, Var)}
    assert declared == used | {"project"}


def test_variables_have_an_example_or_a_default_that_matches(blueprint: Blueprint) -> None:
    for one in blueprint.variables:
        given = one.default if one.default is not None else one.example
        assert one.secret or given, one.name
        assert not (one.secret and one.default), one.name
        assert not one.pattern or not given or re.search(one.pattern, str(given)), one.name


def test_what_takes_a_key_is_encrypted_with_ours(blueprint: Blueprint) -> None:
    seen = 0
    for resource in blueprint.resources:
        if resource.kind in ENCRYPTED and not resource.data:
            assert ENCRYPTED[resource.kind] in dict(settings([resource.settings, dict(resource.settings)])), resource
            keys = [one for one in parts(resource.settings) if isinstance(one, Ref) and "crypto_key" in one.address]
            assert keys, resource.address
            assert any("crypto_key_iam_member" in one for one in resource.depends_on), resource.address
            seen += 1
    assert seen >= 2
    keys = list(blueprint.find("google_kms_crypto_key"))
    assert keys and all((one.lifecycle or {})["prevent_destroy"] is True for one in keys)


def test_everything_waits_for_the_service_it_needs(blueprint: Blueprint) -> None:
    """Each kind's service is switched on, and whatever is made first of a service waits for that."""
    enabled = {one.name for one in blueprint.find("google_project_service")}
    by_address = {one.address: one for one in blueprint.resources}

    def waits(one: Resource, service: str, seen: frozenset[str] = frozenset()) -> bool:
        before = {ref.address for ref in parts(one.settings) if isinstance(ref, Ref)} | set(one.depends_on)
        if f"google_project_service.{service}" in before:
            return True
        return any(waits(by_address[name], service, seen | before) for name in before - seen)

    for resource in blueprint.resources:
        if not resource.data and resource.kind != "google_project_service":
            assert api(resource.kind) in enabled
            assert waits(resource, api(resource.kind)), resource.address


def test_nothing_has_more_rights_than_it_needs(blueprint: Blueprint) -> None:
    for resource in blueprint.resources:
        role, member = resource.settings.get("role"), resource.settings.get("member")
        if not isinstance(role, str) or "iam" not in resource.kind:
            continue
        assert not re.search(r"roles/(owner|editor|viewer|.*\.admin)$", role), resource.address
        assert member != "allUsers" or role == "roles/storage.legacyObjectReader", resource.address
        if resource.kind == "google_project_iam_member" and resource.concern == "identity":
            assert role.partition(".")[0] in ("roles/logging", "roles/monitoring", "roles/artifactregistry",
                                              "roles/container"), role  # fmt: skip


def test_only_what_content_delivery_reads_is_public(blueprint: Blueprint) -> None:
    public = [one.settings["bucket"].address for one in blueprint.resources if one.settings.get("member") == "allUsers"]
    served = [one.settings["bucket_name"].address for one in blueprint.find("google_compute_backend_bucket")]
    assert public == served
    for bucket in blueprint.find("google_storage_bucket"):
        prevention = "inherited" if bucket.address in served else "enforced"
        assert bucket.settings["public_access_prevention"] == prevention, bucket.address


def test_no_machine_and_no_store_has_an_address_outside(blueprint: Blueprint) -> None:
    names = {name for one in blueprint.resources for name, _ in settings(one.settings)}
    assert "access_config" not in names and "ipv6_access_config" not in names
    for database in blueprint.find("google_sql_database_instance"):
        inside = dict(settings(database.settings))
        assert inside["ipv4_enabled"] is False and inside["ssl_mode"] == "ENCRYPTED_ONLY"


# Edges


def rules(blueprint: Blueprint, way: str) -> list[dict[str, Any]]:
    return [dict(one.settings) for one in blueprint.find("google_compute_firewall") if one.settings["direction"] == way]


def ports(rule: dict[str, Any]) -> list[str]:
    allowed = rule.get("allow", [])
    blocks = allowed if isinstance(allowed, list) else [allowed]
    return [port for one in blocks for port in one.settings.get("ports", [])]


def test_what_is_not_an_edge_is_refused_both_ways() -> None:
    shop = make_blueprint(PLANS["servers"])
    for way, key in (("INGRESS", "source_ranges"), ("EGRESS", "destination_ranges")):
        last = [one for one in rules(shop, way) if "deny" in one]
        assert [(one[key], one["priority"]) for one in last] == [(["0.0.0.0/0"], 65534)]
        assert all(one["priority"] < 65534 for one in rules(shop, way) if "allow" in one)


@pytest.mark.parametrize("name", ["servers", "containers"])
def test_only_callers_reach_a_store_or_a_service(name: str) -> None:
    """By the call graph: web calls api and images, api calls orders and sessions. Nothing else gets out but on 443."""
    shop = make_blueprint(PLANS[name])
    edges = set()
    for rule in rules(shop, "EGRESS"):
        if rule["destination_ranges"] == ["0.0.0.0/0"] or "allow" not in rule:
            assert "deny" in rule or ports(rule) == ["443"]
            continue
        caller = rule.get("target_tags") or [rule["target_service_accounts"][0].address]
        edges |= {(caller[0].split(".")[-1].split("-")[-1], one.parts[0].address) for one in rule["destination_ranges"]}
    assert edges == {
        ("web", "google_compute_address.api_internal"),
        ("api", "google_sql_database_instance.orders"),
        ("api", "google_redis_instance.sessions"),
    }


def test_nobody_outside_reaches_a_server(blueprint: Blueprint) -> None:
    inside = {"35.191.0.0/16", "130.211.0.0/22", "35.235.240.0/20", "10.0.16.0/23", "10.1.16.0/23"}
    for rule in rules(blueprint, "INGRESS"):
        assert "deny" in rule or set(rule["source_ranges"]) <= inside


def test_replicas_are_reached_too() -> None:
    rule = only(make_blueprint(PLANS["replicas"]), "google_compute_firewall.api_to_orders").settings
    assert [one.parts[0].address.split(".")[1] for one in rule["destination_ranges"]] == [
        "orders", "orders_read_1", "orders_read_2",
    ]  # fmt: skip


# Names


def test_names_that_are_cut_or_cleaned_differ() -> None:
    told = [plain(text, 20) for text in ("a.b", "a-b", "a_b", "A-b", "x" * 30, "x" * 31, "1a", "-a", "a-")]
    assert len(set(told)) == len(told)
    assert all(re.fullmatch(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?", one) for one in told), told


@pytest.mark.parametrize("name", ["a", "x" * 32, "a-" + "b" * 30, "default", "kube-system"])
@pytest.mark.parametrize("shape", ["vm", "container", "kubernetes"])
def test_any_system_has_names_that_google_takes(name: str, shape: str) -> None:
    """`names.problems` holds each name against Google's rules; so does the provider's stand-in, from Google's API."""
    found = make_blueprint(small(shape, system=name))
    accounts = [one.settings["account_id"] for one in found.find("google_service_account")]
    assert all(6 <= len(one) <= 30 for one in accounts) and len(set(accounts)) == len(accounts)
    for bucket in found.find("google_storage_bucket"):
        named = "".join(PROJECT_ID if isinstance(one, Var) else one for one in bucket.settings["name"].parts)
        assert len(named) <= 63


def test_a_name_that_google_keeps_for_itself_is_refused() -> None:
    with pytest.raises(Problems, match=r"Google takes no such name for google_storage_bucket\.images"):
        make_blueprint(small(system="my-google-shop"))


def test_names_that_collide_are_refused() -> None:
    spec = "system: x\nservices:\n  nodes: {image: a, public: true}\n"
    make_blueprint(on_google(plan_of(spec)))
    with pytest.raises(Problems, match=r"would both be google_service_account\.nodes"):
        make_blueprint(on_google(plan_of(spec), "kubernetes"))
    spec = "system: x\nservices:\n  a: {image: a, public: true, calls: [o], secrets: [o_url]}\nstores:\n"
    with pytest.raises(Problems, match=r"would both be google_secret_manager_secret\.o_url"):
        make_blueprint(on_google(plan_of(f"{spec}  o: {{kind: postgres, data: 1 GiB}}\n")))


# Stores


@pytest.mark.parametrize(
    ("kind", "wanted", "sold"),
    [
        ("postgres", "16.3", "POSTGRES_16"), ("postgres", "", "POSTGRES_18"), ("mysql", "8", "MYSQL_8_4"),
        ("mysql", "8.0.36", "MYSQL_8_0"), ("redis", "7", "REDIS_7_2"), ("redis", "6.2", ""), ("redis", "7.1", ""),
        ("postgres", "9.6", ""),
    ],
)  # fmt: skip
def test_a_version_is_one_that_google_sells(kind: str, wanted: str, sold: str) -> None:
    size = "memory: 1 GiB" if kind == "redis" else "data: 1 GiB"
    version = f", version: '{wanted}'" if wanted else ""
    spec = "system: x\nservices:\n  a: {image: a, public: true, calls: [s]}\nstores:\n"
    plan = on_google(plan_of(f"{spec}  s: {{kind: {kind}, {size}{version}}}\n"))
    if not sold:
        with pytest.raises(Problems, match=f"Google Cloud sells no {kind} {re.escape(wanted)}"):
            make_blueprint(plan)
        return
    address, key = (
        ("google_redis_instance.s", "redis_version")
        if kind == "redis"
        else ("google_sql_database_instance.s", "database_version")
    )
    assert only(make_blueprint(plan), address).settings[key] == sold


def test_one_server_keeps_its_disk() -> None:
    found = make_blueprint(PLANS["everything"])
    group = only(found, "google_compute_region_instance_group_manager.mail").settings
    policy = group["update_policy"].settings
    assert (group["target_size"], policy["max_surge_fixed"], policy["max_unavailable_fixed"]) == (1, 0, 1)
    assert group["distribution_policy_zones"] == [Var("zones", 0)]
    boot, lasting = (
        one.settings for one in only(found, "google_compute_region_instance_template.mail").settings["disk"]
    )
    assert boot["auto_delete"] and not lasting["auto_delete"]
    assert lasting["source"] == Ref("google_compute_disk.mail", "name")
    schedule = dict(settings(only(found, "google_compute_resource_policy.disks").settings))
    assert schedule["hours_in_cycle"] == 4 and schedule["storage_locations"] == ["europe-west4"]


# Standbys


def test_what_a_standby_asks_for_the_first_site_tells() -> None:
    given = {"project", "environment", "domain", "zones"}  # what people say of both
    for design in THERE:
        first, standby = make_blueprints(PLANS[design])
        assert (first.site, standby.site, standby.region) == ("", "standby", BEHIND)
        asked = {one.name for one in standby.variables if not one.secret} - given
        assert asked <= {one.name for one in first.outputs}, design
        assert not {one.address for one in standby.resources} & {"google_compute_network.main"}


def test_both_sites_can_stand_in_one_project() -> None:
    """What a project has one of is made once, and no two objects of a kind share a name."""
    for design in THERE:
        first, standby = make_blueprints(PLANS[design])
        rules = {kind: key for kind, (key, _) in RULES.items() if kind != "google_kms_crypto_key"}  # named in its ring
        named = [[one for one in site.resources if one.kind in rules and not one.data] for site in (first, standby)]
        names = [{(one.kind, str(one.settings[rules[one.kind]])) for one in site} for site in named]
        assert not names[0] & names[1], names[0] & names[1]
        assert not list(standby.find("google_project_iam_audit_config"))


@pytest.mark.parametrize("design", ["warm-standby", "active-active"])
def test_names_lead_to_the_site_that_is_well(design: str) -> None:
    first, standby = make_blueprints(PLANS[design])
    assert not [one for one in first.find("google_dns_record_set") if one.name == "web"]
    policy = only(standby, "google_dns_record_set.web").settings["routing_policy"].settings
    ends = [one.settings["external_endpoints"] for one in parts(policy) if isinstance(one, Block)
            and "external_endpoints" in one.settings]  # fmt: skip
    assert [Var("front")] in ends and [Ref("google_compute_address.front", "address")] in ends
    assert ("geo" in policy) == (design == "active-active")


def test_a_replica_follows_and_services_write_to_the_first() -> None:
    _, standby = make_blueprints(PLANS["warm-standby"])
    replica = only(standby, "google_sql_database_instance.orders").settings
    assert replica["master_instance_name"] == Var("orders_instance")
    script = str(only(standby, "google_compute_region_instance_template.api").settings["metadata"]["startup-script"])
    assert "Var(name='orders_address'" in script and "ORDERS_READ_HOST" in script


def test_a_standby_without_databases_fetches_exports() -> None:
    first, standby = make_blueprints(PLANS["backup"])
    job = only(standby, "google_cloud_scheduler_job.orders").settings
    assert job["schedule"] == "30 4 * * *" and job["region"] == BEHIND
    grant = only(standby, "google_storage_bucket_iam_member.exports_orders").settings
    assert grant["member"] == Join(("serviceAccount:", Var("orders_account")))
    backup = dict(settings(only(first, "google_sql_database_instance.orders").settings))
    assert backup["location"] == BEHIND


def test_behind_another_cloud_it_stands_alone_and_says_so() -> None:
    first = replace(PLANS["warm-standby"], cloud="aws", region="eu-west-1")
    standby = gcp.blueprint(at_standby(first), first)
    assert only(standby, "google_compute_network.main") and not list(standby.find("google_dns_managed_zone"))[1:]
    assert "master_instance_name" not in only(standby, "google_sql_database_instance.orders").settings
    assert {"web_proof", "internal_proof", "front"} <= {one.name for one in standby.outputs}
    assert any("begins empty" in one.text for one in standby.notes)
    known = {one.address for one in standby.resources}
    refs = {one.address for one in parts([one.settings for one in standby.resources]) if isinstance(one, Ref)}
    assert refs <= known


def test_what_google_cannot_do_is_said() -> None:
    plan = PLANS["backup"]
    assert plan.standby
    shipping = replace(plan, standby=replace(plan.standby, design="log-shipping"))
    assert "log-shipping" in unwritten(shipping)[0].what
    with pytest.raises(Problems, match="log-shipping"):
        make_blueprints(shipping)
