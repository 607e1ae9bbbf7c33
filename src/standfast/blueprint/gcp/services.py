"""The parts of Google Cloud that a project has to switch on, and what waits until they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from standfast.blueprint.gcp.site import PROJECT, Site
from standfast.blueprint.model import Base64, Block, Join, Json, Ref, Resource

# Which service a kind belongs to, by how its name begins; the longest beginning counts.
APIS = {
    "google_certificate_manager": "certificatemanager",
    "google_cloud_run": "run",
    "google_cloud_scheduler": "cloudscheduler",
    "google_compute": "compute",
    "google_container": "container",
    "google_dns": "dns",
    "google_kms": "cloudkms",
    "google_logging": "logging",
    "google_monitoring": "monitoring",
    "google_project": "cloudresourcemanager",
    "google_project_iam_custom_role": "iam",
    "google_redis": "redis",
    "google_secret_manager": "secretmanager",
    "google_service_account": "iam",
    "google_service_networking": "servicenetworking",
    "google_sql": "sqladmin",
    "google_storage": "storage",
    "google_storage_transfer": "storagetransfer",
}
# What one needs of another.
BESIDE = {
    "compute": ("iap", "oslogin"),
    "container": ("binaryauthorization", "containersecurity"),
    "storagetransfer": ("pubsub",),
}


def with_services(site: Site, resources: Iterable[Resource]) -> list[Resource]:
    """The resources after the services they need; what refers to nothing of its own service waits for it."""
    resources = list(resources)
    used = sorted({api(one.kind) for one in resources if not one.data})
    used = sorted({*used, *(also for one in used for also in BESIDE.get(one, ()))})
    part, found = site.part("network", "network"), []
    for number, name in enumerate(used):
        settings = {"project": PROJECT, "service": f"{name}.googleapis.com", "disable_on_destroy": False}
        why = "What of Google Cloud this project uses. It stays switched on: others may use it too." * (not number)
        found.append(part.make("google_project_service", name, settings, why))
    return found + [_waiting(one) for one in resources]


def api(kind: str) -> str:
    """The service of a kind. KeyError for a kind of no service known here."""
    return APIS[max((one for one in APIS if kind.startswith(one)), key=len, default=kind)]


def _waiting(one: Resource) -> Resource:
    own = api(one.kind)
    before = {address.partition(".")[0] for address in refers_to(one)} - {"data"}  # what is looked up waits for nothing
    if one.data or any(api(kind) == own for kind in before):
        return one
    return replace(one, depends_on=(f"google_project_service.{own}", *one.depends_on))


def refers_to(one: Resource) -> Iterator[str]:
    """Addresses of the resources that one waits for anyway."""
    yield from one.depends_on
    yield from (ref.address for ref in _refs(one.settings))


def _refs(value: Any) -> Iterator[Ref]:
    inside: Any = ()
    match value:
        case Ref():
            yield value
        case Join():
            inside = value.parts
        case Json():
            inside = (value.document,)
        case Base64():
            inside = (value.text,)
        case Block():
            inside = value.settings.values()
        case dict():
            inside = value.values()
        case list() | tuple():
            inside = value
    for one in inside:
        yield from _refs(one)
