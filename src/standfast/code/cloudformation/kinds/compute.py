"""Servers: disks, launch templates, groups of servers and when there are more of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.blueprint.model import Resource
from standfast.code.cloudformation.words import TAGS, Each, Kind, Left, One, Prop, Row, blocks, pairs, rules

EBS = rules("volume_type volume_size encrypted kms_key_id delete_on_termination iops throughput snapshot_id")
TAGGED = rules("resource_type", tags=TAGS)
METADATA = rules(
    "http_endpoint http_tokens http_put_response_hop_limit http_protocol_ipv6:HttpProtocolIpv6 instance_metadata_tags"
)
INTERFACE = rules("associate_public_ip_address device_index security_groups:Groups delete_on_termination subnet_id")
DATA = rules(
    "image_id instance_type ebs_optimized vpc_security_group_ids:SecurityGroupIds",
    user_data=Prop("UserData"),
    iam_instance_profile=One("IamInstanceProfile", rules("arn name")),
    metadata_options=One("MetadataOptions", METADATA),
    monitoring=One("Monitoring", rules("enabled")),
    network_interfaces=Each("NetworkInterfaces", INTERFACE, lambda one: {"DeviceIndex": 0, **one}),
    block_device_mappings=Each("BlockDeviceMappings", rules("device_name", ebs=One("Ebs", EBS))),
    tag_specifications=Each("TagSpecifications", TAGGED),
)
TRACKED = rules(
    "target_value disable_scale_in",
    predefined_metric_specification=One(
        "PredefinedMetricSpecification", rules("predefined_metric_type resource_label")
    ),
)
REFRESH = rules("min_healthy_percentage max_healthy_percentage")


def _group(group: Resource) -> Mapping[str, Any]:
    """While servers are replaced, as many stay as the refresh of Terraform would leave."""
    kept = _healthy(group)
    return {"InstanceMaintenancePolicy": kept} if "MaxHealthyPercentage" in kept else {}


def _healthy(group: Resource) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for refresh in blocks(group.settings.get("instance_refresh")):
        for preferences in blocks(refresh.get("preferences")):
            for setting, name in (("min_healthy_percentage", "Min"), ("max_healthy_percentage", "Max")):
                if setting in preferences:
                    found[f"{name}HealthyPercentage"] = preferences[setting]
    return found


def _update(group: Resource) -> Mapping[str, Any]:
    """A changed launch template replaces the servers one after another; a failed update rolls the stack back."""
    if "instance_refresh" not in group.settings:
        return {}
    least, most = int(group.settings["min_size"]), int(group.settings["max_size"])
    stay = 0 if _healthy(group).get("MinHealthyPercentage") == 0 else min(least, most - 1)
    rolling = {
        "MinInstancesInService": stay,
        "MaxBatchSize": 1,
        "PauseTime": f"PT{int(group.settings.get('health_check_grace_period', 300))}S",
        "SuspendProcesses": ["HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"],
    }
    return {"UpdatePolicy": {"AutoScalingRollingUpdate": rolling}}


def _template_tags(tags: Mapping[str, Any]) -> Any:
    return [{"ResourceType": "launch-template", "Tags": pairs(tags)}]


LATEST = Left("the newest version is said by whoever uses the template", True)
GROUP_TAG = rules("key value propagate_at_launch")
COUNTED = Left("a stack would set the number of servers back with each update; the group begins with its least")


KINDS: dict[str, Row] = {
    "aws_ebs_volume": Kind(
        "AWS::EC2::Volume",
        rules("availability_zone type:VolumeType size encrypted kms_key_id iops throughput", tags=TAGS),
        {"id": "", "arn": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:volume/{}"},
        keeps="Snapshot",
    ),
    "aws_launch_template": Kind(
        "AWS::EC2::LaunchTemplate",
        {**DATA, "name": Prop("LaunchTemplateName"), "update_default_version": LATEST,
         "tags": Prop("TagSpecifications", _template_tags)},
        {"id": "", "latest_version": "LatestVersionNumber", "name": "LaunchTemplateName"},
        under="LaunchTemplateData", beyond=("name", "tags"),
    ),
    "aws_autoscaling_group": Kind(
        "AWS::AutoScaling::AutoScalingGroup",
        rules("name:AutoScalingGroupName vpc_zone_identifier:VPCZoneIdentifier target_group_arns:TargetGroupARNs"
              " health_check_type health_check_grace_period default_instance_warmup max_instance_lifetime"
              " protect_from_scale_in:NewInstancesProtectedFromScaleIn",
              min_size=Prop("MinSize", str), max_size=Prop("MaxSize", str), desired_capacity=COUNTED,
              enabled_metrics=Prop("MetricsCollection", lambda names: [{"Granularity": "1Minute", "Metrics": names}]),
              launch_template=One("LaunchTemplate", rules("id:LaunchTemplateId version")),
              instance_refresh=Left("said by UpdatePolicy and InstanceMaintenancePolicy"),
              tag=Each("Tags", GROUP_TAG)),
        {"id": "", "name": "", "arn": "AutoScalingGroupARN"},
        more=_group, policy=_update,
    ),
    "aws_autoscaling_policy": Kind(
        "AWS::AutoScaling::ScalingPolicy",
        rules("autoscaling_group_name:AutoScalingGroupName policy_type",
              name=Left("CloudFormation names the policy"),
              target_tracking_configuration=One("TargetTrackingConfiguration", TRACKED)),
    ),
}  # fmt: skip
