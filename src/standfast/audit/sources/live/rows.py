"""How each kind is asked for: rows of data over the AWS API. Every call only reads.

A name of the API becomes Terraform's by the usual spelling (`StorageEncrypted`, `storage_encrypted`); `says` has the
others, as JMESPath over the item. Nested structures become blocks: lists of mappings.
Source: the AWS API references, as botocore 1.4x describes them; the AWS provider 5.100 for the names of settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class More:
    """A call for one item: what it tells is added to the item, or is a resource of its own `kind` beside it.

    `given`: parameter -> JMESPath in the item. `none`: the codes by which the API says that there is nothing. `only`:
    a setting without which there is no such resource. `over`: JMESPath to a list, each of which is a resource.
    """

    call: str
    given: Mapping[str, str]
    says: Mapping[str, str]
    kind: str = ""
    none: tuple[str, ...] = ()
    only: str = ""
    over: str = ""


@dataclass(frozen=True)
class Row:
    """`call`: service.method; `over`: JMESPath to the items in its answer; `id`: JMESPath to what Terraform has as id.

    `whole`: what to ask for each item first, where the list has its name only. `when`: JMESPath that must be true.
    """

    kind: str
    call: str
    over: str
    id: str
    says: Mapping[str, str] = field(default_factory=dict)
    more: tuple[More, ...] = ()
    given: Mapping[str, object] = field(default_factory=dict)
    whole: More | None = None
    when: str = ""


BUCKET = {"Bucket": "Name"}
RULE = {
    "id": "SecurityGroupRuleId",
    "security_group_id": "GroupId",
    "cidr_ipv4": "CidrIpv4",
    "cidr_ipv6": "CidrIpv6",
    "prefix_list_id": "PrefixListId",
    "referenced_security_group_id": "ReferencedGroupInfo.GroupId",
}
INLINE = (
    "[].{from_port: FromPort, to_port: ToPort, protocol: IpProtocol, cidr_blocks: IpRanges[].CidrIp, "
    "ipv6_cidr_blocks: Ipv6Ranges[].CidrIpv6, security_groups: UserIdGroupPairs[].GroupId}"
)
ATTRIBUTE = "Attributes[?Key=='{}'].Value | [0]"
NEWEST = "LaunchTemplateVersions[0].LaunchTemplateData"
DISKS = "[].{device_name: DeviceName, ebs: [{encrypted: Ebs.Encrypted, kms_key_id: Ebs.KmsKeyId}]}"


def there(path: str) -> str:
    """A block that may have nothing in it: a list of it, empty where it is not there."""
    return f"[{path}][?@ != `null`]"


def attribute(name: str) -> str:
    return ATTRIBUTE.format(name)


NETWORK = (
    Row("aws_vpc", "ec2.describe_vpcs", "Vpcs", "VpcId", when="!IsDefault"),
    Row("aws_subnet", "ec2.describe_subnets", "Subnets", "SubnetId", when="!DefaultForAz"),
    Row(
        "aws_security_group",
        "ec2.describe_security_groups",
        "SecurityGroups",
        "GroupId",
        {"name": "GroupName", "ingress": "`null`", "egress": "`null`"},
        when="GroupName != 'default'",
    ),
    Row(
        "aws_default_security_group",
        "ec2.describe_security_groups",
        "SecurityGroups",
        "GroupId",
        {"name": "GroupName", "ingress": f"IpPermissions{INLINE}", "egress": f"IpPermissionsEgress{INLINE}"},
        when="GroupName == 'default'",
    ),
    Row(
        "aws_vpc_security_group_ingress_rule",
        "ec2.describe_security_group_rules",
        "SecurityGroupRules",
        "SecurityGroupRuleId",
        RULE,
        when="!IsEgress",
    ),
    Row(
        "aws_vpc_security_group_egress_rule",
        "ec2.describe_security_group_rules",
        "SecurityGroupRules",
        "SecurityGroupRuleId",
        RULE,
        when="IsEgress",
    ),
    Row("aws_flow_log", "ec2.describe_flow_logs", "FlowLogs", "FlowLogId", {"vpc_id": "ResourceId"}),
    Row("aws_nat_gateway", "ec2.describe_nat_gateways", "NatGateways", "NatGatewayId", when="State != 'deleted'"),
    Row(
        "aws_lb",
        "elbv2.describe_load_balancers",
        "LoadBalancers",
        "LoadBalancerArn",
        {
            "arn": "LoadBalancerArn",
            "name": "LoadBalancerName",
            "load_balancer_type": "Type",
            "dns_name": "DNSName",
            "internal": "Scheme == 'internal'",
            "subnets": "AvailabilityZones[].SubnetId",
        },
        (
            More(
                "elbv2.describe_load_balancer_attributes",
                {"LoadBalancerArn": "LoadBalancerArn"},
                {
                    "enable_deletion_protection": attribute("deletion_protection.enabled"),
                    "drop_invalid_header_fields": attribute("routing.http.drop_invalid_header_fields.enabled"),
                    "desync_mitigation_mode": attribute("routing.http.desync_mitigation_mode"),
                    "access_logs": f"[{{bucket: {attribute('access_logs.s3.bucket')}, "
                    f"enabled: {attribute('access_logs.s3.enabled')}}}]",
                },
            ),
            More(
                "elbv2.describe_listeners",
                {"LoadBalancerArn": "LoadBalancerArn"},
                {
                    "id": "ListenerArn",
                    "arn": "ListenerArn",
                    "load_balancer_arn": "LoadBalancerArn",
                    "port": "Port",
                    "protocol": "Protocol",
                    "ssl_policy": "SslPolicy",
                    "certificate_arn": "Certificates[0].CertificateArn",
                    "default_action": "DefaultActions[].{type: Type, target_group_arn: TargetGroupArn, "
                    "redirect: [{protocol: RedirectConfig.Protocol}]}",
                },
                "aws_lb_listener",
                over="Listeners",
            ),
            More(
                "wafv2.get_web_acl_for_resource",
                {"ResourceArn": "LoadBalancerArn"},
                {"id": "ARN", "web_acl_arn": "ARN", "resource_arn": "@given.ResourceArn"},
                "aws_wafv2_web_acl_association",
                ("WAFNonexistentItemException",),
                "web_acl_arn",
                "WebACL",
            ),
        ),
    ),
    Row(
        "aws_wafv2_web_acl",
        "wafv2.list_web_acls",
        "WebACLs",
        "Id",
        {"arn": "ARN"},
        (
            More(
                "wafv2.get_web_acl",
                {"Name": "Name", "Id": "Id", "Scope": "'REGIONAL'"},
                {
                    "rule": "WebACL.Rules[].{name: Name, priority: Priority, "
                    f"override_action: [{{count: {there('OverrideAction.Count')}}}], "
                    f"action: [{{count: {there('Action.Count')}, block: {there('Action.Block')}}}]}}",
                    "default_action": f"[{{allow: {there('WebACL.DefaultAction.Allow')}}}]",
                },
            ),
            More(
                "wafv2.get_logging_configuration",
                {"ResourceArn": "ARN"},
                {
                    "id": "ResourceArn",
                    "resource_arn": "ResourceArn",
                    "log_destination_configs": "LogDestinationConfigs",
                },
                "aws_wafv2_web_acl_logging_configuration",
                ("WAFNonexistentItemException",),
                over="LoggingConfiguration",
            ),
        ),
        given={"Scope": "REGIONAL"},
    ),
)

COMPUTE = (
    Row(
        "aws_instance",
        "ec2.describe_instances",
        "Reservations[].Instances[]",
        "InstanceId",
        {
            "metadata_options": "[MetadataOptions.{http_tokens: HttpTokens, http_endpoint: HttpEndpoint}]",
            "vpc_security_group_ids": "SecurityGroups[].GroupId",
            "monitoring": "Monitoring.State == 'enabled'",
            "associate_public_ip_address": "PublicIpAddress != `null`",
        },
        when="State.Name != 'terminated'",
    ),
    Row("aws_ebs_volume", "ec2.describe_volumes", "Volumes", "VolumeId"),
    Row(
        "aws_launch_template",
        "ec2.describe_launch_templates",
        "LaunchTemplates",
        "LaunchTemplateId",
        {"name": "LaunchTemplateName"},
        (
            More(
                "ec2.describe_launch_template_versions",
                {"LaunchTemplateId": "LaunchTemplateId", "Versions": "['$Default']"},
                {
                    "block_device_mappings": f"{NEWEST}.BlockDeviceMappings{DISKS}",
                    "metadata_options": f"[{NEWEST}.MetadataOptions"
                    ".{http_tokens: HttpTokens, http_endpoint: HttpEndpoint}]",
                    "user_data": f"{NEWEST}.UserData",
                    "image_id": f"{NEWEST}.ImageId",
                    "vpc_security_group_ids": f"{NEWEST}.SecurityGroupIds",
                    "network_interfaces": f"{NEWEST}.NetworkInterfaces[].{{security_groups: Groups, "
                    "associate_public_ip_address: AssociatePublicIpAddress}",
                },
            ),
        ),
    ),
    Row(
        "aws_autoscaling_group",
        "autoscaling.describe_auto_scaling_groups",
        "AutoScalingGroups",
        "AutoScalingGroupName",
        {
            "name": "AutoScalingGroupName",
            "launch_template": "[{id: LaunchTemplate.LaunchTemplateId}]",
            "arn": "AutoScalingGroupARN",
            "target_group_arns": "TargetGroupARNs",
        },
    ),
    Row(
        "aws_lambda_function",
        "lambda.list_functions",
        "Functions",
        "FunctionName",
        {"arn": "FunctionArn", "environment": "[{variables: Environment.Variables}]"},
    ),
    Row(
        "aws_ecr_repository",
        "ecr.describe_repositories",
        "repositories",
        "repositoryName",
        {"name": "repositoryName", "arn": "repositoryArn"},
    ),
    Row(
        "aws_eks_cluster",
        "eks.list_clusters",
        "clusters[].{name: @}",
        "name",
        {
            "vpc_config": "[resourcesVpcConfig.{endpoint_public_access: endpointPublicAccess, "
            "public_access_cidrs: publicAccessCidrs}]",
            "enabled_cluster_log_types": "logging.clusterLogging[?enabled].types[]",
            "encryption_config": "encryptionConfig[].{provider: [{key_arn: provider.keyArn}]}",
            "access_config": "[{authentication_mode: accessConfig.authenticationMode}]",
        },
        whole=More("eks.describe_cluster", {"name": "name"}, {}, over="cluster"),
    ),
)
