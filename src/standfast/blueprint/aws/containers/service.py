"""One ECS service per service of the spec: how many tasks there are, where, and when there are more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.containers.task import definition
from standfast.blueprint.aws.edge.balancer import target_groups
from standfast.blueprint.aws.environment import secrets
from standfast.blueprint.aws.net.firewall import group
from standfast.blueprint.aws.net.network import subnets
from standfast.blueprint.aws.site import Hosted, Part, Site, several
from standfast.blueprint.model import Block, Join, Ref, Resource

CLUSTER = Ref("aws_ecs_cluster.main", "name")
BUSY = 60  # percent of CPU at which tasks are added: above it queues grow faster than tasks start
START = 60  # seconds a task may take to answer before the balancer's word counts


def resources(site: Site) -> Iterator[Resource]:
    if not (site.contained and site.hosted):
        return
    part = site.part("containers", "compute")
    settings = {"name": site.name(), "setting": Block({"name": "containerInsights", "value": "enabled"})}
    why = "The cluster is a name and its measurements: Fargate brings the machines."
    yield part.make("aws_ecs_cluster", "main", settings, why, tag=site.name())
    yield part.make(
        "aws_ecs_cluster_capacity_providers", "main", {"cluster_name": CLUSTER, "capacity_providers": ["FARGATE"]}
    )
    for host in site.hosted:
        part = site.part(host.name, "compute", host.service.place)
        yield definition(site, part, host)
        yield _service(site, part, host)
        yield from _scaling(part, host)


def least(host: Hosted) -> int:
    return int(host.choice.size.get("min_count", host.choice.count))


def _service(site: Site, part: Part, host: Hosted) -> Resource:
    balanced = target_groups(site, host)
    network = {
        "subnets": subnets("app", site.zones[: max(host.choice.zones, 1)]),
        "security_groups": [group(host.id)],
        "assign_public_ip": False,
    }
    behind = [
        Block({
            "target_group_arn": Ref(one, "arn"), "container_name": host.name, "container_port": host.service.port,
        })
        for one in balanced
    ]  # fmt: skip
    settings: dict[str, Any] = {
        "name": host.name,
        "cluster": Ref("aws_ecs_cluster.main", "id"),
        "task_definition": Ref(f"aws_ecs_task_definition.{host.id}", "arn"),
        "desired_count": host.choice.count,  # to begin with
        "launch_type": "FARGATE",
        "availability_zone_rebalancing": "ENABLED",
        "deployment_minimum_healthy_percent": 100,
        "deployment_maximum_percent": 200,
        "health_check_grace_period_seconds": START if balanced else None,
        "enable_ecs_managed_tags": True,
        "propagate_tags": "SERVICE",
        "force_new_deployment": True if _versions(site, host) else None,
        "triggers": _versions(site, host) or None,
        "deployment_circuit_breaker": Block({"enable": True, "rollback": True}),
        "network_configuration": Block(network),
        "load_balancer": behind or None,
    }
    number = f"{least(host)} to {most(host)}"
    zones = several(max(host.choice.zones, 1), "zone")
    why = f"Tasks of {host.name}: {number} over {zones}. A change that does not come up is taken back."
    needs = (
        f"aws_iam_role_policy.{host.id}_start",
        f"aws_vpc_security_group_egress_rule.{host.id}_https_out",
        *(f"aws_route.app_{zone + 1}_out" for zone in site.zones),
        *_listeners(site, host),
    )
    return part.make(
        "aws_ecs_service", host.id, settings, why, tag=site.name(host.name), depends_on=needs,
        lifecycle={"ignore_changes": ["desired_count"]},
    )  # fmt: skip


def _versions(site: Site, host: Hosted) -> dict[str, Ref]:
    """A task reads its secrets when it starts: a new value that we write starts new ones."""
    written = {one.id for one in site.kept if one.kind == "redis" or site.given(one)}
    used = {one.where.address.partition(".")[2] for one in secrets(site, host) if one.kind != "value"}
    return {name: Ref(f"aws_secretsmanager_secret_version.{name}", "version_id") for name in sorted(written & used)}


def _listeners(site: Site, host: Hosted) -> list[str]:
    """ECS takes a target group only once a balancer uses it."""
    found = [f"aws_lb_listener_rule.{host.id}"] if host.service.public else []
    return found + ([f"aws_lb_listener.{host.id}_internal"] if host.listener is not None else [])


def most(host: Hosted) -> int:
    return max(int(host.choice.size.get("max_count", 2 * host.choice.count)), least(host))


def _scaling(part: Part, host: Hosted) -> Iterator[Resource]:
    name = Ref(f"aws_ecs_service.{host.id}", "name")
    what = {
        "service_namespace": "ecs",
        "resource_id": Join(("service/", CLUSTER, "/", name)),
        "scalable_dimension": "ecs:service:DesiredCount",
    }
    yield part.make(
        "aws_appautoscaling_target", host.id, {**what, "min_capacity": least(host), "max_capacity": most(host)}
    )
    if most(host) == least(host):
        return
    target = f"aws_appautoscaling_target.{host.id}"
    metric = Block({"predefined_metric_type": "ECSServiceAverageCPUUtilization"})
    settings = {
        "name": f"{host.name}-cpu",
        "policy_type": "TargetTrackingScaling",
        **{key: Ref(target, key) for key in what},
        "target_tracking_scaling_policy_configuration": Block(
            {"target_value": BUSY, "predefined_metric_specification": metric}
        ),
    }
    why = f"Planned for the peak with {host.choice.count}; more are started when they are over {BUSY}% busy."
    yield part.make("aws_appautoscaling_policy", host.id, settings, why)
