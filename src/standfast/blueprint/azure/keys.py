"""The vault: a key that rotates, certificates, and the places of secrets. What is put there is the user's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.azure.site import Part, Site, secret_name
from standfast.blueprint.boot import DATABASE
from standfast.blueprint.model import Block, Join, Json, Ref, Resource, Var, Variable
from standfast.blueprint.site import PORTS, Kept, identifier
from standfast.problem import Problem

VAULT, VAULT_ID = "azurerm_key_vault.main", Ref("azurerm_key_vault.main", "id")
DATA_KEY = Ref("azurerm_key_vault_key.data", "versionless_id")
ENCRYPTION = Ref("azurerm_user_assigned_identity.encryption", "id")
KEY_USERS = ("azurerm_role_assignment.encryption",)  # before the key can be used, its identity must be let to
OPERATOR = "azurerm_role_assignment.operator"  # before anything is put into the vault
ADMIN = "app_admin"
SCHEMES = {"postgres": ("postgresql", "?sslmode=require"), "mysql": ("mysql", "?ssl-mode=REQUIRED")}
PASSWORD = "16 to 64 letters, digits, '-' and '_', of three kinds at least: openssl rand -base64 33 | tr +/ -_"


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("keys", "keys")
    yield part.make("azurerm_client_config", "current", {}, "Who applies this, and in which tenant.", data=True)
    yield from _vault(site, part)
    yield from _key(site, part)
    yield from _secrets(site)


def variables(site: Site) -> Iterator[Variable]:
    means = "Four to six letters and digits that make names yours which all of Azure shares, as x7k2"
    yield Variable("mark", "string", means, pattern="^[a-z0-9]{4,6}$", example="x7k2")
    means = "Public addresses from which this is applied: the vault answers to nobody else outside the network"
    yield Variable("operators", "list(string)", means, [])
    for kept in site.databases:
        if not follows(site, kept):
            yield Variable(password(kept).name, "string", f"Password of {kept.name}: {PASSWORD}", secret=True,
                           pattern="^[A-Za-z0-9_-]{16,64}$")  # fmt: skip


def follows(site: Site, kept: Kept) -> bool:
    """Whether a database is a replica of the first site's, so that its login is that one's."""
    return bool(site.first and site.first.cloud == "azure" and kept.kind in SCHEMES)


def password(kept: Kept) -> Var:
    return Var(f"{kept.id}_password")


def declared_secrets(site: Site) -> list[str]:
    """The names of all secrets that services declare, each once: services that share a name share the secret."""
    return list(dict.fromkeys(name for host in site.hosted for name in host.service.secrets))


def secret(name: str, attribute: str = "versionless_id") -> Ref:
    """A secret in the vault by its identifier in the code: its address, without a version."""
    return Ref(f"azurerm_key_vault_secret.{name}", attribute)


def opened_by(kept: Kept) -> dict[str, str]:
    """What a container finds of a store's login: the end of the variable's name -> identifier of the secret."""
    return {end: f"{kept.id}_{end.lower()}" for end in ("PASSWORD", "URL")} if kept.kind in PORTS else {}


def entry(kept: Kept) -> str:
    """The secret that opens a store for a cluster: JSON with user and password; of a cache the password alone."""
    return f"{kept.name}-password" if kept.kind == "redis" else f"{kept.name}-login"


def _vault(site: Site, part: Part) -> Iterator[Resource]:
    settings = {
        "tenant_id": Ref("data.azurerm_client_config.current", "tenant_id"),
        "sku_name": "standard",
        "rbac_authorization_enabled": True,
        "purge_protection_enabled": True,
        "soft_delete_retention_days": 90,
        "public_network_access_enabled": True,
        "network_acls": Block({"default_action": "Deny", "bypass": "AzureServices", "ip_rules": Var("operators")}),
    }
    why = "Keys, certificates and secrets. What is deleted can be brought back for 90 days, and not purged before."
    yield part.placed("azurerm_key_vault", "main", site.everywhere(limit=24), settings, why)
    operator = {
        "scope": VAULT_ID,
        "role_definition_name": "Key Vault Administrator",
        "principal_id": Ref("data.azurerm_client_config.current", "object_id"),
    }
    why = "Whoever applies this makes the keys and the places of secrets."
    yield part.make("azurerm_role_assignment", "operator", operator, why)


def _key(site: Site, part: Part) -> Iterator[Resource]:
    settings = {
        "name": "data",
        "key_vault_id": VAULT_ID,
        "key_type": "RSA",
        "key_size": 4096,
        "key_opts": ["unwrapKey", "wrapKey"],
        "rotation_policy": Block(
            {
                "automatic": Block({"time_before_expiry": "P30D"}),
                "expire_after": "P1Y",
                "notify_before_expiry": "P29D",
            }
        ),
    }
    why = "Encrypts data at rest: disks, databases, caches, storage. A new version every year."
    yield part.make("azurerm_key_vault_key", "data", settings, why, tag=True, depends_on=(OPERATOR,))
    name = site.name("encryption")
    why = "Stores open what is encrypted with this identity."
    yield part.placed("azurerm_user_assigned_identity", "encryption", name, {}, why)
    may = {
        "scope": Ref("azurerm_key_vault_key.data", "resource_versionless_id"),
        "role_definition_name": "Key Vault Crypto Service Encryption User",
        "principal_id": Ref("azurerm_user_assigned_identity.encryption", "principal_id"),
    }
    yield part.make("azurerm_role_assignment", "encryption", may)
    if site.hosted and site.plan.shape != "container":
        disks = {
            "key_vault_key_id": DATA_KEY,
            "auto_key_rotation_enabled": True,
            "encryption_type": "EncryptionAtRestWithCustomerKey",
            "identity": _encryption(),
        }
        why = "What disks of servers are encrypted with."
        yield part.placed("azurerm_disk_encryption_set", "main", site.name(), disks, why, depends_on=KEY_USERS)


def _encryption() -> Block:
    return Block({"type": "UserAssigned", "identity_ids": [ENCRYPTION]})


def encrypted() -> dict[str, Any]:
    """The settings of a store that is encrypted with our key, by our identity."""
    return {"identity": _encryption()}


def _secrets(site: Site) -> Iterator[Resource]:
    for name in declared_secrets(site):
        readers = [host for host in site.hosted if name in host.service.secrets]
        part = Part("secrets", readers[0].service.where("secrets"), "keys")
        why = f"Read by {', '.join(host.name for host in readers)}. You put the value in: see README.md."
        yield _secret(part, identifier(name), name, "to be filled", why, lifecycle={"ignore_changes": ["value"]})
    for kept in (*site.databases, *site.caches):
        if kept.callers:
            part = Part(kept.name, kept.store.place, "keys")
            for end, value in _logins(site, kept).items():
                why = "" if end == "URL" else f"What opens {kept.name}, kept for the services that call it."
                yield _secret(part, f"{kept.id}_{end.lower()}", f"{kept.name}-{end.lower()}", value, why)


def _logins(site: Site, kept: Kept) -> dict[str, Any]:
    """A store's secrets: the end of the name -> value. Pods put the address together from its parts themselves."""
    if site.clustered:
        if kept.kind == "redis":
            return {"PASSWORD": Ref(f"azurerm_managed_redis.{kept.id}", "default_database[0].primary_access_key")}
        return {"LOGIN": Json({"username": ADMIN, "password": Var(f"{kept.id}_password")})}
    if kept.kind == "redis":
        key = Ref(f"azurerm_managed_redis.{kept.id}", "default_database[0].primary_access_key")
        host = Ref(f"azurerm_managed_redis.{kept.id}", "hostname")
        return {"PASSWORD": key, "URL": Join(("rediss://:", key, "@", host, f":{site.port('redis')}"))}
    scheme, query = SCHEMES[kept.kind]
    shown = Var(f"{kept.id}_password")
    where = (Ref(server(kept), "fqdn"), f":{site.port(kept.kind)}/{DATABASE}{query}")
    return {"PASSWORD": shown, "URL": Join((f"{scheme}://{ADMIN}:", shown, "@", *where))}


