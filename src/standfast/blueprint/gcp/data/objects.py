"""Buckets: one per object store. Every version is kept for a time; none is public but for content delivery."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.gcp.edge.delivery import delivered
from standfast.blueprint.gcp.keys import DATA_KEY, opens
from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Block, Ref, Resource

WEEK = 604_800  # seconds


def name(kept_id: str) -> Ref:
    return Ref(f"google_storage_bucket.{kept_id}", "name")


def resources(site: Site) -> Iterator[Resource]:
    for kept in site.buckets:
        part = site.part(kept.name, "data", kept.store.place)
        days = max(site.size("backup", "retention_days", 35), 1)
        read = kept in delivered(site)
        settings = {
            "name": site.bucket(kept.name),
            "location": site.region.upper(),
            "storage_class": "STANDARD",
            "uniform_bucket_level_access": True,
            "public_access_prevention": "inherited" if read else "enforced",
            "versioning": Block({"enabled": True}),
            "encryption": Block({"default_kms_key_name": DATA_KEY}),
            "soft_delete_policy": Block({"retention_duration_seconds": WEEK}),
            "lifecycle_rule": [
                _rule("Delete", days_since_noncurrent_time=days, with_state="ARCHIVED"),
                _rule("AbortIncompleteMultipartUpload", age=7),
            ],
        }
        why = f"{kept.name}: every version is kept for {days} days, so that what was overwritten or deleted comes back."
        needs = (opens("objects"),)
        yield part.make("google_storage_bucket", kept.id, settings, why, depends_on=needs)
        if read:
            grant = {"bucket": name(kept.id), "role": "roles/storage.legacyObjectReader", "member": "allUsers"}
            why = "Cloud CDN reads as anybody would: who knows the name of an object may read it, and nobody may list."
            yield part.make("google_storage_bucket_iam_member", f"{kept.id}_read", grant, why)


def _rule(action: str, **condition: object) -> Block:
    return Block({"action": Block({"type": action}), "condition": Block(condition)})
