"""Image registries are encrypted with a key of your own.

*Looks at*: the key of registries
*Why*: images hold code, and often more than was meant to be shown
*Fix*: name a key of your KMS or vault when the registry is made
*Source*: NIST SP 800-53 rev 5, SC-12 and SC-28(1); Amazon ECR User Guide, "Encryption at rest"; Artifact Registry
docs, "Customer-managed encryption keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "registry-own-key"
TITLE = "Image registries are encrypted with a key of your own"
SEVERITY = "low"


TABLE = {
    "aws_ecr_repository": Setting("encryption_configuration.encryption_type", ("KMS", "KMS_DSSE")),
    "google_artifact_registry_repository": Setting("kms_key_name", written),
    "azurerm_container_registry": Setting("encryption.key_vault_key_id", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
