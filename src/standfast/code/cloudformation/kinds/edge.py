"""Where users arrive: names, certificates, balancers, the web firewall, content delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.blueprint.model import Ref, Resource
from standfast.code.cloudformation.words import (
    TAGS,
    Each,
    Fold,
    Kind,
    Left,
    One,
    Prop,
    Row,
    blocks,
    pairs,
    rules,
    text,
)  # fmt: skip
from standfast.code.cloudformation.yaml import Call

HERE = Call("Ref", "AWS::Region")
NETWORK = rules("vpc_id:VPCId vpc_region:VPCRegion")
PROVED = "CloudFormation proves the domain itself"
REDIRECT = rules("port protocol status_code host path query")
FIXED = rules("content_type message_body status_code")
TARGETS = rules("", target_group=Each("TargetGroups", rules("arn:TargetGroupArn weight")))
ACTION = rules(
    "type target_group_arn order",
    redirect=One("RedirectConfig", REDIRECT),
    fixed_response=One("FixedResponseConfig", FIXED),
    forward=One("ForwardConfig", TARGETS),
)
CONDITION = {
    "host_header": One("", rules("", values=Prop("HostHeaderConfig", lambda values: {"Values": values}))),
    "path_pattern": One("", rules("", values=Prop("PathPatternConfig", lambda values: {"Values": values}))),
}
VISIBLE = One(
    "VisibilityConfig",
    rules("metric_name cloudwatch_metrics_enabled:CloudWatchMetricsEnabled sampled_requests_enabled"),
)
DEFAULT = {"allow": One("Allow", {}), "block": One("Block", {})}
COUNT = {**DEFAULT, "count": One("Count", {})}
OVERRIDE = Each("RuleActionOverrides", rules("name", action_to_use=One("ActionToUse", COUNT)))
MANAGED = rules("name vendor_name version", rule_action_override=OVERRIDE)
LIMIT = rules("limit aggregate_key_type evaluation_window_sec")
STATEMENT = {
    "managed_rule_group_statement": One("ManagedRuleGroupStatement", MANAGED),
    "rate_based_statement": One("RateBasedStatement", LIMIT),
}
WAF_RULE = rules(
    "name priority",
    statement=One("Statement", STATEMENT),
    action=One("Action", COUNT),
    override_action=One("OverrideAction", {"none": One("None", {}), "count": One("Count", {})}),
    visibility_config=VISIBLE,
)


def _attributes(words: Mapping[str, str], nested: Mapping[str, Mapping[str, str]] | None = None) -> Any:
    """Settings that balancers and target groups keep as a list of keys and texts."""

    def made(resource: Resource) -> Mapping[str, Any]:
        found = [(key, resource.settings.get(setting)) for setting, key in words.items()]
        for block, keys in (nested or {}).items():
            for one in blocks(resource.settings.get(block)):
                found += [(keys[setting], value) for setting, value in one.items()]
        return {"Key": [{"Key": key, "Value": _said(value)} for key, value in found if value is not None]}

    return made


def _said(value: Any) -> Any:
    return text(value) if isinstance(value, (bool, int, float)) else value


def _attribute_property(name: str, words: Mapping[str, str], nested: Mapping[str, Mapping[str, str]]) -> Any:
    made = _attributes(words, nested)
    return lambda resource: {name: listed} if (listed := made(resource)["Key"]) else {}


BALANCER = {
    "enable_deletion_protection": "deletion_protection.enabled",
    "drop_invalid_header_fields": "routing.http.drop_invalid_header_fields.enabled",
    "desync_mitigation_mode": "routing.http.desync_mitigation_mode",
    "enable_cross_zone_load_balancing": "load_balancing.cross_zone.enabled",
    "enable_http2": "routing.http2.enabled",
    "idle_timeout": "idle_timeout.timeout_seconds",
}
BALANCER_LOGS = {
    "access_logs": {
        "enabled": "access_logs.s3.enabled", "bucket": "access_logs.s3.bucket", "prefix": "access_logs.s3.prefix",
    },
    "connection_logs": {
        "enabled": "connection_logs.s3.enabled", "bucket": "connection_logs.s3.bucket",
        "prefix": "connection_logs.s3.prefix",
    },
}  # fmt: skip
GROUP = {
    "deregistration_delay": "deregistration_delay.timeout_seconds",
    "slow_start": "slow_start.duration_seconds",
    "load_balancing_algorithm_type": "load_balancing.algorithm.type",
}
SAID = Left("said as an attribute of the resource")
HEALTH = rules(
    "path:HealthCheckPath port:HealthCheckPort protocol:HealthCheckProtocol interval:HealthCheckIntervalSeconds"
    " timeout:HealthCheckTimeoutSeconds enabled:HealthCheckEnabled healthy_threshold:HealthyThresholdCount"
    " unhealthy_threshold:UnhealthyThresholdCount",
    matcher=Prop("Matcher", lambda codes: {"HttpCode": codes}),
)


def _proof(record: Resource, certificate: Resource) -> Mapping[str, Any]:
    option = {"DomainName": certificate.settings["domain_name"], "HostedZoneId": record.settings["zone_id"]}
    return {"DomainValidationOptions": [option]}


def _record(record: Resource) -> Kind | Fold:
    """A record that proves a domain is the certificate's own business."""
    proof, name = record.settings.get("records"), record.settings.get("name")
    if isinstance(name, Ref) and name.inside and proof:
        left = {key: Left(PROVED) for key in ("zone_id", "type", "records", "ttl", "allow_overwrite")}
        return Fold("name", left, more=_proof)
    return RECORD


