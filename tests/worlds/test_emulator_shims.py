"""What moto is taught, asked of the emulator's own server as Terraform asks it; the examples try the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standfast.problem import Problems
from standfast.worlds.emulator import leftovers
from standfast.worlds.emulator.aws import client_of
from standfast.worlds.emulator.endpoint import end_endpoint, join_endpoint, start_endpoint

NORTH, WEST = "eu-north-1", "eu-west-1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("shims")
    start_endpoint(folder)
    yield folder
    end_endpoint(folder)


def test_a_vpn_connection_keeps_its_options_and_routes(folder: Path) -> None:
    ec2 = client_of(folder, "ec2", WEST)
    device = ec2.create_customer_gateway(BgpAsn=65000, PublicIp="203.0.113.10", Type="ipsec.1")["CustomerGateway"]
    gateway = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    options = {"StaticRoutesOnly": True, "TunnelOptions": [{"IKEVersions": [{"Value": "ikev2"}]}]}
    made = ec2.create_vpn_connection(
        Type="ipsec.1", CustomerGatewayId=device["CustomerGatewayId"], VpnGatewayId=gateway, Options=options
    )["VpnConnection"]["VpnConnectionId"]
    ec2.create_vpn_connection_route(VpnConnectionId=made, DestinationCidrBlock="192.168.0.0/16")
    asked: Any = [
        {"Name": "route.destination-cidr-block", "Values": ["192.168.0.0/16"]},
        {"Name": "vpn-connection-id", "Values": [made]},
    ]
    (found,) = ec2.describe_vpn_connections(Filters=asked)["VpnConnections"]
    assert found["Options"]["StaticRoutesOnly"] is True
    assert found["Options"]["TunnelOptions"][0]["IkeVersions"] == [{"Value": "ikev2"}]
    assert [one["DestinationCidrBlock"] for one in found["Routes"]] == ["192.168.0.0/16"]
    ec2.delete_vpn_connection_route(VpnConnectionId=made, DestinationCidrBlock="192.168.0.0/16")
    assert ec2.describe_vpn_connections(Filters=asked)["VpnConnections"] == []


def test_automated_backups_are_replicated_to_another_region(folder: Path) -> None:
    first, other = client_of(folder, "rds", NORTH), client_of(folder, "rds", WEST)
    source = first.create_db_instance(
        DBInstanceIdentifier="x", DBInstanceClass="db.t4g.micro", Engine="postgres", MasterUsername="u",
        MasterUserPassword="only-in-the-emulator", AllocatedStorage=20,
    )["DBInstance"]["DBInstanceArn"]  # fmt: skip
    made = other.start_db_instance_automated_backups_replication(SourceDBInstanceArn=source, BackupRetentionPeriod=7)
    arn = made["DBInstanceAutomatedBackup"]["DBInstanceAutomatedBackupsArn"]
    asked = {"DBInstanceAutomatedBackupsArn": arn}
    (found,) = other.describe_db_instance_automated_backups(**asked)["DBInstanceAutomatedBackups"]
    assert (found["DBInstanceArn"], found["Status"], found["BackupRetentionPeriod"]) == (source, "replicating", 7)
    other.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
    assert other.describe_db_instance_automated_backups(**asked)["DBInstanceAutomatedBackups"] == []


def test_a_replica_in_another_region_keeps_what_it_was_asked_for(folder: Path) -> None:
    first, other = client_of(folder, "rds", NORTH), client_of(folder, "rds", WEST)
    source = first.create_db_instance(
        DBInstanceIdentifier="source", DBInstanceClass="db.t4g.micro", Engine="postgres", MasterUsername="u",
        MasterUserPassword="only-in-the-emulator", AllocatedStorage=20,
    )["DBInstance"]["DBInstanceArn"]  # fmt: skip
    asked = {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 7}
    other.create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier=source, DBInstanceClass="db.t4g.micro", **asked
    )
    (found,) = other.describe_db_instances(DBInstanceIdentifier="copy")["DBInstances"]
    assert (found["PerformanceInsightsEnabled"], found["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    assert found["ReadReplicaSourceDBInstanceIdentifier"] == source


def test_a_cache_is_copied_to_another_region_and_led_there(folder: Path) -> None:
    first, other = client_of(folder, "elasticache", NORTH), client_of(folder, "elasticache", WEST)
    made = {"ReplicationGroupDescription": "x", "NumCacheClusters": 1, "Engine": "redis", "EngineVersion": "7.1"}
    first.create_replication_group(ReplicationGroupId="small", CacheNodeType="cache.t4g.micro", **made)
    with pytest.raises(first.exceptions.ClientError, match="does not support node type"):
        first.create_global_replication_group(GlobalReplicationGroupIdSuffix="s", PrimaryReplicationGroupId="small")
    first.create_replication_group(ReplicationGroupId="source", CacheNodeType="cache.m6g.large", **made)
    joined = first.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="all", PrimaryReplicationGroupId="source"
    )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    other.create_replication_group(
        ReplicationGroupId="copy", ReplicationGroupDescription="x", NumCacheClusters=1, GlobalReplicationGroupId=joined
    )
    (found,) = other.describe_replication_groups(ReplicationGroupId="copy")["ReplicationGroups"]
    assert found["CacheNodeType"] == "cache.m6g.large", "a copy is of the class of its source"
    assert found["GlobalReplicationGroupInfo"]["GlobalReplicationGroupMemberRole"] == "SECONDARY"
    other.failover_global_replication_group(
        GlobalReplicationGroupId=joined, PrimaryRegion=WEST, PrimaryReplicationGroupId="copy"
    )
    (told,) = first.describe_global_replication_groups(GlobalReplicationGroupId=joined)["GlobalReplicationGroups"]
    assert {one["ReplicationGroupId"]: one["Role"] for one in told["Members"]} == {
        "source": "SECONDARY", "copy": "PRIMARY",
    }  # fmt: skip
    for client, name in ((first, "small"), (first, "source"), (other, "copy")):
        client.delete_replication_group(ReplicationGroupId=name)


def test_replication_rules_of_a_bucket_are_told_as_they_were_put(folder: Path) -> None:
    s3 = client_of(folder, "s3", NORTH)
    for bucket in ("kept-here", "kept-there"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": NORTH})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rule: Any = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": {"Bucket": "arn:aws:s3:::kept-there"},
    }
    role = "arn:aws:iam::123456789012:role/copies"
    s3.put_bucket_replication(Bucket="kept-here", ReplicationConfiguration={"Role": role, "Rules": [rule]})
    told = s3.get_bucket_replication(Bucket="kept-here")["ReplicationConfiguration"]
    assert told["Role"] == role
    assert told["Rules"] == [rule]


def test_only_the_trails_that_were_asked_for_are_described(folder: Path) -> None:
    s3 = client_of(folder, "s3", "us-east-1")
    s3.create_bucket(Bucket="trails")
    for region in (NORTH, WEST):
        trail = client_of(folder, "cloudtrail", region)
        trail.create_trail(Name=f"of-{region}", S3BucketName="trails", IsMultiRegionTrail=True)
    trail = client_of(folder, "cloudtrail", NORTH)
    (found,) = trail.describe_trails(trailNameList=[f"of-{WEST}"])["trailList"]
    assert found["HomeRegion"] == WEST
    assert len(trail.describe_trails()["trailList"]) == 2


def test_what_is_left_is_found_in_every_region_that_was_used(folder: Path) -> None:
    with pytest.raises(Problems, match=r"still there after destroy: .*rds x"):
        leftovers.kept(lambda service, region="": client_of(folder, service, region or WEST), WEST, NORTH)


def test_a_guest_uses_the_server_of_another_world_and_does_not_own_it(folder: Path, tmp_path: Path) -> None:
    guest = tmp_path / "standby"
    joined = join_endpoint(guest, folder)
    assert joined.alive and client_of(guest, "rds", NORTH).describe_db_instances()["DBInstances"]
