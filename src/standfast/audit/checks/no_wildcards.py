"""Roles may do what they need, not everything.

*Looks at*: statements that allow every action, or every action of a service
*Why*: a break-in can then do whatever the role may
*Fix*: name the actions and the resources
*Source*: AWS Foundational Security Best Practices, IAM.1 and IAM.21
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding

CHECK = Check(
    "no-wildcards",
    "Roles may do what they need, not everything",
    "high",
    ("aws_iam_role_policy", "aws_iam_policy"),
    "name the actions and the resources",
)


def check(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*CHECK.kinds):
        documents = estate.documents(one, "policy")
        wide = sorted({action for document in documents if isinstance(document, dict) for action in _wide(document)})
        unknown = any(not isinstance(document, dict) for document in documents)
        wrong = f"it allows {', '.join(wide)}" if wide else ""
        yield estate.finding(CHECK, one, wrong, unknown=unknown and not wide)


def _wide(document: dict) -> Iterator[str]:
    statements = document.get("Statement", [])
    for one in statements if isinstance(statements, list) else [statements]:
        if one.get("Effect") != "Allow":
            continue
        actions = one.get("Action", [])
        for action in actions if isinstance(actions, list) else [actions]:
            if action == "*" or action.endswith(":*"):
                yield action
