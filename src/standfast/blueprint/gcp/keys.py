"""Encryption keys that rotate, and the places of secrets: what is put there is the user's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.boot import DATABASE
from standfast.blueprint.gcp.data.stores import LOGIN, address, exported, instance, reading, written_there
from standfast.blueprint.gcp.site import PROJECT, Part, Site, agent, member
from standfast.blueprint.model import Block, Join, Json, Ref, Resource, Var, Variable
from standfast.blueprint.site import Hosted, Kept, identifier, targets

DATA_KEY, LOGS_KEY = Ref("google_kms_crypto_key.data", "id"), Ref("google_kms_crypto_key.logs", "id")
USE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
BUCKETS = "gs-project-accounts"
QUARTER = "7776000s"  # 90 days between the versions of a key
# Which of Google's own accounts opens what, and what has to stand here that it does so.
AGENTS = {
    "data": {
        "servers": ("compute-system", lambda site: bool(site.hosted)),
        "cluster": ("container-engine-robot", lambda site: site.plan.shape == "kubernetes"),
        "containers": ("serverless-robot-prod", lambda site: site.plan.shape == "container"),
        "databases": ("gcp-sa-cloud-sql", lambda site: bool(site.databases)),
        "caches": ("cloud-redis", lambda site: bool(site.caches)),
        "objects": (BUCKETS, lambda site: bool(site.buckets or exported(site))),
        "secrets": ("gcp-sa-secretmanager", lambda site: bool(secrets(site))),
    },
    "logs": {"trail": (BUCKETS, lambda site: site.alone)},
}


def opens(name: str) -> str:
    """The address of the grant that lets one of Google's accounts use a key: what it encrypts has to wait for it."""
    return f"google_kms_crypto_key_iam_member.{name}"


def variables(site: Site) -> Iterator[Variable]:
    for kept in site.databases:
        if opened(site, kept):
            means = f"Password of {kept.name}, 16 to 128 letters and digits: openssl rand -hex 32"
            yield Variable(password(kept).name, "string", means, secret=True, pattern="^[A-Za-z0-9_-]{16,128}$")


def password(kept: Kept) -> Var:
    return Var(f"{kept.id}_password")


def declared_secrets(site: Site) -> list[str]:
    """The names of all secrets that services declare, each once: services that share a name share the secret."""
    return list(dict.fromkeys(name for host in site.hosted for name in host.service.secrets))


def opening(site: Site, kept: Kept) -> dict[str, Any]:
    """What opens a store, by the end of its name: what services find in their environment, and read as a secret.

    On a cluster it is what the manifests read: user and password of a database as JSON, the password of a cache.
    """
    if site.plan.shape == "kubernetes" and kept.kind != "redis":
        return {"LOGIN": Json({"username": LOGIN, "password": password(kept)})}
    if kept.kind == "redis":
        told = Ref(f"google_redis_instance.{kept.id}", "auth_string")
        where = (Ref(f"google_redis_instance.{kept.id}", "host"), ":", Ref(f"google_redis_instance.{kept.id}", "port"))
        ca = Ref(f"google_redis_instance.{kept.id}", "server_ca_certs[0].cert")
        if site.plan.shape == "kubernetes":
            return {"PASSWORD": told}
        return {"PASSWORD": told, "URL": Join(("rediss://:", told, "@", *where)), "CA": ca}
    word = password(kept)
    found = {"PASSWORD": word, "URL": _url(site, kept, word, address(site, kept))}
    read = reading(site, kept)
    if read:
        found["READ_URL"] = _url(site, kept, word, read)
    return found if written_there(site, kept) else {**found, "CA": instance(kept.id, "server_ca_cert[0].cert")}


def _url(site: Site, kept: Kept, word: Var, host: Any) -> Join:
    scheme, query = {"postgres": ("postgresql", "?sslmode=require"), "mysql": ("mysql", "")}[kept.kind]
    parts = host.parts if isinstance(host, Join) else (host,)
    return Join((f"{scheme}://{LOGIN}:", word, "@", *parts, f":{site.port(kept.kind)}/{DATABASE}{query}"))


def read_by(site: Site, host: Hosted) -> dict[str, str]:
    """The secrets of a service: variable -> the identifier of the secret."""
    found = {identifier(name): identifier(name) for name in host.service.secrets}
    kept = {one.name: one for one in (*site.databases, *site.caches)}
    for name in targets(host.service):
        if name in kept and opened(site, kept[name]):
            for end in opening(site, kept[name]):
                found[f"{kept[name].id.upper()}_{end}"] = f"{kept[name].id}_{end.lower()}"
    return found