def server(kept: Kept) -> str:
    """The address of a database's resource."""
    kind = "postgresql" if kept.kind == "postgres" else "mysql"
    return f"azurerm_{kind}_flexible_server.{kept.id}"


def _secret(part: Part, name: str, shown: str, value: Any, why: str, **more: Any) -> Resource:
    settings = {
        "name": secret_name(shown),
        "key_vault_id": VAULT_ID,
        "value": value,
        "content_type": "text/plain",
    }
    return part.make("azurerm_key_vault_secret", name, settings, why, tag=True, depends_on=(OPERATOR,), **more)


def clashes(site: Site) -> Iterator[Problem]:
    """Secrets that the vault would not tell apart: it takes letters, digits and hyphens, in any case."""
    names = [(name, name) for name in declared_secrets(site)]
    for kept in (*site.databases, *site.caches):
        names += [(kept.name, f"{kept.name}-{end.lower()}") for end in opened_by(kept)]
    seen: dict[str, str] = {}
    for said, full in names:
        other = seen.setdefault(secret_name(full).lower(), full)
        if other != full or (said == full and any(full == b and a != full for a, b in names)):
            what = f"the secrets {other} and {full} would be one in the vault"
            why = "Key Vault takes letters, digits and hyphens, and does not tell cases apart"
            yield Problem(what, why, "rename one of them", site.system.place)


def certificate(site: Site, part: Part, name: str, hosts: list[Any], why: str) -> Resource:
    """A certificate in the vault: signed by itself at first, until an issuer is named or yours is imported over it."""
    policy = {
        "issuer_parameters": Block({"name": Var("certificate_issuer")}),
        "key_properties": Block({"exportable": True, "key_type": "RSA", "key_size": 2048, "reuse_key": False}),
        "lifetime_action": Block(
            {
                "action": Block({"action_type": "AutoRenew"}),
                "trigger": Block({"days_before_expiry": 30}),
            }
        ),
        "secret_properties": Block({"content_type": "application/x-pkcs12"}),
        "x509_certificate_properties": Block(
            {
                "subject": Join(("CN=", *(hosts[0].parts if isinstance(hosts[0], Join) else (hosts[0],)))),
                "validity_in_months": 12,
                "key_usage": ["digitalSignature", "keyEncipherment"],
                "extended_key_usage": ["1.3.6.1.5.5.7.3.1"],
                "subject_alternative_names": Block({"dns_names": hosts}),
            }
        ),
    }
    settings = {"name": name, "key_vault_id": VAULT_ID, "certificate_policy": Block(policy)}
    return part.make("azurerm_key_vault_certificate", name, settings, why, tag=True, depends_on=(OPERATOR,))
