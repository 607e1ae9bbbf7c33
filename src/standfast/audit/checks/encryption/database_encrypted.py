"""Databases are encrypted at rest.

*Looks at*: `storage_encrypted` of database instances and clusters; their backups and replicas follow it
*Why*: a copied disk or a stolen snapshot is readable otherwise
*Fix*: set storage_encrypted = true and name a KMS key; an existing database is restored from an encrypted copy of a
snapshot
*Source*: AWS Foundational Security Best Practices, RDS.3 and RDS.27
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import flag

ID = "database-encrypted"
TITLE = "Databases are encrypted at rest"
SEVERITY = "high"
KINDS = ("aws_db_instance", "aws_rds_cluster")

FIX = "set storage_encrypted = true; one that exists is restored from an encrypted copy of its snapshot"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        encrypted = flag(one, "storage_encrypted")
        yield judged(one, encrypted, "its storage is encrypted", "its storage is not encrypted", FIX)
