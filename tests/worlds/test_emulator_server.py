"""The emulator's server: one per folder, found again, ended with its folder; and what the shims teach moto."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standfast.problem import Problems
from standfast.worlds.emulator import Emulator, leftovers
from standfast.worlds.emulator.aws import asked
from standfast.worlds.emulator.condition import condition_of
from standfast.worlds.emulator.endpoint import Endpoint, end_endpoint, find_endpoint, start_endpoint


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("world")
    start_endpoint(folder)
    yield Emulator(folder, folder / "code", "eu-west-1")
    end_endpoint(folder)


def test_a_later_run_finds_the_same_server(world: Emulator) -> None:
    found = find_endpoint(world.folder)
    assert found is not None
    assert start_endpoint(world.folder) == found
    assert condition_of(world.folder).kind == "empty"


def test_a_second_server_for_the_same_folder_gives_up(world: Emulator) -> None:
    command = [sys.executable, "-m", "standfast.worlds.emulator.server", str(world.folder)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 3
    assert find_endpoint(world.folder) is not None, "the first one is not disturbed"


def test_it_listens_on_loopback_only(world: Emulator) -> None:
    found = find_endpoint(world.folder)
    assert found is not None
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    addresses = {line.split()[1] for line in listening if int(line.split()[1].partition(":")[2], 16) == found.port}
    assert "0100007F" in {one.partition(":")[0] for one in addresses}
    assert "00000000" not in {one.partition(":")[0] for one in addresses}


def test_a_call_that_is_sent_again_is_done_once(world: Emulator) -> None:
    """As on a busy machine: the first attempt was carried out, and its answer never came."""
    iam = world.client("iam")

    def lost(request: Any, **more: Any) -> None:
        sent = urllib.request.Request(request.url, request.body.encode(), dict(request.headers), method="POST")
        with urllib.request.urlopen(sent, timeout=30) as answer:
            assert answer.status == 200

    iam.meta.events.register("before-send.iam.CreateRole", lost)
    wanted = {"RoleName": "once", "AssumeRolePolicyDocument": "{}"}
    made = iam.create_role(**wanted)["Role"]
    assert made["RoleId"] == iam.get_role(RoleName="once")["Role"]["RoleId"]
    iam.meta.events.unregister("before-send.iam.CreateRole", lost)
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(**wanted)


def test_another_process_on_the_port_is_not_taken_for_ours(world: Emulator) -> None:
    found = find_endpoint(world.folder)
    assert found is not None
    assert found.silence == ""
    assert Endpoint(found.process, found.port, "another token").silence == "another server listens on its port"


def test_a_killed_server_is_noticed_and_a_new_one_starts(tmp_path: Path) -> None:
    first = start_endpoint(tmp_path)
    os.kill(first.process.pid, signal.SIGKILL)
    assert first.process.gone_within(10)
    assert find_endpoint(tmp_path) is None
    assert condition_of(tmp_path).kind == "lost"
    second = start_endpoint(tmp_path)
    assert second.process != first.process
    end_endpoint(tmp_path)
    assert not second.alive


def test_a_server_whose_folder_goes_ends_by_itself(tmp_path: Path) -> None:
    folder = tmp_path / "world"
    server = start_endpoint(folder)
    shutil.rmtree(folder)
    assert server.process.gone_within(20)


# What the shims teach. The expected values are what the AWS API reference says of each operation.


def test_a_replication_group_has_its_members_and_goes_when_deleted(world: Emulator) -> None:
    cache = world.client("elasticache")
    cache.create_cache_parameter_group(
        CacheParameterGroupName="sessions", CacheParameterGroupFamily="redis7", Description="d"
    )
    cache.modify_cache_parameter_group(
        CacheParameterGroupName="sessions",
        ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}],
    )
    chosen = cache.describe_cache_parameters(CacheParameterGroupName="sessions", Source="user")["Parameters"]
    assert [(one["ParameterName"], one["ParameterValue"]) for one in chosen] == [("maxmemory-policy", "allkeys-lru")]
    cache.create_replication_group(
        ReplicationGroupId="sessions", ReplicationGroupDescription="d", Engine="redis", EngineVersion="7.1",
        NumCacheClusters=2, CacheNodeType="cache.r6g.large", AutomaticFailoverEnabled=True,
        TransitEncryptionEnabled=True, CacheParameterGroupName="sessions", SecurityGroupIds=["sg-1"],
    )  # fmt: skip
    group = cache.describe_replication_groups(ReplicationGroupId="sessions")["ReplicationGroups"][0]
    assert group["MemberClusters"] == ["sessions-001", "sessions-002"]
    for name in group["MemberClusters"]:
        member = cache.describe_cache_clusters(CacheClusterId=name)["CacheClusters"][0]
        assert member["CacheParameterGroup"]["CacheParameterGroupName"] == "sessions"
        assert member["SecurityGroups"][0]["SecurityGroupId"] == "sg-1"
        assert (member["EngineVersion"], member["ReplicationGroupId"]) == ("7.1", "sessions")
    cache.modify_replication_group(ReplicationGroupId="sessions", EngineVersion="7.2", ApplyImmediately=True)
    assert cache.describe_cache_clusters(CacheClusterId="sessions-002")["CacheClusters"][0]["EngineVersion"] == "7.2"
    cache.delete_replication_group(ReplicationGroupId="sessions")
    with pytest.raises(cache.exceptions.ReplicationGroupNotFoundFault):
        cache.describe_replication_groups(ReplicationGroupId="sessions")
    cache.delete_cache_parameter_group(CacheParameterGroupName="sessions")
    with pytest.raises(cache.exceptions.CacheParameterGroupNotFoundFault):
        cache.describe_cache_parameter_groups(CacheParameterGroupName="sessions")


def test_a_backup_plan_keeps_its_selection_and_its_tags(world: Emulator) -> None:
    backup = world.client("backup")
    vault = backup.create_backup_vault(BackupVaultName="vault", BackupVaultTags={"a": "b"})
    assert backup.list_tags(ResourceArn=vault["BackupVaultArn"])["Tags"] == {"a": "b"}
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})["BackupPlanId"]
    wanted = {"SelectionName": "all", "IamRoleArn": "arn:aws:iam::123456789012:role/b", "Resources": ["*"]}
    made = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=wanted)
    got = backup.get_backup_selection(BackupPlanId=plan, SelectionId=made["SelectionId"])["BackupSelection"]
    assert {key: got[key] for key in wanted} == wanted
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=made["SelectionId"])
    with pytest.raises(backup.exceptions.ResourceNotFoundException):
        backup.get_backup_selection(BackupPlanId=plan, SelectionId=made["SelectionId"])


def test_a_database_keeps_its_insights_and_a_group_its_parameters(world: Emulator) -> None:
    rds = world.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="orders", DBInstanceClass="db.r6g.large", Engine="postgres", AllocatedStorage=20,
        MasterUsername="orders", ManageMasterUserPassword=True, EnablePerformanceInsights=True,
    )  # fmt: skip
    told = rds.describe_db_instances(DBInstanceIdentifier="orders")["DBInstances"][0]
    assert (told["PerformanceInsightsEnabled"], told["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    rds.modify_db_instance(DBInstanceIdentifier="orders", EnablePerformanceInsights=False)
    told = rds.describe_db_instances(DBInstanceIdentifier="orders")["DBInstances"][0]
    assert told["PerformanceInsightsEnabled"] is False
    rds.create_db_parameter_group(DBParameterGroupName="orders", DBParameterGroupFamily="postgres16", Description="d")
    tls = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName="orders", Parameters=[tls])
    (kept,) = rds.describe_db_parameters(DBParameterGroupName="orders")["Parameters"]
    assert (kept["Source"], kept["ParameterName"], kept["ParameterValue"]) == ("user", "rds.force_ssl", "1")


def test_the_tags_of_a_launch_template_are_not_those_of_its_instances(world: Emulator) -> None:
    ec2 = world.client("ec2")
    mine = {"ResourceType": "launch-template", "Tags": [{"Key": "owner", "Value": "me"}]}
    theirs = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "api"}]}
    made = ec2.create_launch_template(
        LaunchTemplateName="api",
        LaunchTemplateData={"InstanceType": "m7g.large", "TagSpecifications": [theirs]},
        TagSpecifications=[mine],
    )["LaunchTemplate"]
    assert made["Tags"] == mine["Tags"]
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateName="api")["LaunchTemplateVersions"]
    assert version["LaunchTemplateData"]["TagSpecifications"] == [theirs]


def test_a_distribution_has_what_it_was_given_and_no_more(world: Emulator) -> None:
    front = world.client("cloudfront", "us-east-1")
    origin = {"Id": "images", "DomainName": "images.s3.eu-west-1.amazonaws.com", "OriginAccessControlId": "EOAC",
              "S3OriginConfig": {"OriginAccessIdentity": ""}}  # fmt: skip
    behaviour = {"TargetOriginId": "images", "ViewerProtocolPolicy": "redirect-to-https",
                 "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"}  # fmt: skip
    config = {"CallerReference": "1", "Comment": "", "Enabled": True, "DefaultCacheBehavior": behaviour,
              "Origins": {"Quantity": 1, "Items": [origin]},
              "ViewerCertificate": {"CloudFrontDefaultCertificate": True}}  # fmt: skip
    made = front.create_distribution(DistributionConfig=config)["Distribution"]
    told = front.get_distribution_config(Id=made["Id"])["DistributionConfig"]
    assert told["Origins"]["Items"][0]["OriginAccessControlId"] == "EOAC"
    assert "ForwardedValues" not in told["DefaultCacheBehavior"]
    assert "SSLSupportMethod" not in told["ViewerCertificate"]


def test_a_scaling_policy_is_enabled_and_predicts_nothing_unasked(world: Emulator) -> None:
    scaling: Any = world.client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="lc", ImageId="ami-1", InstanceType="t3.micro")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="api", LaunchConfigurationName="lc", MinSize=0, MaxSize=1,
        AvailabilityZones=["eu-west-1a"],
    )  # fmt: skip
    metric = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 60}
    scaling.put_scaling_policy(
        AutoScalingGroupName="api", PolicyName="cpu", PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration=metric,
    )  # fmt: skip
    (policy,) = scaling.describe_policies(AutoScalingGroupName="api")["ScalingPolicies"]
    assert policy["Enabled"] is True
    assert "PredictiveScalingConfiguration" not in policy


def test_policies_that_aws_manages_can_be_attached(world: Emulator) -> None:
    iam = world.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": "ec2.amazonaws.com"}}]}  # fmt: skip
    iam.create_role(RoleName="api", AssumeRolePolicyDocument=json.dumps(trust))
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    iam.attach_role_policy(RoleName="api", PolicyArn=arn)
    assert iam.list_attached_role_policies(RoleName="api")["AttachedPolicies"][0]["PolicyArn"] == arn


def test_what_the_emulator_takes_long_for_is_nothing(world: Emulator) -> None:
    """A certificate is issued and a distribution deployed when asked again: the waits are the provider's own."""
    acm = world.client("acm")
    arn = acm.request_certificate(DomainName="shop.example.com", ValidationMethod="DNS")["CertificateArn"]
    deadline = time.monotonic() + 20
    while acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] != "ISSUED":
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_firewall_rule_for_a_group_keeps_its_description(world: Emulator) -> None:
    ec2 = world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    one, other = (ec2.create_security_group(GroupName=n, Description=n, VpcId=vpc)["GroupId"] for n in ("a", "b"))
    pair = {"GroupId": other, "Description": "From b"}
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [pair]}
    ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=[rule])
    ec2.authorize_security_group_egress(GroupId=one, IpPermissions=[rule])
    told = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [one]}])["SecurityGroupRules"]
    described = [one["Description"] for one in told if "ReferencedGroupInfo" in one]
    assert described == ["From b", "From b"]


