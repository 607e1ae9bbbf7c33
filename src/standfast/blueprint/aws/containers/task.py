"""What a task is: the container of a service, its size, its environment, and where it gets its secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.environment import environment, secrets
from standfast.blueprint.aws.site import Hosted, Part, Site, reason
from standfast.blueprint.boot import Secret
from standfast.blueprint.model import Block, Join, Json, Ref, Resource
from standfast.problem import Problem

# Sizes of Fargate: CPU units -> least and most MiB of memory beside them, and the step between (ECS developer guide,
# "Amazon ECS task definition differences for Fargate": task CPU and memory).
SIZES = {512: (1024, 4096, 1024), 1024: (2048, 8192, 1024), 2048: (4096, 16_384, 1024), 4096: (8192, 30_720, 1024)}
KEYS = {"USER": "username", "PASSWORD": "password"}


def size(host: Hosted) -> tuple[int, int]:
    """CPU units and MiB of a task, rounded up to what Fargate sells."""
    cpu, memory = round(float(host.choice.size["vcpu"]) * 1024), round(float(host.choice.size["memory_gib"]) * 1024)
    if cpu not in SIZES:
        return cpu, memory
    least, _, step = SIZES[cpu]
    return cpu, max(least, -(-memory // step) * step)


def problems(site: Site) -> Iterator[Problem]:
    """What was planned and Fargate does not sell: its largest sizes have less memory than other clouds'."""
    for host in site.hosted:
        cpu, memory = size(host)
        if cpu not in SIZES or memory > SIZES[cpu][1]:
            what = f"{host.name} needs {memory / 1024:g} GiB beside {cpu / 1024:g} vCPU"
            why = f"Fargate sells at most {SIZES[cpu][1] / 1024:g} GiB beside them" if cpu in SIZES else ""
            yield Problem(what, why, "write compute: vm under rules", host.service.place)


def definition(site: Site, part: Part, host: Hosted) -> Resource:
    cpu, memory = size(host)
    container: dict[str, Any] = {
        "name": host.name,
        "image": host.service.image,
        **{key: list(words) for key, words in _program(host) if words},
        "essential": True,
        "portMappings": [{"containerPort": host.service.port, "protocol": "tcp"}],
        "environment": [{"name": name, "value": value} for name, value in sorted(environment(site, host).items())],
        "secrets": sorted(_secrets(site, host), key=lambda one: one["name"]),
        "linuxParameters": {"initProcessEnabled": True},
        "stopTimeout": 30,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": Ref(f"aws_cloudwatch_log_group.service_{host.id}", "name"),
                "awslogs-region": site.plan.region,
                "awslogs-stream-prefix": "task",
            },
        },
    }
    arm = host.choice.size.get("arch") == "arm64"
    settings = {
        "family": site.name(host.name, limit=255),
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": str(cpu),
        "memory": str(memory),
        "execution_role_arn": Ref(f"aws_iam_role.{host.id}_start", "arn"),
        "task_role_arn": Ref(f"aws_iam_role.{host.id}", "arn"),
        "runtime_platform": Block(
            {"operating_system_family": "LINUX", "cpu_architecture": "ARM64" if arm else "X86_64"}
        ),
        "container_definitions": Json([container]),
    }
    why = f"{host.name} on {reason(host.choice)}"
    return part.make("aws_ecs_task_definition", host.id, settings, why, tag=site.name(host.name))


def _program(host: Hosted) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Word for word: ECS puts nothing into them."""
    yield "entryPoint", host.service.entrypoint
    yield "command", host.service.command


def _secrets(site: Site, host: Hosted) -> Iterator[dict[str, Any]]:
    for secret in secrets(site, host):
        for variable in secret.variables:
            if variable not in host.service.environment:  # what the spec says goes first
                yield {"name": variable, "valueFrom": _value_from(secret, variable)}


def _value_from(secret: Secret, variable: str) -> Ref | Join:
    """The secret itself, or one key of the JSON in it."""
    if secret.kind == "value":
        return secret.where
    return Join((secret.where, f":{KEYS.get(variable.rpartition('_')[2], secret.url)}::"))
