"""Workflows record what they do.

*Looks at*: logs of workflows and their steps
*Why*: a workflow without a log fails without a reason
*Fix*: set a level of logging
*Source*: AWS Foundational Security Best Practices, StepFunctions.1; Workflows docs, "Send logs to Cloud Logging"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "workflow-logs"
TITLE = "Workflows record what they do"
SEVERITY = "low"


TABLE = {
    "aws_sfn_state_machine": Setting("logging_configuration.level", ("ALL", "ERROR", "FATAL")),
    "google_workflows_workflow": Setting("call_log_level", ("LOG_ALL_CALLS", "LOG_ERRORS_ONLY")),
    "aws_mq_broker": Setting("logs.general", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its steps are recorded", "its steps are not recorded")
