"""Secrets are encrypted with a key of your own.

*Looks at*: the key of secrets
*Why*: whoever may read secrets must then be allowed to use the key as well: two doors instead of one
*Fix*: name a key of your KMS for the secret
*Source*: NIST SP 800-53 rev 5, SC-12; AWS Secrets Manager User Guide, "Secret encryption and decryption"; Secret
Manager docs, "Customer-managed encryption keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge, written

ID = "secret-own-key"
TITLE = "Secrets are encrypted with a key of your own"
SEVERITY = "medium"


TABLE = {
    "aws_secretsmanager_secret": Setting("kms_key_id", written),
    "google_secret_manager_secret": OneOf(
        (
            Setting("replication.user_managed.replicas.customer_managed_encryption.kms_key_name", written),
            Setting("replication.auto.customer_managed_encryption.kms_key_name", written),
        )
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
