"""What a container finds in its environment: where everything is that its service calls, and what opens it.

The same for servers and for Cloud Run; how it gets there is each shape's own.
"""

from __future__ import annotations

import re

from standfast.blueprint.boot import DATABASE
from standfast.blueprint.environment import environment as found_by
from standfast.blueprint.gcp.data.stores import LOGIN, address, reading
from standfast.blueprint.gcp.edge.domain import bucket_host, internal_host
from standfast.blueprint.gcp.keys import read_by
from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Join, Ref, Var
from standfast.blueprint.site import Hosted, Kept
from standfast.problem import Problem, Problems

Text = str | Join | Ref | Var
_REGISTRY = re.compile(r"((?:[a-z0-9-]+-docker\.pkg\.dev)|(?:(?:[a-z]+\.)?gcr\.io))/")


def environment(site: Site, host: Hosted) -> dict[str, Text]:
    """What the container finds in its environment, without secrets. What the spec says goes before what is derived."""

    def url(called: Hosted) -> Join:
        return Join(("https://", *internal_host(site, called.name), f":{called.listener}"))

    return found_by(site, host, url, lambda kept: _store(site, kept))


def _store(site: Site, kept: Kept) -> dict[str, Text]:
    if kept.kind == "objects":
        named: dict[str, Text] = {"BUCKET": Ref(f"google_storage_bucket.{kept.id}", "name")}
        return {**named, "URL": Join(("https://", *bucket_host(kept)))} if kept.store.cdn else named
    where: dict[str, Text] = {"HOST": address(site, kept), "PORT": str(site.port(kept.kind))}
    if kept.kind == "redis":
        return where
    read = reading(site, kept)
    return {**where, "NAME": DATABASE, "USER": LOGIN, **({"READ_HOST": read} if read else {})}


def secrets(site: Site, host: Hosted) -> dict[str, str]:
    """Variable -> identifier of the secret it is read from. Raises Problems when two would share a variable."""
    found = read_by(site, host)
    twice = sorted(set(found) & set(_plain(site, host)))
    if len(found) < len(host.service.secrets) or twice:
        what = f"{host.name} would get {twice[0] if twice else 'a secret'} twice"
        why = "what opens its stores comes under their names"
        raise Problems([Problem(what, why, "rename one of them", host.service.where("secrets"))])
    # what the spec says itself goes first
    return {name: secret for name, secret in found.items() if name not in host.service.environment}


def _plain(site: Site, host: Hosted) -> dict[str, Text]:
    return {name: value for name, value in environment(site, host).items() if name not in host.service.environment}


def registry(host: Hosted) -> str:
    """Host name of a registry of Google's, where the image comes from one; else ""."""
    found = _REGISTRY.match(host.service.image)
    return found[1] if found else ""
