"""Who used a vault, a key or a secret is recorded.

*Looks at*: diagnostic settings of vaults, and the audit of data access of keys and secrets
*Why*: without it nobody knows which secrets a break-in read
*Fix*: send the audit log of the vault to a workspace; record DATA_READ for keys and secrets
*Source*: CIS Microsoft Azure Foundations Benchmark 3.0, 5.1.5; CIS Google Cloud Platform Foundation Benchmark 3.0,
2.1
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Beside, Setting, judge, written

ID = "vault-logs"
TITLE = "Who used a vault, a key or a secret is recorded"
SEVERITY = "medium"


def _audit(value: object) -> bool:
    return str(value) in ("audit", "allLogs")


TABLE = {
    "azurerm_key_vault": Beside(
        "azurerm_monitor_diagnostic_setting", "target_resource_id", Setting("enabled_log.category_group", _audit)
    ),
    "google_project_iam_audit_config": Setting(
        "audit_log_config.log_type", written, fix="name the log types to record"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its use is recorded", "its use is not recorded")
