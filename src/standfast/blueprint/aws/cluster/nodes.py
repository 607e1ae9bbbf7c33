"""The nodes: servers that the cluster's pods share, over the zones, replaced one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.cluster.control import CLUSTER, FIRST, MANAGED, VERSION
from standfast.blueprint.aws.identity import SESSIONS
from standfast.blueprint.aws.keys import DATA_KEY
from standfast.blueprint.aws.net.firewall import NODES, group
from standfast.blueprint.aws.net.network import subnets
from standfast.blueprint.aws.policy import allow, assumed_by, document
from standfast.blueprint.aws.site import Part, Site, several
from standfast.blueprint.model import Block, Ref, Resource
from standfast.problem import Problem, Problems

DISK = 50  # GiB: the system, images, and what pods write below /tmp
IMAGES = {"arm64": "AL2023_ARM_64_STANDARD", "x86_64": "AL2023_x86_64_STANDARD"}


def resources(site: Site) -> Iterator[Resource]:
    if not site.clustered:
        return
    part = site.part("cluster", "cluster")
    name = site.name("nodes")
    yield from _role(part, name)
    yield _template(site, part, name)
    yield _group(site, part, name)


def _role(part: Part, name: str) -> Iterator[Resource]:
    trust = assumed_by("ec2.amazonaws.com")
    yield part.make("aws_iam_role", "nodes", {"name": name, "assume_role_policy": trust}, tag=name)
    for key, policy in {"node": "AmazonEKSWorkerNodePolicy", "pull": "AmazonEC2ContainerRegistryPullOnly"}.items():
        attached = {"role": Ref("aws_iam_role.nodes", "name"), "policy_arn": f"{MANAGED}/{policy}"}
        yield part.make("aws_iam_role_policy_attachment", f"nodes_{key}", attached)
    login = document(allow(SESSIONS, "*", "SessionManager"))
    yield part.make(
        "aws_iam_role_policy", "nodes", {"name": "sessions", "role": Ref("aws_iam_role.nodes", "id"), "policy": login}
    )


def _template(site: Site, part: Part, name: str) -> Resource:
    owned = {**site.tags, **part.tags(name)}
    disk = {
        "volume_type": "gp3",
        "volume_size": DISK,
        "encrypted": True,
        "kms_key_id": DATA_KEY,
        "delete_on_termination": True,
    }
    settings = {
        "name": name,
        "update_default_version": True,
        "vpc_security_group_ids": [group(NODES)],
        # one hop: the node itself has its role, pods do not
        "metadata_options": Block(
            {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1}
        ),
        "block_device_mappings": Block({"device_name": "/dev/xvda", "ebs": Block(disk)}),
        "tag_specifications": [
            Block({"resource_type": kind, "tags": owned}) for kind in ("instance", "volume", "network-interface")
        ],
    }
    why = "A pod cannot take the role of its node: it has one of its own, or none."
    return part.make("aws_launch_template", "nodes", settings, why, tag=name)


def _group(site: Site, part: Part, name: str) -> Resource:
    size = pool(site)
    template = "aws_launch_template.nodes"
    least, most = int(size["min_count"]), int(size["max_count"])
    settings: dict[str, Any] = {
        "cluster_name": CLUSTER,
        "node_group_name": name,
        "node_role_arn": Ref("aws_iam_role.nodes", "arn"),
        "version": VERSION,
        "subnet_ids": subnets("app", site.zones[: max(len(site.plan.zones), 1)]),
        "ami_type": IMAGES[str(size.get("arch", "x86_64"))],
        "instance_types": [str(size["node"])],
        "scaling_config": Block({"min_size": least, "max_size": most, "desired_size": least}),
        "update_config": Block({"max_unavailable_percentage": 10}),
        "node_repair_config": Block({"enabled": True}),
        "launch_template": Block({"id": Ref(template, "id"), "version": Ref(template, "latest_version")}),
    }
    zones = several(max(len(site.plan.zones), 1), "zone")
    why = (
        f"{least} nodes over {zones} carry the planned peak, one in each zone to spare; up to {most} where the Cluster "
        "Autoscaler runs. They are replaced a tenth at a time, and one that is ill by itself."
    )
    # what a node needs while it starts: its role, a way out, and the network of its pods
    needs = (
        *(f"aws_iam_role_policy_attachment.nodes_{key}" for key in ("node", "pull")),
        *(f"aws_eks_addon.{addon.replace('-', '_')}" for addon in FIRST),
        f"aws_vpc_security_group_egress_rule.{NODES}_https_out",
        *(f"aws_route.app_{zone + 1}_out" for zone in site.zones[: max(len(site.plan.zones), 1)]),
    )
    lifecycle = {"ignore_changes": ["scaling_config[0].desired_size"]}
    return part.make("aws_eks_node_group", "main", settings, why, tag=name, lifecycle=lifecycle, depends_on=needs)


def pool(site: Site) -> dict[str, Any]:
    """What the plan says of the nodes. Raises Problems for a plan that was made without."""
    choice = site.plan.choice("cluster")
    if choice is None or "node" not in choice.size:
        what = "the plan says nothing of the cluster's nodes"
        raise Problems([Problem(what, "", "plan again with: standfast plan SPEC", site.system.where("rules.compute"))])
    return dict(choice.size)
