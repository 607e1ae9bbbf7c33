"""Rows of what keeps data: databases, caches, buckets, tables, files, backups."""

from __future__ import annotations

from standfast.audit.sources.live.rows import BUCKET, More, Row

DATABASES = (
    Row(
        "aws_db_instance",
        "rds.describe_db_instances",
        "DBInstances",
        "DbiResourceId",
        {
            "arn": "DBInstanceArn",
            "identifier": "DBInstanceIdentifier",
            "db_subnet_group_name": "DBSubnetGroup.DBSubnetGroupName",
            "backup_retention_period": "BackupRetentionPeriod",
            "address": "Endpoint.Address",
            "vpc_security_group_ids": "VpcSecurityGroups[].VpcSecurityGroupId",
            "tags": "TagList",
            "parameter_group_name": "DBParameterGroups[0].DBParameterGroupName",
            "resource_id": "DbiResourceId",
            "iam_database_authentication_enabled": "IAMDatabaseAuthenticationEnabled",
            "replicate_source_db": "ReadReplicaSourceDBInstanceIdentifier",
            "enabled_cloudwatch_logs_exports": "EnabledCloudwatchLogsExports",
        },
    ),
    Row(
        "aws_rds_cluster",
        "rds.describe_db_clusters",
        "DBClusters",
        "DBClusterIdentifier",
        {
            "arn": "DBClusterArn",
            "cluster_identifier": "DBClusterIdentifier",
            "tags": "TagList",
            "vpc_security_group_ids": "VpcSecurityGroups[].VpcSecurityGroupId",
            "db_cluster_parameter_group_name": "DBClusterParameterGroup",
        },
        when="contains(Engine, 'aurora')",
    ),
    Row(
        "aws_db_parameter_group",
        "rds.describe_db_parameter_groups",
        "DBParameterGroups",
        "DBParameterGroupName",
        {"name": "DBParameterGroupName", "family": "DBParameterGroupFamily"},
        (
            More(
                "rds.describe_db_parameters",
                {"DBParameterGroupName": "DBParameterGroupName"},
                {"parameter": "Parameters[?Source=='user' || !Source].{name: ParameterName, value: ParameterValue}"},
            ),
        ),
        when="!starts_with(DBParameterGroupName, 'default.')",
    ),
    Row(
        "aws_elasticache_replication_group",
        "elasticache.describe_replication_groups",
        "ReplicationGroups",
        "ReplicationGroupId",
        {
            "arn": "ARN",
            "multi_az_enabled": "MultiAZ == 'enabled'",
            "automatic_failover_enabled": "AutomaticFailover == 'enabled'",
            "auth_token": "AuthTokenEnabled && 'set'",
        },
    ),
    Row(
        "aws_dynamodb_table",
        "dynamodb.list_tables",
        "TableNames[].{TableName: @}",
        "TableName",
        {
            "name": "TableName",
            "arn": "TableArn",
            "server_side_encryption": "[{enabled: SSEDescription.Status == 'ENABLED', "
            "kms_key_arn: SSEDescription.KMSMasterKeyArn}]",
        },
        (
            More(
                "dynamodb.describe_continuous_backups",
                {"TableName": "TableName"},
                {
                    "point_in_time_recovery": "[{enabled: ContinuousBackupsDescription.PointInTimeRecoveryDescription"
                    ".PointInTimeRecoveryStatus == 'ENABLED'}]"
                },
            ),
        ),
        whole=More("dynamodb.describe_table", {"TableName": "TableName"}, {}, over="Table"),
    ),
    Row(
        "aws_efs_file_system",
        "efs.describe_file_systems",
        "FileSystems",
        "FileSystemId",
        {},
        (
            More(
                "efs.describe_backup_policy",
                {"FileSystemId": "FileSystemId"},
                {
                    "id": "@given.FileSystemId",
                    "file_system_id": "@given.FileSystemId",
                    "backup_policy": "[{status: BackupPolicy.Status}]",
                },
                "aws_efs_backup_policy",
                ("PolicyNotFound",),
            ),
        ),
    ),
)

