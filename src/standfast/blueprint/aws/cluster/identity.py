"""A role per service that asks AWS for something, and one for each operator; EKS Pod Identity hands them out."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws.cluster.control import CLUSTER, pods_may_take
from standfast.blueprint.aws.environment import secrets
from standfast.blueprint.aws.identity import opens, use_objects
from standfast.blueprint.aws.policy import Statement, allow, arn, document
from standfast.blueprint.aws.site import Part, Site
from standfast.blueprint.model import Ref, Resource
from standfast.blueprint.workloads import namespace

# What the AWS Load Balancer Controller reads to keep pods in a target group that it did not make (its guide,
# "IAM permissions", without what makes balancers and firewall rules).
READ_TARGETS = [
    "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
    "elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
]  # fmt: skip
JOIN_TARGETS = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
# What the Cluster Autoscaler reads, and what it does to the groups of this cluster (its guide, "AWS", "minimal").
READ_GROUPS = [
    "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations", "autoscaling:DescribeScalingActivities",
    "ec2:DescribeImages", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
]  # fmt: skip
CHANGE_GROUPS = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]


def resources(site: Site) -> Iterator[Resource]:
    if not site.clustered:
        return
    space = namespace(site.system.name)
    for host in site.hosted:
        if statements := list(use_objects(site, host)):
            part = site.part(host.name, "identity", host.service.place)
            yield from _given(site, part, host.id, host.name, (space, host.name), statements)
    part = site.part("cluster", "identity")
    for name, account, statements in _operators(site):
        yield from _given(site, part, name.replace("-", "_"), name, account, statements)


def _operators(site: Site) -> Iterator[tuple[str, tuple[str, str], list[Statement]]]:
    """Name, namespace and account, and rights of what runs beside the workloads."""
    entries = list(dict.fromkeys(secret.where for host in site.hosted for secret in secrets(site, host)))
    if entries:
        read = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        reads = [allow(read, entries, "ReadSecrets"), opens(site, "OpenSecrets", "secretsmanager", "kms:Decrypt")]
        yield "external-secrets", ("external-secrets", "external-secrets"), reads
    groups = [Ref(f"aws_lb_target_group.{host.id}", "arn") for host in site.public]
    if groups:
        joins = [allow(READ_TARGETS, "*", "SeeTargets"), allow(JOIN_TARGETS, groups, "JoinTargets")]
        yield "load-balancer-controller", ("kube-system", "aws-load-balancer-controller"), joins
    owned = {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{site.name()}": "owned"}}
    # EKS names the groups of its nodes: eks-, then the node group and a number of its own.
    groups_of_nodes = arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/eks-*", site.plan.region)
    change = allow(CHANGE_GROUPS, groups_of_nodes, "ChangeGroups", condition=owned)
    grows = [allow(READ_GROUPS, "*", "SeeGroups"), change]
    yield "cluster-autoscaler", ("kube-system", "cluster-autoscaler"), grows


def _given(
    site: Site, part: Part, name: str, shown: str, account: tuple[str, str], statements: list[Statement]
) -> Iterator[Resource]:
    title = site.name(shown, "pod")
    role = {"name": title, "assume_role_policy": pods_may_take(Ref("aws_eks_cluster.main", "arn"))}
    yield part.make("aws_iam_role", f"{name}_pod", role, f"What pods of {shown} may ask AWS for.", tag=title)
    policy = {"name": "pod", "role": Ref(f"aws_iam_role.{name}_pod", "id"), "policy": document(*statements)}
    yield part.make("aws_iam_role_policy", f"{name}_pod", policy)
    joined = {
        "cluster_name": CLUSTER,
        "namespace": account[0],
        "service_account": account[1],
        "role_arn": Ref(f"aws_iam_role.{name}_pod", "arn"),
    }
    needs = ("aws_eks_addon.eks_pod_identity_agent",)
    yield part.make("aws_eks_pod_identity_association", f"{name}_pod", joined, tag=title, depends_on=needs)
