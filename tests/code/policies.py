"""Every policy of a role that is written for AWS, with each reference as the ARN it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from standfast.blueprint import Blueprint, Join, Json, Ref, Var

ACCOUNT = "123456789012"
ARNS = {
    "aws_s3_bucket": "arn:aws:s3:::{name}",
    "aws_cloudwatch_log_group": "arn:aws:logs:{region}:{account}:log-group:{name}",
    "aws_secretsmanager_secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-a1b2c3",
    "aws_db_instance.master_user_secret[0].secret_arn": "arn:aws:secretsmanager:{region}:{account}:secret:rds-a1b2c3",
    "aws_db_instance": "arn:aws:rds:{region}:{account}:db:{name}",
    "aws_kms_key": "arn:aws:kms:{region}:{account}:key/11111111-2222-3333-4444-555555555555",
    "aws_eks_cluster": "arn:aws:eks:{region}:{account}:cluster/{name}",
    "aws_sns_topic": "arn:aws:sns:{region}:{account}:{name}",
    "aws_sqs_queue": "arn:aws:sqs:{region}:{account}:{name}",
    "aws_iam_role": "arn:aws:iam::{account}:role/{name}",
    "aws_cloudfront_distribution": "arn:aws:cloudfront::{account}:distribution/E1",
    "aws_lb_target_group": "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{name}/0123456789abcdef",
    "aws_lb": "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/0123456789abcdef",
    "aws_autoscaling_group": "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:1:autoScalingGroupName/{name}",
    "aws_dynamodb_table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "aws_route53_zone": "Z0123456789ABCDEFGHIJ",  # its id
    "aws_db_instance.id": "{name}",
    "aws_ebs_volume": "arn:aws:ec2:{region}:{account}:volume/vol-0123456789abcdef0",
    "aws_ecs_cluster": "arn:aws:ecs:{region}:{account}:cluster/{name}",
}  # fmt: skip

GIVEN = {"data_key": "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"}


def policies(blueprint: Blueprint) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(address, document) of each. What hangs on buckets, keys and roles themselves is for other judges: the linter
    knows no principals."""
    for kind in ("aws_iam_role_policy", "aws_iam_policy"):
        for one in blueprint.find(kind):
            policy = one.settings["policy"]
            assert isinstance(policy, Json), one.address
            yield one.address, applied(policy.document, blueprint)


def applied(value: Any, blueprint: Blueprint) -> Any:
    """The document with what the cloud and the user decide filled in."""
    region = blueprint.region
    if isinstance(value, Ref):
        kind, _, name = value.address.partition(".")
        if value.attribute == "account_id":
            return ACCOUNT
        if kind not in ARNS:
            raise AssertionError(f"what {value} becomes is not written down here")
        kind = next(one for one in (f"{kind}.{value.attribute}", kind) if one in ARNS)
        name = name.replace("_", "-").lower() if kind == "aws_s3_bucket" else name
        return ARNS[kind].format(name=name, region=region, account=ACCOUNT)
    if isinstance(value, Join):
        return "".join(str(applied(one, blueprint)) for one in value.parts)
    if isinstance(value, Var):
        asked = next(one for one in blueprint.variables if one.name == value.name)
        return GIVEN.get(value.name) or asked.example or asked.default or "given"
    if isinstance(value, Mapping):
        return {key: applied(one, blueprint) for key, one in value.items()}
    return [applied(one, blueprint) for one in value] if isinstance(value, (list, tuple)) else value
