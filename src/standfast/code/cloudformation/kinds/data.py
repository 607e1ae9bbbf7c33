"""Databases, caches, buckets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from standfast.blueprint.model import Ref, Resource
from standfast.code.cloudformation.words import (
    POLICY,
    TAGS,
    Each,
    Fold,
    Kind,
    Left,
    One,
    Prop,
    Row,
    Unsaid,
    blocks,
    rules,
    text,
)  # fmt: skip
from standfast.code.cloudformation.yaml import Call

SNAPSHOT_NAME = Left("CloudFormation names the last snapshot")


def _parameters(group: Resource) -> Mapping[str, Any]:
    return {"Parameters": {one["name"]: one["value"] for one in blocks(group.settings.get("parameter"))}}


DATABASE = Kind(
    "AWS::RDS::DBInstance",
    rules("identifier:DBInstanceIdentifier engine instance_class:DBInstanceClass db_name:DBName"
          " username:MasterUsername password:MasterUserPassword manage_master_user_password"
          " iam_database_authentication_enabled:EnableIAMDatabaseAuthentication"
          " multi_az:MultiAZ db_subnet_group_name:DBSubnetGroupName"
          " vpc_security_group_ids:VPCSecurityGroups publicly_accessible parameter_group_name:DBParameterGroupName"
          " storage_type max_allocated_storage iops storage_throughput storage_encrypted kms_key_id"
          " backup_retention_period backup_window:PreferredBackupWindow"
          " maintenance_window:PreferredMaintenanceWindow copy_tags_to_snapshot delete_automated_backups"
          " deletion_protection auto_minor_version_upgrade enabled_cloudwatch_logs_exports:EnableCloudwatchLogsExports"
          " monitoring_interval monitoring_role_arn performance_insights_enabled:EnablePerformanceInsights"
          " performance_insights_kms_key_id:PerformanceInsightsKMSKeyId performance_insights_retention_period"
          " ca_cert_identifier:CACertificateIdentifier availability_zone replicate_source_db:SourceDBInstanceIdentifier"
          " option_group_name allow_major_version_upgrade database_insights_mode dedicated_log_volume",
          engine_version=Prop("EngineVersion", text), port=Prop("Port", text),
          allocated_storage=Prop("AllocatedStorage", text),
          master_user_secret_kms_key_id=Prop("MasterUserSecret", lambda key: {"KmsKeyId": key}),
          skip_final_snapshot=Left("the deletion policy says it"),
          final_snapshot_identifier=SNAPSHOT_NAME,
          apply_immediately=Left("CloudFormation applies a change at once"),
          tags=TAGS),
    {"id": "", "identifier": "", "arn": "DBInstanceArn", "address": "Endpoint.Address", "port": "Endpoint.Port",
    
     "endpoint": "{Endpoint.Address}:{Endpoint.Port}",
     "master_user_secret[0].secret_arn": "MasterUserSecret.SecretArn"},
    keeps="Snapshot",
    # a password that is given is a parameter that is not shown: the secret that holds it holds the address as well.
    # RDS takes a major version and picks its newest minor one; cfn-lint knows whole versions only
    lint=("E3691", "W3691", "W1011"),
)  # fmt: skip

INHERITED = {"storage_encrypted": Left("a copy is encrypted as its source is, with the key that is named", True)}
COPY = replace(DATABASE, rules={**DATABASE.rules, **INHERITED})

LOG = rules(
    "destination_type log_format log_type",
    destination=Prop("DestinationDetails", lambda group: {"CloudWatchLogsDetails": {"LogGroup": group}}),
)
CACHE = Kind(
    "AWS::ElastiCache::ReplicationGroup",
    rules("replication_group_id description:ReplicationGroupDescription engine node_type:CacheNodeType"
          " num_cache_clusters automatic_failover_enabled multi_az_enabled:MultiAZEnabled port"
          " num_node_groups replicas_per_node_group subnet_group_name:CacheSubnetGroupName security_group_ids"
          " parameter_group_name:CacheParameterGroupName at_rest_encryption_enabled kms_key_id"
          " transit_encryption_enabled transit_encryption_mode auth_token snapshot_retention_limit snapshot_window"
          " maintenance_window:PreferredMaintenanceWindow auto_minor_version_upgrade notification_topic_arn"
          " user_group_ids global_replication_group_id preferred_cache_cluster_azs:PreferredCacheClusterAZs",
          engine_version=Prop("EngineVersion", text),
          apply_immediately=Left("CloudFormation applies a change at once"),
          final_snapshot_identifier=SNAPSHOT_NAME,
          auth_token_update_strategy=Left("CloudFormation rotates the token by itself"),
          log_delivery_configuration=Each("LogDeliveryConfigurations", LOG), tags=TAGS),
    {"id": "", "replication_group_id": "", "primary_endpoint_address": "PrimaryEndPoint.Address",
     "configuration_endpoint_address": "ConfigurationEndPoint.Address",
     "reader_endpoint_address": "ReaderEndPoint.Address",
     "port": "PrimaryEndPoint.Port",
     "arn": "arn:${AWS::Partition}:elasticache:${AWS::Region}:${AWS::AccountId}:replicationgroup:{}"},
    keeps="Snapshot",
    lint=("W1011",),  # as for databases
)  # fmt: skip


def _leading(group: Any) -> Any:
    return [{"ReplicationGroupId": group, "ReplicationGroupRegion": Call("Ref", "AWS::Region"), "Role": "PRIMARY"}]


def _bucket_part(rules_: Mapping[str, Any], under: str = "") -> Fold:
    return Fold("bucket", rules_, {"id": "", "bucket": ""}, under=under)


FILTER = One("", rules("prefix"))
TRANSITION = rules("storage_class days:TransitionInDays")
LIFECYCLE = rules(
    "id status prefix",
    filter=FILTER,
    expiration=One("", rules("days:ExpirationInDays expired_object_delete_marker")),
    noncurrent_version_expiration=One(
        "NoncurrentVersionExpiration", rules("noncurrent_days newer_noncurrent_versions")
    ),
    noncurrent_version_transition=Each(
        "NoncurrentVersionTransitions", rules("storage_class noncurrent_days:TransitionInDays")
    ),
    transition=Each("Transitions", TRANSITION),
    abort_incomplete_multipart_upload=One("AbortIncompleteMultipartUpload", rules("days_after_initiation")),
)
BY_DEFAULT = rules("sse_algorithm:SSEAlgorithm kms_master_key_id:KMSMasterKeyID")
ENCRYPTION = rules(
    "bucket_key_enabled", apply_server_side_encryption_by_default=One("ServerSideEncryptionByDefault", BY_DEFAULT)
)
REPLICA = rules(
    "bucket storage_class account",
    encryption_configuration=One("EncryptionConfiguration", rules("replica_kms_key_id:ReplicaKmsKeyID")),
    metrics=One("Metrics", rules("status", event_threshold=One("EventThreshold", rules("minutes")))),
    replication_time=One("ReplicationTime", rules("status", time=One("Time", rules("minutes")))),
)
SELECTED = rules("", sse_kms_encrypted_objects=One("SseKmsEncryptedObjects", rules("status")))
REPLICATION = rules(
    "id status priority",
    filter=One("Filter", rules("prefix"), lambda said: said or {"Prefix": ""}),
    destination=One("Destination", REPLICA),
    delete_marker_replication=One("DeleteMarkerReplication", rules("status")),
    source_selection_criteria=One("SourceSelectionCriteria", SELECTED),
)
OWNERSHIP = rules("object_ownership")
BLOCKED = rules("block_public_acls block_public_policy ignore_public_acls restrict_public_buckets")

COPIED = _bucket_part(rules("role", rule=Each("Rules", REPLICATION)), "ReplicationConfiguration")
ELSEWHERE = Unsaid(
    "a bucket's replication is a property of the bucket, which stands in a stack of the other site",
    "say it once both sites stand, with: aws s3api put-bucket-replication",
)

KINDS: dict[str, Row] = {
    "aws_db_instance": lambda one: COPY if "replicate_source_db" in one.settings else DATABASE,
    "aws_db_parameter_group": Kind(
        "AWS::RDS::DBParameterGroup",
        rules("name:DBParameterGroupName family", description=Prop("Description"),
              parameter=Left("said as one mapping"), tags=TAGS),
        {"id": "", "name": ""}, more=_parameters, absent={"Description": "Managed by CloudFormation"},
    ),
    "aws_db_subnet_group": Kind(
        "AWS::RDS::DBSubnetGroup",
        rules("name:DBSubnetGroupName description:DBSubnetGroupDescription subnet_ids", tags=TAGS),
        {"id": "", "name": ""}, absent={"DBSubnetGroupDescription": "Isolated subnets"},
    ),
    "aws_elasticache_replication_group": CACHE,
    "aws_elasticache_global_replication_group": Kind(
        "AWS::ElastiCache::GlobalReplicationGroup",
        rules("global_replication_group_id_suffix global_replication_group_description",
              primary_replication_group_id=Prop("Members", _leading)),
        {"id": "", "global_replication_group_id": "GlobalReplicationGroupId"},
    ),
    "aws_elasticache_subnet_group": Kind(
        "AWS::ElastiCache::SubnetGroup",
        rules("name:CacheSubnetGroupName description subnet_ids", tags=TAGS),
        {"id": "", "name": ""}, absent={"Description": "Isolated subnets"},
    ),
    "aws_elasticache_parameter_group": Kind(
        "AWS::ElastiCache::ParameterGroup",
        rules("family:CacheParameterGroupFamily description", name=Left("CloudFormation names the group"),
              parameter=Left("said as one mapping"), tags=TAGS),
        {"id": "", "name": ""},
        more=lambda group: {"Properties": _parameters(group)["Parameters"]},
        absent={"Description": "Managed by CloudFormation"},
    ),
    "aws_s3_bucket": Kind(
        "AWS::S3::Bucket",
        rules("bucket:BucketName object_lock_enabled", force_destroy=Left("a stack never empties a bucket", False),
              tags=TAGS),
        {"id": "", "bucket": "", "arn": "Arn", "bucket_domain_name": "DomainName",
         "bucket_regional_domain_name": "RegionalDomainName"},
        keeps="Retain",
    ),
    "aws_s3_bucket_versioning": _bucket_part(
        rules("", versioning_configuration=One("VersioningConfiguration", rules("status")))
    ),
    "aws_s3_bucket_server_side_encryption_configuration": _bucket_part(
        rules("", rule=Each("ServerSideEncryptionConfiguration", ENCRYPTION)), "BucketEncryption"
    ),
    "aws_s3_bucket_public_access_block": _bucket_part(BLOCKED, "PublicAccessBlockConfiguration"),
    "aws_s3_bucket_ownership_controls": _bucket_part(rules("", rule=Each("Rules", OWNERSHIP)), "OwnershipControls"),
    "aws_s3_bucket_lifecycle_configuration": _bucket_part(
        rules("", rule=Each("Rules", LIFECYCLE)), "LifecycleConfiguration"
    ),
    "aws_s3_bucket_logging": _bucket_part(
        rules("target_bucket:DestinationBucketName target_prefix:LogFilePrefix"), "LoggingConfiguration"
    ),
    "aws_s3_bucket_replication_configuration": lambda one: (
        COPIED if isinstance(one.settings.get("bucket"), Ref) else ELSEWHERE
    ),
    "aws_s3_bucket_notification": _bucket_part(
        rules("", eventbridge=Prop("EventBridgeConfiguration", lambda on: {"EventBridgeEnabled": on})),
        "NotificationConfiguration",
    ),
    "aws_s3_bucket_policy": Kind("AWS::S3::BucketPolicy", {**rules("bucket"), "policy": POLICY}),
}  # fmt: skip
