"""What is copied from the first region as it changes: objects, and the logs of databases.

These stand with the standby, so that it can be applied by itself. What they set at the first site's end goes through
that region; once it is lost, apply with `-refresh=false`.
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws.keys import DATA_KEY
from standfast.blueprint.aws.policy import OWN_ACCOUNT, allow, assumed_by, below, document
from standfast.blueprint.aws.site import DATABASES, Kept, Part, Site, identifier
from standfast.blueprint.aws.stores.objects import bucket
from standfast.blueprint.model import Block, Join, Ref, Resource, Var

LATEST = 15  # minutes that a copy of an object takes at most (Amazon S3 User Guide, "S3 Replication Time Control")
LOG_DAYS = 7


def resources(site: Site) -> Iterator[Resource]:
    if not site.follows:
        return
    if site.buckets:
        yield from _role(site)
    for kept in site.buckets:
        yield _objects(site, kept)
    if site.standby == "log-shipping":
        yield from _logs(site)


def _role(site: Site) -> Iterator[Resource]:
    part = Part("backup", site.system.where("reliability.recovery.region"), "backup")
    name = site.name("replication")
    role = {"name": name, "assume_role_policy": assumed_by("s3.amazonaws.com", OWN_ACCOUNT)}
    yield part.make("aws_iam_role", "replication", role, "With this S3 copies what changes to this region.", tag=name)
    sources = [_source(kept) for kept in site.buckets]
    read = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
    write = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
    near = {"StringEquals": {"kms:ViaService": f"s3.{site.first.region if site.first else ''}.amazonaws.com"}}
    here = {"StringEquals": {"kms:ViaService": f"s3.{site.plan.region}.amazonaws.com"}}
    statements = (
        allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], sources, "ReadSettings"),
        allow(read, [Join((*one.parts, "/*")) for one in sources], "ReadObjects"),
        allow(write, [below(bucket(kept.id, "arn"), "/*") for kept in site.buckets], "WriteCopies"),
        allow(["kms:Decrypt"], Var("data_key"), "OpenObjects", condition=near),
        allow(["kms:Encrypt", "kms:GenerateDataKey"], DATA_KEY, "SealCopies", condition=here),
    )
    policy = {"name": "replicate", "role": Ref("aws_iam_role.replication", "id"), "policy": document(*statements)}
    yield part.make("aws_iam_role_policy", "replication", policy)


def _source(kept: Kept) -> Join:
    return Join(("arn:aws:s3:::", Var(f"{kept.id}_bucket")))


def _objects(site: Site, kept: Kept) -> Resource:
    part = site.part(kept.name, "data", kept.store.place)
    in_time = Block({"minutes": LATEST})
    destination = {
        "bucket": bucket(kept.id, "arn"),
        "encryption_configuration": Block({"replica_kms_key_id": DATA_KEY}),
        "replication_time": Block({"status": "Enabled", "time": in_time}),
        "metrics": Block({"status": "Enabled", "event_threshold": in_time}),
    }
    sealed = Block({"sse_kms_encrypted_objects": Block({"status": "Enabled"})})
    rule = {
        "id": "standby",
        "status": "Enabled",
        "priority": 0,
        "filter": Block({}),
        "delete_marker_replication": Block({"status": "Enabled"}),
        "source_selection_criteria": sealed,
        "destination": Block(destination),
    }
    settings = {
        "bucket": Var(f"{kept.id}_bucket"),
        "role": Ref("aws_iam_role.replication", "arn"),
        "rule": Block(rule),
    }
    why = f"What changes in {kept.name} is here within {LATEST} minutes."
    needs = (f"aws_s3_bucket_versioning.{kept.id}",)
    kind = "aws_s3_bucket_replication_configuration"
    return part.make(kind, kept.id, settings, why, provider=site.near, depends_on=needs)


def _logs(site: Site) -> Iterator[Resource]:
    """The databases of the first site have no instance here: their backups and logs are."""
    for store in site.system.stores:
        if store.kind in DATABASES:
            part = site.part(store.name, "backup", store.place)
            settings = {
                "source_db_instance_arn": Var(f"{identifier(store.name)}_arn"),
                "kms_key_id": DATA_KEY,
                "retention_period": LOG_DAYS,
            }
            why = f"Backups and logs of {store.name}, as they are archived: minutes are lost, not a day."
            kind = "aws_db_instance_automated_backups_replication"
            yield part.make(kind, identifier(store.name), settings, why)
