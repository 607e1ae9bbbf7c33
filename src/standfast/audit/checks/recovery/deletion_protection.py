"""What holds data, and what users reach, is not deleted by mistake.

*Looks at*: protection against deletion of databases and balancers; the last snapshot of databases; buckets that would
be deleted with what is in them; the two switches of Cloud SQL, Terraform's and the cloud's own, and that of
Memorystore (Google Cloud); Azure has none but locks, which code that stands itself can take away
*Why*: one wrong command ends the system, and no backup brings the hour back
*Fix*: set deletion_protection (databases), enable_deletion_protection (balancers); no skip_final_snapshot, no
force_destroy
*Source*: AWS Foundational Security Best Practices, RDS.7, RDS.8 and ELB.6; google provider,
google_sql_database_instance: Terraform's is on, the cloud's own is off where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import all_hold, flag, raw
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "deletion-protection"
TITLE = "What holds data, and what users reach, is not deleted by mistake"
SEVERITY = "high"
AWS = ("aws_db_instance", "aws_rds_cluster", "aws_lb", "aws_s3_bucket")

# kind -> (attribute, its right value, what is said of the other one)
SWITCHES = {
    "aws_db_instance": (
        ("deletion_protection", True, "it may be deleted by one call"),
        ("skip_final_snapshot", False, "no snapshot is taken when it is deleted"),
    ),
    "aws_lb": (("enable_deletion_protection", True, "it may be deleted by one call"),),
    "aws_s3_bucket": (("force_destroy", False, "it would be deleted with all that is in it"),),
}
SWITCHES["aws_rds_cluster"] = SWITCHES["aws_db_instance"]


TABLE = {
    "google_sql_database_instance": (
        Setting("deletion_protection", True, unset=True),
        Setting("settings.deletion_protection_enabled", True),
    ),
    "google_redis_instance": Setting("deletion_protection", True),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it is protected from being deleted", "it may be deleted by one call")
    for one in estate.of(*AWS):
        for attribute, right, bad in SWITCHES[one.kind]:
            if attribute == "skip_final_snapshot" and raw(one, "replicate_source_db"):
                continue  # AWS takes none of a replica: its data is that of its source
            fix = f"set {attribute} = {str(right).lower()}"
            yield judged(one, _is(one, attribute, right), f"{attribute} is {str(right).lower()}", bad, fix)


def _is(one: Resource, attribute: str, right: bool) -> bool | None:
    value = flag(one, attribute)
    return all_hold((value,)) if right or value is None else not value
