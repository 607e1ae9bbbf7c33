"""Roles may do what they need, not everything.

*Looks at*: statements that allow every action, every action of a service, everything but some, or passing any role;
and AWS's own policies that do
*Why*: a break-in can then do whatever the role may
*Fix*: name the actions and the resources
*Source*: AWS Foundational Security Best Practices, IAM.1 and IAM.21
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, kept
from standfast.audit.policy import Statement, statements
from standfast.audit.reading import UNKNOWN, document, known
from standfast.blueprint import Resource

ID = "no-wildcards"
TITLE = "Roles may do what they need, not everything"
SEVERITY = "high"
KINDS = (
    "aws_iam_policy",
    "aws_iam_role_policy",
    "aws_iam_user_policy",
    "aws_iam_group_policy",
    "aws_iam_role_policy_attachment",
)

FIX = "name the actions and the resources that are needed"
BROAD = re.compile(
    r"arn:aws[\w-]*:iam::aws:policy/(?:.*/)?(AdministratorAccess.*|PowerUserAccess|IAMFullAccess|\w*FullAccess)"
)


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*KINDS):
        if one.kind.endswith("_attachment"):
            yield from _attached(estate, one)
            continue
        said = document(one, "policy")
        wide = [] if said is UNKNOWN else sorted({action for each in statements(said) for action in _wide(each)})
        holds = None if said is UNKNOWN else not wide
        yield judged(one, holds, "it names what it allows", f"it allows {', '.join(wide) or 'too much'}", FIX)


def _attached(estate: Estate, one: Resource) -> Iterator[Finding]:
    arn = known(one, "policy_arn")
    if isinstance(arn, str) and (found := BROAD.fullmatch(arn)):
        yield broken(one, f"it gives {found[1]}", FIX)
    elif isinstance(arn, str) or estate.target(arn, "aws_iam_policy"):
        yield kept(one, "what it gives is looked at, or narrow")


def _wide(one: Statement) -> Iterator[str]:
    if not one.allows:
        return
    for action in one.actions:
        if one.everything_but:
            yield f"everything but {action}"
        elif action == "*" or action.endswith(":*"):
            yield action
        elif action == "iam:passrole" and "*" in one.resources:
            yield "iam:passrole on any role"
