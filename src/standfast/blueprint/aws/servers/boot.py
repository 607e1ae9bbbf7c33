"""What a server does when it first starts: run the service's container as a systemd unit, with its environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint import boot
from standfast.blueprint.aws.environment import environment, registry, secrets
from standfast.blueprint.aws.servers import scripts
from standfast.blueprint.aws.site import Hosted, Site
from standfast.blueprint.model import Join, Ref
from standfast.problem import Problem, Problems

LIMIT = 16_000  # bytes: EC2 takes 16 KiB of user data, before it is encoded


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
        entrypoint=host.service.entrypoint,
        command=host.service.command,
        login=scripts.LOGIN.format(region=login[1], registry=login[0]) if login else "",
        options=[line.format(region=region, log=log) for line in scripts.LOGS],
        volume=host.stateful,
    )
