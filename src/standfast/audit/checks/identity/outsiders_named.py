"""Outside accounts are trusted by name.

*Looks at*: trust in identity providers of others: pipelines, clusters, other clouds
*Why*: without a condition every project of that provider may use the role
*Fix*: name the subject: a repository and branch, or a service account
*Source*: GitHub docs, "About security hardening with OpenID Connect"; IAM docs of Google Cloud, "Workload Identity
Federation, attribute conditions"; Microsoft Entra docs, "Federated identity credentials"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.policy import Statement, listed, statements
from standfast.audit.reading import UNKNOWN, document
from standfast.audit.table import Setting, judge, written
from standfast.blueprint import Resource

ID = "outsiders-named"
TITLE = "Outside accounts are trusted by name"
SEVERITY = "critical"


def _named(value: object) -> bool:
    return value is not None and not str(value).startswith("*") and str(value).partition(":")[2] != "*"


def _outside(one: Resource) -> list[Statement]:
    said = statements(document(one, "assume_role_policy"))
    return [each for each in said if each.allows and any(kind == "Federated" for kind, _ in each.principals)]


def _federated(one: Resource) -> bool | None:
    return None if document(one, "assume_role_policy") is UNKNOWN else bool(_outside(one))


def _conditioned(value: object) -> bool | None:
    """Every statement that trusts a provider names a subject. What is not text stands for a role, and its own."""
    policy = document({"policy": value}, "policy")
    if policy is UNKNOWN:
        return None
    said = statements(policy)
    found = [each for each in said if any(kind == "Federated" for kind, _ in each.principals)]
    return all(_subjects(each) for each in found)


def _subjects(one: Statement) -> bool:
    said = [value for values in one.conditions.values() for key, value in values.items() if _tells(key)]
    return bool(said) and all(_named(each) for value in said for each in listed(value))


def _tells(key: str) -> bool:
    return key.lower().endswith((":sub", ":amr", ":email", ":job_workflow_ref"))


TABLE = {
    "google_iam_workload_identity_pool_provider": Setting("attribute_condition", written),
    "azurerm_federated_identity_credential": Setting("subject", _named, fix="name the subject"),
    "aws_iam_role": Setting("assume_role_policy", _conditioned, fix="name the subject in a condition", when=_federated),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it trusts a named subject", "it trusts whoever the provider knows")
