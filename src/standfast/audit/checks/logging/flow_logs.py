"""What crosses the network is recorded.

*Looks at*: a flow log of each network that records what was refused, at least; flow logs of virtual networks (Azure),
`log_config` of subnetworks but those of proxies (Google Cloud)
*Why*: after a break-in this is the only record of who spoke to whom
*Fix*: add aws_flow_log with traffic_type = ALL
*Source*: AWS Foundational Security Best Practices, EC2.6; Azure docs, "Virtual network flow logs"; CIS Google Cloud
Platform Foundation Benchmark 3.0, 3.8; nothing is recorded where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, is_one_of, known
from standfast.audit.table import Beside, Setting, judge, written
from standfast.blueprint import Resource

ID = "flow-logs"
TITLE = "What crosses the network is recorded"
SEVERITY = "medium"
AWS = ("aws_vpc",)

FIX = "add aws_flow_log with traffic_type = ALL"


def _for_servers(one: Resource) -> bool | None:
    return is_one_of(known(one, "purpose", "PRIVATE"), "PRIVATE", "PRIVATE_RFC_1918")


TABLE = {
    "azurerm_virtual_network": Beside(
        "azurerm_network_watcher_flow_log", "target_resource_id", Setting("enabled", True)
    ),
    "google_compute_subnetwork": Setting("log_config", written, when=_for_servers, fix="add log_config"),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "what crosses it is recorded", "what crosses it is not recorded")
    for network in estate.of(*AWS):
        logs = estate.linked("aws_flow_log", "vpc_id", network)
        records = any_holds(is_one_of(known(one, "traffic_type"), "ALL", "REJECT") for one in logs)
        if not logs:
            records = estate.absent("aws_flow_log", "vpc_id")
        yield judged(network, records, "its traffic is recorded", "its traffic is not recorded", FIX)
