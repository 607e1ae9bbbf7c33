"""Roles, keys and the places of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standfast.blueprint.model import Resource, Var
from standfast.code.cloudformation.words import (
    POLICY,
    TAGS,
    Fold,
    Kind,
    Left,
    Prop,
    Row,
    document,
    rules,
)  # fmt: skip

# 64 letters and digits, which every store that asks for a token takes.
GENERATED = {"GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": True}}


def _value(version: Resource, _: Resource) -> Mapping[str, Any]:
    """What the user would supply is made by Secrets Manager itself: nobody ever sees it."""
    value = version.settings["secret_string"]
    return GENERATED if isinstance(value, Var) else {"SecretString": value}


KINDS: dict[str, Row] = {
    "aws_iam_role": Kind(
        "AWS::IAM::Role",
        rules("name:RoleName description path max_session_duration permissions_boundary",
              assume_role_policy=Prop("AssumeRolePolicyDocument", document), tags=TAGS),
        {"id": "", "name": "", "arn": "Arn"},
    ),
    "aws_iam_role_policy": Kind(
        "AWS::IAM::Policy",
        rules("name:PolicyName", role=Prop("Roles", lambda role: [role]), policy=POLICY),
    ),
    "aws_iam_role_policy_attachment": Fold(
        "role", rules("", policy_arn=Prop("ManagedPolicyArns", lambda arn: [arn]))
    ),
    "aws_iam_policy": Kind(
        "AWS::IAM::ManagedPolicy",
        rules("name:ManagedPolicyName description path", policy=POLICY,
              tags=Left("CloudFormation tags no policy")),
        {"id": "", "arn": ""},
    ),
    "aws_iam_instance_profile": Kind(
        "AWS::IAM::InstanceProfile",
        rules("name:InstanceProfileName path", role=Prop("Roles", lambda role: [role]),
              tags=Left("CloudFormation tags no instance profile")),
        {"id": "", "name": "", "arn": "Arn"},
    ),
    "aws_kms_key": Kind(
        "AWS::KMS::Key",
        rules("description enable_key_rotation deletion_window_in_days:PendingWindowInDays key_usage multi_region"
              " rotation_period_in_days", customer_master_key_spec=Prop("KeySpec"),
              policy=Prop("KeyPolicy", document), tags=TAGS),
        {"id": "", "key_id": "", "arn": "Arn"},
        keeps="Retain",
    ),
    "aws_kms_alias": Kind(
        "AWS::KMS::Alias", rules("name:AliasName target_key_id"), {"id": "", "name": ""}
    ),
    "aws_secretsmanager_secret": Kind(
        "AWS::SecretsManager::Secret",
        rules("name description kms_key_id",
              recovery_window_in_days=Left("a secret that a stack deletes waits 30 days", 30), tags=TAGS),
        {"id": "", "arn": ""},
        keeps="Retain",
    ),
    "aws_secretsmanager_secret_version": Fold(
        "secret_id", rules("", secret_string=Left("said by both")), {"id": "", "arn": ""}, more=_value
    ),
}  # fmt: skip
