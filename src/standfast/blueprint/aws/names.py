"""What AWS calls things: its rules for the names of each kind of resource, and that no two of a kind share one."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint import names
from standfast.blueprint.aws.site import Site
from standfast.blueprint.model import Resource
from standfast.problem import Problem

# kind -> the setting that names it, and what AWS accepts there, from the API reference of each service, read 2026-11.
RULES = {
    "aws_appautoscaling_policy": ("name", r"[^\x00-\x1f]{1,256}"),
    "aws_autoscaling_group": ("name", r"[ -~]{1,255}"),
    "aws_backup_plan": ("name", r"[a-zA-Z0-9_.-]{1,50}"),
    "aws_backup_selection": ("name", r"[a-zA-Z0-9_.-]{1,50}"),
    "aws_backup_vault": ("name", r"[a-zA-Z0-9_-]{2,50}"),
    "aws_cloudfront_origin_access_control": ("name", r"[ -~]{1,64}"),
    "aws_cloudtrail": ("name", r"[a-zA-Z0-9][a-zA-Z0-9._-]{1,126}[a-zA-Z0-9]"),
    "aws_cloudwatch_log_delivery_destination": ("name", r"[\w-]{1,60}"),
    "aws_cloudwatch_log_delivery_source": ("name", r"[\w-]{1,60}"),
    "aws_cloudwatch_log_group": ("name", r"[a-zA-Z0-9_/.#-]{1,512}"),
    "aws_cloudwatch_metric_alarm": ("alarm_name", r"[ -~]{1,255}"),
    "aws_db_instance": ("identifier", r"[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]"),
    "aws_db_parameter_group": ("name", r"[a-z](?!.*--)[a-z0-9-]{0,253}[a-z0-9]"),
    "aws_db_subnet_group": ("name", r"[a-z0-9][a-z0-9 ._-]{0,254}"),
    "aws_ecs_cluster": ("name", r"[a-zA-Z0-9_-]{1,255}"),
    "aws_ecs_service": ("name", r"[a-zA-Z0-9_-]{1,255}"),
    "aws_ecs_task_definition": ("family", r"[a-zA-Z0-9_-]{1,255}"),
    "aws_eks_cluster": ("name", r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}"),
    "aws_eks_node_group": ("node_group_name", r"[0-9A-Za-z][0-9A-Za-z_-]{0,62}"),
    "aws_elasticache_replication_group": ("replication_group_id", r"[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]"),
    "aws_elasticache_subnet_group": ("name", r"[a-z0-9-]{1,255}"),
    "aws_iam_instance_profile": ("name", r"[\w+=,.@-]{1,128}"),
    "aws_iam_role": ("name", r"[\w+=,.@-]{1,64}"),
    "aws_kms_alias": ("name", r"alias/[a-zA-Z0-9/_-]{1,250}"),
    "aws_launch_template": ("name", r"[a-zA-Z0-9()./_-]{3,128}"),
    "aws_lb": ("name", r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?"),
    "aws_lb_target_group": ("name", r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?"),
    "aws_s3_bucket": ("bucket", r"(?!xn--|sthree-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),
    "aws_secretsmanager_secret": ("name", r"[a-zA-Z0-9/_+=.@-]{1,512}"),
    "aws_security_group": ("name", r"(?!sg-)[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}"),
    "aws_sns_topic": ("name", r"[a-zA-Z0-9_-]{1,256}"),
    "aws_wafv2_web_acl": ("name", r"[\w-]{1,128}"),
}
ACCOUNT_ID = "123456789012"  # in place of a reference inside a name: the account's number, which is as long as this


def problems(site: Site, resources: tuple[Resource, ...]) -> Iterator[Problem]:
    """A problem for each name that AWS would refuse, and for each that two resources of a kind would have."""
    return names.problems(site, resources, RULES, "AWS", ACCOUNT_ID)
