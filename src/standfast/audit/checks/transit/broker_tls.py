"""Brokers and streams speak TLS 1.2 or newer.

*Looks at*: encryption between clients and brokers
*Why*: what is said to a broker crosses the network here
*Fix*: set client_broker = TLS; minimum_tls_version = 1.2
*Source*: AWS Foundational Security Best Practices, MSK.1; AWS provider, aws_msk_cluster: TLS where nothing is said;
azurerm provider, azurerm_eventhub_namespace and azurerm_servicebus_namespace: 1.2 where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "broker-tls"
TITLE = "Brokers and streams speak TLS 1.2 or newer"
SEVERITY = "high"


TABLE = {
    "aws_msk_cluster": (
        Setting("encryption_info.encryption_in_transit.client_broker", "TLS", unset="TLS"),
        Setting("encryption_info.encryption_in_transit.in_cluster", True, unset=True),
    ),
    "azurerm_eventhub_namespace": Setting("minimum_tls_version", "1.2", unset="1.2"),
    "azurerm_servicebus_namespace": Setting("minimum_tls_version", "1.2", unset="1.2"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it speaks TLS 1.2 or newer only", "it speaks old TLS, or none")
