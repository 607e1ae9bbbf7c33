"""What stands on AWS for a plan: names, tags, firewalls, identities, protection. Read from the resources themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from standfast.blueprint import Base64, Block, Blueprint, Join, Json, Ref, Resource, Var, make_blueprint
from standfast.blueprint.aws.names import ACCOUNT_ID, RULES
from standfast.blueprint.names import text
from standfast.problem import Problems
from tests.blueprint.shapes import contained, everything, plan_of, without
from tests.shop import shop_plan

PLANS = {
    "shop": shop_plan(),
    "everything": everything(),
    "private": everything(exposure="private"),
    "containers": contained(),
    "long names": everything(system="a-system-with-a-very-long-name-x"),
}


@pytest.fixture(params=PLANS, scope="module")
def blueprint(request: pytest.FixtureRequest) -> Blueprint:
    return make_blueprint(PLANS[request.param])


@pytest.fixture(scope="module")
def shop() -> Blueprint:
    return make_blueprint(PLANS["shop"])


def only(blueprint: Blueprint, address: str) -> Resource:
    return next(one for one in blueprint.resources if one.address == address)


def parts(value: Any) -> Iterator[Any]:
    """Every value inside a value."""
    yield value
    inside: Any = ()
    match value:
        case Join():
            inside = value.parts
        case Json():
            inside = (value.document,)
        case Base64():
            inside = (value.text,)
        case Block():
            inside = value.settings.values()
        case dict():
            inside = value.values()
        case list() | tuple():
            inside = value
    for one in inside:
        yield from parts(one)


def test_every_reference_leads_to_a_resource(blueprint: Blueprint) -> None:
    known = {one.address for one in blueprint.resources}
    for resource in blueprint.resources:
        refs = [one.address for one in parts(resource.settings) if isinstance(one, Ref)]
        assert set(refs) | set(resource.depends_on) <= known, resource.address


def test_every_variable_is_declared(blueprint: Blueprint) -> None:
    declared = {one.name for one in blueprint.variables}
    settings = [one.settings for one in blueprint.resources]
    used = {one.name for one in parts([*settings, blueprint.tags]) if isinstance(one, Var)}
    assert used | {"domain"} == declared


def test_variables_have_an_example_or_a_default_that_matches(blueprint: Blueprint) -> None:
    for one in blueprint.variables:
        given = one.default if one.default is not None else one.example
        assert one.secret or given, one.name
        assert not (one.secret and one.default), one.name
        if one.pattern and given:
            assert re.search(one.pattern, given), one.name


def test_names_stay_within_what_aws_allows(blueprint: Blueprint) -> None:
    limits = {
        ("aws_lb", "name"): r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?",
        ("aws_lb_target_group", "name"): r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?",
        ("aws_db_instance", "identifier"): r"[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]",
        ("aws_db_parameter_group", "name"): r"[a-z](?!.*--)[a-z0-9-]{0,253}[a-z0-9]",
        ("aws_elasticache_replication_group", "replication_group_id"): r"[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]",
        ("aws_iam_role", "name"): r"[\w+=,.@-]{1,64}",
        ("aws_iam_instance_profile", "name"): r"[\w+=,.@-]{1,128}",
        ("aws_kms_alias", "name"): r"alias/[a-zA-Z0-9/_-]{1,250}",
        ("aws_backup_vault", "name"): r"[a-zA-Z0-9_-]{2,50}",
        ("aws_backup_selection", "name"): r"[a-zA-Z0-9_.-]{1,50}",
        ("aws_cloudtrail", "name"): r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,126}[a-zA-Z0-9]",
        ("aws_cloudwatch_log_group", "name"): r"[a-zA-Z0-9_/.#-]{1,512}",
        ("aws_wafv2_web_acl", "name"): r"[\w-]{1,128}",
        ("aws_security_group", "name"): r"(?!sg-)[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}",
        ("aws_security_group", "description"): r"[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}",
    }
    seen = 0
    for resource in blueprint.resources:
        for (kind, key), pattern in limits.items():
            if resource.kind == kind:
                seen += 1
                assert re.fullmatch(pattern, resource.settings[key]), (resource.address, resource.settings[key])
    assert seen > 20
    for resource in blueprint.find("aws_s3_bucket"):
        head = resource.settings["bucket"].parts[0]
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,50}-", head) and len(head) + 12 <= 63


def test_names_of_one_kind_differ(blueprint: Blueprint) -> None:
    keys = ("name", "identifier", "bucket", "alarm_name", "replication_group_id")
    seen = set()
    for one in blueprint.resources:
        named = [one.settings[key] for key in keys if key in one.settings and one.kind not in ALIKE]
        for name in named:
            key = (one.kind, str(name), str(one.settings.get("type")))  # a name has a record per type
            assert key not in seen, (one.address, name)
            seen.add(key)


ALIKE = ("aws_iam_role_policy", "aws_autoscaling_policy", "aws_s3_bucket_policy")  # named within their owner
for _kind in ("versioning", "server_side_encryption_configuration", "public_access_block", "ownership_controls"):
    ALIKE += (f"aws_s3_bucket_{_kind}",)
ALIKE += ("aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_logging")


def test_identifiers_are_unique(blueprint: Blueprint) -> None:
    addresses = [one.address for one in blueprint.resources]
    assert len(addresses) == len(set(addresses))
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", one.name) for one in blueprint.resources)


def test_tags_name_the_line_of_the_spec(shop: Blueprint) -> None:
    assert only(shop, "aws_db_instance.orders").settings["tags"] == {
        "Name": "shop-orders", "component": "orders", "spec": "shop.yaml:26",
    }  # fmt: skip
    assert shop.tags == {
        "system": "shop", "environment": Var("environment"), "owner": "platform@example.com", "made-by": "standfast",
    }  # fmt: skip


def test_tags_hold_only_what_aws_accepts(blueprint: Blueprint) -> None:
    """The owner may be called anything; AWS refuses most punctuation in a tag."""
    tags = [one.settings["tags"] for one in blueprint.resources if "tags" in one.settings]
    for tag in (value for one in [*tags, blueprint.tags] for value in one.values() if isinstance(value, str)):
        assert re.fullmatch(r"[\w\s.:/=+\-@]{0,256}", tag), tag


# Firewalls


def firewall(blueprint: Blueprint, way: str) -> set[tuple[str, str, int]]:
    """(of, peer, port) for each rule; the peer is a group's name or a range of addresses."""
    rules = set()
    for one in blueprint.find(f"aws_vpc_security_group_{way}_rule"):
        said = one.settings
        assert said["ip_protocol"] == "tcp" and said["from_port"] == said["to_port"]
        peer = said.get("referenced_security_group_id", said.get("cidr_ipv4"))
        shown = peer.address.removeprefix("aws_security_group.") if isinstance(peer, Ref) else peer
        own = said["security_group_id"].address.removeprefix("aws_security_group.")
        rules.add((own, shown, said["from_port"]))
    return rules


