"""An account per service: what its calls and its secrets need, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.gcp.environment import registry, secrets
from standfast.blueprint.gcp.firewall import NODES
from standfast.blueprint.gcp.keys import read_by
from standfast.blueprint.gcp.site import PROJECT, Part, Site, email, member
from standfast.blueprint.model import Join, Ref, Resource
from standfast.blueprint.site import Hosted, targets
from standfast.blueprint.workloads import namespace

READER = "secret_reader"  # as whom External Secrets copies secrets for the pods
SERVERS = {"logs": "roles/logging.logWriter", "metrics": "roles/monitoring.metricWriter"}
PULL = "roles/artifactregistry.reader"


def resources(site: Site) -> Iterator[Resource]:
    if not site.hosted:
        return
    for host in site.hosted:
        yield from _service(site, host)
    if site.plan.shape == "kubernetes":
        yield from _cluster(site)


def _account(site: Site, part: Part, name: str, shown: str, why: str) -> Resource:
    settings = {"account_id": site.account(*name.split("_")), "display_name": f"{site.own} {shown}"}
    return part.make("google_service_account", name, settings, why)


def _service(site: Site, host: Hosted) -> Iterator[Resource]:
    part = site.part(host.name, "identity", host.service.place)
    settings = {"account_id": site.account(host.name), "display_name": f"{site.own} {host.name}"}
    yield part.make("google_service_account", host.id, settings, f"What {host.name} runs as.")
    roles = dict(SERVERS) if site.plan.shape == "vm" else {}
    if registry(host) and site.plan.shape == "vm":
        roles["images"] = PULL
    for name, role in roles.items():
        yield _in_project(part, f"{host.id}_{name}", role, email(host))
    if site.plan.shape == "kubernetes":
        yield _becomes(part, host.id, namespace(site.system.name), host.name)
    else:
        for secret in dict.fromkeys(secrets(site, host).values()):
            yield _reads(part, f"{host.id}_{secret}", secret, email(host))
    kept = {one.name: one for one in site.buckets}
    for name in targets(host.service):
        if name in kept:
            settings = {
                "bucket": Ref(f"google_storage_bucket.{kept[name].id}", "name"),
                "role": "roles/storage.objectUser",
                "member": member(email(host)),
            }
            yield part.make("google_storage_bucket_iam_member", f"{host.id}_{kept[name].id}", settings)


def _cluster(site: Site) -> Iterator[Resource]:
    part = site.part("cluster", "identity")
    yield _account(site, part, NODES, "nodes", "What the nodes run as: they write logs and metrics, and pull images.")
    yield _in_project(part, f"{NODES}_node", "roles/container.defaultNodeServiceAccount", email(NODES))
    yield _in_project(part, f"{NODES}_images", PULL, email(NODES))
    read = sorted({secret for host in site.hosted for secret in read_by(site, host).values()})
    if read:
        yield _account(site, part, READER, "secrets", "As whom the cluster copies secrets for its pods.")
        yield _becomes(part, READER, "external-secrets", "external-secrets")
        for secret in read:
            yield _reads(part, f"{READER}_{secret}", secret, email(READER))


def _in_project(part: Part, name: str, role: str, account: Ref) -> Resource:
    settings = {"project": PROJECT, "role": role, "member": member(account)}
    return part.make("google_project_iam_member", name, settings)


def _reads(part: Part, name: str, secret: str, account: Ref) -> Resource:
    settings = {
        "secret_id": Ref(f"google_secret_manager_secret.{secret}", "id"),
        "role": "roles/secretmanager.secretAccessor",
        "member": member(account),
    }
    return part.make("google_secret_manager_secret_iam_member", name, settings)


def _becomes(part: Part, name: str, space: str, pod: str) -> Resource:
    """The account of a pod in the cluster may act as one of the project's."""
    settings = {
        "service_account_id": Ref(f"google_service_account.{name}", "name"),
        "role": "roles/iam.workloadIdentityUser",
        "member": Join(("serviceAccount:", PROJECT, f".svc.id.goog[{space}/{pod}]")),
    }
    needs = ("google_container_cluster.main",)  # with which the pool of identities comes
    return part.make("google_service_account_iam_member", f"{name}_pod", settings, depends_on=needs)
