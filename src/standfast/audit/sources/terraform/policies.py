"""`aws_iam_policy_document`: a data source that only puts together what is written, so it is known without a cloud.

Source: AWS provider, data source aws_iam_policy_document
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from standfast.audit.reading import UNKNOWN, items, known
from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.bodies import settings
from standfast.audit.sources.terraform.reached import Scope
from standfast.audit.sources.terraform.values import plain
from standfast.blueprint import Json

if TYPE_CHECKING:
    from standfast.audit.sources.terraform.code import Source

DOCUMENT = "aws_iam_policy_document"
FIELDS = {
    "sid": "Sid", "effect": "Effect", "actions": "Action", "not_actions": "NotAction", "resources": "Resource",
    "not_resources": "NotResource",
}  # fmt: skip


def policy_document(body: tree.Body, scope: Scope, source: Source) -> Any:
    """The document as Json; UNKNOWN where it rests on one that is not known."""
    said = settings(body, scope, source, scope.module.session)
    statements: list[Any] = []
    for name in ("source_policy_documents", "override_policy_documents"):
        for one in items(said, name):
            inside = _document(plain(one))
            if inside is None:
                return UNKNOWN
            statements += inside
    for one in items(said, "statement"):
        statement = _statement(one)
        if statement is UNKNOWN:
            return UNKNOWN
        statements.append(statement)
    return Json({"Version": known(said, "version", "2012-10-17"), "Statement": statements})


def _document(one: Any) -> list[Any] | None:
    """The statements of another document; None where it is not known."""
    if isinstance(one, str):
        try:
            one = Json(json.loads(one))
        except ValueError:
            return None
    if not isinstance(one, Json) or not isinstance(one.document, dict):
        return None
    found = one.document.get("Statement") or []
    return found if isinstance(found, list) else [found]


def _statement(one: Any) -> Any:
    if not isinstance(one, dict):
        return UNKNOWN
    made: dict[str, Any] = {FIELDS[name]: one[name] for name in FIELDS if name in one}
    made.setdefault("Effect", "Allow")
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if one.get(name):
            made[key] = _principals(one[name])
    for condition in one.get("condition") or ():
        if not isinstance(condition, dict) or not isinstance(condition.get("test"), str):
            return UNKNOWN
        values = condition.get("values")
        made.setdefault("Condition", {}).setdefault(condition["test"], {})[str(condition.get("variable"))] = values
    return UNKNOWN if UNKNOWN in (made.get("Principal"), made.get("NotPrincipal")) else made


def _principals(blocks: list[Any]) -> Any:
    found: dict[str, list[Any]] = {}
    for one in blocks:
        if not isinstance(one, dict) or not isinstance(one.get("type"), str):
            return UNKNOWN
        names = one.get("identifiers")
        found.setdefault(one["type"], []).extend(names if isinstance(names, list) else [names])
    return "*" if found == {"*": ["*"]} else found
