"""Roles may do what they need, not everything.

*Looks at*: statements that allow every action, every action of a service, everything but some, or passing any role;
and AWS's own policies that do; roles of Azure with every action, and Owner, Contributor or User Access Administrator
on more than one resource; the basic roles of Google Cloud on a project or more
*Why*: a break-in can then do whatever the role may
*Fix*: name the actions and the resources
*Source*: AWS Foundational Security Best Practices, IAM.1 and IAM.21; CIS Microsoft Azure Foundations Benchmark 3.0,
2.23; Azure docs, "Best practices for Azure RBAC"; IAM docs of Google Cloud, "Basic roles"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, kept
from standfast.audit.policy import Statement, statements
from standfast.audit.reading import UNKNOWN, document, known
from standfast.audit.roles import GOOGLE_KINDS, grants
from standfast.audit.table import leaves, undecided
from standfast.blueprint import Ref, Resource

ID = "no-wildcards"
TITLE = "Roles may do what they need, not everything"
SEVERITY = "high"
AWS = (
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

BASIC = ("roles/owner", "roles/editor", "roles/viewer")
MIGHTY = ("Owner", "Contributor", "User Access Administrator", "Role Based Access Control Administrator")
WIDE = re.compile(
    r"(/subscriptions/[^/]+)?(/resourceGroups/[^/]+)?/?|/providers/Microsoft.Management/.*", re.IGNORECASE
)
WIDE_KINDS = ("azurerm_resource_group", "azurerm_subscription", "azurerm_management_group")
ON_MANY = ("google_project_", "google_folder_", "google_organization_")
KINDS = (
    *AWS,
    "azurerm_role_definition",
    "azurerm_role_assignment",
    *(k for k in GOOGLE_KINDS if k.startswith(ON_MANY)),
)


def check(estate: Estate) -> Iterator[Finding]:
    yield from _roles(estate)
    for one in estate.of(*AWS):
        if one.kind.endswith("_attachment"):
            yield from _attached(estate, one)
            continue
        said = document(one, "policy")
        wide = [] if said is UNKNOWN else sorted({action for each in statements(said) for action in _wide(each)})
        holds = None if said is UNKNOWN else not wide
        yield judged(one, holds, "it names what it allows", f"it allows {', '.join(wide) or 'too much'}", FIX)


def _roles(estate: Estate) -> Iterator[Finding]:
    for one in estate.of("azurerm_role_definition"):
        actions = [each for path in ("actions", "data_actions") for each in leaves(one, f"permissions.{path}")]
        wide = sorted({str(each) for each in actions if each == "*"})
        holds = False if wide else None if undecided(actions) else True
        yield judged(one, holds, "it names what it allows", "it allows everything", FIX)
    for given in grants(estate):
        if given.origin.kind == "azurerm_role_assignment":
            many = _wide_scope(estate, given.on) if given.role is UNKNOWN or given.role in MIGHTY else False
            bad = f"it gives {given.role} on more than one resource"
        elif given.origin.kind.startswith(ON_MANY):
            many = None if given.role is UNKNOWN else given.role in BASIC
            bad = f"it gives {given.role}, which is nearly everything"
        else:
            continue
        if given.role is UNKNOWN and many:
            many = None
        yield judged(given.origin, None if many is None else not many, "it gives a narrow role", bad, FIX)


def _wide_scope(estate: Estate, scope: object) -> bool | None:
    """Whether a role is given on a group, a subscription or more."""
    if isinstance(scope, Ref):
        return scope.address.removeprefix("data.").partition(".")[0] in WIDE_KINDS
    if isinstance(scope, str):
        return bool(WIDE.fullmatch(scope))
    return None


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
