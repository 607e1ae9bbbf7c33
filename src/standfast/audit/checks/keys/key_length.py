"""Keys are long enough.

*Looks at*: the length of RSA keys of vaults, certificates and Terraform
*Why*: a short key is computed
*Fix*: use 2048 bits or more, or an elliptic curve
*Source*: NIST SP 800-57 part 1 rev 5, table 2; AWS provider, aws_acm_certificate: RSA_2048 where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import is_one_of, known
from standfast.audit.table import Setting, at_least, judge, none_of
from standfast.blueprint import Resource

ID = "key-length"
TITLE = "Keys are long enough"
SEVERITY = "medium"


def _rsa(one: Resource) -> bool | None:
    return is_one_of(known(one, "key_type"), "RSA", "RSA-HSM")


TABLE = {
    "azurerm_key_vault_key": Setting("key_size", at_least(2048), when=_rsa, fix="set key_size = 2048 or more"),
    "azurerm_key_vault_certificate": Setting("certificate_policy.key_properties.key_size", at_least(2048), unset=2048),
    "aws_acm_certificate": Setting(
        "key_algorithm", none_of("RSA_1024"), unset="RSA_2048", fix="set key_algorithm = RSA_2048 or an elliptic curve"
    ),
    "tls_private_key": Setting("rsa_bits", at_least(2048), unset=2048),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is long enough", "its key is too short")
