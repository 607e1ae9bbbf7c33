"""Logs, alarms, the record of the account, and backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.blueprint.model import Resource
from standfast.code.cloudformation.words import (
    TAGS,
    Each,
    Fold,
    Kind,
    Left,
    One,
    Prop,
    Row,
    document,
    rules,
)  # fmt: skip


def _dimensions(mapping: Mapping[str, Any]) -> list[Any]:
    return [{"Name": name, "Value": value} for name, value in mapping.items()]


def _stated(query: dict[str, Any]) -> dict[str, Any]:
    """What is measured stands apart from how it is added up."""
    metric = {name: query.pop(name) for name in ("Namespace", "MetricName", "Dimensions") if name in query}
    return {"Metric": metric, **query}


DIMENSIONS = Prop("Dimensions", _dimensions)
MEASURED = rules("namespace metric_name period stat unit", dimensions=DIMENSIONS)
QUERY = rules("id expression label return_data period", metric=One("MetricStat", MEASURED, _stated))
LIFECYCLE = rules("delete_after:DeleteAfterDays cold_storage_after:MoveToColdStorageAfterDays")
COPY = rules("destination_vault_arn:DestinationBackupVaultArn", lifecycle=One("Lifecycle", LIFECYCLE))
BACKUP = rules(
    "rule_name target_vault_name:TargetBackupVault schedule:ScheduleExpression enable_continuous_backup"
    " start_window:StartWindowMinutes completion_window:CompletionWindowMinutes",
    lifecycle=One("Lifecycle", LIFECYCLE),
    copy_action=Each("CopyActions", COPY),
)
SELECTION = rules("name:SelectionName iam_role_arn resources not_resources")


def _selection(selection: Resource) -> Mapping[str, Any]:
    return {"BackupPlanId": selection.settings["plan_id"]}


TARGET = {"arn": "Arn", "role_arn": "RoleArn", "input": "Input"}


def _target(target: Resource, _: Resource) -> Mapping[str, Any]:
    said = {word: target.settings[setting] for setting, word in TARGET.items() if setting in target.settings}
    return {"Targets": [{"Id": target.name, **said}]}


ALARM = Kind(
    "AWS::CloudWatch::Alarm",
    rules("alarm_name alarm_description namespace metric_name statistic extended_statistic comparison_operator"
          " threshold period evaluation_periods datapoints_to_alarm treat_missing_data alarm_actions"
          " ok_actions:OKActions insufficient_data_actions actions_enabled unit",
          dimensions=DIMENSIONS, metric_query=Each("Metrics", QUERY),
          tags=TAGS),
    {"id": "", "alarm_name": "", "arn": "Arn"},
)  # fmt: skip


KINDS: dict[str, Row] = {
    "aws_cloudwatch_log_group": Kind(
        "AWS::Logs::LogGroup",
        rules("name:LogGroupName retention_in_days kms_key_id log_group_class deletion_protection_enabled", tags=TAGS),
        # Terraform's ARN of a log group ends without the `:*` that CloudFormation's has.
        {"id": "", "name": "",
         "arn": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:{}"},
        keeps="Retain",
    ),
    "aws_cloudwatch_metric_alarm": ALARM,
    "aws_cloudwatch_event_rule": Kind(
        "AWS::Events::Rule", rules("name description", event_pattern=Prop("EventPattern", document), tags=TAGS),
        {"id": "", "name": "", "arn": "Arn"},
    ),
    "aws_cloudwatch_event_target": Fold("rule", {**dict.fromkeys(TARGET, Left("said in its rule"))}, more=_target),
    "aws_ssm_document": Kind(
        "AWS::SSM::Document",
        rules("name document_type document_format", content=Prop("Content", document), tags=TAGS),
        {"id": "", "name": ""},
    ),
    "aws_sns_topic": Kind(
        "AWS::SNS::Topic",
        rules("name:TopicName display_name kms_master_key_id", tags=TAGS),
        {"id": "", "arn": "", "name": "TopicName"},
    ),
    "aws_sns_topic_policy": Kind(
        "AWS::SNS::TopicPolicy",
        rules("", arn=Prop("Topics", lambda topic: [topic]), policy=Prop("PolicyDocument", document)),
    ),
    "aws_sns_topic_subscription": Kind(
        "AWS::SNS::Subscription", rules("topic_arn protocol endpoint raw_message_delivery")
    ),
    "aws_cloudtrail": Kind(
        "AWS::CloudTrail::Trail",
        rules("name:TrailName s3_bucket_name:S3BucketName s3_key_prefix:S3KeyPrefix kms_key_id:KMSKeyId"
              " is_multi_region_trail include_global_service_events enable_log_file_validation sns_topic_name"
              " cloud_watch_logs_role_arn cloud_watch_logs_group_arn:CloudWatchLogsLogGroupArn", tags=TAGS),
        {"id": "", "name": "", "arn": "Arn"},
        absent={"IsLogging": True},
    ),
    "aws_cloudwatch_log_delivery_source": Kind(
        "AWS::Logs::DeliverySource", rules("name log_type resource_arn", tags=TAGS), {"id": "", "name": ""}
    ),
    "aws_cloudwatch_log_delivery_destination": Kind(
        "AWS::Logs::DeliveryDestination",
        rules("name output_format", delivery_destination_configuration=One("", rules("destination_resource_arn")),
              tags=TAGS),
        {"id": "", "name": "", "arn": "Arn"},
    ),
    "aws_cloudwatch_log_delivery": Kind(
        "AWS::Logs::Delivery",
        rules("delivery_source_name delivery_destination_arn field_delimiter record_fields", tags=TAGS),
    ),
    "aws_backup_vault": Kind(
        "AWS::Backup::BackupVault",
        rules("name:BackupVaultName kms_key_arn:EncryptionKeyArn",
              force_destroy=Left("a stack never empties a vault", False), tags=Prop("BackupVaultTags")),
        {"id": "", "name": "", "arn": "BackupVaultArn"},
        keeps="Retain",
    ),
    "aws_backup_vault_lock_configuration": Fold(
        "backup_vault_name", rules("min_retention_days max_retention_days changeable_for_days"),
        under="LockConfiguration",
    ),
    "aws_backup_plan": Kind(
        "AWS::Backup::BackupPlan",
        rules("name:BackupPlanName", rule=Each("BackupPlanRule", BACKUP), tags=Prop("BackupPlanTags")),
        {"id": "", "arn": "BackupPlanArn"},
        under="BackupPlan",
    ),
    "aws_backup_selection": Kind(
        "AWS::Backup::BackupSelection",
        {**SELECTION, "plan_id": Left("said beside the selection")},
        under="BackupSelection", more=_selection,
    ),
}  # fmt: skip
