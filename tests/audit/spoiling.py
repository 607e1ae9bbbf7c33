"""Ways to spoil an estate: as somebody who changes the code would, or the cloud behind its back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from standfast.blueprint import Block, Json, Ref, Resource

Spoil = Callable[[Resource], Resource | None]


def spoilt(resources: Iterable[Resource], spoil: Spoil) -> list[Resource]:
    return [changed for one in resources if (changed := spoil(one)) is not None]


def put(kind: str, path: str, value: Any) -> Spoil:
    """Set a value at a dotted path, through blocks and lists, in every resource of a kind that has the way there."""

    def change(settings: Any, keys: list[str]) -> Any:
        if isinstance(settings, Block):
            return Block(change(settings.settings, keys))
        if isinstance(settings, (list, tuple)):
            return [change(one, keys) for one in settings]
        assert isinstance(settings, Mapping), f"no way to {path}"
        inner = value if len(keys) == 1 else change(settings[keys[0]], keys[1:])
        return {**settings, keys[0]: inner}

    return lambda one: replace(one, settings=change(one.settings, path.split("."))) if one.kind == kind else one


def drop(kind: str, *, reported: str = "") -> Spoil:
    """Take every resource of a kind away, and what buckets that stand report of it."""

    def spoil(one: Resource) -> Resource | None:
        if one.kind == "aws_s3_bucket" and reported in one.settings:
            return replace(one, settings={**one.settings, reported: []})
        return None if one.kind == kind else one

    return spoil


SIDE = "server_side_encryption_configuration"
ALLOW_ALL = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ANYBODY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
NO_DENIAL = {"Statement": []}
OLD_TLS = "ELBSecurityPolicy-TLS13-1-0-2021-06"
WRONG_REGION = "arn:aws:rds:us-east-1:123456789012:db:orders"
KEY = "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"  # the example key of the AWS documentation

SPOILT: dict[str, list[Spoil]] = {
    "access-logs": [
        put("aws_lb", "access_logs.enabled", False),
        drop("aws_cloudwatch_log_delivery_source"),
        drop("aws_s3_bucket_logging", reported="logging"),
    ],
    "alarms-reach-someone": [
        drop("aws_sns_topic_subscription"),
        put("aws_cloudwatch_metric_alarm", "alarm_actions", []),
    ],
    "backup-against-rpo": [put("aws_db_instance", "backup_retention_period", days) for days in (0, 1)],
    "backup-apart": [drop("aws_backup_selection"), drop("aws_backup_vault_lock_configuration")],
    "balancer-tls": [
        put("aws_lb_listener", "protocol", "HTTP"),
        put("aws_lb_listener", "ssl_policy", "ELBSecurityPolicy-2016-08"),
        put("aws_lb_listener", "ssl_policy", OLD_TLS),
    ],
    "bucket-encrypted": [drop(f"aws_s3_bucket_{SIDE}", reported=SIDE)],
    "bucket-private": [
        drop("aws_s3_bucket_public_access_block"),
        put("aws_s3_bucket_public_access_block", "block_public_policy", False),
        put("aws_s3_bucket_policy", "policy", Json(ANYBODY)),
    ],
    "bucket-tls": [drop("aws_s3_bucket_policy"), put("aws_s3_bucket_policy", "policy", Json(NO_DENIAL))],
    "bucket-versioned": [put("aws_s3_bucket_versioning", "versioning_configuration.status", "Suspended")],
    "cache-asks-who": [put("aws_elasticache_replication_group", "auth_token", None)],
    "cache-encrypted": [put("aws_elasticache_replication_group", "at_rest_encryption_enabled", False)],
    "cache-tls": [
        put("aws_elasticache_replication_group", "transit_encryption_enabled", False),
        put("aws_elasticache_replication_group", "transit_encryption_mode", "preferred"),
    ],
    "certificates-validated": [put("aws_acm_certificate", "validation_method", "EMAIL")],
    "database-encrypted": [put("aws_db_instance", "storage_encrypted", False)],
    "database-logs": [put("aws_db_instance", "enabled_cloudwatch_logs_exports", [])],
    "database-private": [put("aws_db_instance", "publicly_accessible", True)],
    "database-tls": [put("aws_db_parameter_group", "parameter", Block({"name": "rds.force_ssl", "value": "0"}))],
    "default-group-closed": [
        drop("aws_default_security_group"),
        put("aws_default_security_group", "ingress", [{"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}]),
    ],
    "data-by-need": [put("aws_iam_role_policy", "policy", Json(EVERYTHING))],
    "deletion-protection": [
        put("aws_db_instance", "deletion_protection", False),
        put("aws_db_instance", "skip_final_snapshot", True),
        put("aws_lb", "enable_deletion_protection", False),
        put("aws_s3_bucket", "force_destroy", True),
    ],
    "delivery-tls": [
        put("aws_cloudfront_distribution", "default_cache_behavior.viewer_protocol_policy", "allow-all"),
        put("aws_cloudfront_distribution", "viewer_certificate.minimum_protocol_version", "TLSv1.1_2016"),
    ],
    "firewall-edges": [
        put("aws_vpc_security_group_ingress_rule", "to_port", 65_535),
        put("aws_vpc_security_group_ingress_rule", "ip_protocol", "-1"),
    ],
    "firewall-in-front": [
        drop("aws_wafv2_web_acl_association"),
        put("aws_wafv2_web_acl", "rule", []),
        put("aws_wafv2_web_acl", "rule.override_action", Block({"count": Block({})})),
    ],
    "firewall-world": [
        put("aws_vpc_security_group_ingress_rule", "cidr_ipv4", "0.0.0.0/0"),
        put("aws_vpc_security_group_ingress_rule", "from_port", 22),
    ],
    "flow-logs": [drop("aws_flow_log"), put("aws_flow_log", "traffic_type", "ACCEPT")],
    "key-rotation": [put("aws_kms_key", "enable_key_rotation", False)],
    "log-retention": [put("aws_cloudwatch_log_group", "retention_in_days", 30)],
    "logs-encrypted": [put("aws_cloudwatch_log_group", "kms_key_id", None), put("aws_cloudtrail", "kms_key_id", "")],
    "metadata-token": [put("aws_launch_template", "metadata_options.http_tokens", "optional")],
    "minor-upgrades": [
        put("aws_db_instance", "auto_minor_version_upgrade", False),
        put("aws_elasticache_replication_group", "auto_minor_version_upgrade", "false"),
    ],
    "no-open-policies": [put("aws_iam_role", "assume_role_policy", Json(ANYBODY))],
    "no-secrets-in-code": [
        put("aws_launch_template", "user_data", KEY),
        put("aws_launch_template", "user_data", "ZXhwb3J0IFRPS0VOPSJhMWIyYzNkNGU1Ig=="),  # export TOKEN="a1b2c3d4e5"
        lambda one: (
            replace(one, settings={**one.settings, "manage_master_user_password": False, "password": "hunter2hunter2"})
            if one.kind == "aws_db_instance"
            else one
        ),
    ],
    "no-wildcards": [
        put("aws_iam_role_policy", "policy", Json(ALLOW_ALL)),
        put("aws_iam_role_policy_attachment", "policy_arn", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ],
    "residency": [put("aws_db_instance", "arn", WRONG_REGION)],
    "server-disk-encrypted": [
        put("aws_launch_template", "block_device_mappings.ebs.encrypted", False),
        put("aws_launch_template", "block_device_mappings", None),
    ],
    "server-private": [put("aws_launch_template", "network_interfaces.associate_public_ip_address", True)],
    "several-zones": [
        put("aws_db_instance", "multi_az", False),
        put("aws_subnet", "availability_zone", "eu-north-1a"),
    ],
    "tagged": [
        lambda one: (
            replace(one, settings={**one.settings, "tags": {}, "tags_all": {}}) if one.kind == "aws_vpc" else one
        )
    ],
    "topic-encrypted": [put("aws_sns_topic", "kms_master_key_id", None)],
    "trail-everywhere": [
        drop("aws_cloudtrail"),
        put("aws_cloudtrail", "is_multi_region_trail", False),
        put("aws_cloudtrail", "enable_logging", False),
    ],
    "trail-validated": [put("aws_cloudtrail", "enable_log_file_validation", False)],
}
CASES = [(name, spoil) for name, spoils in SPOILT.items() for spoil in spoils]
IDS = [f"{name}-{number}" for number, (name, _) in enumerate(CASES)]


def ingress(port: int, last: int = 0, *, into: str = "orders", **peer: Any) -> Resource:
    """A firewall rule that nobody asked for."""
    settings = {"security_group_id": Ref(f"aws_security_group.{into}", "id"), "ip_protocol": "tcp"}
    ports = {"from_port": port, "to_port": last or port}
    return Resource("aws_vpc_security_group_ingress_rule", "oops", {**settings, **ports, **peer}, "network")


def egress(port: int, *, out_of: str, **peer: Any) -> Resource:
    settings = {"security_group_id": Ref(f"aws_security_group.{out_of}", "id"), "ip_protocol": "tcp"}
    ports = {"from_port": port, "to_port": port}
    return Resource("aws_vpc_security_group_egress_rule", "oops_out", {**settings, **ports, **peer}, "network")
