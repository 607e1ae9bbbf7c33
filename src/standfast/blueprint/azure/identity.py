"""An identity per service: what its calls and its secrets need, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.blueprint.azure import keys
from standfast.blueprint.azure.site import Part, Site
from standfast.blueprint.model import Ref, Resource, Var, Variable
from standfast.blueprint.site import Hosted, identifier, targets

_REGISTRY = re.compile(r"([a-z0-9]{5,50})\.azurecr\.io/")


def resources(site: Site) -> Iterator[Resource]:
    for host in site.hosted:
        part = site.part(host.name, "identity", host.service.place)
        why = f"Who {host.name} is to Azure."
        yield part.placed("azurerm_user_assigned_identity", f"service_{host.id}", site.name(host.name), {}, why)
        for name in sorted(readable(site, host)) if not site.clustered else ():
            scope = keys.secret(name, "resource_versionless_id")
            yield _may(part, host, f"{host.id}_reads_{name}", scope, "Key Vault Secrets User")
        kept = {one.name: one for one in site.buckets}
        for name in targets(host.service):
            if name in kept:
                scope = Ref(f"azurerm_storage_container.{kept[name].id}", "id")
                yield _may(part, host, f"{host.id}_uses_{kept[name].id}", scope, "Storage Blob Data Contributor")
        if found := registry(host):
            yield _may(part, host, f"{host.id}_pulls", registry_id(found), "AcrPull")


def variables(site: Site) -> Iterator[Variable]:
    for name in sorted({found for host in site.hosted if (found := registry(host))}):
        means = f"Resource id of the registry {name}.azurecr.io"
        example = f"/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/{name}"
        yield Variable(registry_id(name).name, "string", means, pattern="^/subscriptions/.+$", example=example)


def registry(host: Hosted) -> str | None:
    """The name of the Azure registry that a service's image comes from."""
    found = _REGISTRY.match(host.service.image)
    return found[1] if found else None


def registry_id(name: str) -> Var:
    return Var(f"registry_{name}_id")


def readable(site: Site, host: Hosted) -> list[str]:
    """Identifiers of the secrets a service may read: those it declares, and what opens the stores it calls."""
    found = [identifier(name) for name in host.service.secrets]
    kept = {one.name: one for one in (*site.databases, *site.caches)}
    for name in targets(host.service):
        if name in kept:
            found += keys.opened_by(kept[name]).values()
    return list(dict.fromkeys(found))


def who(host: Hosted, attribute: str = "id") -> Ref:
    return Ref(f"azurerm_user_assigned_identity.service_{host.id}", attribute)


def _may(part: Part, host: Hosted, name: str, scope: object, role: str) -> Resource:
    settings = {
        "scope": scope,
        "role_definition_name": role,
        "principal_id": who(host, "principal_id"),
        "principal_type": "ServicePrincipal",
    }
    return part.make("azurerm_role_assignment", name, settings)
