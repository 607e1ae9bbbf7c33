"""Copies kept apart: schedules for disks, and, at a standby, the copies of what the first site holds.

A database has its copies and its log with itself (data.py). A copy there is opened with the key of its own region, so a
standby without a running database fetches exports of its own, under its own key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from standfast.blueprint.boot import DATABASE
from standfast.blueprint.gcp.data.stores import exported
from standfast.blueprint.gcp.keys import DATA_KEY, opens
from standfast.blueprint.gcp.site import PROJECT, Site, agent, email, member
from standfast.blueprint.model import Base64, Block, Join, Ref, Resource, Var, Variable
from standfast.blueprint.site import Kept, identifier
from standfast.spec.model import Store

COPIER = "copies"  # the account that asks for exports
ADMIN = "https://sqladmin.googleapis.com/v1/projects/"
HOURS = (1, 2, 3, 4, 6, 8, 12, 24)  # intervals that fall at the same time every day
DAY = 86_400
# What the service that copies buckets needs of each (Google "Cross-bucket replication", "Required permissions").
TRANSFER = {
    "source": ("roles/storage.legacyBucketOwner", "roles/storage.objectViewer"),
    "sink": ("roles/storage.legacyBucketOwner", "roles/storage.objectUser"),
}


def copied(site: Site) -> list[Kept]:
    """The buckets that a standby keeps copies of."""
    return list(site.buckets) if site.follows else []


def variables(site: Site) -> Iterator[Variable]:
    for store in exported(site):
        name, told = identifier(store.name), f"{store.name} of the first site: its output of this name"
        yield Variable(f"{name}_instance", "string", f"Name of {told}", example=store.name)
        example = "p1-abcdef@gcp-sa-cloud-sql.iam.gserviceaccount.com"
        yield Variable(f"{name}_account", "string", f"Account of {told}", example=example)
    for kept in copied(site):
        means = f"Bucket of {kept.name} of the first site: its output of this name"
        yield Variable(f"{kept.id}_bucket", "string", means, example=f"example-project-1-{kept.name}")


def resources(site: Site) -> Iterator[Resource]:
    yield from _disks(site)
    if exported(site):
        yield from _exports(site)
    if copied(site):
        part = site.part("backup", "backup")
        yield part.make("google_storage_transfer_project_service_account", "current", {}, data=True)
    for kept in copied(site):
        yield from _bucket(site, kept)


def _disks(site: Site) -> Iterator[Resource]:
    lasting = [host for host in site.hosted if host.stateful]
    if not lasting:
        return
    part = site.part("backup", "backup")
    every = max((one for one in HOURS if one <= site.size("backup", "interval_hours", 24)), default=1)
    days = site.size("backup", "retention_days", 35)
    hourly = Block({"hourly_schedule": Block({"hours_in_cycle": every, "start_time": "02:00"})})
    daily = Block({"daily_schedule": Block({"days_in_cycle": 1, "start_time": "02:00"})})
    policy = {
        "schedule": daily if every == 24 else hourly,
        "retention_policy": Block({"max_retention_days": days, "on_source_disk_delete": "KEEP_AUTO_SNAPSHOTS"}),
        "snapshot_properties": Block({"storage_locations": [site.apart], "labels": {**site.tags, **part.labels}}),
    }
    settings = {"name": site.name("disks"), "region": site.region, "snapshot_schedule_policy": Block(policy)}
    why = f"Copies of the disks that keep data, kept for {days} days in {site.apart}."
    yield part.make("google_compute_resource_policy", "disks", settings, why)
    for host in lasting:
        settings = {
            "name": Ref("google_compute_resource_policy.disks", "name"),
            "disk": Ref(f"google_compute_disk.{host.id}", "name"),
            "zone": Ref(f"google_compute_disk.{host.id}", "zone"),
        }
        yield part.make("google_compute_disk_resource_policy_attachment", host.id, settings)


def _exports(site: Site) -> Iterator[Resource]:
    part, days = site.part("backup", "backup"), site.size("backup", "retention_days", 35)
    settings: dict[str, Any] = {
        "name": site.bucket("exports"),
        "location": site.region.upper(),
        "storage_class": "NEARLINE",
        "uniform_bucket_level_access": True,
        "public_access_prevention": "enforced",
        "encryption": Block({"default_kms_key_name": DATA_KEY}),
        "versioning": Block({"enabled": True}),
        "soft_delete_policy": Block({"retention_duration_seconds": 7 * DAY}),
        "lifecycle_rule": Block(
            {"action": Block({"type": "Delete"}), "condition": Block({"days_since_noncurrent_time": days})}
        ),
    }
    why = f"Exports of the databases, under a key of this region. Each night's stands for {days} days."
    yield part.make("google_storage_bucket", "exports", settings, why, depends_on=(opens("objects"),))
    account = {"account_id": site.account("copies"), "display_name": f"{site.own} copies"}
    yield part.make("google_service_account", COPIER, account, "As whom the exports are asked for.")
    role = {
        "role_id": f"{identifier(site.name(limit=50))}_exports".replace("-", "_"),
        "title": f"{site.own} exports",
        "permissions": ["cloudsql.instances.export", "cloudsql.instances.get"],
    }
    yield part.make("google_project_iam_custom_role", "exports", role)
    role_of = {"project": PROJECT, "role": Ref("google_project_iam_custom_role.exports", "id")}
    yield part.make("google_project_iam_member", "exports", {**role_of, "member": member(email(COPIER))})
    for store in exported(site):
        yield from _export(site, store)


def _export(site: Site, store: Store) -> Iterator[Resource]:
    part, name = site.part(store.name, "backup", store.place), identifier(store.name)
    bucket = Ref("google_storage_bucket.exports", "name")
    grant = {
        "bucket": bucket,
        "role": "roles/storage.objectAdmin",
        "member": member(Var(f"{name}_account")),
    }
    yield part.make("google_storage_bucket_iam_member", f"exports_{name}", grant)
    # by a machine of its own (offload), so that the database is not slower for it
    asked = {"fileType": "SQL", "offload": True, "databases": [DATABASE], "uri": "@"}
    before, after = json.dumps({"exportContext": asked}).split("@")
    call = {
        "http_method": "POST",
        "uri": Join((ADMIN, PROJECT, "/instances/", Var(f"{name}_instance"), "/export")),
        "headers": {"Content-Type": "application/json"},
        "body": Base64(Join((before, "gs://", bucket, f"/{store.name}.sql.gz", after))),
        "oauth_token": Block({"service_account_email": email(COPIER)}),
    }
    settings = {
        "name": site.name(store.name, "export"),
        "region": site.region,
        "schedule": "30 4 * * *",
        "time_zone": "Etc/UTC",
        "attempt_deadline": "180s",
        "retry_config": Block({"retry_count": 3}),
        "http_target": Block(call),
    }
    why = f"{store.name} is exported into this region every night; the bucket keeps the nights before."
    yield part.make("google_cloud_scheduler_job", name, settings, why)


def _bucket(site: Site, kept: Kept) -> Iterator[Resource]:
    part = site.part(kept.name, "backup", kept.store.place)
    copier = member(Ref("data.google_storage_transfer_project_service_account.current", "email"))
    own = Ref(f"google_storage_bucket.{kept.id}", "name")
    ends = {"source": Var(f"{kept.id}_bucket"), "sink": own}
    grants = []
    for end, roles in TRANSFER.items():
        for number, role in enumerate(roles, 1):
            name = f"{kept.id}_{end}_{number}"
            grants.append(f"google_storage_bucket_iam_member.{name}")
            settings = {"bucket": ends[end], "role": role, "member": copier}
            yield part.make("google_storage_bucket_iam_member", name, settings)
    spec = {
        "gcs_data_source": Block({"bucket_name": ends["source"]}),
        "gcs_data_sink": Block({"bucket_name": own}),
        "transfer_options": Block({"overwrite_when": "ALWAYS", "delete_objects_unique_in_sink": False}),
    }
    settings = {
        "name": f"transferJobs/{site.name(kept.name)}",
        "description": f"{site.own} {kept.name}",
        "status": "ENABLED",
        "replication_spec": Block(spec),
    }
    why = f"What is written to {kept.name} at the first site is written here too, minutes later; deletions are not."
    yield part.make("google_storage_transfer_job", kept.id, settings, why, depends_on=tuple(grants))
    grant = {"project": PROJECT, "role": "roles/pubsub.publisher", "member": agent("gs-project-accounts")}
    if kept == copied(site)[0]:
        yield part.make("google_project_iam_member", "objects_tell", grant, "Buckets tell what was written to them.")
        grant = {"project": PROJECT, "role": "roles/pubsub.editor", "member": copier}
        yield part.make("google_project_iam_member", "copies_hear", grant)
