"""Buckets keep what was overwritten or deleted.

*Looks at*: versioning of each bucket; versions of blobs, but for accounts that keep flow logs (Azure), versions or a
retention policy of buckets (Google Cloud)
*Why*: a mistake or a break-in otherwise deletes for good
*Fix*: add aws_s3_bucket_versioning with status = Enabled
*Source*: AWS Foundational Security Best Practices, S3.14; Azure Storage docs, "Blob versioning"; Cloud Storage docs,
"Object Versioning"; both are off where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, flag, is_one_of, known
from standfast.audit.table import Beside, OneOf, Setting, judge, written

ID = "bucket-versioned"
TITLE = "Buckets keep what was overwritten or deleted"
SEVERITY = "medium"
AWS = ("aws_s3_bucket",)

VERSIONING = "aws_s3_bucket_versioning"
FIX = f"add {VERSIONING} with status = Enabled"


TABLE = {
    "azurerm_storage_account": OneOf(
        (
            Setting("blob_properties.versioning_enabled", True),
            Beside("azurerm_network_watcher_flow_log", "storage_account_id"),
        )
    ),
    "google_storage_bucket": OneOf(
        (Setting("versioning.enabled", True), Setting("retention_policy.retention_period", written))
    ),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "what is overwritten or deleted is kept", "what is overwritten or deleted is lost")
    for bucket in estate.of(*AWS):
        found = estate.linked(VERSIONING, "bucket", bucket)
        kept_ = any_holds(is_one_of(known(one, "versioning_configuration.status"), "Enabled") for one in found)
        if not found:
            kept_ = flag(bucket, "versioning.enabled") or estate.absent(VERSIONING, "bucket")
        yield judged(bucket, kept_, "it keeps old versions", "it keeps no old versions", FIX)
