"""Balancers drop what is no valid request.

*Looks at*: how balancers treat invalid headers and requests that do not fit together
*Why*: requests that two servers read differently smuggle one past the other
*Fix*: set drop_invalid_header_fields = true, and desync_mitigation_mode = defensive or strictest
*Source*: AWS Foundational Security Best Practices, ELB.4 and ELB.12; AWS provider, aws_lb: defensive where nothing is
said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import is_one_of, known
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "balancer-clean-headers"
TITLE = "Balancers drop what is no valid request"
SEVERITY = "medium"


def _application(one: Resource) -> bool | None:
    return is_one_of(known(one, "load_balancer_type", "application"), "application")


TABLE = {
    "aws_lb": (
        Setting("drop_invalid_header_fields", True, when=_application),
        Setting("desync_mitigation_mode", ("defensive", "strictest"), unset="defensive", when=_application),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it drops what is not valid", "it passes invalid requests on")
