"""Policy documents: who may do what to which resource, as IAM and the resource policies of AWS say it."""

from __future__ import annotations

from typing import Any

from standfast.blueprint.model import Join, Json, Ref

ACCOUNT = Ref("data.aws_caller_identity.current", "account_id")
OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}  # a service of AWS, acting for this account only

Statement = dict[str, Any]


def arn(service: str, rest: str, region: str = "") -> Join:
    """The ARN of something in this account: `arn:aws:logs:eu-west-1:<account>:*`."""
    return Join((f"arn:aws:{service}:{region}:", ACCOUNT, f":{rest}"))


def below(reference: Ref, path: str) -> Join:
    """The ARN of what lies below a resource: `<bucket>/*`."""
    return Join((reference, path))


def allow(
    action: str | list[str],
    resource: Any,
    sid: str = "",
    *,
    service: str = "",
    principal: Any = None,
    condition: dict[str, Any] | None = None,
    effect: str = "Allow",
) -> Statement:
    """One statement. `service` is a principal of AWS (`logs.amazonaws.com`)."""
    said = {
        "Sid": sid or None,
        "Effect": effect,
        "Principal": {"Service": service} if service else principal,
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    }
    return {key: value for key, value in said.items() if value is not None}


def document(*statements: Statement) -> Json:
    return Json({"Version": "2012-10-17", "Statement": list(statements)})


def assumed_by(service: str, condition: dict[str, Any] | None = None) -> Json:
    """Who may take a role: a service of AWS."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", "Condition": condition}
    return document({key: value for key, value in trust.items() if value is not None})
