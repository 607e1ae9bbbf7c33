"""Kubernetes: the cluster, its nodes, what runs on them from the start, and who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.blueprint.model import Resource
from standfast.code.cloudformation.words import TAG_MAP, TAGS, Each, Fold, Kind, Left, One, Prop, Row, blocks, rules

VPC = rules(
    "subnet_ids security_group_ids endpoint_private_access endpoint_public_access public_access_cidrs",
)
ACCESS = rules("authentication_mode bootstrap_cluster_creator_admin_permissions")
ENCRYPTION = rules("resources", provider=One("Provider", rules("key_arn")))
SCALING = rules("min_size max_size desired_size")
UPDATE = rules("max_unavailable max_unavailable_percentage")
POD = rules("role_arn service_account")


def _logging(types: list[str]) -> Any:
    return {"ClusterLogging": {"EnabledTypes": [{"Type": one} for one in types]}}


def _policy(association: Resource, _: Resource) -> Mapping[str, Any]:
    scope = blocks(association.settings["access_scope"])[0]
    said = {key.capitalize(): value for key, value in scope.items()}
    return {"AccessPolicies": [{"PolicyArn": association.settings["policy_arn"], "AccessScope": said}]}


BESIDE = Left("said by the entry")

KINDS: dict[str, Row] = {
    "aws_eks_cluster": Kind(
        "AWS::EKS::Cluster",
        rules("name version role_arn bootstrap_self_managed_addons deletion_protection",
              enabled_cluster_log_types=Prop("Logging", _logging),
              vpc_config=One("ResourcesVpcConfig", VPC), access_config=One("AccessConfig", ACCESS),
              encryption_config=Each("EncryptionConfig", ENCRYPTION),
              upgrade_policy=One("UpgradePolicy", rules("support_type")),
              zonal_shift_config=One("ZonalShiftConfig", rules("enabled")), tags=TAGS),
        {"id": "", "name": "", "arn": "Arn", "endpoint": "Endpoint",
         "vpc_config[0].cluster_security_group_id": "ClusterSecurityGroupId",
         "certificate_authority[0].data": "CertificateAuthorityData"},
    ),
    "aws_eks_access_entry": Kind(
        "AWS::EKS::AccessEntry", rules("cluster_name principal_arn type kubernetes_groups", tags=TAGS),
        {"id": "AccessEntryArn"},
    ),
    "aws_eks_access_policy_association": Fold(
        "principal_arn", {"cluster_name": BESIDE, "policy_arn": BESIDE, "access_scope": BESIDE}, more=_policy
    ),
    "aws_eks_addon": Kind(
        "AWS::EKS::Addon",
        rules("cluster_name addon_name addon_version configuration_values service_account_role_arn"
              " resolve_conflicts_on_update:ResolveConflicts",
              pod_identity_association=Each("PodIdentityAssociations", POD), tags=TAGS),
    ),
    "aws_eks_node_group": Kind(
        "AWS::EKS::Nodegroup",
        rules("cluster_name node_group_name:NodegroupName node_role_arn:NodeRole subnet_ids:Subnets version ami_type"
              " instance_types capacity_type disk_size labels",
              scaling_config=One("ScalingConfig", SCALING), update_config=One("UpdateConfig", UPDATE),
              node_repair_config=One("NodeRepairConfig", rules("enabled")),
              launch_template=One("LaunchTemplate", rules("id version")), tags=TAG_MAP),
        {"id": "", "arn": "Arn"},
    ),
    "aws_eks_pod_identity_association": Kind(
        "AWS::EKS::PodIdentityAssociation", rules("cluster_name namespace service_account role_arn", tags=TAGS)
    ),
}  # fmt: skip
