"""Nobody is exempt from the record.

*Looks at*: accounts whose access to data is not recorded
*Why*: a break-in looks for exactly that account
*Fix*: remove exempted_members
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 2.1
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, absent, judge

ID = "nobody-exempt"
TITLE = "Nobody is exempt from the record"
SEVERITY = "medium"


TABLE = {
    "google_project_iam_audit_config": Setting("audit_log_config.exempted_members", absent, unset=None),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "everybody is recorded", "some are not recorded")
