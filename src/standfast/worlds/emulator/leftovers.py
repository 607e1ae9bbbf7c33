"""The end of a world: protection that stands in the way is lifted, and AWS is asked whether anything is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from standfast.problem import Problem, Problems

Client = Callable[..., Any]

# What an account of ours must not hold after destroy: service, call, where the list is, what names one ("" where the
# list is of names), and which of the list do not count (what every fresh account has, or what is gone in all but name).
ASKED: tuple[tuple[str, str, str, str, Callable[[Mapping[str, Any]], bool]], ...] = (
    ("ec2", "describe_vpcs", "Vpcs", "VpcId", lambda one: one["IsDefault"]),
    ("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId", lambda one: one["State"] == "deleted"),
    ("ec2", "describe_addresses", "Addresses", "PublicIp", lambda one: False),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName", lambda one: False),
    ("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId", lambda one: False),
    ("ec2", "describe_vpn_connections", "VpnConnections", "VpnConnectionId", lambda one: one["State"] == "deleted"),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName", lambda one: False),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName", lambda one: False),
    ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName", lambda one: False),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier", lambda one: False),
    ("elasticache", "describe_replication_groups", "ReplicationGroups", "ReplicationGroupId", lambda one: False),
    ("s3", "list_buckets", "Buckets", "Name", lambda one: False),
    ("iam", "list_roles", "Roles", "RoleName", lambda one: one["Path"].startswith("/aws-service-role/")),
    ("route53", "list_hosted_zones", "HostedZones", "Name", lambda one: False),
    ("route53", "list_health_checks", "HealthChecks", "Id", lambda one: False),
    ("sns", "list_topics", "Topics", "TopicArn", lambda one: False),
    ("logs", "describe_log_groups", "logGroups", "logGroupName", lambda one: False),
    ("cloudtrail", "describe_trails", "trailList", "Name", lambda one: False),
    ("eks", "list_clusters", "clusters", "", lambda one: False),
    ("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName", lambda one: False),
    ("acm", "list_certificates", "CertificateSummaryList", "DomainName", lambda one: False),
)
# What AWS itself keeps for a while after a deletion, and why.
KEPT: tuple[tuple[str, str, str, str, str, Callable[[Mapping[str, Any]], bool]], ...] = (
    ("rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier", "the final snapshot {}",
     lambda one: one.get("SnapshotType") != "automated"),
    ("secretsmanager", "list_secrets", "SecretList", "Name", "the secret {} through its recovery window",
     lambda one: True),
)  # fmt: skip


def kept(client: Client, *regions: str) -> list[str]:
    """What AWS keeps for a while by design, in words. Raises Problems where anything else is left."""
    found = [find(client, region) for region in regions]
    left = sorted({one for here, _ in found for one in here})
    if left:
        fix = "standfast destroy again removes the emulator with all that is in it"
        raise Problems([Problem(f"still there after destroy: {', '.join(left)}", fix=fix)])
    waiting = sorted({one for _, those in found for one in those})
    return [f"AWS would still keep {one}; the emulator forgets it" for one in waiting]


def find(client: Client, region: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is left that should not be, and what AWS keeps for a while by design; both in words."""
    left, kept = [], []
    for service, call, where, name, ignored in ASKED:
        answer = getattr(client(service, region), call)()
        left += [f"{service} {one[name] if name else one}" for one in answer.get(where, ()) if not ignored(one)]
    for service, call, where, name, words, counts in KEPT:
        answer = getattr(client(service, region), call)()
        kept += [words.format(one[name]) for one in answer.get(where, ()) if counts(one)]
    kms = client("kms", region)
    for key in kms.list_keys()["Keys"]:
        told = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if told["KeyState"] == "PendingDeletion":
            kept.append(f"the key {key['KeyId']} through its waiting period")
        elif told["KeyManager"] == "CUSTOMER":
            left.append(f"kms {key['KeyId']}")
    return tuple(left), tuple(kept)


def lift_protection(stand: Mapping[str, Mapping[str, Any]], client: Client) -> tuple[str, ...]:
    """Switch off what would stop a destroy: deletion protection, logs that go on being written, full buckets.

    `stand`: address -> attributes. Returns what was lifted, in words.
    """
    lifted = []
    first = sorted(stand.items(), key=lambda one: (not one[0].startswith("aws_s3_bucket_logging."), one[0]))
    for address, values in first:  # who still writes is stopped before a bucket is emptied
        match address.partition(".")[0]:
            case "aws_s3_bucket_logging":
                client("s3").put_bucket_logging(Bucket=values["bucket"], BucketLoggingStatus={})
            case "aws_db_instance" if values.get("deletion_protection"):
                rds = client("rds")
                rds.modify_db_instance(DBInstanceIdentifier=values["identifier"], DeletionProtection=False)
                lifted.append(f"deletion protection of {address}")
            case "aws_lb" if values.get("enable_deletion_protection"):
                off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
                client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=values["arn"], Attributes=off)
                lifted.append(f"deletion protection of {address}")
            case "aws_s3_bucket":
                emptied = _empty(client("s3"), values["bucket"])
                if emptied:
                    lifted.append(f"{emptied} object versions in {address}")
    return tuple(lifted)


def _empty(s3: Any, bucket: str) -> int:
    from botocore.exceptions import ClientError  # heavy

    gone = 0
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            for one in found:
                s3.delete_object(
                    Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"], BypassGovernanceRetention=True
                )
            gone += len(found)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
    return gone