ALIAS = rules("name:DNSName zone_id:HostedZoneId evaluate_target_health")
ROUTED = rules(
    "", failover_routing_policy=One("", rules("type:Failover")), latency_routing_policy=One("", rules("region"))
)
RECORD = Kind(
    "AWS::Route53::RecordSet",
    rules("zone_id:HostedZoneId name type set_identifier health_check_id",
          ttl=Prop("TTL", text), records=Prop("ResourceRecords"), alias=One("AliasTarget", ALIAS),
          allow_overwrite=Left("a stack makes its own records only"), **ROUTED),
    {"id": "", "fqdn": "", "name": ""},
    everywhere=True,
)  # fmt: skip
HEALTH_CHECK = rules(
    "type:Type fqdn:FullyQualifiedDomainName ip_address:IPAddress port:Port resource_path:ResourcePath"
    " request_interval:RequestInterval failure_threshold:FailureThreshold measure_latency:MeasureLatency"
    " enable_sni:EnableSNI regions:Regions search_string:SearchString child_healthchecks:ChildHealthChecks"
    " child_health_threshold:HealthThreshold"
)


def _check(check: Resource) -> Mapping[str, Any]:
    names = {setting: prop.name for setting, prop in HEALTH_CHECK.items() if isinstance(prop, Prop)}
    said = {name: check.settings[setting] for setting, name in names.items() if setting in check.settings}
    return {"HealthCheckConfig": said}


ORIGIN = rules(
    "origin_id:Id domain_name origin_access_control_id",
    s3_origin_config=One("S3OriginConfig", rules("origin_access_identity")),
    origin_shield=One("OriginShield", rules("enabled origin_shield_region")),
    custom_origin_config=One(
        "CustomOriginConfig",
        rules("http_port:HTTPPort https_port:HTTPSPort origin_protocol_policy origin_ssl_protocols:OriginSSLProtocols"),
    ),
)  # fmt: skip
BEHAVIOR = rules(
    "target_origin_id allowed_methods cached_methods viewer_protocol_policy compress cache_policy_id"
    " response_headers_policy_id origin_request_policy_id"
)
SHOWN = rules(
    "acm_certificate_arn minimum_protocol_version ssl_support_method cloudfront_default_certificate:"
    "CloudFrontDefaultCertificate"
)


def _origin(origin: dict[str, Any]) -> dict[str, Any]:
    """An origin in S3 has to say so, though access control leaves nothing to say."""
    return origin if "CustomOriginConfig" in origin else {"S3OriginConfig": {"OriginAccessIdentity": ""}, **origin}


