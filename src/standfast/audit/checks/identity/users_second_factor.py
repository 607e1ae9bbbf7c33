"""Users prove who they are twice.

*Looks at*: a second factor in pools of users
*Why*: a password alone is stolen sooner or later
*Fix*: set mfa_configuration = ON, or OPTIONAL with a choice of factors
*Source*: NIST SP 800-53 rev 5, IA-2(1); AWS provider, aws_cognito_user_pool: OFF where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "users-second-factor"
TITLE = "Users prove who they are twice"
SEVERITY = "medium"


TABLE = {
    "aws_cognito_user_pool": Setting("mfa_configuration", ("ON", "OPTIONAL")),
    "google_identity_platform_config": Setting("mfa.state", ("ENABLED", "MANDATORY")),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "a second factor is asked for, or may be", "a password is all it asks for")
