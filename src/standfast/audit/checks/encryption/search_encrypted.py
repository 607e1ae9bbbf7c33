"""Search services are encrypted at rest.

*Looks at*: encryption of search domains and their nodes
*Why*: an index repeats the data it was made from
*Fix*: set encrypt_at_rest and node_to_node_encryption
*Source*: AWS Foundational Security Best Practices, Opensearch.1 and Opensearch.3; azurerm provider,
azurerm_search_service
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "search-encrypted"
TITLE = "Search services are encrypted at rest"
SEVERITY = "high"


TABLE = {
    "aws_opensearch_domain": (
        Setting("encrypt_at_rest.enabled", True),
        Setting("node_to_node_encryption.enabled", True),
    ),
    "aws_elasticsearch_domain": (
        Setting("encrypt_at_rest.enabled", True),
        Setting("node_to_node_encryption.enabled", True),
    ),
    "azurerm_search_service": Setting("customer_managed_key_enforcement_enabled", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is encrypted", "it is not encrypted, at rest or between its nodes")