def test_the_firewall_is_the_call_graph(shop: Blueprint) -> None:
    assert firewall(shop, "ingress") == {
        ("balancer", "0.0.0.0/0", 443),
        ("balancer", "0.0.0.0/0", 80),
        ("web", "balancer", 8080),
        ("balancer_internal", "web", 8081),
        ("api", "balancer_internal", 8081),
        ("orders", "api", 5432),
        ("sessions", "api", 6379),
    }
    assert firewall(shop, "egress") == {
        ("web", "0.0.0.0/0", 443),
        ("api", "0.0.0.0/0", 443),
        ("balancer", "web", 8080),
        ("web", "balancer_internal", 8081),
        ("balancer_internal", "api", 8081),
        ("api", "orders", 5432),
        ("api", "sessions", 6379),
    }


def test_services_behind_one_balancer_cannot_reach_what_they_do_not_call() -> None:
    """cart and mail share port 8080: each has a listener of its own, and worker, whom nobody calls, has none."""
    into = firewall(make_blueprint(everything()), "ingress")
    assert {rule for rule in into if rule[0] == "balancer_internal"} == {
        ("balancer_internal", "front", 8080),
        ("balancer_internal", "front", 10001),
        ("balancer_internal", "admin", 8080),
    }
    assert not any(rule[0] == "worker" for rule in into)
    # front asks the cache before the database: both are edges
    assert {rule for rule in into if rule[0] in ("stock", "fast")} == {
        ("stock", "front", 3306), ("stock", "cart", 3306), ("stock", "worker", 3306),
        ("fast", "front", 6379), ("fast", "worker", 6379),
    }  # fmt: skip


def test_a_private_system_is_not_reached_from_the_internet() -> None:
    blueprint = make_blueprint(PLANS["private"])
    assert only(blueprint, "aws_lb.main").settings["internal"] is True
    into = [one.settings for one in blueprint.find("aws_vpc_security_group_ingress_rule")]
    assert {str(one["cidr_ipv4"]) for one in into if "cidr_ipv4" in one} == {str(Var("client_cidr"))}


# Identities


def statements(blueprint: Blueprint, service: str) -> dict[str, dict[str, Any]]:
    document = only(blueprint, f"aws_iam_role_policy.{service}").settings["policy"].document
    return {one["Sid"]: one for one in document["Statement"]}


