"""Roles, users and groups of AWS: their statements, what runs as them, and who else may become them.

Source: IAM User Guide, "IAM roles", "Permissions boundaries"; EKS User Guide, "Pod Identity" and "IRSA".
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.policy import Statement, statements
from standfast.audit.reading import UNKNOWN, blocks, document, known, raw
from standfast.audit.rights.model import Carrier, Principal, as_principal
from standfast.blueprint import Resource

BOUNDARIES = ("aws_iam_role", "aws_iam_user")
# What runs as a role -> where it names it (a role, or the profile that holds one).
CARRIERS = {
    "aws_launch_template": ("iam_instance_profile.name", "iam_instance_profile.arn"),
    "aws_instance": ("iam_instance_profile",),
    "aws_launch_configuration": ("iam_instance_profile",),
    "aws_ecs_task_definition": ("task_role_arn", "execution_role_arn"),
    "aws_lambda_function": ("role",),
    "aws_eks_pod_identity_association": ("role_arn",),
    "aws_codebuild_project": ("service_role",),
    "aws_sfn_state_machine": ("role_arn",),
    "aws_glue_job": ("role_arn",),
    "aws_sagemaker_notebook_instance": ("role_arn",),
    "aws_batch_job_definition": ("job_role_arn",),
}
CALLED = {
    "aws_launch_template": "servers", "aws_instance": "servers", "aws_launch_configuration": "servers",
    "aws_ecs_task_definition": "tasks", "aws_lambda_function": "function", "aws_eks_pod_identity_association": "pods",
}  # fmt: skip


@dataclass(frozen=True)
class Holder:
    """A principal with what its own policies say: each statement with the policy it stands in.

    `unread`: policies that are not among the resources. `bounded`: the statements of its boundary, None without one.
    """

    principal: Principal
    said: tuple[tuple[Statement, str], ...]
    managed: tuple[tuple[str, frozenset[str]], ...] = ()  # AWS's own: name, and the actions it allows
    unread: tuple[str, ...] = ()
    bounded: tuple[Statement, ...] | None = None
    trusts: tuple[Statement, ...] = field(default=())

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(one for one, _ in self.said)


@cache
def managed() -> dict[str, frozenset[str]]:
    """AWS's own policies and what they let do with data: `action`, `action@on what`, `?action` under a condition."""
    with files("standfast.audit.rights.aws").joinpath("managed.csv").open(encoding="utf-8") as file:
        return {row["policy"]: frozenset(row["actions"].split()) for row in csv.DictReader(file)}


def read_holders(estate: Estate) -> list[Holder]:
    carriers = _carriers(estate)
    found = []
    for kind, short in (("aws_iam_role", "role"), ("aws_iam_user", "user")):
        for one in estate.of(kind):
            found.append(_holder(estate, one, short, tuple(carriers.get(one.address, ()))))
    return found


def _holder(estate: Estate, one: Resource, short: str, carriers: tuple[Carrier, ...]) -> Holder:
    said: list[tuple[Statement, str]] = []
    own: list[tuple[str, frozenset[str]]] = []
    unread: list[str] = []
    owners = [(one, short)]
    if short == "user":
        for joined in estate.linked("aws_iam_user_group_membership", "user", one):
            owners += [(group, "group") for group in estate.targets(joined, "groups", "aws_iam_group")]
    for owner, word in owners:
        for origin, text in _documents(estate, owner, word):
            if text is UNKNOWN:
                unread.append(origin)
            said += [(each, origin) for each in statements(text)]
        for arn in _attached(estate, owner, word):
            name = arn.rpartition("/")[2]
            if arn.startswith("arn:") and ":iam::aws:policy/" in arn and name in managed():
                own.append((name, managed()[name]))
            else:
                unread.append(arn)
    principal = as_principal(f"{short} {one.name}", one, carriers)
    trusts = document(one, "assume_role_policy") if short == "role" else None
    return Holder(principal, tuple(said), tuple(own), tuple(unread), _boundary(estate, one), tuple(statements(trusts)))


def _documents(estate: Estate, owner: Resource, word: str) -> Iterator[tuple[str, Any]]:
    """The policies of an owner that are among the resources: (address, document)."""
    for each in estate.linked(f"aws_iam_{word}_policy", word, owner):
        yield each.address, document(each, "policy")
    for inline in _blocks(owner):
        yield owner.address, document(inline, "policy")
    for policy in _policies(estate, owner, word):
        if policy is not None and not isinstance(policy, str):
            yield policy.address, document(policy, "policy")


def _blocks(owner: Resource) -> list[Any]:
    """Policies inside; where AWS works them out, they are resources of their own."""
    return [one for one in blocks(owner, "inline_policy") if one is not UNKNOWN]


def _attached(estate: Estate, owner: Resource, word: str) -> Iterator[str]:
    """The ARNs of policies that are not among the resources; UNSEEN text for what is decided later."""
    for policy in _policies(estate, owner, word):
        if policy is None or isinstance(policy, str):
            yield policy or "a policy that is decided later"


def _policies(estate: Estate, owner: Resource, word: str) -> Iterator[Resource | str | None]:
    values = [raw(each, "policy_arn") for each in estate.linked(f"aws_iam_{word}_policy_attachment", word, owner)]
    listed = raw(owner, "managed_policy_arns")
    values += list(listed) if isinstance(listed, (list, tuple)) else []
    for value in values:
        found = estate.target(value, "aws_iam_policy")
        yield found if found is not None else value if isinstance(value, str) else None


def _boundary(estate: Estate, one: Resource) -> tuple[Statement, ...] | None:
    """None without one. One that cannot be read allows nothing for certain: a statement that nobody can judge."""
    value = raw(one, "permissions_boundary")
    if value in (None, ""):
        return None
    found = estate.target(value, "aws_iam_policy")
    text = document(found, "policy") if found is not None else UNKNOWN
    if text is UNKNOWN:
        return (Statement("", True, (), ("*",), ("*",), {"Unread": {"boundary": ""}}),)
    return tuple(statements(text))


def _carriers(estate: Estate) -> dict[str, list[Carrier]]:
    """Role -> what runs as it."""
    found: dict[str, list[Carrier]] = {}
    for kind, paths in CARRIERS.items():
        for one in estate.of(kind):
            for path in paths:
                for role in _roles(estate, raw(one, path)):
                    word = CALLED.get(kind, "what runs")
                    name, component = one.component or one.name, one.component
                    if kind == "aws_eks_pod_identity_association":
                        name = f"{known(one, 'namespace', '')}/{known(one, 'service_account', one.name)}"
                    found.setdefault(role.address, []).append((f"{word} of {name}", component))
    return found


def _roles(estate: Estate, value: Any) -> Iterator[Resource]:
    for one in [estate.target(value, "aws_iam_role", "aws_iam_instance_profile")]:
        if one is not None and one.kind == "aws_iam_instance_profile":
            yield from estate.targets(one, "role", "aws_iam_role")
        elif one is not None:
            yield one
