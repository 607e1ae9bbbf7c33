"""Servers show their metadata only for a token.

*Looks at*: that the metadata service asks for a token (IMDSv2) or is off
*Why*: else a service that can be made to fetch a URL gives away the credentials of its server
*Fix*: set metadata_options with http_tokens = required
*Source*: AWS Foundational Security Best Practices, EC2.8 and EC2.170
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, is_one_of, known

ID = "metadata-token"
TITLE = "Servers show their metadata only for a token"
SEVERITY = "high"
KINDS = ("aws_launch_template", "aws_instance")

FIX = "set metadata_options with http_tokens = required"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        token = is_one_of(known(one, "metadata_options.http_tokens"), "required")
        off = is_one_of(known(one, "metadata_options.http_endpoint"), "disabled")
        good, bad = "its metadata asks for a token", "its metadata is given to any request"
        yield judged(one, any_holds((token, off)), good, bad, FIX)
