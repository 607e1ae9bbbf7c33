"""Who asked for what is recorded.

*Looks at*: access logs of balancers, content delivery and buckets; a bucket that receives such logs needs none of its
own; diagnostic settings of application gateways (Azure), `log_config` of backends (Google Cloud)
*Why*: after a leak it is the only way to say what was read, and by whom
*Fix*: set access_logs (balancers), add aws_cloudwatch_log_delivery (content delivery) or aws_s3_bucket_logging
(buckets)
*Source*: AWS Foundational Security Best Practices, ELB.5, CloudFront.5 and S3.9; Microsoft cloud security benchmark
v1, LT-3; CIS Google Cloud Platform Foundation Benchmark 3.0, 2.16; nothing is recorded where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import blocks, flag, known
from standfast.audit.table import Beside, Setting, judge
from standfast.blueprint import Resource

ID = "access-logs"
TITLE = "Who asked for what is recorded"
SEVERITY = "medium"
AWS = ("aws_lb", "aws_cloudfront_distribution", "aws_s3_bucket")

SOURCE = "aws_cloudwatch_log_delivery_source"
FIX = {
    "aws_lb": "set access_logs with a bucket and enabled = true",
    "aws_cloudfront_distribution": f"add {SOURCE} with log_type = ACCESS_LOGS, or logging_config",
    "aws_s3_bucket": "add aws_s3_bucket_logging",
}


TABLE = {
    "azurerm_application_gateway": Beside("azurerm_monitor_diagnostic_setting", "target_resource_id"),
    "google_compute_backend_service": Setting("log_config.enable", True),
    "google_compute_region_backend_service": Setting("log_config.enable", True),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "its requests are recorded", "its requests are not recorded")
    receiving = _receiving(estate)
    for one in estate.of(*AWS):
        if one.address in receiving or known(one, "load_balancer_type") == "gateway":
            continue
        yield judged(
            one, _logged(estate, one), "its requests are recorded", "its requests are not recorded", FIX[one.kind]
        )


def _logged(estate: Estate, one: Resource) -> bool | None:
    if one.kind == "aws_lb":
        return flag(one, "access_logs.enabled")
    if one.kind == "aws_cloudfront_distribution":
        if blocks(one, "logging_config") or estate.linked(SOURCE, "resource_arn", one):
            return True
        return estate.absent(SOURCE, "resource_arn")
    if blocks(one, "logging") or estate.linked("aws_s3_bucket_logging", "bucket", one):
        return True
    return estate.absent("aws_s3_bucket_logging", "bucket")


def _receiving(estate: Estate) -> set[str]:
    """Buckets that logs are written to: they would record themselves without end."""
    found = [
        bucket for one in estate.of("aws_lb") for bucket in estate.targets(one, "access_logs.bucket", "aws_s3_bucket")
    ]
    for one in estate.of("aws_s3_bucket_logging"):
        found += estate.targets(one, "target_bucket", "aws_s3_bucket")
    for one in estate.of("aws_s3_bucket"):
        for inside in blocks(one, "logging"):
            found += estate.targets(inside, "target_bucket", "aws_s3_bucket")
    return {one.address for one in found}
