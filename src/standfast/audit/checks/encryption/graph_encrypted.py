"""Document and graph databases are encrypted at rest.

*Looks at*: `storage_encrypted` of document and graph clusters
*Why*: a copied disk or a stolen snapshot is readable otherwise
*Fix*: set storage_encrypted = true; one that exists is restored from an encrypted copy of its snapshot
*Source*: AWS Foundational Security Best Practices, DocumentDB.1 and Neptune.1; AWS provider: off where nothing is
said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "graph-encrypted"
TITLE = "Document and graph databases are encrypted at rest"
SEVERITY = "high"


TABLE = {
    "aws_docdb_cluster": Setting("storage_encrypted", True),
    "aws_neptune_cluster": Setting("storage_encrypted", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its storage is encrypted", "its storage is not encrypted")
