"""Who may read or write which data on Azure: roles by their name or definition, on a thing or on what holds it.

Source: Azure docs, "Azure built-in roles", "Understand scope for Azure RBAC". Storage, Key Vault and databases open
their keys themselves: a key is no gate for who reads. Who may list the keys of a storage account may read all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reading import UNKNOWN, Unknown, blocks, flag, items, known, raw
from standfast.audit.rights.globs import meets
from standfast.audit.rights.model import Access, Carrier, Data, Principal, Truth, Way, as_principal
from standfast.audit.roles import Grant, grants
from standfast.blueprint import Ref, Resource, Var

# kind -> what it holds, and the data actions (or actions) that read and write it
KINDS: dict[str, tuple[str, str, str]] = {
    "azurerm_storage_account": (
        "store", "microsoft.storage/storageaccounts/blobservices/containers/blobs/read",
        "microsoft.storage/storageaccounts/blobservices/containers/blobs/write",
    ),
    "azurerm_key_vault_secret": (
        "secret", "microsoft.keyvault/vaults/secrets/getsecret/action",
        "microsoft.keyvault/vaults/secrets/setsecret/action",
    ),
}  # fmt: skip
LIST_KEYS = "microsoft.storage/storageaccounts/listkeys/action"
# role -> what of a store and a secret it reads (r) and writes (w); k: by the keys of the account
BLOB = {"Storage Blob Data Reader": "r", "Storage Blob Data Contributor": "rw", "Storage Blob Data Owner": "rw"}
SECRET = {"Key Vault Secrets User": "r", "Key Vault Secrets Officer": "rw", "Key Vault Administrator": "rw"}
BY_KEY = ("Owner", "Contributor", "Storage Account Contributor", "Storage Account Key Operator Service Role")
BACKUP = ("Storage Account Backup Contributor",)  # copies all of it
NOTHING = (
    "Reader", "Network Contributor", "Monitoring Metrics Publisher", "Log Analytics Contributor", "AcrPull", "AcrPush",
    "Key Vault Crypto Service Encryption User", "Key Vault Crypto User", "Key Vault Crypto Officer", "Key Vault Reader",
    "Key Vault Certificates Officer", "Key Vault Certificate User", "Disk Snapshot Contributor", "Disk Backup Reader",
    "Managed Identity Operator", "Virtual Machine Contributor", "Azure Kubernetes Service RBAC Cluster Admin",
    "Azure Kubernetes Service Cluster User Role", "Private DNS Zone Contributor", "DNS Zone Contributor",
    "PostgreSQL Flexible Server Long Term Retention Backup Role", "Virtual Machine Administrator Login",
    "Virtual Machine User Login", "Monitoring Reader", "Backup Reader", "Log Analytics Reader",
)  # fmt: skip
IDENTITIES = ("azurerm_user_assigned_identity",)


def read_access(estate: Estate) -> Iterator[Access]:
    carriers = _carriers(estate)
    given = [one for one in grants(estate) if one.origin.kind == "azurerm_role_assignment"]
    for kind, (holds, *_) in KINDS.items():
        for one in estate.of(kind):
            data = Data(one, one.address, "log" if one.component in ("logs", "network") and holds == "store" else holds)
            for grant in given:
                truth = _on(estate, grant.on, one)
                for way in ("read", "write") if truth is not False else ():
                    yield from _granted(estate, data, grant, way, truth, carriers)


def _granted(
    estate: Estate, data: Data, grant: Grant, way: Way, on: Truth, carriers: dict[str, list[Carrier]]
) -> Iterator[Access]:
    may, how = _may(estate, data.resource, grant, way)
    if may is not False:
        principal = _principal(estate, grant.members[0], carriers)
        decided = not isinstance(grant.members[0], (Unknown, Var))
        certain = may is True and on is True and decided and not known(grant.origin, "condition")
        role = "a role that is decided later" if grant.role is UNKNOWN else f"{grant.role}"
        yield Access(principal, data, way, certain, (f"{role} on {_scope(grant.on)} ({grant.origin.address}){how}",))


def _may(estate: Estate, one: Resource, grant: Grant, way: Way) -> tuple[Truth, str]:
    """Whether the role lets it, and how, where that is not plain."""
    role = grant.role
    if role is UNKNOWN:
        own = estate.target(raw(grant.origin, "role_definition_id"), "azurerm_role_definition")
        return (_defined(own, one.kind, way), "") if own is not None else (None, "")
    table = BLOB if one.kind == "azurerm_storage_account" else SECRET
    if role in table:
        return way[0] in table[role], ""
    if one.kind == "azurerm_storage_account" and role in BACKUP:
        return way == "read", ", which copies it"
    if one.kind == "azurerm_storage_account" and role in BY_KEY:
        shared = flag(one, "shared_access_key_enabled", default=True)
        return shared, " → the keys of the account"
    if role == "Owner":
        return True, " → gives itself any role"
    custom = [own for own in estate.of("azurerm_role_definition") if known(own, "name") == role]
    if custom:
        return _defined(custom[0], one.kind, way), ""
    return (False, "") if role in (*BLOB, *SECRET, *BY_KEY, *BACKUP, *NOTHING) else (None, "")


def _defined(own: Resource, kind: str, way: Way) -> Truth:
    _, read, write = KINDS[kind]
    asked = read if way == "read" else write
    for said in blocks(own, "permissions"):
        if said is UNKNOWN:
            return None
        named = [str(one).lower() for one in (*items(said, "data_actions"), *items(said, "actions"))]
        without = [str(one).lower() for one in (*items(said, "not_data_actions"), *items(said, "not_actions"))]
        data = [one for one in named if meets(one, asked) or (kind.endswith("account") and meets(one, LIST_KEYS))]
        if data and not any(meets(one, asked) for one in without):
            return True
    return False


def _on(estate: Estate, scope: Any, one: Resource) -> Truth:
    """Whether a scope holds the thing: itself, what it stands in, the group, the subscription."""
    found = estate.target(scope)
    if found is None:
        if not isinstance(scope, str):
            return True if isinstance(scope, Ref) and "azurerm_subscription" in scope.address else None
        mine = raw(one, "id")
        return mine.lower().startswith(scope.lower()) if isinstance(mine, str) and mine else None
    if found.kind in ("azurerm_subscription", "azurerm_management_group"):
        return True
    if found.kind == "azurerm_resource_group":
        group = estate.target(raw(one, "resource_group_name"), "azurerm_resource_group")
        vault = estate.target(raw(one, "key_vault_id"), "azurerm_key_vault")
        group = group or (estate.target(raw(vault, "resource_group_name"), "azurerm_resource_group") if vault else None)
        return group is found if group is not None else None
    if found is one:
        return True
    if found.kind == "azurerm_storage_container":
        inside = [estate.target(raw(found, path), one.kind) for path in ("storage_account_id", "storage_account_name")]
        return one in inside
    return estate.target(raw(one, "key_vault_id"), "azurerm_key_vault") is found


def _scope(scope: Any) -> str:
    return scope.address if isinstance(scope, Ref) else scope if isinstance(scope, str) else "a scope decided later"


def _principal(estate: Estate, member: Any, carriers: dict[str, list[Carrier]]) -> Principal:
    found = estate.target(member)
    if found is None and isinstance(member, str):
        found = next((one for one in estate.of(*IDENTITIES) if raw(one, "principal_id") == member), None)
    if found is None:
        address = member.address if isinstance(member, Ref) else ""
        who = (
            "who applies the code"
            if "client_config" in address
            else f"principal {member}"
            if isinstance(member, str)
            else ""
        )
        return Principal(
            who or "a principal that is decided later", component="operator" if "client" in address else ""
        )
    if found.data and found.kind == "azurerm_client_config":
        return Principal("who applies the code", found, "operator")
    word = "identity" if found.kind in IDENTITIES else found.kind.removeprefix("azurerm_").replace("_", " ")
    return as_principal(f"{word} {found.name}", found, carriers.get(found.address, ()))


def _carriers(estate: Estate) -> dict[str, list[Carrier]]:
    """Identity -> what runs as it."""
    found: dict[str, list[Carrier]] = {}
    for one in estate.resources:
        if one.kind.startswith("azurerm_") and not one.data:
            for said in blocks(one, "identity"):
                for own in estate.targets(said, "identity_ids", *IDENTITIES) if said is not UNKNOWN else ():
                    word = (
                        "servers"
                        if "virtual_machine" in one.kind
                        else "containers"
                        if "container" in one.kind
                        else "what runs"
                    )
                    found.setdefault(own.address, []).append((f"{word} of {one.component or one.name}", one.component))
    for one in estate.of("azurerm_federated_identity_credential"):
        for path in ("user_assigned_identity_id", "parent_id"):
            for own in estate.targets(one, path, *IDENTITIES):
                subject = str(known(one, "subject", "")).removeprefix("system:serviceaccount:").replace(":", "/")
                found.setdefault(own.address, []).append((f"pods of {subject}", subject.rpartition("/")[2]))
    return found
