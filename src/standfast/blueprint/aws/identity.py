"""A role per service: what its calls and its secrets need, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws.keys import DATA_KEY
from standfast.blueprint.aws.objects import bucket
from standfast.blueprint.aws.policy import Statement, allow, arn, assumed_by, below, document
from standfast.blueprint.aws.servers.boot import registry, secrets
from standfast.blueprint.aws.site import Hosted, Site, targets
from standfast.blueprint.model import Ref, Resource

# What the agent of Session Manager needs (Systems Manager guide, "Verify or add instance permissions").
SESSIONS = [
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def resources(site: Site) -> Iterator[Resource]:
    for host in site.hosted:
        part = site.part(host.name, "identity", host.service.place)
        name = site.name(host.name)
        role = {"name": name, "assume_role_policy": assumed_by("ec2.amazonaws.com")}
        why = f"The role of {host.name}'s servers."
        yield part.make("aws_iam_role", host.id, role, why, tag=name)
        policy = {
            "name": "service",
            "role": Ref(f"aws_iam_role.{host.id}", "id"),
            "policy": document(*_statements(site, host)),
        }
        yield part.make("aws_iam_role_policy", host.id, policy)
        profile = {"name": name, "role": Ref(f"aws_iam_role.{host.id}", "name")}
        yield part.make("aws_iam_instance_profile", host.id, profile, tag=name)


def _statements(site: Site, host: Hosted) -> Iterator[Statement]:
    log = below(Ref(f"aws_cloudwatch_log_group.service_{host.id}", "arn"), ":*")
    yield allow(["logs:CreateLogStream", "logs:PutLogEvents"], log, "WriteLog")
    yield allow(SESSIONS, "*", "SessionManager")
    via = []
    readable = [secret.where for secret in secrets(site, host)]
    if readable:
        via.append("secretsmanager")
        yield allow("secretsmanager:GetSecretValue", readable, "ReadSecrets")
    kept = {one.name: one for one in site.buckets}
    buckets = [kept[name].id for name in targets(host.service) if name in kept]
    if buckets:
        via.append("s3")
        objects = [below(bucket(name, "arn"), "/*") for name in buckets]
        yield allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], objects, "UseObjects")
        yield allow("s3:ListBucket", [bucket(name, "arn") for name in buckets], "ListObjects")
    if via:
        services = [f"{name}.{site.plan.region}.amazonaws.com" for name in via]
        only = {"StringEquals": {"kms:ViaService": services}}
        use = ["kms:Decrypt", *(["kms:GenerateDataKey"] if buckets else [])]
        yield allow(use, DATA_KEY, "OpenWhatIsEncrypted", condition=only)
    login = registry(host)
    if login:
        yield allow("ecr:GetAuthorizationToken", "*", "LogInToRegistry")
        yield allow(PULL, arn("ecr", "repository/*", login[1]), "PullImages")
    if host.stateful:
        volume = Ref(f"aws_ebs_volume.{host.id}", "arn")
        servers = arn("ec2", "instance/*", site.plan.region)
        yield allow("ec2:AttachVolume", [volume, servers], "TakeOverDisk")
