"""Whether statements of policies allow an action on something: yes, no, or nobody here can tell.

Source: IAM User Guide, "Policy evaluation logic", "IAM JSON policy elements: NotAction, NotResource, Condition".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from standfast.audit.policy import Statement, listed
from standfast.audit.reading import all_hold, any_holds
from standfast.audit.rights.aws.data import text
from standfast.audit.rights.globs import covers, meets
from standfast.audit.rights.model import Truth

# Conditions that the caller can meet by how it asks.
CHOSEN = {"aws:securetransport", "s3:tlsversion", "aws:calledvia", "s3:prefix", "s3:delimiter", "s3:x-amz-acl"}
CHOSEN |= {"secretsmanager:versionstage", "secretsmanager:versionid", "s3:signatureversion", "s3:authtype"}
# Conditions that say whose the caller is, or what a service asks for: met by our own.
OURS = {"aws:sourceaccount", "kms:calleraccount", "aws:principalaccount", "aws:sourcearn"}


@dataclass(frozen=True)
class Asked:
    """An action on data (or a key), by all the names it may be called. `through`: the service that asks in turn."""

    action: str
    called: tuple[str, ...]
    through: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(plain(name) for name in self.called)


def plain(name: str) -> str:
    """An ARN without partition, region and account, which here are taken for ours; anything else as it is."""
    parts = name.split(":", 5)
    if parts[0] != "arn":
        return name
    return f"{parts[2]}:{parts[5]}" if len(parts) == 6 else "*"


def allows(statements: Iterable[Statement], asked: Asked) -> Truth:
    """Whether one of them allows it, on a part of the data at least."""
    return any_holds(_reaches(one, asked) for one in statements if one.allows)


def denies(statements: Iterable[Statement], asked: Asked) -> Truth:
    """Whether one of them refuses it on all of the data, whatever the caller does."""
    return any_holds(_refuses(one, asked) for one in statements if not one.allows)


def _action(one: Statement, asked: Asked) -> Truth:
    named = any_holds(meets(action, asked.action) for action in one.actions)
    return _not(named) if "NotAction" in one.but else named


def _reaches(one: Statement, asked: Asked) -> Truth:
    patterns = [plain(text(each)) for each in one.resources] or ["*"]
    if "NotResource" in one.but:
        on = _not(any_holds(covers(pattern, name) for pattern in patterns for name in asked.names))
    else:
        on = any_holds(meets(pattern, name) for pattern in patterns for name in asked.names)
    return all_hold((_action(one, asked), on, _conditions(one, asked)))


def _refuses(one: Statement, asked: Asked) -> Truth:
    patterns = [plain(text(each)) for each in one.resources] or ["*"]
    if "NotResource" in one.but:
        on = _not(any_holds(meets(pattern, name) for pattern in patterns for name in asked.names))
    else:
        on = any_holds(covers(pattern, name) for pattern in patterns for name in asked.names)
    unless = _avoided(one)
    return all_hold((_action(one, asked), on, unless))


def _not(one: Truth) -> Truth:
    return None if one is None else not one


def _conditions(one: Statement, asked: Asked) -> Truth:
    """Whether the caller meets them. What it chooses itself it can meet."""
    found: list[Truth] = []
    for operator, wanted in one.conditions.items():
        for key, values in wanted.items():
            name = key.lower()
            if name in CHOSEN:
                found.append(True)
            elif name == "kms:viaservice" and operator.lower() in ("stringequals", "stringlike"):
                found.append(_through(values, asked.through))
            elif name in OURS and _own(values):
                found.append(True)  # the account in which all this stands
            else:
                found.append(None)
    return all_hold(found)


def _through(values: object, service: str) -> Truth:
    """The service that opens the key for the caller is the one that holds the data."""
    return any_holds(text(one).partition(".")[0] in (service, "*") for one in listed(values))


def _own(values: object) -> bool:
    """Values that name our account, or a resource among ours."""
    return all("<data.aws_caller_identity." in text(one) or text(one).startswith("<aws_") for one in listed(values))


def _avoided(one: Statement) -> Truth:
    """A refusal under a condition binds who cannot avoid it: True without one, False where asking otherwise helps."""
    keys = {key.lower() for wanted in one.conditions.values() for key in wanted}
    return True if not keys else False if keys & CHOSEN else None
