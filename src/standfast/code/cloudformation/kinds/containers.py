"""Containers on Fargate: the cluster, what a task is, how many run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.code.cloudformation.words import TAGS, Each, Fold, Kind, Left, One, Prop, Row, document, rules

# Mappings whose keys are the user's or a driver's own words.
_FREE = {"options", "dockerLabels"}
PLATFORM = rules("operating_system_family cpu_architecture")
PUBLIC = Prop("AssignPublicIp", lambda on: "ENABLED" if on else "DISABLED")
NETWORK = rules("subnets security_groups", assign_public_ip=PUBLIC)
TRACKED = rules(
    "target_value disable_scale_in scale_in_cooldown scale_out_cooldown",
    predefined_metric_specification=One(
        "PredefinedMetricSpecification", rules("predefined_metric_type resource_label")
    ),
)
STARTED = Left("a changed task definition starts new tasks")
COUNTED = Left("a stack would set the number of tasks back with each update; autoscaling begins with its least")
RUNS = "deployment_minimum_healthy_percent:MinimumHealthyPercent deployment_maximum_percent:MaximumPercent"


def containers(value: Any) -> list[Any]:
    """Container definitions, whose names begin with a capital here."""
    return [_capital(one) for one in document(value)]


def _capital(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {f"{key[:1].upper()}{key[1:]}": one if key in _FREE else _capital(one) for key, one in value.items()}
    return [_capital(one) for one in value] if isinstance(value, (list, tuple)) else value


def _deployment(service: Any) -> Mapping[str, Any]:
    names = {setting: rule.name for setting, rule in rules(RUNS).items() if isinstance(rule, Prop)}
    found: dict[str, Any] = {name: service.settings[one] for one, name in names.items() if one in service.settings}
    breaker = service.settings.get("deployment_circuit_breaker")
    if breaker is not None:
        found["DeploymentCircuitBreaker"] = {key.capitalize(): value for key, value in breaker.settings.items()}
    return {"DeploymentConfiguration": found} if found else {}


KINDS: dict[str, Row] = {
    "aws_ecs_cluster": Kind(
        "AWS::ECS::Cluster",
        rules("name:ClusterName", setting=Each("ClusterSettings", rules("name value")), tags=TAGS),
        {"id": "", "name": "", "arn": "Arn"},
    ),
    "aws_ecs_cluster_capacity_providers": Fold("cluster_name", rules("capacity_providers")),
    "aws_ecs_task_definition": Kind(
        "AWS::ECS::TaskDefinition",
        rules("family requires_compatibilities network_mode cpu memory execution_role_arn task_role_arn",
              container_definitions=Prop("ContainerDefinitions", containers),
              runtime_platform=One("RuntimePlatform", PLATFORM),
              volume=Each("Volumes", rules("name")), tags=TAGS),
        {"id": "", "arn": ""},
    ),
    "aws_ecs_service": Kind(
        "AWS::ECS::Service",
        rules("name:ServiceName cluster task_definition launch_type health_check_grace_period_seconds"
              " enable_ecs_managed_tags:EnableECSManagedTags propagate_tags"
              " platform_version availability_zone_rebalancing",
              desired_count=COUNTED, force_new_deployment=STARTED, triggers=STARTED,
              deployment_circuit_breaker=Left("said with the deployment"),
              deployment_minimum_healthy_percent=Left("said with the deployment"),
              deployment_maximum_percent=Left("said with the deployment"),
              network_configuration=One("NetworkConfiguration", NETWORK, lambda said: {"AwsvpcConfiguration": said}),
              load_balancer=Each("LoadBalancers", rules("target_group_arn container_name container_port")), tags=TAGS),
        {"id": "", "arn": "", "name": "Name"},
        more=_deployment,
    ),
    "aws_appautoscaling_target": Kind(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        rules("service_namespace resource_id scalable_dimension min_capacity max_capacity"),
    ),
    "aws_appautoscaling_policy": Kind(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        rules("name:PolicyName policy_type service_namespace resource_id scalable_dimension",
              target_tracking_scaling_policy_configuration=One("TargetTrackingScalingPolicyConfiguration", TRACKED)),
    ),
}  # fmt: skip
