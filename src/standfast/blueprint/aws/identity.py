"""A role per service: what its calls and its secrets need, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from standfast.blueprint.aws.environment import registry, secrets
from standfast.blueprint.aws.keys import DATA_KEY
from standfast.blueprint.aws.policy import OWN_ACCOUNT, Statement, allow, arn, assumed_by, below, document
from standfast.blueprint.aws.site import Hosted, Part, Site, targets
from standfast.blueprint.aws.stores.objects import bucket
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
    for host in () if site.clustered else site.hosted:
        part = site.part(host.name, "identity", host.service.place)
        yield from (_of_container if site.contained else _of_server)(site, part, host)


def _of_server(site: Site, part: Part, host: Hosted) -> Iterator[Resource]:
    name = site.name(host.name)
    why = f"The role of {host.name}'s servers."
    statements = (*_starts(site, host), *_statements(site, host))
    yield from _role(part, host.id, name, "ec2.amazonaws.com", why, statements)
    profile = {"name": name, "role": Ref(f"aws_iam_role.{host.id}", "name")}
    yield part.make("aws_iam_instance_profile", host.id, profile, tag=name)


def _of_container(site: Site, part: Part, host: Hosted) -> Iterator[Resource]:
    """Two: one with which the platform starts a task, and one for what runs in it, which cannot read the secrets."""
    who = "ecs-tasks.amazonaws.com"
    why = f"With this the platform starts {host.name}: pulls its image, reads its secrets, writes its log."
    yield from _role(part, f"{host.id}_start", site.name(host.name, "start"), who, why, _starts(site, host))
    why = f"What {host.name} itself may do."
    yield from _role(part, host.id, site.name(host.name), who, why, _statements(site, host))


def _role(
    part: Part, name: str, shown: str, service: str, why: str, statements: Iterable[Statement]
) -> Iterator[Resource]:
    trust = assumed_by(service, OWN_ACCOUNT if service.startswith("ecs") else None)
    yield part.make("aws_iam_role", name, {"name": shown, "assume_role_policy": trust}, why, tag=shown)
    allowed = tuple(statements)
    if allowed:
        policy = {"name": "service", "role": Ref(f"aws_iam_role.{name}", "id"), "policy": document(*allowed)}
        yield part.make("aws_iam_role_policy", name, policy)


def _starts(site: Site, host: Hosted) -> Iterator[Statement]:
    """What brings a service up: its log, its secrets, its image."""
    log = below(Ref(f"aws_cloudwatch_log_group.service_{host.id}", "arn"), ":*")
    yield allow(["logs:CreateLogStream", "logs:PutLogEvents"], log, "WriteLog")
    readable = list(dict.fromkeys(secret.where for secret in secrets(site, host)))
    if readable:
        yield allow("secretsmanager:GetSecretValue", readable, "ReadSecrets")
        yield opens(site, "OpenSecrets", "secretsmanager", "kms:Decrypt")
    login = registry(host)
    if login:
        yield allow("ecr:GetAuthorizationToken", "*", "LogInToRegistry")
        yield allow(PULL, arn("ecr", "repository/*", login[1]), "PullImages")


def _statements(site: Site, host: Hosted) -> Iterator[Statement]:
    """What a service does once it runs."""
    if not site.contained:
        yield allow(SESSIONS, "*", "SessionManager")
    yield from use_objects(site, host)
    if host.stateful and not site.contained:
        volume = Ref(f"aws_ebs_volume.{host.id}", "arn")
        servers = arn("ec2", "instance/*", site.plan.region)
        yield allow("ec2:AttachVolume", [volume, servers], "TakeOverDisk")


def use_objects(site: Site, host: Hosted) -> Iterator[Statement]:
    """What a service does with the buckets that it calls; nothing where it calls none."""
    kept = {one.name: one for one in site.buckets}
    buckets = [kept[name].id for name in targets(host.service) if name in kept]
    if buckets:
        objects = [below(bucket(name, "arn"), "/*") for name in buckets]
        yield allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], objects, "UseObjects")
        yield allow("s3:ListBucket", [bucket(name, "arn") for name in buckets], "ListObjects")
        yield opens(site, "OpenObjects", "s3", "kms:Decrypt", "kms:GenerateDataKey")


def opens(site: Site, sid: str, service: str, *actions: str) -> Statement:
    """Use of the key, by way of one service of AWS only."""
    only = {"StringEquals": {"kms:ViaService": f"{service}.{site.plan.region}.amazonaws.com"}}
    return allow(list(actions), DATA_KEY, sid, condition=only)
