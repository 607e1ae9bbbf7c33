"""Search services and warehouses record who asked for what.

*Looks at*: audit logs of search domains and of warehouses
*Why*: nobody can say afterwards what was taken
*Fix*: publish AUDIT_LOGS; turn logging of the warehouse on
*Source*: AWS Foundational Security Best Practices, Opensearch.5 and Redshift.4
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Beside, OneOf, Setting, judge

ID = "warehouse-logs"
TITLE = "Search services and warehouses record who asked for what"
SEVERITY = "medium"


TABLE = {
    "aws_redshift_cluster": OneOf(
        (Beside("aws_redshift_logging", "cluster_identifier"), Setting("logging.enable", True))
    ),
    "aws_neptune_cluster": Setting(
        "enable_cloudwatch_logs_exports", "audit", fix="set enable_cloudwatch_logs_exports = [audit]"
    ),
    "azurerm_synapse_workspace": Beside("azurerm_monitor_diagnostic_setting", "target_resource_id"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "who asked for what is recorded", "who asked for what is not recorded")