def test_two_groups_may_have_a_policy_of_the_same_name(world: Emulator) -> None:
    scaling: Any = world.client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="two", ImageId="ami-1", InstanceType="t3.micro")
    metric = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 60}
    for group in ("one", "other"):
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=group, LaunchConfigurationName="two", MinSize=0, MaxSize=1,
            AvailabilityZones=["eu-west-1a"], DefaultInstanceWarmup=120,
        )  # fmt: skip
        scaling.put_scaling_policy(
            AutoScalingGroupName=group, PolicyName="same", PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration=metric,
        )  # fmt: skip
    assert len(scaling.describe_policies(PolicyNames=["same"])["ScalingPolicies"]) == 2
    scaling.delete_policy(AutoScalingGroupName="one", PolicyName="same")
    (left,) = scaling.describe_policies(PolicyNames=["same"])["ScalingPolicies"]
    assert left["AutoScalingGroupName"] == "other"
    told = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["one"])["AutoScalingGroups"][0]
    assert told["DefaultInstanceWarmup"] == 120


def test_a_zone_created_with_a_network_is_private(world: Emulator) -> None:
    route53, ec2 = world.client("route53"), world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    network = {"VPCRegion": "eu-west-1", "VPCId": vpc}
    zone = route53.create_hosted_zone(Name="shop.internal", CallerReference="1", VPC=network)["HostedZone"]
    assert zone["Config"]["PrivateZone"] is True
    assert route53.get_hosted_zone(Id=zone["Id"])["VPCs"] == [network]


