"""Encryption keys that rotate, and the places of secrets: what is put there is the user's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.environment import address, host_parts, reading
from standfast.blueprint.aws.policy import ACCOUNT, OWN_ACCOUNT, Statement, allow, arn, document
from standfast.blueprint.aws.site import PORTS, Kept, Part, Site, identifier
from standfast.blueprint.boot import DATABASE
from standfast.blueprint.model import Join, Json, Ref, Resource, Var, Variable

DATA_KEY, LOGS_KEY = Ref("aws_kms_key.data", "arn"), Ref("aws_kms_key.logs", "arn")
USER = "app_admin"  # of every database
SCHEMES = {"postgres": ("postgresql", "?sslmode=require"), "mysql": ("mysql", "")}
USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("keys", "keys")
    yield part.make("aws_caller_identity", "current", {}, "The account this is applied to.", data=True)
    why = "Encrypts data at rest: disks, databases, caches, buckets, backups, secrets."
    yield from _key(site, part, "data", why, _data_statements(site))
    why = "Encrypts logs, alarms, and the record of what is done in the account."
    yield from _key(site, part, "logs", why, _logs_statements(site))
    for name in declared_secrets(site):
        readers = [host for host in site.hosted if name in host.service.secrets]
        part = Part("secrets", readers[0].service.where("secrets"), "keys")
        why = f"Read by {', '.join(host.name for host in readers)}. You put the value in: see README.md."
        yield _secret(site, part, identifier(name), name, why)
    for cache in site.caches:
        part = Part(cache.name, cache.store.place, "keys")
        why = f"The token {cache.name} asks of its clients, kept for the services that call it."
        yield _secret(site, part, cache.id, cache.name, why)
        yield _value(part, cache, _opened(site, cache) if site.contained else token(cache))
    for kept in site.databases:
        if site.given(kept):
            part = Part(kept.name, kept.store.place, "keys")
            why = f"What opens {kept.name}, kept for the services that call it."
            yield _secret(site, part, kept.id, kept.name, why)
            yield _value(part, kept, _opened(site, kept))


def _value(part: Part, kept: Kept, value: Any) -> Resource:
    place = {"secret_id": Ref(f"aws_secretsmanager_secret.{kept.id}", "id")}
    return part.make("aws_secretsmanager_secret_version", kept.id, {**place, "secret_string": value})


def _opened(site: Site, kept: Kept) -> Json:
    """A login in the form that RDS gives its own, and beside it the whole address, which a task cannot put together."""
    if kept.kind == "redis":
        place = (*host_parts(address(site, kept)), f":{PORTS['redis']}")
        return Json({"password": token(kept), "url": Join(("rediss://:", token(kept), "@", *place))})
    scheme, query = SCHEMES[kept.kind]
    end = f":{PORTS[kept.kind]}/{DATABASE}{query}"
    login = {"username": USER, "password": password(kept)}
    found = {"url": host_parts(address(site, kept)), "read_url": host_parts(reading(site, kept))}
    head = (f"{scheme}://{USER}:", password(kept), "@")
    return Json({**login, **{key: Join((*head, *host, end)) for key, host in found.items() if host}})


def variables(site: Site) -> Iterator[Variable]:
    for cache in site.caches:
        means = f"Token that clients of {cache.name} must show, 16 to 128 letters and digits: openssl rand -hex 32"
        if site.copied(cache):
            means += ". The same at both sites"
        yield Variable(token(cache).name, "string", means, secret=True, pattern="^[A-Za-z0-9_-]{16,128}$")

    for kept in site.databases:
        if site.given(kept):
            means = f"Password of {kept.name}, 16 to 41 letters and digits: openssl rand -hex 20"
            yield Variable(password(kept).name, "string", means, secret=True, pattern="^[A-Za-z0-9_-]{16,41}$")


def password(kept: Kept) -> Var:
    return Var(f"{kept.id}_password")


def token(cache: Kept) -> Var:
    return Var(f"{cache.id}_token")


def declared_secrets(site: Site) -> list[str]:
    """The names of all secrets that services declare, each once: services that share a name share the secret."""
    return list(dict.fromkeys(name for host in site.hosted for name in host.service.secrets))


def _secret(site: Site, part: Part, name: str, shown: str, why: str) -> Resource:
    settings = {"name": f"{site.name()}/{shown}", "kms_key_id": DATA_KEY, "recovery_window_in_days": 30}
    return part.make("aws_secretsmanager_secret", name, settings, why, tag=f"{site.name()}/{shown}")


def _key(site: Site, part: Part, name: str, why: str, statements: list[Statement]) -> Iterator[Resource]:
    key = {
        "description": f"{site.name()} {name}",
        "enable_key_rotation": True,
        "deletion_window_in_days": 30,
        "policy": document(*statements),
    }
    yield part.make("aws_kms_key", name, key, why, tag=site.name(name))
    alias = {"name": f"alias/{site.name(name, limit=200)}", "target_key_id": Ref(f"aws_kms_key.{name}", "key_id")}
    yield part.make("aws_kms_alias", name, alias)


def _owner() -> Statement:
    """The account's own IAM policies decide who may use a key; without this nobody could ever manage it."""
    return allow("kms:*", "*", "AccountDecides", principal={"AWS": arn("iam", "root")})


def _data_statements(site: Site) -> list[Statement]:
    via = {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"ec2.{site.plan.region}.amazonaws.com"}
    disks = [*USE, "kms:CreateGrant"]
    # autoscaling starts servers with a role of its own, which has to open their disks
    statements = [
        _owner(),
        allow(disks, "*", "DisksOfServers", principal={"AWS": "*"}, condition={"StringEquals": via}),
    ]
    if any(kept.store.cdn and (site.follows or not site.first) for kept in site.buckets):
        ours = {"ArnLike": {"aws:SourceArn": arn("cloudfront", "distribution/*")}}
        cdn = allow("kms:Decrypt", "*", "ContentDelivery", service="cloudfront.amazonaws.com", condition=ours)
        statements.append(cdn)
    return statements


def _logs_statements(site: Site) -> list[Statement]:
    region = site.plan.region
    groups = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn("logs", "*", region)}}
    trail = {
        "StringEquals": {"aws:SourceArn": arn("cloudtrail", f"trail/{site.name('trail')}", region)},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": arn("cloudtrail", "trail/*", "*")},
    }
    alarms = ["kms:Decrypt", "kms:GenerateDataKey*"]
    return [
        _owner(),
        allow(USE, "*", "Logs", service=f"logs.{region}.amazonaws.com", condition=groups),
        allow("kms:GenerateDataKey*", "*", "Trail", service="cloudtrail.amazonaws.com", condition=trail),
        allow("kms:DescribeKey", "*", "TrailReadsKey", service="cloudtrail.amazonaws.com", condition=OWN_ACCOUNT),
        allow(alarms, "*", "Alarms", service="cloudwatch.amazonaws.com", condition=OWN_ACCOUNT),
    ]


def secret_arn(name: str) -> Ref:
    return Ref(f"aws_secretsmanager_secret.{name}", "arn")
