"""Secrets of Kubernetes are encrypted with a key of your own.

*Looks at*: encryption of what the control plane keeps
*Why*: a copy of its database holds every secret
*Fix*: name a key of your KMS
*Source*: AWS Foundational Security Best Practices, EKS.3; CIS Google Kubernetes Engine Benchmark 1.6, 5.3.1; what AKS
keeps is encrypted with a key of Azure
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "kubernetes-secrets-encrypted"
TITLE = "Secrets of Kubernetes are encrypted with a key of your own"
SEVERITY = "high"


TABLE = {
    "aws_eks_cluster": Setting("encryption_config.provider.key_arn", written),
    "google_container_cluster": Setting("database_encryption.state", ("ENCRYPTED", "ALL_OBJECTS_ENCRYPTION_ENABLED")),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "they are encrypted with your key", "they are not encrypted with a key of yours")