@pytest.mark.parametrize(
    ("principal", "resource", "allowed"),
    [
        ({"Service": "logging.s3.amazonaws.com"}, "arn:aws:s3:::logs/s3/*", True),
        ({"Service": ["a", "logging.s3.amazonaws.com"]}, ["arn:aws:s3:::other/*", "arn:aws:s3:::logs/*"], True),
        ({"Service": "logging.s3.amazonaws.com"}, "arn:aws:s3:::logs/balancer/*", False),
        ({"Service": "delivery.logs.amazonaws.com"}, "arn:aws:s3:::logs/s3/*", False),
    ],
)
def test_access_logs_need_a_policy_that_lets_them_in(
    world: Emulator, principal: Any, resource: Any, allowed: bool
) -> None:
    s3 = world.client("s3")
    for bucket in {"logs", "images"} - {one["Name"] for one in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    statements = [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": resource},
    ]  # fmt: skip
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    status = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "s3/images/"}}
    if allowed:
        s3.put_bucket_logging(Bucket="images", BucketLoggingStatus=status)
    else:
        with pytest.raises(s3.exceptions.ClientError, match="InvalidTargetBucketForLogging"):
            s3.put_bucket_logging(Bucket="images", BucketLoggingStatus=status)


def test_a_trail_is_deleted_by_its_arn_and_a_deleted_plan_frees_its_name(world: Emulator) -> None:
    trail, s3, backup = world.client("cloudtrail"), world.client("s3"), world.client("backup")
    s3.create_bucket(Bucket="trail", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    arn = trail.create_trail(Name="shop", S3BucketName="trail")["TrailARN"]
    trail.delete_trail(Name=arn)
    assert trail.describe_trails()["trailList"] == []
    wanted = {"BackupPlanName": "again", "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "v"}]}
    made = backup.create_backup_plan(BackupPlan=wanted)["BackupPlanId"]
    backup.delete_backup_plan(BackupPlanId=made)
    assert backup.create_backup_plan(BackupPlan=wanted)["BackupPlanId"] != made


def test_a_condition_in_a_bucket_policy_is_a_condition(world: Emulator) -> None:
    """The rule that every bucket has, no access without TLS, does not shut everybody out."""
    s3 = world.client("s3")
    s3.create_bucket(Bucket="tls", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::tls/*"}
    only_tls = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="tls", Policy=json.dumps({"Version": "2012-10-17", "Statement": [only_tls]}))
    s3.put_object(Bucket="tls", Key="a", Body=b"x")
    s3.put_bucket_policy(Bucket="tls", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    with pytest.raises(s3.exceptions.ClientError, match="403"):
        s3.delete_object(Bucket="tls", Key="a")


def test_what_is_left_is_found_and_protection_is_lifted(tmp_path: Path) -> None:
    start_endpoint(tmp_path)
    world = Emulator(tmp_path, tmp_path / "code", "eu-west-1")
    assert leftovers.find(world.client, world.region) == ((), ()), "what every fresh account has does not count"
    ec2, rds, s3, kms = (world.client(service) for service in ("ec2", "rds", "s3", "kms"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    kept, gone = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.schedule_key_deletion(KeyId=gone)
    rds.create_db_instance(
        DBInstanceIdentifier="orders", DBInstanceClass="db.r6g.large", Engine="postgres", AllocatedStorage=20,
        MasterUsername="orders", ManageMasterUserPassword=True, DeletionProtection=True,
    )  # fmt: skip
    s3.create_bucket(Bucket="images", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket="images", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket="images", Key="a", Body=body)
    s3.delete_object(Bucket="images", Key="a")
    left, forgotten = leftovers.find(world.client, world.region)
    assert {f"ec2 {vpc}", "rds orders", "s3 images", f"kms {kept}"} <= set(left)
    assert f"the key {gone} through its waiting period" in forgotten

    stand = {
        "aws_db_instance.orders": {"identifier": "orders", "deletion_protection": True},
        "aws_s3_bucket.images": {"bucket": "images"},
        "aws_s3_bucket.nowhere": {"bucket": "was-deleted-by-hand"},
    }
    lifted = leftovers.lift_protection(stand, world.client)
    assert lifted == ("deletion protection of aws_db_instance.orders", "3 object versions in aws_s3_bucket.images")
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    s3.delete_bucket(Bucket="images")
    end_endpoint(tmp_path)


def test_what_the_api_refuses_is_a_problem(world: Emulator) -> None:
    with pytest.raises(Problems, match="NoSuchBucket"), asked():
        world.client("s3").list_objects_v2(Bucket="no-such-bucket")


def test_a_client_needs_a_server(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="not running"):
        Emulator(tmp_path, tmp_path / "code").client("s3")