def opened(site: Site, kept: Kept) -> bool:
    """Whether what opens a store is kept here: for a database that only follows, where there is somebody to read it."""
    return bool(site.hosted) or not written_there(site, kept)


def secrets(site: Site) -> list[str]:
    """The identifiers of all secrets that are kept here."""
    stores = [one for one in (*site.databases, *site.caches) if opened(site, one)]
    return [identifier(name) for name in declared_secrets(site)] + [
        f"{one.id}_{end.lower()}" for one in stores for end in opening(site, one)
    ]


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("keys", "keys")
    yield part.make("google_project", "current", {"project_id": PROJECT}, "The project this is in.", data=True)
    where = {"name": site.name(), "location": site.region}
    why = "A key ring stays for ever: Google deletes none, so a second system of the name finds it taken."
    yield part.make("google_kms_key_ring", "main", where, why)
    why = "Encrypts data at rest: disks, databases, caches, buckets, backups, secrets."
    yield from _key(site, part, "data", why)
    yield from _key(site, part, "logs", "Encrypts logs.")
    yield part.make("google_logging_project_cmek_settings", "current", {"project": PROJECT}, data=True)
    grant = {
        "crypto_key_id": LOGS_KEY,
        "role": USE,
        "member": member(Ref("data.google_logging_project_cmek_settings.current", "service_account_id")),
    }
    yield part.make("google_kms_crypto_key_iam_member", "logs", grant)
    if site.alone or site.buckets or exported(site):
        why = "Asked for once, so that Google makes the account with which buckets open their key."
        yield part.make("google_storage_project_service_account", "current", {}, why, data=True)
    for name in declared_secrets(site):
        readers = [host for host in site.hosted if name in host.service.secrets]
        part = Part("secrets", readers[0].service.where("secrets"), "keys")
        why = f"Read by {', '.join(host.name for host in readers)}. You put the value in: see README.md."
        yield _secret(site, part, identifier(name), name, why)
    for kept in (*site.databases, *site.caches):
        if opened(site, kept):
            yield from _opening(site, kept)


def _opening(site: Site, kept: Kept) -> Iterator[Resource]:
    part = Part(kept.name, kept.store.place, "keys")
    why = f"What opens {kept.name}, kept for the services that call it."
    for end, value in opening(site, kept).items():
        name = f"{kept.id}_{end.lower()}"
        yield _secret(site, part, name, f"{kept.name}-{end.lower()}", why)
        why = ""
        place = {"secret": Ref(f"google_secret_manager_secret.{name}", "id"), "secret_data": value}
        yield part.make("google_secret_manager_secret_version", name, place)


def _secret(site: Site, part: Part, name: str, shown: str, why: str) -> Resource:
    here = {"location": site.region, "customer_managed_encryption": Block({"kms_key_name": DATA_KEY})}
    settings = {
        "secret_id": secret_id(site, shown),
        "replication": Block({"user_managed": Block({"replicas": Block(here)})}),
        "version_destroy_ttl": "2592000s",
    }
    return part.make("google_secret_manager_secret", name, settings, why, depends_on=(opens("secrets"),))


def secret_id(site: Site, shown: str) -> str:
    """What a secret is called: letters, digits, `-` and `_`."""
    return f"{site.name()}-{shown.replace('.', '_')}"


def _key(site: Site, part: Part, name: str, why: str) -> Iterator[Resource]:
    settings = {
        "name": name,
        "key_ring": Ref("google_kms_key_ring.main", "id"),
        "purpose": "ENCRYPT_DECRYPT",
        "rotation_period": QUARTER,
        "destroy_scheduled_duration": "2592000s",
    }
    yield part.make("google_kms_crypto_key", name, settings, why, lifecycle={"prevent_destroy": True})
    for user, (service, stands) in AGENTS[name].items():
        if stands(site):
            grant = {
                "crypto_key_id": Ref(f"google_kms_crypto_key.{name}", "id"),
                "role": USE,
                "member": agent(service),
            }
            needs = ("data.google_storage_project_service_account.current",) if service == BUCKETS else ()
            yield part.make("google_kms_crypto_key_iam_member", user, grant, depends_on=needs)
