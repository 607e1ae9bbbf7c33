"""Topics and queues are encrypted at rest.

*Looks at*: the KMS key of SNS topics and SQS queues; queues may use keys of SQS instead
*Why*: alarms and messages carry names, addresses and sometimes data
*Fix*: set kms_master_key_id
*Source*: AWS Foundational Security Best Practices, SNS.1 and SQS.1
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import flag, known

ID = "topic-encrypted"
TITLE = "Topics and queues are encrypted at rest"
SEVERITY = "medium"
KINDS = ("aws_sns_topic", "aws_sqs_queue")

FIX = "set kms_master_key_id"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        encrypted: bool | None = known(one, "kms_master_key_id") is not None  # a reference to a key is a key
        if one.kind == "aws_sqs_queue" and not encrypted:
            encrypted = flag(one, "sqs_managed_sse_enabled", True)
        yield judged(one, encrypted, "it is encrypted", "it is not encrypted", FIX)
