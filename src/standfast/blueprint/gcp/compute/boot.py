"""What a server does when it starts: run the service's container as a systemd unit, with its environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint import boot
from standfast.blueprint.gcp.compute import scripts
from standfast.blueprint.gcp.environment import environment, registry, secrets
from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Join, Ref
from standfast.blueprint.site import Hosted
from standfast.problem import Problem, Problems

LIMIT = 256 * 1024  # bytes of one metadata value (Compute Engine, "VM metadata": 256 KB)


def startup_script(site: Site, host: Hosted) -> Join:
    """The script a server runs at each start. Raises Problems when it is longer than Compute Engine takes."""
    parts = tuple(_parts(site, host))
    text = "".join(part if isinstance(part, str) else "x" * 100 for part in parts)
    if len(text.encode()) > LIMIT:
        what = f"the environment of {host.name} is too long: {len(text.encode())} bytes of metadata"
        why = f"Compute Engine takes {LIMIT} bytes"
        fix = "move long values into secrets or files"
        raise Problems([Problem(what, why, fix, host.service.where("environment"))])
    return Join(parts)


def _parts(site: Site, host: Hosted) -> Iterator[Any]:
    hidden = [
        boot.Secret(name, "value", Ref(f"google_secret_manager_secret.{secret}", "name"))
        for name, secret in secrets(site, host).items()
    ]
    install = scripts.INSTALL.format(port=host.service.port)
    yield boot.HEAD.format(service=host.name, system=site.system.name, install=install)
    if host.stateful:
        yield scripts.LASTING_DISK
    if hidden:
        yield from boot.read_secrets(scripts.READ, hidden, [])
    login = registry(host)
    yield from boot.unit(
        host.name,
        site.system.name,
        host.service.image,
        environment(site, host),
        hidden,
        entrypoint=host.service.entrypoint,
        command=host.service.command,
        login=scripts.LOGIN.format(registry=login) if login else "",
        options=[line.format(service=host.name) for line in scripts.LOGS],
        volume=host.stateful,
    )
