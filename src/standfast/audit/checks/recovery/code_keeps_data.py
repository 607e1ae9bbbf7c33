"""Taking code away does not take data away.

*Looks at*: switches that delete a store with all that is in it
*Why*: a renamed resource is a deleted one and a new one
*Fix*: set force_destroy = false
*Source*: AWS and google providers, force_destroy and force_delete: off where nothing is said; the rule is ours
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "code-keeps-data"
TITLE = "Taking code away does not take data away"
SEVERITY = "high"


TABLE = {
    "google_storage_bucket": Setting("force_destroy", False, unset=False),
    "aws_ecr_repository": Setting("force_delete", False, unset=False),
    "aws_backup_vault": Setting("force_destroy", False, unset=False),
    "google_bigquery_dataset": Setting("delete_contents_on_destroy", False, unset=False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is not deleted while something is in it", "it is deleted with all that is in it")
