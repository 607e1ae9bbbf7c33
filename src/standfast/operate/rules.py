"""Which promise a change behind one's back breaks: a table, one row per attribute that carries a promise.

A row: resource kind, attribute ("" for the resource's deletion), the promise measures it breaks, best first
(the first that the spec declares counts), a sentence, and a test of before and after where not every change
breaks something. In the sentence, {before} and {after} are the values, {component} is the part of the system and
{name} the resource's own name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Test = Callable[[Any, Any], bool]
SECURITY = ("security.checks",)
AVAILABLE = ("reliability.availability",)
ZONE = ("reliability.rto.zone", "reliability.availability")
INSTANCE = ("reliability.rto.instance", "reliability.availability")
UNDO = ("reliability.rpo.corruption", "reliability.rto.corruption", "security.checks")
CAPACITY = ("scalability.peak",)
FAST = ("performance.p95", "performance.p99")


@dataclass(frozen=True)
class Rule:
    kind: str
    attribute: str
    measures: tuple[str, ...]
    sentence: str
    breaks: Test | None = None


def _less(before: Any, after: Any) -> bool:
    return (after or 0) < (before or 0)


def _off(before: Any, after: Any) -> bool:
    return bool(before) and not after


def _on(before: Any, after: Any) -> bool:
    return bool(after) and not before


def _added(before: Any, after: Any) -> bool:
    return bool(added(before, after))


def added(before: Any, after: Any) -> list[Any]:
    """Members of a list that were not in it before."""
    return [one for one in after or () if one not in (before or ())]


RULES: tuple[Rule, ...] = (
    # The firewall
    Rule("aws_security_group", "ingress", SECURITY, "the firewall of {component} was opened: {rules}", _added),
    Rule("aws_security_group", "egress", SECURITY, "{component} may now call out: {rules}", _added),
    Rule("aws_vpc_security_group_ingress_rule", "cidr_ipv4", SECURITY, "{component} was opened to {after}"),
    Rule("aws_vpc_security_group_ingress_rule", "", AVAILABLE, "callers can no longer reach {component}"),
    Rule("aws_vpc_security_group_egress_rule", "", AVAILABLE, "{component} can no longer reach what it calls"),
    # Object storage
    Rule("aws_s3_bucket_public_access_block", "", SECURITY, "nothing keeps {component} from being made public"),
    *(
        Rule("aws_s3_bucket_public_access_block", name, SECURITY, "{component} may be made public: {attribute} is off")
        for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    ),
    Rule("aws_s3_bucket_policy", "policy", SECURITY, "who may read and write {component} was changed"),
    Rule("aws_s3_bucket_policy", "", SECURITY, "nothing says any more who may read and write {component}"),
    Rule("aws_s3_bucket", "policy", SECURITY, "somebody wrote a policy for who may read {component}"),
    Rule("aws_s3_bucket", "grant", SECURITY, "somebody granted access to {component}", _added),
    Rule("aws_s3_bucket_server_side_encryption_configuration", "rule", SECURITY, "encryption of {component} changed"),
    Rule("aws_s3_bucket_server_side_encryption_configuration", "", SECURITY,
         "{component} is no longer encrypted with the system's own key"),
    Rule("aws_s3_bucket_versioning", "versioning_configuration", UNDO,
         "{component} no longer keeps what is overwritten or deleted"),
    Rule("aws_s3_bucket_versioning", "", UNDO, "{component} no longer keeps what is overwritten or deleted"),
    # Databases
    Rule("aws_db_instance", "backup_retention_period", UNDO,
         "backups of {component} are kept {after} d, not {before} d", _less),
    Rule("aws_db_instance", "multi_az", ZONE, "{component} has no standby in a second zone any more", _off),
    Rule("aws_db_instance", "deletion_protection", UNDO, "one command could now delete {component}", _off),
    Rule("aws_db_instance", "publicly_accessible", SECURITY, "{component} can be reached from the internet", _on),
    Rule("aws_db_instance", "storage_encrypted", SECURITY, "{component} is no longer encrypted at rest", _off),
    Rule("aws_db_instance", "vpc_security_group_ids", SECURITY, "{component} stands behind another firewall"),
    Rule("aws_db_instance", "instance_class", CAPACITY, "{component} runs on {after}, not {before}"),
    Rule("aws_db_instance", "iam_database_authentication_enabled", SECURITY,
         "{component} no longer asks for short-lived credentials", _off),
    Rule("aws_db_instance", "enabled_cloudwatch_logs_exports", SECURITY, "logs of {component} are kept no more"),
    Rule("aws_db_instance", "", AVAILABLE, "{component} and its data are gone"),
    Rule("aws_db_parameter_group", "parameter", SECURITY, "settings of {component} were changed"),
    # Caches
    Rule("aws_elasticache_replication_group", "automatic_failover_enabled", INSTANCE,
         "no replica takes over when {component} fails", _off),
    Rule("aws_elasticache_replication_group", "multi_az_enabled", ZONE, "{component} stands in one zone", _off),
    Rule("aws_elasticache_replication_group", "num_cache_clusters", ZONE,
         "{component} has {after} nodes, not {before}", _less),
    Rule("aws_elasticache_replication_group", "node_type", CAPACITY, "{component} runs on {after}, not {before}"),
    Rule("aws_elasticache_replication_group", "transit_encryption_enabled", SECURITY,
         "{component} is reached without encryption", _off),
    # Servers
    Rule("aws_autoscaling_group", "min_size", CAPACITY, "{component} keeps {after} servers, not {before}", _less),
    Rule("aws_autoscaling_group", "max_size", CAPACITY, "{component} grows to {after} servers, not {before}", _less),
    Rule("aws_autoscaling_group", "desired_capacity", CAPACITY,
         "{component} runs {after} servers, not {before}", _less),
    Rule("aws_autoscaling_group", "vpc_zone_identifier", ZONE, "the zones of {component} were changed"),
    Rule("aws_autoscaling_group", "suspended_processes", INSTANCE, "lost servers of {component} are not replaced",
         _added),
    Rule("aws_autoscaling_policy", "", CAPACITY, "{component} no longer grows with its load"),
    Rule("aws_launch_template", "metadata_options", SECURITY, "credentials of {component} are easier to steal"),
    Rule("aws_launch_template", "instance_type", CAPACITY, "{component} starts {after}, not {before}"),
    # The edge
    Rule("aws_lb", "enable_deletion_protection", AVAILABLE, "one command could now delete the balancer", _off),
    Rule("aws_lb", "security_groups", SECURITY, "the balancer stands behind another firewall"),
    Rule("aws_lb_listener", "ssl_policy", SECURITY, "the balancer accepts other TLS versions: {after}"),
    Rule("aws_lb_listener", "protocol", SECURITY, "the balancer speaks {after}, not {before}"),
    Rule("aws_lb_target_group", "health_check", INSTANCE, "failed servers of {component} are found differently"),
    Rule("aws_wafv2_web_acl", "rule", SECURITY, "rules of the web firewall were changed"),
    Rule("aws_wafv2_web_acl_association", "", SECURITY, "no web firewall stands before the balancer"),
    Rule("aws_cloudfront_distribution", "enabled", AVAILABLE, "content delivery is switched off", _off),
    Rule("aws_cloudfront_distribution", "web_acl_id", SECURITY, "content delivery has another web firewall, or none"),
    Rule("aws_cloudfront_distribution", "", FAST, "content is no longer delivered from near the users"),
    Rule("aws_route53_record", "records", AVAILABLE, "a name leads elsewhere: {after}"),
    Rule("aws_route53_record", "alias", AVAILABLE, "a name leads elsewhere"),
    # Keys, identities
    Rule("aws_kms_key", "enable_key_rotation", SECURITY, "the key is no longer renewed", _off),
    Rule("aws_kms_key", "is_enabled", AVAILABLE, "the key is switched off: what it encrypts cannot be read", _off),
    Rule("aws_kms_key", "policy", SECURITY, "who may use the key was changed"),
    Rule("aws_iam_role", "assume_role_policy", SECURITY, "who may act as {component} was changed"),
    Rule("aws_iam_role", "managed_policy_arns", SECURITY, "{component} may do more than its calls need", _added),
    Rule("aws_iam_role", "inline_policy", SECURITY, "{component} may do more than its calls need", _added),
    Rule("aws_iam_role_policy", "policy", SECURITY, "what {component} may do was changed"),
    # Records and alarms
    Rule("aws_cloudtrail", "enable_logging", SECURITY, "what is done in the account is recorded no more", _off),
    Rule("aws_cloudtrail", "is_multi_region_trail", SECURITY, "what is done in other regions is not recorded", _off),
    Rule("aws_cloudtrail", "", SECURITY, "what is done in the account is recorded no more"),
    Rule("aws_flow_log", "", SECURITY, "the network's traffic is recorded no more"),
    Rule("aws_cloudwatch_log_group", "retention_in_days", SECURITY, "logs are kept {after} d, not {before} d", _less),
    Rule("aws_cloudwatch_log_group", "", SECURITY, "logs are kept no more"),
    Rule("aws_cloudwatch_metric_alarm", "", AVAILABLE, "the alarm {name} is gone: nobody is told"),
    Rule("aws_cloudwatch_metric_alarm", "threshold", AVAILABLE, "the alarm {name} rings at {after}, not {before}"),
    Rule("aws_cloudwatch_metric_alarm", "alarm_actions", AVAILABLE, "the alarm {name} tells somebody else, or nobody"),
    Rule("aws_cloudwatch_metric_alarm", "actions_enabled", AVAILABLE, "the alarm {name} rings for nobody", _off),
    Rule("aws_guardduty_detector", "enable", SECURITY, "nobody looks for intruders any more", _off),
    # Backups
    Rule("aws_backup_plan", "rule", UNDO, "when backups are made, or how long they are kept, was changed"),
    Rule("aws_backup_plan", "", UNDO, "no backups are made any more"),
    Rule("aws_backup_selection", "", UNDO, "no backups of {component} are made any more"),
    Rule("aws_backup_vault", "", UNDO, "the vault with the backups is gone"),
)  # fmt: skip

DELETED = Rule("", "", AVAILABLE, "{address} is gone")  # for any other resource: something needs it

# What changes by itself, or shows under another name what a resource of its own owns; kind "" is any kind.
PASSING: Mapping[str, frozenset[str]] = {
    "": frozenset({"tags_all", "timeouts"}),
    "aws_db_instance": frozenset({"latest_restorable_time", "status", "engine_version_actual", "replicas"}),
    "aws_launch_template": frozenset({"default_version", "latest_version"}),
}
# An attribute of a resource that mirrors a resource of another kind, and the argument that links the two.
MIRRORS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("aws_s3_bucket", "policy"): ("aws_s3_bucket_policy", "bucket"),
    ("aws_s3_bucket", "server_side_encryption_configuration"): (
        "aws_s3_bucket_server_side_encryption_configuration", "bucket"),
}  # fmt: skip


def rule_for(kind: str, attribute: str) -> Rule | None:
    return next((rule for rule in RULES if (rule.kind, rule.attribute) == (kind, attribute)), None)


def firewall_rules(rules: Sequence[Mapping[str, Any]], way: str) -> str:
    """Rules of a security group as the AWS provider tells them, in words: `tcp 22 from 0.0.0.0/0`.

    `way`: the attribute they stand in, ingress or egress.
    """
    link = "from" if way == "ingress" else "to"
    words = []
    for rule in rules:
        first, last = rule.get("from_port"), rule.get("to_port")
        ports = f"{first}" if first == last else f"{first}-{last}"
        what = "everything" if rule.get("protocol") == "-1" else f"{rule.get('protocol')} {ports}"
        others = [rule.get(key) or [] for key in ("cidr_blocks", "ipv6_cidr_blocks", "security_groups")]
        words.append(f"{what} {link} {', '.join(one for group in others for one in group) or 'its own group'}")
    return "; ".join(words)
