"""Passwords are long, and not used twice.

*Looks at*: the password rules of the account and of pools of users
*Why*: short passwords are guessed, old ones are known
*Fix*: ask for 14 characters in an account (8 in a pool of users), and remember 24
*Source*: AWS Foundational Security Best Practices, IAM.7 and IAM.16; CIS Amazon Web Services Foundations Benchmark
3.0, 1.8 and 1.9; AWS provider: 6 characters where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, at_least, judge

ID = "password-policy"
TITLE = "Passwords are long, and not used twice"
SEVERITY = "medium"


TABLE = {
    "aws_iam_account_password_policy": (
        Setting("minimum_password_length", at_least(14)),
        Setting("password_reuse_prevention", at_least(24)),
    ),
    "aws_cognito_user_pool": Setting("password_policy.minimum_length", at_least(8), unset=8),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "passwords are long and not used twice", "short passwords, or old ones, are taken")
