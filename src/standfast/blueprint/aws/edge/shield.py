"""The web firewall before the balancer: rules that AWS keeps up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.keys import LOGS_KEY
from standfast.blueprint.aws.site import Site
from standfast.blueprint.model import Block, Ref, Resource

COMMON = "AWSManagedRulesCommonRuleSet"
ALWAYS = ("AWSManagedRulesAmazonIpReputationList", COMMON, "AWSManagedRulesKnownBadInputsRuleSet")
WITH_DATABASE = ("AWSManagedRulesSQLiRuleSet",)


def resources(site: Site) -> Iterator[Resource]:
    if site.plan.choice("waf") is None:
        return
    part = site.part("waf", "edge")
    groups = ALWAYS + (WITH_DATABASE if site.databases else ())
    settings = {
        "name": site.name(),
        "scope": "REGIONAL",
        "default_action": Block({"allow": Block({})}),
        "rule": [_rule(name, number) for number, name in enumerate(groups)],
        "visibility_config": _visible(site.name()),
    }
    why = "Requests that look like an attack are refused before they reach a service."
    yield part.make("aws_wafv2_web_acl", "main", settings, why, tag=site.name())
    joined = {"resource_arn": Ref("aws_lb.main", "arn"), "web_acl_arn": Ref("aws_wafv2_web_acl.main", "arn")}
    yield part.make("aws_wafv2_web_acl_association", "main", joined)
    group = {
        "name": f"aws-waf-logs-{site.name()}",  # AWS asks for this beginning
        "retention_in_days": site.log_days,
        "kms_key_id": LOGS_KEY,
    }
    yield part.make("aws_cloudwatch_log_group", "waf", group, tag=site.name("waf"))
    log = {
        "resource_arn": Ref("aws_wafv2_web_acl.main", "arn"),
        "log_destination_configs": [Ref("aws_cloudwatch_log_group.waf", "arn")],
        # what a session is opened with does not belong in a log
        "redacted_fields": [Block({"single_header": Block({"name": name})}) for name in ("authorization", "cookie")],
    }
    yield part.make("aws_wafv2_web_acl_logging_configuration", "main", log)


def _rule(name: str, priority: int) -> Block:
    managed: dict[str, Any] = {"name": name, "vendor_name": "AWS"}
    if name == COMMON:  # refuses bodies over 8 KiB, so every upload: counted, not refused
        count = Block({"name": "SizeRestrictions_BODY", "action_to_use": Block({"count": Block({})})})
        managed["rule_action_override"] = count
    return Block(
        {
            "name": name,
            "priority": priority,
            "override_action": Block({"none": Block({})}),
            "statement": Block({"managed_rule_group_statement": Block(managed)}),
            "visibility_config": _visible(name),
        }
    )


def _visible(name: str) -> Block:
    return Block({"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True})
