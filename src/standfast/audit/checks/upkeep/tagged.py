"""Everything says which line of the spec asked for it.

*Looks at*: the tags `component` and `spec` (file:line) of everything that takes tags
*Why*: a bill, an alarm or a stranger's question finds its owner, and what nobody asked for stands out
*Fix*: build it with the code that standfast writes, or add the tags
*Source*: NIST SP 800-53 rev 5, CM-8(4); AWS Whitepaper, "Best Practices for Tagging AWS Resources"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import LATER
from standfast.audit.sources.tags import tags_of

ID = "tagged"
TITLE = "Everything says which line of the spec asked for it"
SEVERITY = "low"
KINDS = (
    "aws_vpc",
    "aws_subnet",
    "aws_security_group",
    "aws_lb",
    "aws_launch_template",
    "aws_autoscaling_group",
    "aws_db_instance",
    "aws_elasticache_replication_group",
    "aws_s3_bucket",
    "aws_kms_key",
    "aws_cloudfront_distribution",
    "aws_cloudwatch_log_group",
    "aws_backup_vault",
    "aws_cloudtrail",
    "aws_iam_role",
    "aws_sns_topic",
    "aws_secretsmanager_secret",
)

SPEC = re.compile(r".+:\d+")
FIX = "add the tags component and spec"


def check(estate: Estate) -> Iterator[Finding]:
    ours = any(tags_of(one.settings).get("spec") for one in estate.of(*KINDS))
    if estate.system is None and not ours:
        return  # no spec asked for any of it
    for one in estate.of(*KINDS):
        tags = tags_of(one.settings)
        said = bool(tags.get("component")) and bool(SPEC.fullmatch(str(tags.get("spec") or "")))
        later = any(isinstance(one.settings.get(name), LATER) for name in ("tags", "tags_all"))
        holds = None if later and not said else said
        yield judged(one, holds, f"asked for by {tags.get('spec')}", "nothing says who asked for it", FIX)
