"""Who may read or write data needs to, as the spec has it.

*Looks at*: every policy of roles, users, buckets, keys and secrets (AWS), role assignments (Azure), members of roles
(Google Cloud): who may read or write stores and secrets, also by becoming somebody else, compared with who calls what
*Why*: a break-in reads what the one broken into may read
*Fix*: take the right away, or declare the call in the spec
*Source*: NIST SP 800-53 rev 5, AC-6 least privilege; GDPR article 25(2)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, kept, missing, unknown
from standfast.audit.rights import Access, needs, read_access

ID = "data-by-need"
TITLE = "Who may read or write data needs to, as the spec has it"
SEVERITY = "high"
KINDS = (
    "aws_iam_role",
    "aws_iam_user",
    "aws_iam_policy",
    "aws_iam_role_policy",
    "aws_s3_bucket",
    "aws_s3_bucket_policy",
    "aws_secretsmanager_secret",
    "aws_db_instance",
    "aws_secretsmanager_secret_policy",
    "azurerm_role_assignment",
    "google_project_iam_member",
    "google_storage_bucket_iam_member",
    "google_secret_manager_secret_iam_member",
)

FIX = "take the right away, or declare the call in the spec"


def check(estate: Estate) -> Iterator[Finding]:
    if estate.system is None:
        if found := estate.of(*KINDS):
            yield unknown(
                missing(found[0].kind), "no spec says who needs which data", "audit with the spec of this system"
            )
        return
    told: dict[str, list[Access]] = {}
    unsure: dict[str, list[Access]] = {}
    for one in read_access(estate):
        if one.data.holds == "log":
            continue
        told.setdefault(one.data.name, []).append(one)
        if needs(estate.system, one).allowed:
            continue
        if one.certain:
            said = (
                f"{one.principal.name} may {one.way} {one.data.name}, and {needs(estate.system, one).why} ({one.path})"
            )
            yield broken(one.principal.resource or one.data.resource, said, FIX)
        else:
            unsure.setdefault(one.principal.name, []).append(one)
    for accesses in unsure.values():
        one, names = accesses[0], dict.fromkeys(f"{each.way} {each.data.name}" for each in accesses)
        said = f"cannot be told whether {one.principal.name} may {', '.join(names)}; the first by {one.path}"
        yield unknown(
            one.principal.resource or one.data.resource, said, "audit what is deployed, or name it without condition"
        )
    for accesses in told.values():
        if all(needs(estate.system, one).allowed for one in accesses):
            names = dict.fromkeys(one.principal.name for one in accesses)
            yield kept(
                accesses[0].data.resource, f"{', '.join(names)} may reach it, and nobody else: as the spec has it"
            )
