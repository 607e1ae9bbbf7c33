"""Search services stand in a network of your own.

*Looks at*: the network of search domains and services
*Why*: open search clusters are the classic leak: no password, all data
*Fix*: put the domain into subnets; turn public network access off
*Source*: AWS Foundational Security Best Practices, Opensearch.2; azurerm provider, azurerm_search_service: public
access is on where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "search-private"
TITLE = "Search services stand in a network of your own"
SEVERITY = "critical"


TABLE = {
    "aws_opensearch_domain": Setting("vpc_options.subnet_ids", written),
    "aws_elasticsearch_domain": Setting("vpc_options.subnet_ids", written),
    "azurerm_search_service": Setting("public_network_access_enabled", False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it stands in a network of its own", "it is reached from the internet")
