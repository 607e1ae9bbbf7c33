"""Nobody may act as every account of the project.

*Looks at*: roles that act as, or make keys for, service accounts, given on a whole project
*Why*: who may act as every account may do what any of them may
*Fix*: give the role on the one service account
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 1.6
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of

ID = "no-acting-as-others"
TITLE = "Nobody may act as every account of the project"
SEVERITY = "high"


TABLE = {
    "google_project_iam_member": Setting(
        "role",
        none_of(
            "roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountKeyAdmin"
        ),
        unset="none",
        fix="give the role on one service account",
    ),
    "google_project_iam_binding": Setting(
        "role",
        none_of(
            "roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountKeyAdmin"
        ),
        unset="none",
        fix="give the role on one service account",
    ),
    "google_folder_iam_member": Setting(
        "role",
        none_of(
            "roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountKeyAdmin"
        ),
        unset="none",
        fix="give the role on one service account",
    ),
    "google_organization_iam_member": Setting(
        "role",
        none_of(
            "roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountKeyAdmin"
        ),
        unset="none",
        fix="give the role on one service account",
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is given on what needs it", "it acts as every account of the project")
