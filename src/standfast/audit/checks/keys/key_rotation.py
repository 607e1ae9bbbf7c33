"""Keys are renewed every year.

*Looks at*: `enable_key_rotation` of symmetric KMS keys; others cannot be rotated by AWS; the rotation policy of keys
of a vault (Azure), `rotation_period` of symmetric keys (Google Cloud)
*Why*: the longer a key is used, the more is lost with it
*Fix*: set enable_key_rotation = true
*Source*: AWS Foundational Security Best Practices, KMS.4; CIS Microsoft Azure Foundations Benchmark 3.0, 3.3.9; CIS
Google Cloud Platform Foundation Benchmark 3.0, 1.10; neither is renewed where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import flag, is_one_of, known
from standfast.audit.table import Setting, at_most, judge, written
from standfast.blueprint import Resource

ID = "key-rotation"
TITLE = "Keys are renewed every year"
SEVERITY = "medium"
AWS = ("aws_kms_key",)

FIX = "set enable_key_rotation = true"


def _symmetric(one: Resource) -> bool | None:
    return is_one_of(known(one, "purpose", "ENCRYPT_DECRYPT"), "ENCRYPT_DECRYPT")


TABLE = {
    "azurerm_key_vault_key": Setting("rotation_policy.automatic", written),
    "google_kms_crypto_key": Setting(
        "rotation_period", at_most(31_622_400), when=_symmetric, fix="set rotation_period = 31536000s or less"
    ),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it is renewed every year", "it is not renewed every year")
    for one in estate.of(*AWS):
        use, spec = (
            known(one, "key_usage", "ENCRYPT_DECRYPT"),
            known(one, "customer_master_key_spec", "SYMMETRIC_DEFAULT"),
        )
        if use == "ENCRYPT_DECRYPT" and spec == "SYMMETRIC_DEFAULT":
            rotates = flag(one, "enable_key_rotation")
            yield judged(one, rotates, "it is renewed every year", "it is never renewed", FIX)
