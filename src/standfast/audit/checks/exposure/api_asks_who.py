"""Methods of an API ask who is calling.

*Looks at*: methods and routes without authorization
*Why*: an open method is a public one, whatever its path is called
*Fix*: name an authorizer, or AWS_IAM; keep OPTIONS as it is
*Source*: AWS Foundational Security Best Practices, APIGateway.8; Amazon API Gateway Developer Guide, "Control and
manage access to REST APIs"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import OneOf, Setting, judge, none_of

ID = "api-asks-who"
TITLE = "Methods of an API ask who is calling"
SEVERITY = "high"


TABLE = {
    "aws_api_gateway_method": OneOf(
        (
            Setting("authorization", none_of("NONE"), unset="NONE"),
            Setting("api_key_required", True),
            Setting("http_method", "OPTIONS"),
        )
    ),
    "aws_apigatewayv2_route": Setting(
        "authorization_type", none_of("NONE"), unset="NONE", fix="set authorization_type"
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it asks who is calling", "anybody may call it")
