"""What a container finds in its environment: where what it calls is, and the secrets that open it.

The same for servers and for a container platform; how it gets there is each shape's own.
"""

from __future__ import annotations

import re
from typing import Any

from standfast.blueprint.aws.edge.domain import bucket_host, internal_host, read_host, write_host
from standfast.blueprint.aws.site import PORTS, Hosted, Kept, Site, identifier, targets
from standfast.blueprint.boot import DATABASE, Secret
from standfast.blueprint.environment import environment as found_by
from standfast.blueprint.model import Join, Ref, Var
from standfast.problem import Problem, Problems

Text = str | Join | Ref | Var
_REGISTRY = re.compile(r"(\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com)/")


def environment(site: Site, host: Hosted) -> dict[str, Text]:
    """What the container finds in its environment, without secrets. What the spec says goes before what is derived."""

    def url(called: Hosted) -> Join:
        return Join(("https://", *internal_host(called.name), f":{called.listener}"))

    return found_by(site, host, url, lambda kept: _store(site, kept))


def _store(site: Site, kept: Kept) -> dict[str, Text]:
    if kept.kind == "objects":
        named: dict[str, Text] = {"BUCKET": Ref(f"aws_s3_bucket.{kept.id}", "bucket")}
        if kept.store.cdn:
            named["URL"] = Join(("https://", *bucket_host(kept)))
        return named
    where: dict[str, Text] = {"HOST": address(site, kept), "PORT": str(PORTS[kept.kind])}
    if kept.kind == "redis":
        return where
    read = reading(site, kept)
    return {**where, "NAME": DATABASE, **({"READ_HOST": read} if read else {})}


def address(site: Site, kept: Kept) -> Ref | Join:
    """The host name of a database or a cache; of a database, the one that is written to."""
    if kept.kind == "redis":
        return Ref(f"aws_elasticache_replication_group.{kept.id}", "primary_endpoint_address")
    if site.writes_there(kept):
        return Join(write_host(kept))
    return Ref(f"aws_db_instance.{kept.id}", "address")


def reading(site: Site, kept: Kept) -> Ref | Join | None:
    """The host name of a database's replicas, for what may be seconds old; None where there are none."""
    if site.writes_there(kept):
        return Ref(f"aws_db_instance.{kept.id}", "address")
    return Join(read_host(kept)) if site.replicas(kept) else None


def host_parts(host: Ref | Join | None) -> tuple[Any, ...]:
    """A host name as parts of a longer text; none where there is none."""
    return () if host is None else host.parts if isinstance(host, Join) else (host,)


def login_secret(site: Site, kept: Kept) -> Ref:
    """The ARN of the secret that opens a database or a cache."""
    if kept.kind == "redis" or site.given(kept):
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
            end, name = "" if one.kind == "redis" else f"/{DATABASE}", identifier(one.name).upper()
            at, opens = f":{PORTS[one.kind]}{end}", login_secret(site, one)
            found.append(Secret(name, one.kind, opens, (*host_parts(address(site, one)), at)))
            if one.kind != "redis" and (read := reading(site, one)):
                found.append(Secret(f"{name}_READ", one.kind, opens, (*host_parts(read), at), "read_url"))
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
