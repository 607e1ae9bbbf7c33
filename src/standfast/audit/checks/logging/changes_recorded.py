"""Every change of the account's resources is recorded.

*Looks at*: the recorder of configurations, and what it records
*Why*: without it nobody knows how it was before
*Fix*: turn the recorder on, for all kinds of resources
*Source*: AWS Foundational Security Best Practices, Config.1; AWS provider, aws_config_configuration_recorder: all
kinds where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "changes-recorded"
TITLE = "Every change of the account's resources is recorded"
SEVERITY = "medium"


TABLE = {
    "aws_config_configuration_recorder_status": Setting("is_enabled", True),
    "aws_config_configuration_recorder": Setting("recording_group.all_supported", True, unset=True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "changes are recorded", "changes are not recorded")
