"""Streams are encrypted at rest with a key of your own.

*Looks at*: encryption of streams of records and their clusters
*Why*: a stream holds days of what passed through it
*Fix*: set encryption_type = KMS and name a key
*Source*: AWS Foundational Security Best Practices, Kinesis.1 and DataFirehose.1; AWS provider, aws_kinesis_stream:
NONE where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge, written

ID = "stream-encrypted"
TITLE = "Streams are encrypted at rest with a key of your own"
SEVERITY = "medium"


TABLE = {
    "aws_kinesis_stream": Setting("encryption_type", "KMS"),
    "aws_kinesis_firehose_delivery_stream": OneOf(
        (
            Setting("server_side_encryption.enabled", True),
            Setting("kinesis_source_configuration.kinesis_stream_arn", written),
        )
    ),
    "aws_msk_cluster": Setting("encryption_info.encryption_at_rest_kms_key_arn", written),
    "google_pubsub_topic": Setting("kms_key_name", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is encrypted", "it is not encrypted with a key of your own")
