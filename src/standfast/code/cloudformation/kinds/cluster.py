"""Kubernetes: the cluster, its nodes, what runs on them by itself, and who may do what in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from standfast.blueprint.model import Json, Resource
from standfast.code.cloudformation.words import TAGS, Each, Fold, Kind, Left, One, Prop, Row, blocks, rules


def _logging(types: list[str]) -> Any:
    return {"ClusterLogging": {"EnabledTypes": [{"Type": one} for one in types]}}


def _text(value: Any) -> Any:
    """Settings of an add-on, which are text: a document without references."""
    return json.dumps(value.document, sort_keys=True) if isinstance(value, Json) else value


def _policies(right: Resource, entry: Resource) -> Mapping[str, Any]:
    """Each right is one of the list of its entry."""
    (scope,) = blocks(right.settings["access_scope"])
    return {"AccessPolicies": [{"PolicyArn": right.settings["policy_arn"], "AccessScope": {"Type": scope["type"]}}]}


LISTED = Left("said by AccessPolicies of the entry")


ENCRYPTED = rules("resources", provider=One("Provider", rules("key_arn")))
KINDS: dict[str, Row] = {
    "aws_eks_cluster": Kind(
        "AWS::EKS::Cluster",
        rules("name version role_arn bootstrap_self_managed_addons",
              enabled_cluster_log_types=Prop("Logging", _logging),
              vpc_config=One("ResourcesVpcConfig", rules("subnet_ids endpoint_private_access endpoint_public_access")),
              access_config=One(
                  "AccessConfig", rules("authentication_mode bootstrap_cluster_creator_admin_permissions")
              ),
              encryption_config=Each("EncryptionConfig", ENCRYPTED),
              upgrade_policy=One("UpgradePolicy", rules("support_type")),
              zonal_shift_config=One("ZonalShiftConfig", rules("enabled")),
              tags=TAGS),
        {"id": "", "name": "", "arn": "Arn", "endpoint": "Endpoint",
         "vpc_config[0].cluster_security_group_id": "ClusterSecurityGroupId"},
    ),
    "aws_eks_node_group": Kind(
        "AWS::EKS::Nodegroup",
        rules("cluster_name node_group_name:NodegroupName node_role_arn:NodeRole version subnet_ids:Subnets ami_type"
              " instance_types tags",
              scaling_config=One("ScalingConfig", rules("min_size max_size desired_size")),
              update_config=One("UpdateConfig", rules("max_unavailable_percentage")),
              node_repair_config=One("NodeRepairConfig", rules("enabled")),
              launch_template=One("LaunchTemplate", rules("id version"))),
    ),
    "aws_eks_addon": Kind(
        "AWS::EKS::Addon",
        rules("cluster_name addon_name resolve_conflicts_on_update:ResolveConflicts",
              configuration_values=Prop("ConfigurationValues", _text),
              pod_identity_association=Each("PodIdentityAssociations", rules("role_arn service_account")),
              tags=TAGS),
    ),
    "aws_eks_access_entry": Kind(
        "AWS::EKS::AccessEntry", rules("cluster_name principal_arn", tags=TAGS), {"principal_arn": "", "id": ""}
    ),
    "aws_eks_access_policy_association": Fold(
        "principal_arn",
        {"cluster_name": Left("the entry says it"), "policy_arn": LISTED, "access_scope": LISTED},
        more=_policies,
    ),
    "aws_eks_pod_identity_association": Kind(
        "AWS::EKS::PodIdentityAssociation", rules("cluster_name namespace service_account role_arn", tags=TAGS)
    ),
}  # fmt: skip
