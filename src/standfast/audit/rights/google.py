"""Who may read or write which data on Google Cloud: members of roles on a thing, its project, folder or organisation.

Source: Google Cloud docs, "IAM roles for Cloud Storage", "Access control with IAM" of Secret Manager, "Service account
impersonation". Keys are opened by the services themselves: a key is no gate for who reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reading import UNKNOWN, Unknown, blocks, items, known, raw
from standfast.audit.rights.model import Access, Carrier, Data, Principal, Truth, Way, as_principal
from standfast.audit.roles import EVERYBODY, Grant, grants
from standfast.blueprint import Join, Ref, Resource, Var

# kind -> what it holds, the permissions that read and write it, and how grants on it begin
KINDS = {
    "google_storage_bucket": ("store", "storage.objects.get", "storage.objects.create", "google_storage_bucket_iam_"),
    "google_secret_manager_secret": (
        "secret", "secretmanager.versions.access", "secretmanager.versions.add", "google_secret_manager_secret_iam_",
    ),
    "google_bigquery_dataset": (
        "store", "bigquery.tables.getData", "bigquery.tables.updateData", "google_bigquery_dataset_iam_",
    ),
    "google_pubsub_subscription": (
        "store", "pubsub.subscriptions.consume", "", "google_pubsub_subscription_iam_",
    ),
}  # fmt: skip
# role -> r, w of what it is about
ROLES: dict[str, dict[str, str]] = {
    "google_storage_bucket": {
        "roles/storage.objectViewer": "r", "roles/storage.objectUser": "rw", "roles/storage.objectAdmin": "rw",
        "roles/storage.admin": "rw", "roles/storage.objectCreator": "w", "roles/storage.legacyObjectReader": "r",
        "roles/storage.legacyObjectOwner": "rw", "roles/storage.legacyBucketWriter": "w",
        "roles/storage.legacyBucketOwner": "w", "roles/storage.legacyBucketReader": "",
    },
    "google_secret_manager_secret": {
        "roles/secretmanager.secretAccessor": "r", "roles/secretmanager.admin": "rw",
        "roles/secretmanager.secretVersionAdder": "w", "roles/secretmanager.secretVersionManager": "w",
        "roles/secretmanager.viewer": "",
    },
    "google_bigquery_dataset": {
        "roles/bigquery.dataViewer": "r", "roles/bigquery.dataEditor": "rw", "roles/bigquery.dataOwner": "rw",
        "roles/bigquery.admin": "rw",
    },
    "google_pubsub_subscription": {
        "roles/pubsub.subscriber": "r", "roles/pubsub.editor": "r", "roles/pubsub.admin": "r",
    },
}  # fmt: skip
FAMILY = {
    "google_storage_bucket": "roles/storage.", "google_secret_manager_secret": "roles/secretmanager.",
    "google_bigquery_dataset": "roles/bigquery.", "google_pubsub_subscription": "roles/pubsub.",
}  # fmt: skip
MIGHTY = {"roles/owner": True, "roles/editor": None, "roles/viewer": None}
ABOVE = ("google_project_iam_", "google_folder_iam_", "google_organization_iam_")
ACTS = (
    "roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountUser", "roles/iam.workloadIdentityUser",
    "roles/iam.serviceAccountKeyAdmin",
)  # fmt: skip
ACCOUNT = "google_service_account"


def read_access(estate: Estate) -> Iterator[Access]:
    given = [one for one in grants(estate) if one.origin.kind.startswith("google_")]
    carriers = _carriers(estate)
    acting = [one for one in given if one.origin.kind.startswith("google_service_account_iam_") and one.role in ACTS]
    for kind in KINDS:
        for one in estate.of(kind):
            holds = "log" if one.component in ("logs", "network") and KINDS[kind][0] == "store" else KINDS[kind][0]
            data = Data(one, one.address, holds)
            for grant in given:
                for way in ("read", "write"):
                    truth = _may(estate, one, grant, way)
                    for member in grant.members if truth is not False else ():
                        hop = f"{_role(grant.role)} on {_scope(grant)} ({grant.origin.address})"
                        yield from _as(estate, member, data, way, truth, (hop,), carriers, acting)


def _as(
    estate: Estate, member: Any, data: Data, way: Way, truth: Truth, hops: tuple[str, ...],
    carriers: dict[str, list[Carrier]], acting: list[Grant],
) -> Iterator[Access]:  # fmt: skip
    """A member, and who may act as it: pods that are bound to it say so by what carries it."""
    own = _account(estate, member)
    decided = not isinstance(member, (Unknown, Var))
    yield Access(_principal(estate, member, own, carriers), data, way, truth is True and decided, hops)
    if own is None:
        return
    for grant in acting:
        if estate.target(grant.on, ACCOUNT) is own and grant.role != "roles/iam.workloadIdentityUser":
            for other in grant.members:
                person = _principal(estate, other, _account(estate, other), carriers)
                step = f"acts as {own.name} ({grant.role})"
                yield Access(person, data, way, truth is True and not _conditional(grant), (step, *hops))


def _may(estate: Estate, one: Resource, grant: Grant, way: Way) -> Truth:
    kind = grant.origin.kind
    on = kind.startswith(KINDS[one.kind][3]) and _same(estate, grant.on, one)
    above = kind.startswith(ABOVE)
    if not (on or above):
        return False
    if grant.role is UNKNOWN:
        return None
    table = ROLES[one.kind]
    if grant.role in table:
        may: Truth = way[0] in table[grant.role]
    elif grant.role in MIGHTY:
        may = MIGHTY[grant.role]
    elif str(grant.role).startswith(FAMILY[one.kind]):
        may = None
    else:
        may = _custom(estate, grant, one.kind, way)
    return None if may is True and _conditional(grant) else may


def _conditional(grant: Grant) -> bool:
    return bool(blocks(grant.origin, "condition"))


def _custom(estate: Estate, grant: Grant, kind: str, way: Way) -> Truth:
    """A role of one's own: by its permissions; one of Google's that is about other things: no."""
    if "/roles/" not in str(grant.role):
        return False
    for own in estate.of("google_project_iam_custom_role", "google_organization_iam_custom_role"):
        if str(grant.role).endswith(f"/{known(own, 'role_id', '')}"):
            return KINDS[kind][1 if way == "read" else 2] in items(own, "permissions")
    return None


def _same(estate: Estate, on: Any, one: Resource) -> bool:
    found = estate.target(on, one.kind)
    if found is not None:
        return found is one
    names = [known(one, path) for path in ("name", "id", "secret_id", "dataset_id")]
    return isinstance(on, str) and bool(on) and on.rpartition("/")[2] in [str(name) for name in names if name]


def _account(estate: Estate, member: Any) -> Resource | None:
    """The service account that a member names, if it is among the resources."""
    parts = member.parts if isinstance(member, Join) else (member,)
    for part in parts:
        if isinstance(part, Ref) and (found := estate.target(part, ACCOUNT)) is not None:
            return found
    if isinstance(member, str) and member.startswith("serviceAccount:"):
        email = member.removeprefix("serviceAccount:")
        return next((one for one in estate.of(ACCOUNT) if raw(one, "email") == email), None)
    return None


def _principal(estate: Estate, member: Any, own: Resource | None, carriers: dict[str, list[Carrier]]) -> Principal:
    if own is not None:
        return as_principal(f"account {own.name}", own, carriers.get(own.address, ()))
    if member in EVERYBODY:
        return Principal("everybody")
    if isinstance(member, Ref):
        found = estate.target(member)
        return Principal(f"what {member.address} writes as", found, found.component if found else "")
    if isinstance(member, Join):
        said = "".join(part if isinstance(part, str) else "…" for part in member.parts)
        return Principal(said.partition(":")[2] or said)
    return Principal(member if isinstance(member, str) else "a member that is decided later")


def _carriers(estate: Estate) -> dict[str, list[Carrier]]:
    """Service account -> what runs as it."""
    found: dict[str, list[Carrier]] = {}
    paths = (
        "service_account.email",
        "template.service_account",
        "node_config.service_account",
        "service_config.service_account_email",
    )
    for one in estate.resources:
        if one.kind.startswith("google_") and not one.data:
            for path in paths:
                for own in estate.targets(one, path, ACCOUNT):
                    word = "servers" if "instance" in one.kind else "nodes" if "container" in one.kind else "containers"
                    found.setdefault(own.address, []).append((f"{word} of {one.component or one.name}", one.component))
    for grant in grants(estate):
        if (
            grant.origin.kind.startswith("google_service_account_iam_")
            and grant.role == "roles/iam.workloadIdentityUser"
        ):
            own = estate.target(grant.on, ACCOUNT)
            if own is None:
                continue
            for member in grant.members:
                said = (
                    "".join(str(part) for part in member.parts if isinstance(part, str))
                    if isinstance(member, Join)
                    else str(member)
                )
                pod = said.partition("[")[2].rstrip("]")
                found.setdefault(own.address, []).append(
                    (f"pods of {pod}" if pod else f"users of {said}", pod.rpartition("/")[2])
                )
    return found


def _role(role: Any) -> str:
    return "a role that is decided later" if role is UNKNOWN else str(role)


def _scope(grant: Grant) -> str:
    kind = grant.origin.kind.removeprefix("google_").rpartition("_iam_")[0]
    on = grant.on
    if isinstance(on, Ref):
        return on.address
    return f"{kind} {on}" if isinstance(on, str) else f"the {kind}".replace("_", " ")
