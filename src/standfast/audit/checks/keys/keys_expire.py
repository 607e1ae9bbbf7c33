"""Keys of a vault end, and are renewed before.

*Looks at*: the end of each key, or the policy that renews it
*Why*: a key that never ends is never renewed either
*Fix*: set rotation_policy with expire_after, or expiration_date
*Source*: Microsoft cloud security benchmark v1, DP-6; CIS Microsoft Azure Foundations Benchmark 3.0, 3.3
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge, written

ID = "keys-expire"
TITLE = "Keys of a vault end, and are renewed before"
SEVERITY = "low"


TABLE = {
    "azurerm_key_vault_key": OneOf(
        (Setting("rotation_policy.expire_after", written), Setting("expiration_date", written))
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it ends", "it never ends")
