"""File shares are encrypted at rest.

*Looks at*: encryption of shared file systems
*Why*: a copied disk is readable otherwise
*Fix*: set encrypted = true; name a key of your KMS
*Source*: AWS Foundational Security Best Practices, EFS.1; AWS provider, aws_efs_file_system: off where nothing is
said; Filestore docs, "Customer-managed encryption keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "file-share-encrypted"
TITLE = "File shares are encrypted at rest"
SEVERITY = "high"


TABLE = {
    "aws_efs_file_system": Setting("encrypted", True),
    "aws_fsx_lustre_file_system": Setting("kms_key_id", written),
    "google_filestore_instance": Setting("kms_key_name", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is encrypted", "it is not encrypted as it should be")