def test_roles_allow_what_the_call_graph_needs() -> None:
    blueprint = make_blueprint(everything())
    front, admin, worker = (statements(blueprint, name) for name in ("front", "admin", "worker"))
    assert "UseObjects" not in front and "ReadSecrets" in front
    assert front["ReadSecrets"]["Resource"] == [
        Ref("aws_secretsmanager_secret.API_KEY", "arn"),
        Ref("aws_secretsmanager_secret.dotted_name", "arn"),
        Ref("aws_db_instance.stock", "master_user_secret[0].secret_arn"),
        Ref("aws_secretsmanager_secret.fast", "arn"),
    ]
    assert "PullImages" in front and "PullImages" not in admin
    assert admin["UseObjects"]["Resource"] == [Join((Ref("aws_s3_bucket.files", "arn"), "/*"))]
    assert {"UseObjects", "ReadSecrets", "OpenObjects", "OpenSecrets"} <= set(worker)
    shop = make_blueprint(shop_plan())
    assert set(statements(shop, "web")) == {"WriteLog", "SessionManager"}


def test_nobody_is_allowed_everything(blueprint: Blueprint) -> None:
    for resource in blueprint.find("aws_iam_role_policy"):
        for one in resource.settings["policy"].document["Statement"]:
            actions = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
            assert not any(action.endswith("*") for action in actions), resource.address


def test_no_secret_has_a_value_in_the_code(blueprint: Blueprint) -> None:
    for one in blueprint.find("aws_secretsmanager_secret_version"):
        value = one.settings["secret_string"]
        secret = value.document["password"] if isinstance(value, Json) else value
        assert isinstance(secret, Var)
        urls = [url for key, url in value.document.items() if "url" in key] if isinstance(value, Json) else []
        assert all(secret in url.parts for url in urls)
    given = {f"{one.name}_token" for one in blueprint.find("aws_elasticache_replication_group")}
    for one in blueprint.find("aws_db_instance"):
        if "password" in one.settings:
            given.add(f"{one.name}_password")
            assert one.settings["password"] == Var(f"{one.name}_password")
        else:
            assert one.settings["manage_master_user_password"] is True
    assert {one.name for one in blueprint.variables if one.secret} == given


# Protection


def test_everything_that_holds_data_is_protected(blueprint: Blueprint) -> None:
    for one in blueprint.find("aws_db_instance"):
        said = one.settings
        assert said["storage_encrypted"] and said["deletion_protection"] and not said["publicly_accessible"]
        assert said["kms_key_id"] == Ref("aws_kms_key.data", "arn") and 1 <= said["backup_retention_period"] <= 35
        group = only(blueprint, said["parameter_group_name"].address)
        assert group.settings["parameter"][0].settings["value"] == "1"
    for one in blueprint.find("aws_elasticache_replication_group"):
        assert one.settings["at_rest_encryption_enabled"] and one.settings["transit_encryption_mode"] == "required"
    buckets = {one.name for one in blueprint.find("aws_s3_bucket")}
    for kind in ("versioning", "server_side_encryption_configuration", "public_access_block", "policy"):
        assert {one.name for one in blueprint.find(f"aws_s3_bucket_{kind}")} == buckets
    for one in blueprint.find("aws_s3_bucket_public_access_block"):
        assert [value for key, value in one.settings.items() if key != "bucket"] == [True] * 4
    for one in blueprint.find("aws_cloudwatch_log_group"):
        assert one.settings["kms_key_id"] == Ref("aws_kms_key.logs", "arn") and one.settings["retention_in_days"] >= 1
    for one in blueprint.find("aws_launch_template"):
        assert one.settings["metadata_options"].settings["http_tokens"] == "required"
        assert one.settings["block_device_mappings"].settings["ebs"].settings["encrypted"] is True
        assert one.settings["network_interfaces"].settings["associate_public_ip_address"] is False


def test_the_shape_follows_the_choices(shop: Blueprint) -> None:
    orders = only(shop, "aws_db_instance.orders").settings
    assert orders["multi_az"] is True and orders["instance_class"] == "db.r6g.xlarge" and "iops" not in orders
    sessions = only(shop, "aws_elasticache_replication_group.sessions").settings
    assert (sessions["num_cache_clusters"], sessions["automatic_failover_enabled"]) == (2, True)
    web = only(shop, "aws_autoscaling_group.web").settings
    assert (web["min_size"], web["max_size"], len(web["vpc_zone_identifier"])) == (3, 6, 3)
    assert len(list(shop.find("aws_nat_gateway"))) == 3
    single = make_blueprint(everything())
    assert len(list(single.find("aws_nat_gateway"))) == 1
    assert only(single, "aws_db_instance.stock").settings["multi_az"] is False
    # one zone is planned for, but a balancer and a database want subnets in two
    assert len(list(single.find("aws_subnet"))) == 6
    assert single.variables[2].default == ["eu-north-1a", "eu-north-1b"]
    assert len(only(single, "aws_autoscaling_group.cart").settings["vpc_zone_identifier"]) == 1


