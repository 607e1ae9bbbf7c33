"""Who may read or write which data on AWS: policies on both sides, keys, boundaries, and roles that lead to roles.

Source: IAM User Guide, "Policy evaluation logic" (within an account, what either side allows; a refusal always wins);
AWS KMS Developer Guide, "Key policies" (a key opens for the account's policies only where its own policy says so).
Not seen: policies of the organisation, sessions that are narrowed when they begin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from standfast.audit.estate import Estate
from standfast.audit.policy import Statement, statements
from standfast.audit.reading import UNKNOWN, all_hold, any_holds, document, raw
from standfast.audit.rights.aws.data import Kind, key_of, names_of, read_data, text
from standfast.audit.rights.aws.principals import Holder, read_holders
from standfast.audit.rights.aws.statements import Asked, allows, denies, plain
from standfast.audit.rights.globs import meets
from standfast.audit.rights.model import Access, Data, Principal, Truth, Way, strongest
from standfast.blueprint import Ref, Resource

Said = tuple[Truth, tuple[str, ...]]
ROOT = ":root"


def read_access(estate: Estate) -> Iterator[Access]:
    holders = read_holders(estate)
    chains = {holder.principal.name: _becomes(estate, holder, holders) for holder in holders}
    for data, kind in read_data(estate):
        own = _policy_of(estate, data.resource, kind)
        ways: tuple[tuple[Way, tuple[str, ...]], ...] = (("read", kind.read), ("write", kind.write))
        for way, actions in ways:
            direct: dict[str, Said] = {}
            for holder in holders:
                found = [_may(estate, holder, data, kind, action, way, own) for action in actions]
                direct[holder.principal.name] = strongest(found)
            for holder in holders:
                truth, hops = direct[holder.principal.name]
                if truth is not True:
                    further = [
                        (all_hold((step, direct[name][0])), (*via, *direct[name][1]))
                        for name, (step, via) in chains[holder.principal.name].items()
                    ]
                    truth, hops = strongest([(truth, hops), *further])
                if truth is not False:
                    yield Access(holder.principal, data, way, truth is True, hops)
            yield from _outside(estate, data, kind, actions, way, own)


def _may(
    estate: Estate, holder: Holder, data: Data, kind: Kind, action: str, way: Way, own: Sequence[Statement] | None
) -> Said:
    """Whether a holder itself may do one action on the data, and by what."""
    asked = Asked(action, names_of(data.resource, kind))
    allowed, by = _allowed(holder, asked, own)
    refused = any_holds((denies(holder.statements, asked), denies(_for(own or (), holder.principal), asked)))
    truth = all_hold((allowed, None if refused is None else not refused))
    if truth is False:
        return False, ()
    hops: tuple[str, ...] = (f"{shown(action)} on {data.name} ({by})",)
    closed, key = key_of(estate, data.resource, kind)
    if closed is False:
        return truth, hops
    needed = "kms:decrypt" if way == "read" else "kms:generatedatakey"
    if way == "write" and kind.service != "s3":
        return truth, hops
    opened = _opens(holder, key, needed, kind.service)
    if opened is False:
        return False, ()
    name = key.address if key is not None else "a key that is not seen"
    return all_hold((truth, opened)), (*hops, f"{shown(needed)} with {name}")


def _allowed(holder: Holder, asked: Asked, own: Sequence[Statement] | None) -> tuple[Truth, str]:
    """By its own policies within its boundary, or by the policy of the thing itself."""
    ways: list[tuple[Truth, str]] = []
    for said, origin in holder.said:
        ways.append((allows((said,), asked), origin))
    for name, actions in holder.managed:
        ways.append((_managed(actions, asked), name))
    ways += [(None, name) for name in holder.unread]
    if holder.bounded is not None:
        within = allows(holder.bounded, asked)
        ways = [(all_hold((truth, within)), by) for truth, by in ways]
    on_thing = [one for one in _for(own or (), holder.principal, named=True) if one.allows]
    ways += [(allows((one,), asked), "its own policy") for one in on_thing]
    verdict = any_holds(truth for truth, _ in ways)
    return verdict, next((by for truth, by in ways if truth is verdict), "")


def _managed(actions: frozenset[str], asked: Asked) -> Truth:
    patterns = [one.partition("@")[2] for one in actions if one.startswith(f"{asked.action}@")]
    on_some = any_holds(meets(plain(pattern), name) for pattern in patterns for name in asked.names)
    if asked.action in actions or on_some:
        return True
    return None if f"?{asked.action}" in actions else on_some


def _opens(holder: Holder, key: Resource | None, action: str, service: str) -> Truth:
    """Whether a key opens: its policy names the principal, or leaves it to the account and a policy allows it."""
    if key is None:
        return None
    asked = Asked(action, (f"<{key.address}.arn>", str(raw(key, "arn") or f"<{key.address}.arn>")), service)
    here = Asked(action, ("*",), service)
    text_of = document(key, "policy")
    if text_of is UNKNOWN:
        return None
    own = statements(text_of)
    if denies(_for(own, holder.principal), here):
        return False
    named = allows(_for(own, holder.principal, named=True), here)
    left = not own or allows([one for one in own if _is_account(one)], here)
    return any_holds((named, all_hold((left, _allowed(holder, asked, ())[0]))))


def _is_account(one: Statement) -> bool:
    return any(kind == "AWS" and (text(name).endswith(ROOT) or text(name).isdecimal()) for kind, name in one.principals)


def _for(own: Sequence[Statement], principal: Principal, *, named: bool = False) -> list[Statement]:
    """The statements of a policy on a thing that speak of a principal. `named`: not by its account as a whole."""
    found = []
    for one in own:
        if "NotPrincipal" in one.but:
            found += [] if named else [one]
        elif (
            one.anyone
            or any(_names(name, principal) for kind, name in one.principals if kind == "AWS")
            or (not named and _is_account(one))
        ):
            found.append(one)
    return found


def _names(written: object, principal: Principal) -> bool:
    one = principal.resource
    if one is None:
        return False
    if isinstance(written, Ref):
        return written.address == one.address
    arn, name = raw(one, "arn"), raw(one, "name")
    end = str(written).rpartition("/")[2]
    return isinstance(written, str) and (written == arn or (bool(end) and isinstance(name, str) and end == name))


def _policy_of(estate: Estate, one: Resource, kind: Kind) -> Sequence[Statement] | None:
    """The statements of the policy on a thing; none where it has none, None where that is decided later."""
    found: list[Statement] = []
    holder, path = kind.policy
    texts = [document(each, "policy") for each in estate.linked(holder, path, one)] if holder else []
    for said in (*texts, document(one, "policy") if one.kind != "aws_s3_bucket" or raw(one, "policy") else None):
        if said is UNKNOWN:
            return None
        found += statements(said)
    return found


def _outside(
    estate: Estate, data: Data, kind: Kind, actions: Sequence[str], way: Way, own: Sequence[Statement] | None
) -> Iterator[Access]:
    """Accounts, services and everybody that the policy on a thing names itself."""
    seen: set[str] = set()
    if own is None:
        yield Access(Principal("whoever its policy names"), data, way, False, ("which is decided when it is applied",))
    for one in own or ():
        asked = [Asked(action, names_of(data.resource, kind)) for action in actions]
        truth = any_holds(allows((one,), each) for each in asked) if one.allows else False
        if truth is False:
            continue
        for sort, name in one.principals:
            called = _called(sort, name)
            if called and called not in seen:
                seen.add(called)
                yield Access(Principal(called), data, way, truth is True, (f"the policy of {data.name}",))


def _called(sort: str, name: object) -> str:
    """A name for who is no principal of ours; "" for one that is, and for our own account."""
    said = text(name)
    if said == "*":
        return "everybody"
    if sort == "Service":
        return f"service {said.partition('.')[0]}"
    if sort == "Federated":
        return f"users of {said}"
    if said.startswith("<") or "<data.aws_caller_identity" in said:
        return ""
    account = said if said.isdecimal() else said.split(":")[4] if said.count(":") >= 5 else ""
    return f"account {account}" if account and said.endswith((ROOT, account)) else ""


def _becomes(estate: Estate, holder: Holder, holders: Sequence[Holder]) -> dict[str, Said]:
    """The roles a holder may become, one after another: role -> (whether, the steps before it)."""
    found: dict[str, Said] = {}
    todo: list[tuple[Holder, Truth, tuple[str, ...]]] = [(holder, True, ())]
    while todo:
        here, so_far, steps = todo.pop(0)
        for other in holders:
            name = other.principal.name
            if name in found or other is holder or other.principal.resource is None or not other.trusts:
                continue
            truth = _assumes(here, other)
            if truth is not False:
                reached = all_hold((so_far, truth))
                via = (*steps, f"sts:AssumeRole of {name}")
                found[name] = (reached, via)
                todo.append((other, reached, via))
    return found


def _assumes(here: Holder, other: Holder) -> Truth:
    """Both must agree: the role trusts it by name, or its account and its own policies let it."""
    role = other.principal.resource
    assert role is not None
    asked = Asked(
        "sts:assumerole", (f"<{role.address}.arn>", str(raw(role, "arn") or f"arn:*:iam::*:role/{raw(role, 'name')}"))
    )
    here_alone = Asked("sts:assumerole", ("*",))
    named = allows([one for one in _for(other.trusts, here.principal, named=True) if one.allows], here_alone)
    account = allows([one for one in other.trusts if _is_account(one)], here_alone)
    return any_holds((named, all_hold((account, _allowed(here, asked, ())[0]))))


def shown(action: str) -> str:
    """As AWS writes it: `s3:GetObject`."""
    return SPELT.get(action, action)


SPELT = {
    one.lower(): one
    for one in (
        "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan",
        "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
        "dynamodb:BatchWriteItem", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
        "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:PutParameter", "sqs:ReceiveMessage",
        "sqs:SendMessage", "kinesis:GetRecords", "kinesis:PutRecord", "kinesis:PutRecords", "logs:GetLogEvents",
        "logs:FilterLogEvents", "logs:StartQuery", "logs:PutLogEvents", "elasticfilesystem:ClientMount",
        "elasticfilesystem:ClientWrite", "kms:Decrypt", "kms:GenerateDataKey",
    )
}  # fmt: skip
