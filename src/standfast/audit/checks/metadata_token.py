"""Servers answer metadata requests only with a session token.

*Looks at*: `metadata_options` of launch templates
*Why*: version 1 hands the server's credentials to any request it can be tricked to make
*Fix*: set http_tokens = required
*Source*: AWS Foundational Security Best Practices, EC2.8
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "metadata-token",
    "Servers answer metadata requests only with a session token",
    "high",
    ("aws_launch_template",),
    "set http_tokens = required",
)
WANTED = {
    "aws_launch_template": (
        "metadata_options.http_tokens",
        "required",
        "metadata requests without a token are answered",
    ),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
