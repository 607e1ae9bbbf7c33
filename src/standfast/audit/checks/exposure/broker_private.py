"""Message brokers have no public address.

*Looks at*: public access of brokers and their namespaces
*Why*: whoever reads the messages reads the data, and whoever writes them gives orders
*Fix*: turn public access off, and reach them through the network or a private endpoint
*Source*: AWS Foundational Security Best Practices, MSK.4; Microsoft cloud security benchmark v1, NS-2; azurerm
provider: namespaces are public where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "broker-private"
TITLE = "Message brokers have no public address"
SEVERITY = "high"


TABLE = {
    "aws_mq_broker": Setting("publicly_accessible", False, unset=False),
    "aws_msk_cluster": Setting(
        "broker_node_group_info.connectivity_info.public_access.type", "DISABLED", unset="DISABLED"
    ),
    "azurerm_eventhub_namespace": Setting("public_network_access_enabled", False),
    "azurerm_servicebus_namespace": Setting("public_network_access_enabled", False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it has no public address", "it is reached from the internet")
