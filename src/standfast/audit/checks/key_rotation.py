"""Keys rotate.

*Looks at*: `enable_key_rotation` of KMS keys
*Why*: a key that leaked once reads all that is ever written with it
*Fix*: set enable_key_rotation = true
*Source*: AWS Foundational Security Best Practices, KMS.4
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "key-rotation",
    "Keys rotate",
    "medium",
    ("aws_kms_key",),
    "set enable_key_rotation = true",
)
WANTED = {
    "aws_kms_key": ("enable_key_rotation", True, "it is never rotated"),
}


def check(estate: Estate) -> Iterator[Finding]:
    return estate.expected(CHECK, WANTED)