BUCKETS = (
    Row(
        "aws_s3_bucket",
        "s3.list_buckets",
        "Buckets",
        "Name",
        {"bucket": "Name", "arn": "join('', ['arn:aws:s3:::', Name])"},
        (
            More("s3.get_bucket_tagging", BUCKET, {"tags": "TagSet"}, none=("NoSuchTagSet",)),
            More(
                "s3.get_bucket_versioning",
                BUCKET,
                {
                    "id": "@given.Bucket",
                    "bucket": "@given.Bucket",
                    "versioning_configuration": "Status && [{status: Status}]",
                },
                "aws_s3_bucket_versioning",
                only="versioning_configuration",
            ),
            More(
                "s3.get_bucket_encryption",
                BUCKET,
                {
                    "id": "@given.Bucket",
                    "bucket": "@given.Bucket",
                    "rule": "ServerSideEncryptionConfiguration.Rules[].{bucket_key_enabled: BucketKeyEnabled, "
                    "apply_server_side_encryption_by_default: [ApplyServerSideEncryptionByDefault.{"
                    "sse_algorithm: SSEAlgorithm, "
                    "kms_master_key_id: KMSMasterKeyID}]}",
                },
                "aws_s3_bucket_server_side_encryption_configuration",
                ("ServerSideEncryptionConfigurationNotFoundError",),
            ),
            More(
                "s3.get_public_access_block",
                BUCKET,
                {
                    "id": "@given.Bucket",
                    "bucket": "@given.Bucket",
                    "block_public_acls": "PublicAccessBlockConfiguration.BlockPublicAcls",
                    "block_public_policy": "PublicAccessBlockConfiguration.BlockPublicPolicy",
                    "ignore_public_acls": "PublicAccessBlockConfiguration.IgnorePublicAcls",
                    "restrict_public_buckets": "PublicAccessBlockConfiguration.RestrictPublicBuckets",
                },
                "aws_s3_bucket_public_access_block",
                ("NoSuchPublicAccessBlockConfiguration",),
            ),
            More(
                "s3.get_bucket_policy",
                BUCKET,
                {"id": "@given.Bucket", "bucket": "@given.Bucket", "policy": "Policy"},
                "aws_s3_bucket_policy",
                ("NoSuchBucketPolicy",),
            ),
            More(
                "s3.get_bucket_logging",
                BUCKET,
                {"id": "@given.Bucket", "bucket": "@given.Bucket", "target_bucket": "LoggingEnabled.TargetBucket"},
                "aws_s3_bucket_logging",
                only="target_bucket",
            ),
            More(
                "s3.get_bucket_ownership_controls",
                BUCKET,
                {
                    "id": "@given.Bucket",
                    "bucket": "@given.Bucket",
                    "rule": "OwnershipControls.Rules[].{object_ownership: ObjectOwnership}",
                },
                "aws_s3_bucket_ownership_controls",
                ("OwnershipControlsNotFoundError",),
            ),
            More(
                "s3.get_bucket_lifecycle_configuration",
                BUCKET,
                {
                    "id": "@given.Bucket",
                    "bucket": "@given.Bucket",
                    "rule": "Rules[].{id: ID, status: Status, expiration: [{days: Expiration.Days}]}",
                },
                "aws_s3_bucket_lifecycle_configuration",
                ("NoSuchLifecycleConfiguration",),
            ),
        ),
    ),
)

BACKUPS = (
    Row(
        "aws_backup_vault",
        "backup.list_backup_vaults",
        "BackupVaultList",
        "BackupVaultName",
        {"name": "BackupVaultName", "arn": "BackupVaultArn", "kms_key_arn": "EncryptionKeyArn"},
    ),
    Row(
        "aws_backup_vault_lock_configuration",
        "backup.list_backup_vaults",
        "BackupVaultList",
        "BackupVaultName",
        when="Locked",
    ),
    Row(
        "aws_backup_plan",
        "backup.list_backup_plans",
        "BackupPlansList",
        "BackupPlanId",
        {"name": "BackupPlanName", "arn": "BackupPlanArn"},
        (
            More(
                "backup.get_backup_plan",
                {"BackupPlanId": "BackupPlanId"},
                {
                    "rule": "BackupPlan.Rules[].{rule_name: RuleName, schedule: ScheduleExpression, "
                    "target_vault_name: TargetBackupVaultName, lifecycle: [{delete_after: Lifecycle.DeleteAfterDays}], "
                    "copy_action: CopyActions[].{destination_vault_arn: DestinationBackupVaultArn}}"
                },
            ),
            More(
                "backup.list_backup_selections",
                {"BackupPlanId": "BackupPlanId"},
                {"id": "SelectionId", "plan_id": "BackupPlanId", "name": "SelectionName"},
                "aws_backup_selection",
                over="BackupSelectionsList",
            ),
        ),
    ),
)
