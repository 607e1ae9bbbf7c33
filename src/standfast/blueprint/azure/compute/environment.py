"""What a container finds in its environment, whatever it runs on; what the spec says goes before what is derived."""

from __future__ import annotations

from standfast.blueprint import boot
from standfast.blueprint.azure import keys
from standfast.blueprint.azure.data import databases
from standfast.blueprint.azure.data.objects import container
from standfast.blueprint.azure.edge.domain import internal_host
from standfast.blueprint.azure.site import Site
from standfast.blueprint.environment import environment as found_by
from standfast.blueprint.model import Join, Ref, Var
from standfast.blueprint.site import Hosted, Kept, identifier, targets
from standfast.problem import Problem, Problems

Text = str | Join | Ref


def environment(site: Site, host: Hosted) -> dict[str, Text]:
    """Variables without secrets."""
    return found_by(site, host, lambda called: _url(site, called), lambda kept: _store(site, kept))


def secrets(site: Site, host: Hosted) -> dict[str, str]:
    """Variables that hold secrets: name -> identifier of the secret. Raises Problems when two would share a name."""
    found = [(identifier(name), identifier(name)) for name in host.service.secrets]
    kept = {one.name: one for one in (*site.databases, *site.caches)}
    for name in targets(host.service):
        if name in kept:
            prefix = identifier(name).upper()
            found += [(f"{prefix}_{end}", secret) for end, secret in keys.opened_by(kept[name]).items()]
    names = [name for name, _ in found]
    if twice := sorted({one for one in names if names.count(one) > 1}):
        what = f"{host.name} would get {twice[0]} twice"
        why = "what opens its stores comes under their names"
        raise Problems([Problem(what, why, "rename one of them", host.service.where("secrets"))])
    return {name: secret for name, secret in found if name not in host.service.environment}


def bucket(kept: Kept) -> Join:
    """A container of objects as its clients name it: https://account.blob.core.windows.net/container."""
    return Join((Ref(f"azurerm_storage_account.{kept.id}", "primary_blob_endpoint"), container(kept)))


def app_name(site: Site, host: Hosted) -> str:
    """What a container app is called: 2 to 32 characters."""
    return site.name(host.name, limit=32)


def _url(site: Site, host: Hosted) -> Text:
    if site.plan.shape == "container":
        return f"http://{app_name(site, host)}"  # the platform's own name; it encrypts between containers
    return Join(("http://", *internal_host(host.name), f":{host.listener}"))


def _store(site: Site, kept: Kept) -> dict[str, Text]:
    if kept.kind == "objects":
        named: dict[str, Text] = {"BUCKET": bucket(kept)}
        if kept.store.cdn:
            named["URL"] = Join((f"https://{kept.name}.", Var("domain")))
        return named
    if kept.kind == "redis":
        return {"HOST": Ref(f"azurerm_managed_redis.{kept.id}", "hostname"), "PORT": str(site.port("redis"))}
    where: dict[str, Text] = {
        "HOST": Ref(keys.server(kept), "fqdn"),
        "PORT": str(site.port(kept.kind)),
        "NAME": boot.DATABASE,
        "USER": keys.ADMIN,
    }
    if readers := databases.readers(kept):
        hosts = [part for one in readers for part in (",", one)][1:]
        where["READ_HOSTS"] = Join(tuple(hosts))
    return where
