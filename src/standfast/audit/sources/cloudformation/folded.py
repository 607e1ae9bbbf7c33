"""What CloudFormation says inside a resource, or of one of its own, and Terraform the other way round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from standfast.audit.reading import LATER
from standfast.blueprint import Json, Ref

Settings = dict[str, Any]
APART = {  # rules of a firewall that stand by themselves
    "AWS::EC2::SecurityGroupIngress": "aws_vpc_security_group_ingress_rule",
    "AWS::EC2::SecurityGroupEgress": "aws_vpc_security_group_egress_rule",
}
RULE = {
    "GroupId": "security_group_id", "IpProtocol": "ip_protocol", "FromPort": "from_port", "ToPort": "to_port",
    "CidrIp": "cidr_ipv4", "CidrIpv6": "cidr_ipv6", "SourceSecurityGroupId": "referenced_security_group_id",
    "DestinationSecurityGroupId": "referenced_security_group_id", "Description": "description",
    "SourcePrefixListId": "prefix_list_id", "DestinationPrefixListId": "prefix_list_id",
}  # fmt: skip
LINKS = {"AWS::EC2::VPCGatewayAttachment"}  # joins two things and says nothing of its own
BALANCER = {
    "deletion_protection.enabled": "enable_deletion_protection",
    "routing.http.drop_invalid_header_fields.enabled": "drop_invalid_header_fields",
    "routing.http.desync_mitigation_mode": "desync_mitigation_mode",
}
LOGS = "access_logs.s3."


def rule_apart(properties: Mapping[str, Any]) -> Settings:
    """A rule of a firewall by itself."""
    return {RULE[name]: value for name, value in properties.items() if name in RULE}


def inside(kind: str, properties: Settings) -> Settings:
    """Settings of the resource itself; what they were made of is taken out of its properties."""
    if kind == "aws_lb":
        return _balancer(properties)
    if kind == "aws_launch_template":
        said = properties.pop("TagSpecifications", None)
        first = said[0] if isinstance(said, list) and said and isinstance(said[0], dict) else {}
        return {"tags": tags} if (tags := _tags(first.get("Tags"))) else {}
    if kind == "aws_autoscaling_group":
        return {"tags": tags} if (tags := _tags(properties.pop("Tags", None))) else {}
    if kind == "aws_backup_selection" and "BackupPlanId" in properties:
        return {"plan_id": properties.pop("BackupPlanId")}
    return {}


def _tags(said: Any) -> Settings:
    return {str(one.get("Key")): one.get("Value") for one in said or () if isinstance(one, dict)}


def _balancer(properties: Settings) -> Settings:
    found: Settings = {}
    scheme = properties.pop("Scheme", "internet-facing")
    found["internal"] = scheme if isinstance(scheme, LATER) else scheme == "internal"
    said = properties.pop("LoadBalancerAttributes", None) or ()
    if isinstance(said, LATER):
        return {**found, **dict.fromkeys((*BALANCER.values(), "access_logs"), said)}
    logs: Settings = {}
    for key, value in _tags(said).items():
        if key in BALANCER:
            found[BALANCER[key]] = value
        elif key.startswith(LOGS):
            logs[key.removeprefix(LOGS)] = value
    return {**found, "access_logs": [logs]} if logs else found


def beside(kind: str, name: str, properties: Settings) -> Iterator[tuple[str, str, Settings]]:
    """Kind, name and settings of what Terraform has as resources of their own; taken out of the properties."""
    if kind == "aws_iam_role":
        role = Ref(f"{kind}.{name}", "name")
        for number, arn in enumerate(_listed(properties.pop("ManagedPolicyArns", None))):
            yield "aws_iam_role_policy_attachment", f"{name}{number}", {"role": role, "policy_arn": arn}
        for number, one in enumerate(_listed(properties.pop("Policies", None))):
            document = one.get("PolicyDocument") if isinstance(one, dict) else one
            policy = Json(document) if isinstance(document, dict) else document
            yield "aws_iam_role_policy", f"{name}{number}", {"role": role, "policy": policy}
    if kind == "aws_acm_certificate" and "DomainValidationOptions" in properties:  # CloudFormation waits for it
        yield "aws_acm_certificate_validation", name, {"certificate_arn": Ref(f"{kind}.{name}", "arn")}


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [] if said is None else [said]
