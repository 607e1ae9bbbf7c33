"""Every check keeps the example as planned, and breaks when what it looks at is spoilt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from standfast.audit import all_checks, as_measured, run_audit
from standfast.blueprint import Block, Json, Ref, Resource, make_blueprint
from standfast.plan import make_plan
from standfast.spec.model import Recovery
from tests.shop import shop

PLAN = make_plan(shop())
PLANNED = make_blueprint(PLAN).resources
Spoil = Callable[[Resource], Resource | None]


def audit(resources, system=PLAN.system, region=PLAN.region):
    return run_audit(system, resources, region=region)


def put(kind: str, path: str, value: Any) -> Spoil:
    """Set a value at a dotted path, through blocks, in every resource of a kind."""

    def change(settings: Any, keys: list[str]) -> Any:
        if isinstance(settings, Block):
            return Block(change(settings.settings, keys))
        if isinstance(settings, (list, tuple)):
            return [change(one, keys) for one in settings]
        assert isinstance(settings, Mapping)
        inner = value if len(keys) == 1 else change(settings[keys[0]], keys[1:])
        return {**settings, keys[0]: inner}

    def spoil(one: Resource) -> Resource:
        return replace(one, settings=change(one.settings, path.split("."))) if one.kind == kind else one

    return spoil


def drop(kind: str) -> Spoil:
    return lambda one: None if one.kind == kind else one


ALLOW_ALL = Json({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
NO_DENIAL = Json({"Statement": []})
SPOILT: dict[str, list[Spoil]] = {
    "backup-against-rpo": [put("aws_db_instance", "backup_retention_period", days) for days in (0, 1)],
    "balancer-tls": [
        put("aws_lb_listener", "protocol", "HTTP"),
        put("aws_lb_listener", "ssl_policy", "ELBSecurityPolicy-2016-08"),
        put("aws_lb_listener", "ssl_policy", "ELBSecurityPolicy-TLS13-1-0-2021-06"),
    ],
    "bucket-encrypted": [drop("aws_s3_bucket_server_side_encryption_configuration")],
    "bucket-private": [
        drop("aws_s3_bucket_public_access_block"),
        put("aws_s3_bucket_public_access_block", "block_public_policy", False),
    ],
    "bucket-tls": [drop("aws_s3_bucket_policy"), put("aws_s3_bucket_policy", "policy", NO_DENIAL)],
    "bucket-versioned": [put("aws_s3_bucket_versioning", "versioning_configuration.status", "Suspended")],
    "cache-encrypted": [put("aws_elasticache_replication_group", "at_rest_encryption_enabled", False)],
    "cache-tls": [put("aws_elasticache_replication_group", "transit_encryption_enabled", False)],
    "database-encrypted": [put("aws_db_instance", "storage_encrypted", False)],
    "database-private": [put("aws_db_instance", "publicly_accessible", True)],
    "database-tls": [
        put("aws_db_parameter_group", "parameter", Block({"name": "rds.force_ssl", "value": "0"})),
        put("aws_db_instance", "parameter_group_name", "default.postgres16"),
    ],
    "deletion-protection": [
        put("aws_db_instance", "deletion_protection", False),
        put("aws_lb", "enable_deletion_protection", False),
    ],
    "firewall-edges": [
        put("aws_vpc_security_group_ingress_rule", "to_port", 65_535),
        put("aws_vpc_security_group_ingress_rule", "ip_protocol", "-1"),
        drop("aws_vpc_security_group_ingress_rule"),
    ],
    "firewall-in-front": [drop("aws_wafv2_web_acl_association")],
    "flow-logs": [put("aws_flow_log", "traffic_type", "REJECT")],
    "key-rotation": [put("aws_kms_key", "enable_key_rotation", False)],
    "logs-encrypted": [
        put("aws_cloudwatch_log_group", "kms_key_id", None),
        put("aws_cloudwatch_log_group", "retention_in_days", 0),
    ],
    "metadata-token": [put("aws_launch_template", "metadata_options.http_tokens", "optional")],
    "no-wildcards": [put("aws_iam_role_policy", "policy", ALLOW_ALL)],
    "residency": [put("aws_db_instance", "arn", "arn:aws:rds:us-east-1:1:db:orders")],
    "server-disk-encrypted": [put("aws_launch_template", "block_device_mappings.ebs.encrypted", False)],
    "several-zones": [put("aws_db_instance", "multi_az", False), put("aws_lb", "subnets", [Ref("aws_subnet.a", "id")])],
    "tagged": [put("aws_db_instance", "tags", {})],
    "trail-everywhere": [put("aws_cloudtrail", "is_multi_region_trail", False)],
    "trail-validated": [put("aws_cloudtrail", "enable_log_file_validation", False)],
}
CASES = [(name, spoil) for name, spoils in SPOILT.items() for spoil in spoils]


def test_the_example_as_planned_is_sound() -> None:
    found = audit(PLANNED)
    assert [one for one in found.findings if one.verdict != "kept"] == []
    assert {one.check for one in found.findings} == set(all_checks())  # every check had something to look at


def test_every_check_is_spoilt_here() -> None:
    assert set(SPOILT) == set(all_checks())


@pytest.mark.parametrize(("name", "spoil"), CASES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(CASES)])
def test_a_spoilt_estate_breaks_its_check(name: str, spoil: Spoil) -> None:
    found = audit([changed for one in PLANNED if (changed := spoil(one)) is not None])
    assert found.verdict_of(name) == "broken"
    broken = [one for one in found.findings if one.check == name and one.verdict == "broken"]
    assert all(one.what and one.fix and one.place.file == "shop.yaml" for one in broken)


@pytest.mark.parametrize("name", sorted(all_checks()))
def test_every_check_explains_itself(name: str) -> None:
    module = all_checks()[name]
    for part in ("*Looks at*", "*Why*", "*Fix*", "*Source*"):
        assert part in (module.__doc__ or "")
    assert module.CHECK.kinds and module.CHECK.title and module.CHECK.severity in ("critical", "high", "medium", "low")


def test_a_tighter_rpo_than_the_log_archive_is_broken() -> None:
    wanted = PLAN.system.promises
    recovery = {**wanted.reliability.recovery, "corruption": Recovery(rto=None, rpo=60.0)}
    system = replace(PLAN.system, promises=replace(wanted, reliability=replace(wanted.reliability, recovery=recovery)))
    assert audit(PLANNED, system).verdict_of("backup-against-rpo") == "broken"


def opened(**source: Any) -> Resource:
    settings = {"security_group_id": Ref("aws_security_group.orders", "id"), "ip_protocol": "tcp"}
    ports = {"from_port": 5432, "to_port": 5440}
    return Resource("aws_vpc_security_group_ingress_rule", "oops", {**settings, **ports, **source}, "network")


def test_a_database_open_to_everybody_is_named() -> None:
    (finding,) = audit([*PLANNED, opened(cidr_ipv4="0.0.0.0/0")]).of("broken")
    assert finding.resource == "aws_security_group.orders"
    assert finding.what == "open without need: internet -> orders on ports 5432 to 5440"


def test_a_path_nobody_asked_for_is_shown_hop_by_hop() -> None:
    (finding,) = audit([*PLANNED, opened(referenced_security_group_id=Ref("aws_security_group.web", "id"))]).of(
        "broken"
    )
    assert "web -> orders on ports 5432 to 5440 (reached from internet -> balancer -> web -> orders)" in finding.what


def test_only_the_ports_beyond_the_declared_are_extra() -> None:
    (finding,) = audit([*PLANNED, opened(referenced_security_group_id=Ref("aws_security_group.api", "id"))]).of(
        "broken"
    )
    assert "api -> orders on ports 5433 to 5440" in finding.what


def test_an_unseen_value_is_unknown_and_never_kept() -> None:
    spoil = put("aws_db_instance", "storage_encrypted", Ref("data.x.y", "z"))
    found = audit([changed for one in PLANNED if (changed := spoil(one)) is not None])
    assert found.verdict_of("database-encrypted") == "unknown"
    (measured,) = as_measured(found, "plan", when="", evidence="")
    assert measured.value is None


def test_nothing_to_look_at_is_unknown() -> None:
    assert audit([]).verdict == "unknown"
    (measured,) = as_measured(audit([]), "plan", when="", evidence="")
    assert measured.value is None
