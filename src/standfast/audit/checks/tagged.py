"""Everything names the line of the spec that asked for it.

*Looks at*: the tag `spec`
*Why*: at 3 a.m. the question is what this thing is for
*Fix*: tag it with spec = FILE:LINE
*Source*: NIST SP 800-53 rev 5, CM-8 (inventory)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "tagged",
    "Everything names the line of the spec that asked for it",
    "low",
    (
        "aws_db_instance",
        "aws_s3_bucket",
        "aws_lb",
        "aws_autoscaling_group",
        "aws_elasticache_replication_group",
        "aws_kms_key",
    ),
    "tag it with spec = FILE:LINE",
)


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*CHECK.kinds):
        known = [*estate.values(one, "tags.spec"), *estate.values(one, "tags_all.spec"), *_of_group(estate, one)]
        yield estate.finding(CHECK, one, "" if known else "no tag says what it is for")


def _of_group(estate: Estate, one) -> list:
    """An autoscaling group carries its tags as blocks."""
    names = estate.values(one, "tag.key")
    return [name for name in names if name == "spec"]
