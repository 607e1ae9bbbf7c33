"""What a server does when it first starts: run the service's container as a systemd unit, with its environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from standfast.blueprint import boot
from standfast.blueprint.aws.edge.domain import bucket_host, internal_host
from standfast.blueprint.aws.servers import scripts
from standfast.blueprint.aws.site import PORTS, Hosted, Kept, Site, identifier, targets
from standfast.blueprint.boot import DATABASE, Secret
from standfast.blueprint.model import Join, Ref
from standfast.problem import Problem, Problems

Text = str | Join | Ref
LIMIT = 16_000  # bytes: EC2 takes 16 KiB of user data, before it is encoded
_REGISTRY = re.compile(r"(\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com)/")


def environment(site: Site, host: Hosted) -> dict[str, Text]:
    """What the container finds in its environment, without secrets. What the spec says goes before what is derived."""
    derived: dict[str, Text] = {"PORT": str(host.service.port)}
    called = {one.name: one for one in site.called}
    kept = {one.name: one for one in site.kept}
    for name in targets(host.service):
        prefix = identifier(name).upper()
        if name in called:
            derived[f"{prefix}_URL"] = Join(("https://", *internal_host(name), f":{called[name].listener}"))
        elif name in kept:
            derived |= {f"{prefix}_{key}": value for key, value in _store(kept[name]).items()}
    if host.stateful:
        derived["DATA_DIR"] = boot.DATA_DIR
    return {**derived, **host.service.environment}


def _store(kept: Kept) -> dict[str, Text]:
    if kept.kind == "objects":
        named: dict[str, Text] = {"BUCKET": Ref(f"aws_s3_bucket.{kept.id}", "bucket")}
        if kept.store.cdn:
            named["URL"] = Join(("https://", *bucket_host(kept)))
        return named
    where: dict[str, Text] = {"HOST": address(kept), "PORT": str(PORTS[kept.kind])}
    return where if kept.kind == "redis" else {**where, "NAME": DATABASE}


def address(kept: Kept) -> Ref:
    """The host name of a database or a cache."""
    if kept.kind == "redis":
        return Ref(f"aws_elasticache_replication_group.{kept.id}", "primary_endpoint_address")
    return Ref(f"aws_db_instance.{kept.id}", "address")


def login_secret(kept: Kept) -> Ref:
    """The ARN of the secret that opens a database or a cache."""
    if kept.kind == "redis":
        return Ref(f"aws_secretsmanager_secret.{kept.id}", "arn")
    return Ref(f"aws_db_instance.{kept.id}", "master_user_secret[0].secret_arn")


def secrets(site: Site, host: Hosted) -> list[Secret]:
    """What the container finds in its environment of secrets. Raises Problems when two would share a variable."""
    found = [
        Secret(identifier(name), "value", Ref(f"aws_secretsmanager_secret.{identifier(name)}", "arn"))
        for name in host.service.secrets
    ]
    kept = {one.name: one for one in site.kept}
    for one in (kept[name] for name in targets(host.service) if name in kept):
        if one.kind in PORTS:
            end = "" if one.kind == "redis" else f"/{DATABASE}"
            place = (address(one), f":{PORTS[one.kind]}{end}")
            found.append(Secret(identifier(one.name).upper(), one.kind, login_secret(one), place))
    variables = [variable for secret in found for variable in secret.variables]
    twice = sorted({one for one in variables if variables.count(one) > 1})
    if twice:
        what = f"{host.name} would get {twice[0]} twice"
        why = "what opens its stores comes under their names"
        raise Problems([Problem(what, why, "rename one of them", host.service.where("secrets"))])
    return found


def registry(host: Hosted) -> tuple[str, str] | None:
    """Host name and region of the account's own image registry, where the image comes from one."""
    found = _REGISTRY.match(host.service.image)
    return (found[1], found[2]) if found else None


def user_data(site: Site, host: Hosted) -> Join:
    """The script cloud-init runs once. Raises Problems when it is longer than EC2 takes."""
    parts = tuple(_parts(site, host))
    text = "".join(part if isinstance(part, str) else "x" * 100 for part in parts)
    if len(text.encode()) > LIMIT:
        what = f"the environment of {host.name} is too long: {len(text.encode())} bytes of user data"
        why = f"EC2 takes {LIMIT} bytes"
        raise Problems(
            [Problem(what, why, "move long values into secrets or files", host.service.where("environment"))]
        )
    return Join(parts)


def _parts(site: Site, host: Hosted) -> Iterator[Any]:
    wanted, hidden = environment(site, host), secrets(site, host)
    region, login = site.plan.region, registry(host)
    yield boot.HEAD.format(service=host.name, system=site.system.name, install=scripts.INSTALL)
    if host.stateful:
        yield from scripts.lasting_disk(region, Ref(f"aws_ebs_volume.{host.id}", "id"))
    if hidden:
        variables = {variable for secret in hidden for variable in secret.variables}
        given = variables & set(host.service.environment)
        yield from boot.read_secrets(scripts.READ.format(region=region), hidden, given)
    log = f"/{site.name()}/{host.name}"
    yield from boot.unit(
        host.name,
        site.system.name,
        host.service.image,
        wanted,
        hidden,
        login=scripts.LOGIN.format(region=login[1], registry=login[0]) if login else "",
        options=[line.format(region=region, log=log) for line in scripts.LOGS],
        volume=host.stateful,
    )
