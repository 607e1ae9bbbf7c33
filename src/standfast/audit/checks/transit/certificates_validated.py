"""Certificates are proved and renew themselves.

*Looks at*: that each certificate is issued, or that something waits for its proof; and that the proof stands in DNS;
how certificates of a vault are renewed (Azure), and whether Certificate Manager manages them (Google Cloud)
*Why*: a certificate that is not proved serves nobody, one proved by mail runs out when the mail is not read
*Fix*: set validation_method = DNS and add aws_acm_certificate_validation with its records
*Source*: AWS Foundational Security Best Practices, ACM.1; AWS Certificate Manager User Guide, "Managed certificate
renewal"; Azure Key Vault docs, "Renew certificates"; Certificate Manager docs, "Certificates"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, unknown
from standfast.audit.reading import UNKNOWN, known
from standfast.audit.table import Setting, judge, written

ID = "certificates-validated"
TITLE = "Certificates are proved and renew themselves"
SEVERITY = "high"
AWS = ("aws_acm_certificate",)

WAIT = "aws_acm_certificate_validation"
FIX = "set validation_method = DNS, add its record, and aws_acm_certificate_validation"


TABLE = {
    "azurerm_key_vault_certificate": Setting("certificate_policy.lifetime_action.action.action_type", "AutoRenew"),
    "google_certificate_manager_certificate": Setting("managed", written),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it renews itself", "it does not renew itself")
    for one in estate.of(*AWS):
        method, status = known(one, "validation_method"), known(one, "status")
        if known(one, "private_key") is not None or known(one, "certificate_body") is not None:
            yield unknown(one, "it was brought along: when it runs out is not known here", "let ACM issue and renew it")
        elif method not in ("DNS", UNKNOWN):
            yield broken(one, "it is not proved through DNS, so it does not renew itself", FIX)
        elif isinstance(status, str):
            yield judged(one, status == "ISSUED", "it is issued, and proved through DNS", f"its state is {status}", FIX)
        else:
            waited = True if estate.linked(WAIT, "certificate_arn", one) else estate.absent(WAIT, "certificate_arn")
            yield judged(one, waited, "its proof in DNS is waited for", "nothing proves it", FIX)
