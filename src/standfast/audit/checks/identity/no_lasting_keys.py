"""Nobody holds a key that never ends.

*Looks at*: access keys of users and of service accounts, and passwords of applications, that code makes
*Why*: such a key is copied, lost and found by somebody else; it also stands in the state
*Fix*: give a role to what runs, and single sign-on to people; remove the key
*Source*: AWS Foundational Security Best Practices, IAM.3 and IAM.4; CIS Google Cloud Platform Foundation Benchmark
3.0, 1.4; Microsoft cloud security benchmark v1, IM-3
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, absent, judge

ID = "no-lasting-keys"
TITLE = "Nobody holds a key that never ends"
SEVERITY = "high"


TABLE = {
    "aws_iam_access_key": Setting("user", absent, fix="remove it: give a role to what runs"),
    "google_service_account_key": Setting("service_account_id", absent, fix="remove it: give a role to what runs"),
    "azuread_application_password": Setting("application_id", absent, fix="remove it: give a role to what runs"),
    "azuread_service_principal_password": Setting(
        "service_principal_id", absent, fix="remove it: give a role to what runs"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is no key", "it makes a key that lasts until somebody removes it")
