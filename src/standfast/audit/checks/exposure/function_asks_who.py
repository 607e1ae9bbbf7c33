"""Functions with an address ask who is calling.

*Looks at*: addresses of functions that anybody may call
*Why*: what anybody may call, anybody runs, at your cost and with its rights
*Fix*: set authorization_type = AWS_IAM; let functions in from inside and the balancer only
*Source*: AWS Lambda Developer Guide, "Control access to Lambda function URLs"; google provider,
google_cloudfunctions2_function: all traffic is let in where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "function-asks-who"
TITLE = "Functions with an address ask who is calling"
SEVERITY = "high"


TABLE = {
    "aws_lambda_function_url": Setting("authorization_type", "AWS_IAM"),
    "google_cloudfunctions2_function": Setting(
        "service_config.ingress_settings", ("ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB")
    ),
    "google_cloudfunctions_function": Setting("ingress_settings", ("ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB")),
    "azurerm_linux_function_app": Setting("public_network_access_enabled", False),
    "azurerm_windows_function_app": Setting("public_network_access_enabled", False),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it asks who is calling, or is called from inside", "anybody may call it")
