"""The control plane: its role, its keys and logs, who may administer it, and the parts that AWS keeps up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.cluster import ADMIN
from standfast.blueprint.aws.keys import DATA_KEY, LOGS_KEY
from standfast.blueprint.aws.net.network import subnets
from standfast.blueprint.aws.policy import OWN_ACCOUNT, assumed_by
from standfast.blueprint.aws.site import Part, Site, reason
from standfast.blueprint.model import Block, Json, Ref, Resource, Var

# In standard support until 2027-03-27 (EKS user guide, "Kubernetes versions", read 2026-04).
VERSION = "1.35"
CLUSTER = Ref("aws_eks_cluster.main", "name")
LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
MANAGED = "arn:aws:iam::aws:policy"
INSIGHTS = ("application", "dataplane", "host", "performance")  # log groups of Container Insights

# Add-ons: what each does; the account and the managed policy of what asks AWS for something; its settings.
FIRST: dict[str, dict[str, Any]] = {
    "eks-pod-identity-agent": {"why": "Gives pods the role of their service, and nothing of the node's."},
    "vpc-cni": {
        "why": "Addresses of pods, and the network policies of the manifests are enforced by it.",
        "account": "aws-node",
        "policy": "AmazonEKS_CNI_Policy",
        "settings": {"enableNetworkPolicy": "true"},
    },
    "kube-proxy": {"why": "Addresses of services."},
}
LATER: dict[str, dict[str, Any]] = {  # these run on nodes, and are not well without
    "coredns": {"why": "Names of services."},
    "metrics-server": {"why": "How busy pods are, for their autoscalers."},
    "amazon-cloudwatch-observability": {
        "why": "Logs of all pods, and what the nodes are short of.",
        "account": "cloudwatch-agent",
        "policy": "CloudWatchAgentServerPolicy",
    },
}


def resources(site: Site) -> Iterator[Resource]:
    if not site.clustered:
        return
    part = site.part("cluster", "cluster")
    name = site.name("cluster")
    yield from _role(part, name)
    group = {"name": f"/aws/eks/{site.name()}/cluster", "retention_in_days": site.log_days, "kms_key_id": LOGS_KEY}
    yield part.make("aws_cloudwatch_log_group", "cluster", group, "What the control plane did.", tag=name)
    settings = {
        "name": site.name(),
        "version": VERSION,
        "role_arn": Ref("aws_iam_role.cluster", "arn"),
        "bootstrap_self_managed_addons": False,
        "enabled_cluster_log_types": LOGS,
        "vpc_config": Block(
            {
                "subnet_ids": subnets("app", site.zones),
                "endpoint_private_access": True,
                "endpoint_public_access": False,
            }
        ),
        "access_config": Block({"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False}),
        "encryption_config": Block({"provider": Block({"key_arn": DATA_KEY}), "resources": ["secrets"]}),
        "upgrade_policy": Block({"support_type": "STANDARD"}),
        "zonal_shift_config": Block({"enabled": True}),
    }
    choice = site.plan.choice("cluster")
    why = (reason(choice) if choice else "") + " Its API is not reached from the internet."
    needs = ("aws_cloudwatch_log_group.cluster", "aws_iam_role_policy_attachment.cluster")
    yield part.make("aws_eks_cluster", "main", settings, why.strip(), tag=site.name(), depends_on=needs)
    yield from _admin(part, name)
    for addon, about in FIRST.items():
        yield from _addon(site, part, addon, about, ())
    for addon, about in LATER.items():
        yield from _addon(site, part, addon, about, ("aws_eks_node_group.main",))
    for kind in INSIGHTS:
        where = f"/aws/containerinsights/{site.name()}/{kind}"
        group = {"name": where, "retention_in_days": site.log_days, "kms_key_id": LOGS_KEY}
        yield part.make("aws_cloudwatch_log_group", f"cluster_{kind}", group, tag=site.name("cluster", kind))


def _role(part: Part, name: str) -> Iterator[Resource]:
    trust = assumed_by("eks.amazonaws.com", OWN_ACCOUNT)
    yield part.make("aws_iam_role", "cluster", {"name": name, "assume_role_policy": trust}, tag=name)
    attached = {"role": Ref("aws_iam_role.cluster", "name"), "policy_arn": f"{MANAGED}/AmazonEKSClusterPolicy"}
    yield part.make("aws_iam_role_policy_attachment", "cluster", attached)


def _admin(part: Part, name: str) -> Iterator[Resource]:
    who = {"cluster_name": CLUSTER, "principal_arn": Var(ADMIN)}
    why = "Who made the cluster has no rights in it: only this role has."
    yield part.make("aws_eks_access_entry", "admin", who, why, tag=name)
    right = {
        "cluster_name": CLUSTER,
        "principal_arn": Ref("aws_eks_access_entry.admin", "principal_arn"),
        "policy_arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        "access_scope": Block({"type": "cluster"}),
    }
    yield part.make("aws_eks_access_policy_association", "admin", right)


def pods_may_take(cluster: Ref) -> Json:
    """The trust of a role that EKS Pod Identity hands to pods of this cluster (EKS user guide, "Pod Identity role")."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {**OWN_ACCOUNT, "ArnEquals": {"aws:SourceArn": cluster}},
    }
    return Json({"Version": "2012-10-17", "Statement": [trust]})


def _addon(site: Site, part: Part, addon: str, about: dict[str, Any], needs: tuple[str, ...]) -> Iterator[Resource]:
    name = addon.replace("-", "_")
    settings: dict[str, Any] = {
        "cluster_name": CLUSTER,
        "addon_name": addon,
        "resolve_conflicts_on_update": "OVERWRITE",
    }
    if "settings" in about:
        settings["configuration_values"] = Json(about["settings"])
    if "policy" in about:
        title = site.name(addon)
        trust = pods_may_take(Ref("aws_eks_cluster.main", "arn"))
        yield part.make("aws_iam_role", name, {"name": title, "assume_role_policy": trust}, tag=title)
        attached = {"role": Ref(f"aws_iam_role.{name}", "name"), "policy_arn": f"{MANAGED}/{about['policy']}"}
        yield part.make("aws_iam_role_policy_attachment", name, attached)
        identity = {"role_arn": Ref(f"aws_iam_role.{name}", "arn"), "service_account": about["account"]}
        settings["pod_identity_association"] = Block(identity)
    if addon == "amazon-cloudwatch-observability":
        needs = (*needs, *(f"aws_cloudwatch_log_group.cluster_{kind}" for kind in INSIGHTS))
    yield part.make("aws_eks_addon", name, settings, about["why"], tag=site.name(addon), depends_on=needs)