KINDS: dict[str, Row] = {
    "aws_route53_zone": Kind(
        "AWS::Route53::HostedZone",
        rules("name", comment=Prop("HostedZoneConfig", lambda said: {"Comment": said}),
              vpc=Each("VPCs", NETWORK, lambda vpc: {"VPCRegion": HERE, **vpc}), tags=Prop("HostedZoneTags", pairs)),
        {"id": "", "zone_id": "", "name_servers": "NameServers[]"},
    ),
    "aws_route53_record": _record,
    "aws_route53_health_check": Kind(
        "AWS::Route53::HealthCheck",
        {**dict.fromkeys(HEALTH_CHECK, SAID), "tags": Prop("HealthCheckTags", pairs)},
        {"id": ""}, more=_check, everywhere=True,
    ),
    "aws_acm_certificate": Kind(
        "AWS::CertificateManager::Certificate",
        rules("domain_name validation_method subject_alternative_names", tags=TAGS),
        {"id": "", "arn": ""},
    ),
    "aws_acm_certificate_validation": Fold(
        "certificate_arn", {"validation_record_fqdns": Left(PROVED)}, {"id": "", "certificate_arn": ""}
    ),
    "aws_lb": Kind(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {**rules("name load_balancer_type:Type security_groups subnets ip_address_type",
                 internal=Prop("Scheme", lambda inside: "internal" if inside else "internet-facing"), tags=TAGS),
         **dict.fromkeys((*BALANCER, *BALANCER_LOGS), SAID)},
        {"id": "", "arn": "", "dns_name": "DNSName", "zone_id": "CanonicalHostedZoneID",
         "arn_suffix": "LoadBalancerFullName", "name": "LoadBalancerName"},
        more=_attribute_property("LoadBalancerAttributes", BALANCER, BALANCER_LOGS),
    ),
    "aws_lb_target_group": Kind(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {**rules("name vpc_id port protocol target_type protocol_version", tags=TAGS),
         "health_check": One("", HEALTH), **dict.fromkeys(GROUP, SAID)},
        {"id": "", "arn": "", "arn_suffix": "TargetGroupFullName", "name": "TargetGroupName"},
        more=_attribute_property("TargetGroupAttributes", GROUP, {}),
    ),
    "aws_lb_listener": Kind(
        "AWS::ElasticLoadBalancingV2::Listener",
        rules("load_balancer_arn port protocol ssl_policy", default_action=Each("DefaultActions", ACTION),
              certificate_arn=Prop("Certificates", lambda arn: [{"CertificateArn": arn}]),
              tags=TAGS),
        {"id": "", "arn": ""},
    ),
    "aws_lb_listener_rule": Kind(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        rules("listener_arn priority", action=Each("Actions", ACTION), condition=Each("Conditions", CONDITION),
              tags=TAGS),
        {"id": "", "arn": ""},
    ),
    "aws_lb_listener_certificate": Kind(
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        rules("listener_arn", certificate_arn=Prop("Certificates", lambda arn: [{"CertificateArn": arn}])),
    ),
    "aws_wafv2_web_acl": Kind(
        "AWS::WAFv2::WebACL",
        rules("name scope description", default_action=One("DefaultAction", DEFAULT), rule=Each("Rules", WAF_RULE),
              visibility_config=VISIBLE, tags=TAGS),
        {"id": "Id", "arn": "Arn"},
    ),
    "aws_wafv2_web_acl_association": Kind(
        "AWS::WAFv2::WebACLAssociation", rules("resource_arn web_acl_arn:WebACLArn")
    ),
    "aws_wafv2_web_acl_logging_configuration": Kind(
        "AWS::WAFv2::LoggingConfiguration",
        rules("resource_arn log_destination_configs",
              redacted_fields=Each("RedactedFields", {"single_header": One("SingleHeader", rules("name:Name"))})),
    ),
    "aws_cloudfront_origin_access_control": Kind(
        "AWS::CloudFront::OriginAccessControl",
        rules("name description origin_access_control_origin_type:OriginAccessControlOriginType signing_behavior"
              " signing_protocol"),
        {"id": "Id"}, under="OriginAccessControlConfig", everywhere=True,
    ),
    "aws_cloudfront_distribution": Kind(
        "AWS::CloudFront::Distribution",
        rules("enabled comment aliases http_version is_ipv6_enabled:IPV6Enabled price_class default_root_object"
              " web_acl_id:WebACLId",
              origin=Each("Origins", ORIGIN, _origin), default_cache_behavior=One("DefaultCacheBehavior", BEHAVIOR),
              ordered_cache_behavior=Each("CacheBehaviors", {**BEHAVIOR, **rules("path_pattern")}),
              restrictions=One("Restrictions", {"geo_restriction": One("GeoRestriction",
                                                                       rules("restriction_type locations"))}),
              logging_config=One("Logging", rules("bucket prefix include_cookies")),
              viewer_certificate=One("ViewerCertificate", SHOWN), tags=TAGS),
        {"id": "", "domain_name": "DomainName",
         "arn": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/{}",
         "hosted_zone_id": "=Z2FDTNDATAQYW2"  # of all distributions, as AWS publishes it
        },
        under="DistributionConfig", everywhere=True,
    ),
}  # fmt: skip
