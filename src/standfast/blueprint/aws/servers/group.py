"""One autoscaling group per service: how a server is made, how many there are, and when there are more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.edge.balancer import target_groups
from standfast.blueprint.aws.keys import DATA_KEY
from standfast.blueprint.aws.net.firewall import group
from standfast.blueprint.aws.net.network import subnets
from standfast.blueprint.aws.servers.boot import user_data
from standfast.blueprint.aws.site import Hosted, Part, Site, reason, several
from standfast.blueprint.model import Base64, Block, Ref, Resource, Var

BUSY = 60  # percent of CPU at which servers are added: above it queues grow faster than servers start


def resources(site: Site) -> Iterator[Resource]:
    if site.contained or site.clustered:
        return
    part = site.part("servers", "compute")
    for arch in sorted({_arch(host) for host in site.hosted}):
        image = {"name": f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{arch}"}
        why = "The newest Amazon Linux. A new one shows in the plan, and replaces the servers one after another."
        yield part.make("aws_ssm_parameter", f"image_{arch}", image, why, data=True)
    for host in site.hosted:
        part = site.part(host.name, "compute", host.service.place)
        if host.stateful:
            yield _disk(site, part, host)
        yield _template(site, part, host)
        yield _group(site, part, host)
        if _most(host) > _least(host):
            yield _policy(site, part, host)


def _arch(host: Hosted) -> str:
    return "arm64" if host.choice.size.get("arch") == "arm64" else "x86_64"


def _least(host: Hosted) -> int:
    return 1 if host.stateful else int(host.choice.size.get("min_count", host.choice.count))


def _most(host: Hosted) -> int:
    return 1 if host.stateful else max(int(host.choice.size.get("max_count", 2 * host.choice.count)), _least(host))


def _disk(site: Site, part: Part, host: Hosted) -> Resource:
    settings = {
        "availability_zone": Var("zones", 0),
        "type": "gp3",
        "size": int(host.choice.size.get("data_gib", host.choice.size.get("disk_gib", 30))),
        "encrypted": True,
        "kms_key_id": DATA_KEY,
    }
    why = f"{host.name} keeps data on this disk; the server that replaces a lost one takes it over."
    return part.make("aws_ebs_volume", host.id, settings, why, tag=site.name(host.name))


def _template(site: Site, part: Part, host: Hosted) -> Resource:
    name = site.name(host.name)
    owned = {**site.tags, **part.tags(name)}
    disk = {
        "volume_type": "gp3",
        "volume_size": int(host.choice.size.get("disk_gib", 30)),
        "encrypted": True,
        "kms_key_id": DATA_KEY,
        "delete_on_termination": True,
    }
    settings: dict[str, Any] = {
        "name": name,
        "image_id": Ref(f"data.aws_ssm_parameter.image_{_arch(host)}", "insecure_value"),
        "instance_type": host.choice.offer,
        "update_default_version": True,
        "user_data": Base64(user_data(site, host)),
        "iam_instance_profile": Block({"arn": Ref(f"aws_iam_instance_profile.{host.id}", "arn")}),
        "metadata_options": Block(
            {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1}
        ),
        "network_interfaces": Block({"associate_public_ip_address": False, "security_groups": [group(host.id)]}),
        "block_device_mappings": Block({"device_name": "/dev/xvda", "ebs": Block(disk)}),
        "tag_specifications": Block({"resource_type": "volume", "tags": owned}),
    }
    why = f"{host.name} on {reason(host.choice)} No login: use Session Manager."
    return part.make("aws_launch_template", host.id, settings, why, tag=name)


def _group(site: Site, part: Part, host: Hosted) -> Resource:
    zones = site.zones[:1] if host.stateful else site.zones[: max(host.choice.zones, 1)]
    balanced = target_groups(site, host)
    rolling = (
        {"min_healthy_percentage": 0}
        if host.stateful
        else {"min_healthy_percentage": 100, "max_healthy_percentage": 150}
    )
    name = site.name(host.name)
    settings: dict[str, Any] = {
        "name": name,
        "min_size": _least(host),
        "max_size": _most(host),
        "desired_capacity": min(max(host.choice.count, _least(host)), _most(host)),  # to begin with
        "vpc_zone_identifier": subnets("app", zones),
        "target_group_arns": [Ref(one, "arn") for one in balanced] or None,
        # the balancer asks the service itself; without one, only whether the machine runs is known
        "health_check_type": "ELB" if balanced else "EC2",
        "health_check_grace_period": 180,
        "default_instance_warmup": 120,
        "enabled_metrics": ["GroupDesiredCapacity", "GroupInServiceInstances"],
        "launch_template": Block(
            {
                "id": Ref(f"aws_launch_template.{host.id}", "id"),
                "version": Ref(f"aws_launch_template.{host.id}", "latest_version"),
            }
        ),
        "instance_refresh": Block({"strategy": "Rolling", "preferences": Block({**rolling, "auto_rollback": True})}),
        "tag": [
            Block({"key": key, "value": value, "propagate_at_launch": True})
            for key, value in {**site.tags, **part.tags(name)}.items()
        ],
    }
    less = (
        "one, with its disk, in one zone"
        if host.stateful
        else f"{_least(host)} to {_most(host)} over {several(len(zones), 'zone')}"
    )
    why = f"Servers of {host.name}: {less}. A change replaces them one after another, and goes back if it fails."
    lifecycle = {"ignore_changes": ["desired_capacity"]}
    # what a server needs while it starts: its role, and a way out
    needs = (
        f"aws_iam_role_policy.{host.id}",
        f"aws_vpc_security_group_egress_rule.{host.id}_https_out",
        *(f"aws_route.app_{zone + 1}_out" for zone in zones),
    )
    return part.make("aws_autoscaling_group", host.id, settings, why, lifecycle=lifecycle, depends_on=needs)


def _policy(site: Site, part: Part, host: Hosted) -> Resource:
    metric = Block({"predefined_metric_type": "ASGAverageCPUUtilization"})
    settings = {
        "name": "cpu",
        "autoscaling_group_name": Ref(f"aws_autoscaling_group.{host.id}", "name"),
        "policy_type": "TargetTrackingScaling",
        "target_tracking_configuration": Block({"target_value": BUSY, "predefined_metric_specification": metric}),
    }
    why = f"Planned for the peak with {host.choice.count}; more are started when they are over {BUSY}% busy."
    return part.make("aws_autoscaling_policy", host.id, settings, why)
