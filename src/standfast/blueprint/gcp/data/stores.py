"""Where databases and caches are, and which of each Google sells: what the rest of the blueprint asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.edge.domain import internal_host
from standfast.blueprint.gcp.site import Site, replicas
from standfast.blueprint.model import Join, Ref, Var
from standfast.blueprint.site import DATABASES, Kept
from standfast.problem import Problem
from standfast.spec.model import Store

LOGIN = "app"  # the user of every database
# What Google sells of each, the newest first (docs/build.md tells where from).
VERSIONS = {
    "postgres": ("18", "17", "16", "15", "14", "13"),
    "mysql": ("8.4", "8.0"),
    "redis": ("7.2", "7.0", "6.x", "5.0"),
}


def version(kept: Kept) -> str:
    """The version that Google sells of the one that is wanted: `16` for 16.3, `8.4` for 8; "" for none.

    The version a plan names for a cache where the spec names none is that of another cloud: then the newest.
    """
    wanted = kept.store.version
    if kept.kind != "redis" and not wanted:
        wanted = str(kept.choice.size.get("engine_version", ""))
    sold = VERSIONS[kept.kind]
    if not wanted:
        return sold[0]
    return next((one for one in sold if f"{one}.".startswith(f"{wanted}.") or wanted.startswith(f"{one}.")), "")


def problems(site: Site) -> Iterator[Problem]:
    for kept in (*site.databases, *site.caches):
        if not version(kept):
            what = f"Google Cloud sells no {kept.kind} {kept.store.version or kept.choice.size.get('engine_version')}"
            yield Problem(what, "", f"use one of {', '.join(VERSIONS[kept.kind])}", kept.store.where("version"))


def written_there(site: Site, kept: Kept) -> bool:
    """Whether the database here only follows the one of the first site, which is written to."""
    return site.follows and kept.kind != "redis"


def exported(site: Site) -> list[Store]:
    """The databases whose exports a standby keeps: those that do not run there."""
    if not site.follows or site.databases:
        return []
    return [one for one in site.system.stores if one.kind in DATABASES]


def instance(name: str, attribute: str) -> Ref:
    return Ref(f"google_sql_database_instance.{name}", attribute)


def address(site: Site, kept: Kept) -> Ref | Var:
    """Where a database or a cache is; of a database, the one that is written to."""
    if kept.kind == "redis":
        return Ref(f"google_redis_instance.{kept.id}", "host")
    return Var(f"{kept.id}_address") if written_there(site, kept) else instance(kept.id, "private_ip_address")


def copies(site: Site, kept: Kept) -> list[Ref]:
    """Addresses of the databases that follow, for what may be seconds old."""
    if kept.kind == "redis":
        return []
    if written_there(site, kept):
        return [instance(kept.id, "private_ip_address")]
    return [instance(f"{kept.id}_read_{number}", "private_ip_address") for number in range(1, replicas(kept) + 1)]


def reading(site: Site, kept: Kept) -> Ref | Join | None:
    """The host of a database's replicas; None where there are none."""
    found = copies(site, kept)
    return Join(read_host(site, kept)) if len(found) > 1 else found[0] if found else None


def read_host(site: Site, kept: Kept) -> tuple[Any, ...]:
    """The parts of the name that stands for all replicas of a database."""
    return internal_host(site, f"{kept.name}-read")
