"""Parameters that hold secrets are encrypted.

*Looks at*: parameters whose name says password, secret, token or key
*Why*: a plain parameter is read by whoever may list parameters
*Fix*: set type = SecureString, or keep it in the store of secrets
*Source*: AWS Systems Manager User Guide, "SecureString parameters"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import literal_text
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "parameters-secret"
TITLE = "Parameters that hold secrets are encrypted"
SEVERITY = "high"


SECRET = re.compile(r"password|passwd|secret|token|api.?key|private.?key|credential", re.IGNORECASE)


def _secret(one: Resource) -> bool:
    return bool(SECRET.search(literal_text(one.settings.get("name"))))


TABLE = {
    "aws_ssm_parameter": Setting("type", "SecureString", when=_secret),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is encrypted", "it stands there in plain words")
