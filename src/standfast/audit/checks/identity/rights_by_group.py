"""Users get their rights from groups and roles.

*Looks at*: policies written for, or attached to, single users
*Why*: nobody finds the one user who kept a right from the last job
*Fix*: attach the policy to a group or role
*Source*: AWS Foundational Security Best Practices, IAM.2
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, absent, judge

ID = "rights-by-group"
TITLE = "Users get their rights from groups and roles"
SEVERITY = "low"


TABLE = {
    "aws_iam_user_policy": Setting("user", absent, fix="attach it to a group or role"),
    "aws_iam_user_policy_attachment": Setting("user", absent, fix="attach it to a group or role"),
    "aws_iam_policy_attachment": Setting("users", absent, fix="attach it to a group or role"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its rights come from a group", "it is for a single user")
