"""Nobody runs commands in a cluster past its API.

*Looks at*: ways to run a command in a cluster or a container from the cloud's side
*Why*: it goes past the network and past the roles of the cluster
*Fix*: set run_command_enabled = false; enable_execute_command = false
*Source*: AKS docs, "Disable command invoke" (on where nothing is said); Amazon ECS Developer Guide, "ECS Exec" (off
where nothing is said)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "no-run-command"
TITLE = "Nobody runs commands in a cluster past its API"
SEVERITY = "medium"


TABLE = {
    "azurerm_kubernetes_cluster": Setting("run_command_enabled", False),
    "aws_ecs_service": Setting("enable_execute_command", False, unset=False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "commands go through its API", "commands may be run past its API")
