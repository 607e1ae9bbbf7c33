"""Access policies: the statements of a JSON document, with every field as a list.

Source: IAM User Guide, "IAM JSON policy element reference".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Statement:
    """`principals` are (type, name) pairs, ("*", "*") for anyone; actions are in lower case.

    `but`: the words by which it names what it does NOT cover (NotAction, NotResource, NotPrincipal).
    """

    sid: str
    allows: bool
    principals: tuple[tuple[str, Any], ...]
    actions: tuple[str, ...]
    resources: tuple[Any, ...]
    conditions: Mapping[str, Mapping[str, Any]]
    but: tuple[str, ...] = ()

    @property
    def everything_but(self) -> bool:
        return bool(self.but)

    @property
    def anyone(self) -> bool:
        """Whether it speaks of everybody; a condition may still narrow that down."""
        return any(name == "*" for kind, name in self.principals if kind in ("*", "AWS"))

    def condition(self, operator: str, key: str) -> list[Any]:
        """The values of one condition; names of operators and keys do not mind upper and lower case."""
        for name, wanted in self.conditions.items():
            if name.lower() == operator.lower():
                for found, value in wanted.items():
                    if found.lower() == key.lower():
                        return listed(value)
        return []


def statements(document: Any) -> list[Statement]:
    """The statements of a document; none for anything else. Check for UNKNOWN before."""
    if not isinstance(document, Mapping):
        return []
    return [_statement(one) for one in listed(document.get("Statement")) if isinstance(one, Mapping)]


def _statement(one: Mapping[str, Any]) -> Statement:
    actions = listed(one.get("Action")) or listed(one.get("NotAction"))
    return Statement(
        str(one.get("Sid") or ""),
        one.get("Effect") == "Allow",
        _principals(one.get("Principal")),
        tuple(str(action).lower() for action in actions),
        tuple(listed(one.get("Resource")) or listed(one.get("NotResource"))),
        one.get("Condition") or {},
        tuple(key for key in ("NotAction", "NotResource", "NotPrincipal") if key in one),
    )


def _principals(value: Any) -> tuple[tuple[str, Any], ...]:
    if isinstance(value, Mapping):
        return tuple((kind, name) for kind, names in value.items() for name in listed(names))
    return tuple(("*", name) for name in listed(value))


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


# Conditions that name whom a statement is for, so that "*" in Principal does not mean everybody.
NARROWING = {
    "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:principalaccount",
    "aws:principalarn", "aws:principalorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "kms:calleraccount",
    "s3:dataaccesspointaccount",
}  # fmt: skip
POSITIVE = ("stringequals", "stringlike", "arnequals", "arnlike", "stringequalsignorecase")


def open_to_anyone(document: Any) -> list[str]:
    """The names (or numbers) of statements that let everybody in."""
    found = []
    for number, one in enumerate(statements(document), 1):
        if one.allows and (one.anyone or "NotPrincipal" in one.but) and not _narrowed(one):
            found.append(one.sid or f"statement {number}")
    return found


def _narrowed(one: Statement) -> bool:
    for operator, wanted in one.conditions.items():
        positive = operator.lower().removesuffix("ifexists").rpartition(":")[2] in POSITIVE
        named = [key for key in wanted if key.lower() in NARROWING]
        if positive and any("*" not in listed(wanted[key]) for key in named):
            return True
    return False
