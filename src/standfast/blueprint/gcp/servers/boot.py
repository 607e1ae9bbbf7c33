"""What a server does when it starts: run the service's container as a systemd unit, with its environment.

Text of the user never reaches a shell: it stands in a unit file, quoted as systemd wants it, inside a here
document that the shell does not expand. Secrets are read when the container starts, into memory, never onto disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.environment import DATA_DIR, environment, registry, secrets
from standfast.blueprint.gcp.servers import scripts
from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Join, Ref
from standfast.blueprint.site import Hosted
from standfast.blueprint.unit import quoted
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
    wanted, hidden = environment(site, host), secrets(site, host)
    yield scripts.HEAD.format(service=host.name, system=site.system.name)
    if host.stateful:
        yield scripts.LASTING_DISK
    if hidden:
        named = {name: Ref(f"google_secret_manager_secret.{one}", "name") for name, one in hidden.items()}
        yield from scripts.read_secrets(named)
    yield scripts.UNIT_HEAD.format(service=host.name, system=site.system.name)
    for name, value in wanted.items():
        yield f'Environment="{name}='
        yield from (quoted(part) for part in (value.parts if isinstance(value, Join) else (value,)))
        yield '"\n'
    if hidden:
        yield scripts.UNIT_SECRETS
    if login := registry(host):
        yield scripts.UNIT_LOGIN.format(registry=login)
    told = " \\\n  ".join(scripts.options([*wanted, *hidden], host.stateful, DATA_DIR))
    yield scripts.UNIT_RUN.format(image=host.service.image, service=host.name, options=told)
    yield (scripts.START_WITH_SECRETS if hidden else scripts.START).format(port=host.service.port)