def test_more_iops_than_come_with_the_disk_are_bought() -> None:
    plan = shop_plan()
    chosen = [
        replace(one, size={**one.size, "iops": 20_000}) if one.component == "orders" else one for one in plan.choices
    ]
    orders = only(make_blueprint(replace(plan, choices=tuple(chosen))), "aws_db_instance.orders")
    assert orders.settings["iops"] == 20_000


def test_a_stateful_service_keeps_its_disk() -> None:
    blueprint = make_blueprint(everything())
    group = only(blueprint, "aws_autoscaling_group.mail").settings
    assert (group["min_size"], group["max_size"], len(group["vpc_zone_identifier"])) == (1, 1, 1)
    assert "TakeOverDisk" in statements(blueprint, "mail")
    selection = only(blueprint, "aws_backup_selection.main").settings["resources"]
    assert Ref("aws_ebs_volume.mail", "arn") in selection


@pytest.mark.parametrize(
    ("hours", "cron"),
    [
        (24, "cron(30 4 * * ? *)"),
        (48, "cron(30 4 * * ? *)"),
        (5, "cron(30 0/4 * * ? *)"),
        (1, "cron(30 0/1 * * ? *)"),
        (0.2, "cron(30 0/1 * * ? *)"),
    ],
)
def test_backups_are_at_least_as_often_as_planned(hours: float, cron: str) -> None:
    from standfast.blueprint.aws.stores.backup import schedule

    assert schedule(hours) == cron


# Refusals


def test_a_plan_that_leaves_a_part_out_is_refused() -> None:
    with pytest.raises(Problems, match=r"shop.yaml:23.*the plan has nothing for api"):
        make_blueprint(without(shop_plan(), "api"))


def test_a_cloud_that_cannot_be_built_is_refused() -> None:
    with pytest.raises(Problems, match="'oracle' can be planned, but not built yet"):
        make_blueprint(replace(shop_plan(), cloud="oracle"))


AWKWARD = ["plain", "'%{if} ${x} $${y} \"q\" \\ ☃'", "'" + "ü" * 200 + "'"]


@pytest.mark.parametrize("value", AWKWARD, ids=["plain", "templates", "long"])
def test_no_value_of_the_user_reaches_a_name(value: str) -> None:
    """Names are made of the spec's own names, which are letters, digits and dashes: they are the same whatever else
    the user writes."""

    def named(owner: str, motto: str) -> list[tuple[str, str]]:
        plans = everything(owner=owner, motto=motto), contained(owner=owner, motto=motto)
        found = [one for plan in plans for one in make_blueprint(plan).resources]
        return [(one.address, text(one.settings[RULES[one.kind][0]], ACCOUNT_ID)) for one in found if one.kind in RULES]

    assert named(value, value) == named("plain", "plain")


def test_names_that_only_differ_in_the_console_are_refused() -> None:
    """`shop-web` and its start role, beside a service that is called `web-start`."""
    plan = contained()
    one = plan.system.services[2]
    services = (*plan.system.services, replace(one, name="cart-start", calls=()))
    choices = (*plan.choices, replace(plan.choice("cart"), component="cart-start"))
    with pytest.raises(Problems, match="would both be called odd-cart-start"):
        make_blueprint(replace(plan, system=replace(plan.system, services=services), choices=choices))


def test_names_that_collide_are_refused() -> None:
    spec = "system: x\nservices:\n  rds: {image: a, public: true, calls: [main]}\nstores:\n  main: {kind: redis}\n"
    make_blueprint(plan_of(spec))
    spec = "system: x\nservices:\n  a: {image: a, public: true}\nstores:\n  trail: {kind: objects}\n"
    with pytest.raises(Problems, match=r"aws_s3_bucket\.trail"):
        make_blueprint(plan_of(spec))


def test_two_values_of_one_variable_are_refused() -> None:
    spec = "system: x\nservices:\n  a: {image: a, public: true, secrets: [DB_URL], calls: [db]}\n"
    with pytest.raises(Problems, match="a would get DB_URL twice"):
        make_blueprint(plan_of(spec + "stores:\n  db: {kind: mysql}\n"))


def test_an_environment_longer_than_ec2_takes_is_refused() -> None:
    values = ", ".join(f"V{number}: {'x' * 490}" for number in range(40))
    spec = f"system: x\nservices:\n  a: {{image: a, public: true, environment: {{{values}}}}}\n"
    with pytest.raises(Problems, match=r"odd.yaml:3:.*the environment of a is too long"):
        make_blueprint(plan_of(spec))


def test_the_same_plan_gives_the_same_blueprint() -> None:
    assert repr(make_blueprint(shop_plan())) == repr(make_blueprint(shop_plan()))
