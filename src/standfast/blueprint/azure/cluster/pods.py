"""Who pods and the cluster's own parts are: identities that a token of their account is exchanged for."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure import identity, keys
from standfast.blueprint.azure.cluster.control import CLUSTER
from standfast.blueprint.azure.edge.gateway import GATEWAY
from standfast.blueprint.azure.network import subnet
from standfast.blueprint.azure.site import GROUP_ID, Part, Site
from standfast.blueprint.model import Ref, Resource
from standfast.blueprint.workloads import namespace

AUDIENCE = ["api://AzureADTokenExchange"]
OPERATOR = "azurerm_user_assigned_identity.secrets_operator"


def resources(site: Site) -> Iterator[Resource]:
    if not site.clustered:
        return
    space = namespace(site.system.name)
    for host in site.hosted:
        part = site.part(host.name, "identity", host.service.place)
        yield _taken_by(part, host.id, identity.who(host), space, host.name)
    part = site.part("cluster", "identity")
    why = "External Secrets copies secrets from the vault with this identity."
    yield part.placed("azurerm_user_assigned_identity", "secrets_operator", site.name("secrets"), {}, why)
    yield _taken_by(part, "secrets_operator", Ref(OPERATOR, "id"), "external-secrets", "external-secrets")
    reader = {
        "scope": keys.VAULT_ID,
        "role_definition_name": "Key Vault Secrets User",
        "principal_id": Ref(OPERATOR, "principal_id"),
        "principal_type": "ServicePrincipal",
    }
    yield part.make("azurerm_role_assignment", "secrets_operator", reader)
    yield from _kubelet(site, part)
    if site.public:
        yield from _ingress(part)


def _taken_by(part: Part, name: str, who: Ref, space: str, account: str) -> Resource:
    """The account of a namespace is this identity."""
    settings = {
        "name": account,
        "user_assigned_identity_id": who,
        "issuer": Ref(CLUSTER, "oidc_issuer_url"),
        "audience": AUDIENCE,
        "subject": f"system:serviceaccount:{space}:{account}",
    }
    return part.make("azurerm_federated_identity_credential", name, settings)


def _kubelet(site: Site, part: Part) -> Iterator[Resource]:
    for name in sorted({found for host in site.hosted if (found := identity.registry(host))}):
        may = {
            "scope": identity.registry_id(name),
            "role_definition_name": "AcrPull",
            "principal_id": Ref(CLUSTER, "kubelet_identity[0].object_id"),
            "principal_type": "ServicePrincipal",
        }
        yield part.make("azurerm_role_assignment", f"nodes_pull_{name}", may, "Nodes pull the images of pods.")


def _ingress(part: Part) -> Iterator[Resource]:
    """What the gateway's add-on needs to keep the pods of a service in its pool (AKS docs, "Enable AGIC add-on")."""
    addon = "ingress_application_gateway[0].ingress_application_gateway_identity[0].object_id"
    rights = (
        ("gateway", GATEWAY, "Contributor"),
        ("group", GROUP_ID, "Reader"),
        ("subnet", subnet("gateway"), "Network Contributor"),
        ("certificate", Ref("azurerm_user_assigned_identity.gateway", "id"), "Managed Identity Operator"),
    )
    for number, (name, scope, role) in enumerate(rights):
        why = "The add-on that keeps the gateway's pools." if number == 0 else ""
        settings = {
            "scope": scope,
            "role_definition_name": role,
            "principal_id": Ref(CLUSTER, addon),
            "principal_type": "ServicePrincipal",
        }
        yield part.make("azurerm_role_assignment", f"ingress_{name}", settings, why)
