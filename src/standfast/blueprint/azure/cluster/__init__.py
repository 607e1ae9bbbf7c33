"""AKS: a cluster whose API answers inside the network only, its nodes over the zones, and who its pods are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.azure import identity, keys, network
from standfast.blueprint.azure.compute.environment import bucket
from standfast.blueprint.azure.data import databases
from standfast.blueprint.azure.edge.gateway import CERTIFICATE
from standfast.blueprint.azure.site import Site, secret_name
from standfast.blueprint.model import Join, Note, Output, Ref, Var
from standfast.blueprint.site import identifier

FIRST = """\
The API server answers inside the network only, to accounts of the tenant. From a machine in the network:

```
az aks get-credentials --resource-group "$(terraform output -raw resource_group)" \\
  --name "$(terraform output -raw cluster)"
kubelogin convert-kubeconfig -l azurecli
```

The workloads are in `../kubernetes`: go on with its README. External Secrets must run as the account
`external-secrets` in the namespace of that name, with the label `azure.workload.identity/use: "true"` on its pods and
the annotation `azure.workload.identity/client-id` of the output `secrets_operator`.
"""


def platform(site: Site) -> dict[str, Any]:
    """What the workloads ask of Azure (blueprint/workloads.py has the names)."""
    data = [name for name in ("endpoints", "postgres", "mysql") if name in network.used(site)]
    found: dict[str, Any] = {
        "data_ranges": tuple(network.block(site, name) for name in data),
        "balancer_ranges": (network.block(site, "gateway"),),
        "vault_url": Ref(keys.VAULT, "vault_uri"),
    }
    if site.private:
        found["balancer_private"] = "true"
    for host in site.hosted:
        found[f"{host.id}_identity"] = identity.who(host, "client_id")
    for host in site.public:
        found[f"{host.id}_host"], found[f"{host.id}_certificate"] = site.host(host.name), CERTIFICATE
    for kept in site.caches:
        found[f"{kept.id}_host"] = Ref(f"azurerm_managed_redis.{kept.id}", "hostname")
        found[f"{kept.id}_secret"] = secret_name(keys.entry(kept))
    for kept in site.databases:
        found[f"{kept.id}_host"] = Ref(keys.server(kept), "fqdn")
        found[f"{kept.id}_secret"] = secret_name(keys.entry(kept))
        if readers := databases.readers(kept):
            found[f"{kept.id}_read_host"] = readers[0]
    for kept in site.buckets:
        found[f"{kept.id}_bucket"] = bucket(kept)
        if kept.store.cdn:
            found[f"{kept.id}_url"] = Join((f"https://{kept.name}.", Var("domain")))
    for name in keys.declared_secrets(site):
        found[f"secret_{identifier(name)}"] = secret_name(name)
    return found


def outputs(site: Site) -> Iterator[Output]:
    if not site.clustered:
        return
    yield Output("cluster", "Name of the cluster", Ref("azurerm_kubernetes_cluster.main", "name"))
    yield Output("resource_group", "Resource group", Ref("azurerm_resource_group.main", "name"))
    client = Ref("azurerm_user_assigned_identity.secrets_operator", "client_id")
    yield Output("secrets_operator", "Client id with which External Secrets reads the vault", client)


def notes(site: Site) -> Iterator[Note]:
    if site.clustered:
        yield Note("Reach the cluster", FIRST)
