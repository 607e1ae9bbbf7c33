"""What builds and queries put out is encrypted.

*Looks at*: the outputs of build projects and of query workgroups
*Why*: results are copies of the data that nobody counts
*Fix*: leave encryption on; set an encryption_configuration for the results
*Source*: AWS Foundational Security Best Practices, CodeBuild.3 and Athena.1; AWS provider, aws_codebuild_project: on
where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "build-output-encrypted"
TITLE = "What builds and queries put out is encrypted"
SEVERITY = "medium"


TABLE = {
    "aws_codebuild_project": Setting("artifacts.encryption_disabled", False, unset=False),
    "aws_athena_workgroup": Setting(
        "configuration.result_configuration.encryption_configuration.encryption_option",
        ("SSE_KMS", "CSE_KMS", "SSE_S3"),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "what it puts out is encrypted", "what it puts out is not encrypted")
