"""Who asked an API for what is recorded.

*Looks at*: access logs of the stages of an API
*Why*: nobody can say afterwards what was taken
*Fix*: set access_log_settings
*Source*: AWS Foundational Security Best Practices, APIGateway.1 and APIGateway.9
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "api-logs"
TITLE = "Who asked an API for what is recorded"
SEVERITY = "medium"


TABLE = {
    "aws_api_gateway_stage": Setting("access_log_settings.destination_arn", written),
    "aws_apigatewayv2_stage": Setting("access_log_settings.destination_arn", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its requests are recorded", "its requests are not recorded")
