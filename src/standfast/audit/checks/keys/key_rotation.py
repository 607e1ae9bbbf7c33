"""Keys are renewed every year.

*Looks at*: `enable_key_rotation` of symmetric KMS keys; others cannot be rotated by AWS
*Why*: the longer a key is used, the more is lost with it
*Fix*: set enable_key_rotation = true
*Source*: AWS Foundational Security Best Practices, KMS.4
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import flag, known

ID = "key-rotation"
TITLE = "Keys are renewed every year"
SEVERITY = "medium"
KINDS = ("aws_kms_key",)

FIX = "set enable_key_rotation = true"


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        use, spec = (
            known(one, "key_usage", "ENCRYPT_DECRYPT"),
            known(one, "customer_master_key_spec", "SYMMETRIC_DEFAULT"),
        )
        if use == "ENCRYPT_DECRYPT" and spec == "SYMMETRIC_DEFAULT":
            rotates = flag(one, "enable_key_rotation")
            yield judged(one, rotates, "it is renewed every year", "it is never renewed", FIX)
