"""Rows of keys, secrets, people's and programs' rights, logs and alarms."""

from __future__ import annotations

from standfast.audit.sources.live.rows import More, Row

RIGHTS = (
    Row(
        "aws_kms_key",
        "kms.list_keys",
        "Keys",
        "KeyId",
        {"arn": "Arn"},
        (
            More("kms.get_key_rotation_status", {"KeyId": "KeyId"}, {"enable_key_rotation": "KeyRotationEnabled"}),
            More("kms.get_key_policy", {"KeyId": "KeyId", "PolicyName": "'default'"}, {"policy": "Policy"}),
            More("kms.list_resource_tags", {"KeyId": "KeyId"}, {"tags": "Tags[].{Key: TagKey, Value: TagValue}"}),
        ),
        whole=More("kms.describe_key", {"KeyId": "KeyId"}, {}, over="KeyMetadata"),
        when="KeyManager == 'CUSTOMER'",
    ),
    Row("aws_secretsmanager_secret", "secretsmanager.list_secrets", "SecretList", "ARN", {"arn": "ARN"}),
    Row(
        "aws_iam_role",
        "iam.list_roles",
        "Roles",
        "RoleName",
        {"name": "RoleName", "assume_role_policy": "AssumeRolePolicyDocument"},
        (
            More("iam.list_role_tags", {"RoleName": "RoleName"}, {"tags": "Tags"}),
            More(
                "iam.list_attached_role_policies",
                {"RoleName": "RoleName"},
                {"id": "PolicyName", "role": "@given.RoleName", "policy_arn": "PolicyArn"},
                "aws_iam_role_policy_attachment",
                over="AttachedPolicies",
            ),
            More(
                "iam.get_role_policy",
                {"RoleName": "RoleName", "PolicyName": "*iam.list_role_policies PolicyNames"},
                {
                    "id": "join(':', [RoleName, PolicyName])",
                    "role": "RoleName",
                    "name": "PolicyName",
                    "policy": "PolicyDocument",
                },
                "aws_iam_role_policy",
            ),
        ),
        when="!starts_with(Path, '/aws-service-role/')",
    ),
    Row(
        "aws_iam_policy",
        "iam.list_policies",
        "Policies",
        "Arn",
        {"name": "PolicyName"},
        (
            More(
                "iam.get_policy_version",
                {"PolicyArn": "Arn", "VersionId": "DefaultVersionId"},
                {"policy": "PolicyVersion.Document"},
            ),
        ),
        given={"Scope": "Local"},
    ),
    Row(
        "aws_iam_user",
        "iam.list_users",
        "Users",
        "UserName",
        {"name": "UserName"},
        (
            More(
                "iam.list_access_keys",
                {"UserName": "UserName"},
                {"id": "AccessKeyId", "user": "UserName", "status": "Status"},
                "aws_iam_access_key",
                over="AccessKeyMetadata",
            ),
            More(
                "iam.list_attached_user_policies",
                {"UserName": "UserName"},
                {"id": "PolicyName", "user": "@given.UserName", "policy_arn": "PolicyArn"},
                "aws_iam_user_policy_attachment",
                over="AttachedPolicies",
            ),
            More(
                "iam.get_user_policy",
                {"UserName": "UserName", "PolicyName": "*iam.list_user_policies PolicyNames"},
                {
                    "id": "join(':', [UserName, PolicyName])",
                    "user": "UserName",
                    "name": "PolicyName",
                    "policy": "PolicyDocument",
                },
                "aws_iam_user_policy",
            ),
        ),
    ),
    Row(
        "aws_acm_certificate",
        "acm.list_certificates",
        "CertificateSummaryList",
        "CertificateArn",
        {"arn": "CertificateArn", "key_algorithm": "KeyAlgorithm"},
        (
            More(
                "acm.describe_certificate",
                {"CertificateArn": "CertificateArn"},
                {
                    "validation_method": "Certificate.DomainValidationOptions[0].ValidationMethod",
                    "status": "Certificate.Status",
                },
            ),
        ),
    ),
)

RECORDS = (
    Row(
        "aws_cloudtrail",
        "cloudtrail.describe_trails",
        "trailList",
        "TrailARN",
        {"arn": "TrailARN", "enable_log_file_validation": "LogFileValidationEnabled"},
        (
            More("cloudtrail.get_trail_status", {"Name": "TrailARN"}, {"enable_logging": "IsLogging"}),
            More("cloudtrail.list_tags", {"ResourceIdList": "[TrailARN]"}, {"tags": "ResourceTagList[0].TagsList"}),
        ),
    ),
    Row(
        "aws_cloudwatch_log_group",
        "logs.describe_log_groups",
        "logGroups",
        "logGroupName",
        {"name": "logGroupName", "arn": "arn"},
    ),
    Row("aws_cloudwatch_metric_alarm", "cloudwatch.describe_alarms", "MetricAlarms", "AlarmName", {"arn": "AlarmArn"}),
    Row(
        "aws_sns_topic",
        "sns.list_topics",
        "Topics",
        "TopicArn",
        {"arn": "TopicArn"},
        (
            More(
                "sns.get_topic_attributes", {"TopicArn": "TopicArn"}, {"kms_master_key_id": "Attributes.KmsMasterKeyId"}
            ),
            More(
                "sns.get_topic_attributes",
                {"TopicArn": "TopicArn"},
                {"id": "@given.TopicArn", "arn": "@given.TopicArn", "policy": "Attributes.Policy"},
                "aws_sns_topic_policy",
            ),
            More(
                "sns.list_subscriptions_by_topic",
                {"TopicArn": "TopicArn"},
                {
                    "id": "SubscriptionArn",
                    "topic_arn": "TopicArn",
                    "protocol": "Protocol",
                    "endpoint": "Endpoint",
                    "pending_confirmation": "SubscriptionArn == 'PendingConfirmation'",
                },
                "aws_sns_topic_subscription",
                over="Subscriptions",
            ),
        ),
    ),
    Row(
        "aws_sqs_queue",
        "sqs.list_queues",
        "QueueUrls[].{url: @}",
        "url",
        {},
        (
            More(
                "sqs.get_queue_attributes",
                {"QueueUrl": "url", "AttributeNames": "['All']"},
                {
                    "arn": "Attributes.QueueArn",
                    "kms_master_key_id": "Attributes.KmsMasterKeyId",
                    "sqs_managed_sse_enabled": "Attributes.SqsManagedSseEnabled",
                    "policy": "Attributes.Policy",
                },
            ),
        ),
    ),
)
