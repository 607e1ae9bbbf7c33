"""Who is given which role: role assignments of Azure, IAM members and bindings of Google Cloud, in one form.

Source: azurerm provider, azurerm_role_assignment; google provider, the `_iam_member` and `_iam_binding` of each kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reading import items, known, raw
from standfast.blueprint import Resource

# What a role is given on -> where the resource that gives it names that.
GOOGLE = {
    "project": "project", "folder": "folder", "organization": "org_id", "storage_bucket": "bucket",
    "kms_crypto_key": "crypto_key_id", "kms_key_ring": "key_ring_id", "secret_manager_secret": "secret_id",
    "cloud_run_service": "service", "cloud_run_v2_service": "name", "cloudfunctions_function": "cloud_function",
    "cloudfunctions2_function": "cloud_function", "pubsub_topic": "topic", "pubsub_subscription": "subscription",
    "bigquery_dataset": "dataset_id", "artifact_registry_repository": "repository", "spanner_database": "database",
    "bigtable_instance": "instance", "service_account": "service_account_id", "compute_instance": "instance_name",
}  # fmt: skip
GOOGLE_KINDS = tuple(f"google_{on}_iam_{how}" for on in GOOGLE for how in ("member", "binding"))
EVERYBODY = ("allUsers", "allAuthenticatedUsers")


@dataclass(frozen=True)
class Grant:
    """`role` is UNKNOWN where it is decided later; `members` and `on` as they are written."""

    origin: Resource
    role: Any
    members: tuple[Any, ...]
    on: Any


def grants(estate: Estate) -> Iterator[Grant]:
    for one in estate.of("azurerm_role_assignment"):
        role = known(one, "role_definition_name", known(one, "role_definition_id"))
        yield Grant(one, role, (raw(one, "principal_id"),), raw(one, "scope"))
    for kind in GOOGLE_KINDS:
        for one in estate.of(kind):
            on = raw(one, GOOGLE[kind.removeprefix("google_").rpartition("_iam_")[0]])
            yield Grant(one, known(one, "role"), (*items(one, "member"), *items(one, "members")), on)
