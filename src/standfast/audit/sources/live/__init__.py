"""What stands in an account of AWS, as resources: asked of the API itself, with calls that only read.

A kind is a row of data (`rows.py`, `stored.py`, `kept.py`). What may not be read is unknown, and its action is named.
One region is read, and what has none.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from standfast.audit.reading import UNKNOWN
from standfast.audit.sources.cloudformation.words import snake
from standfast.audit.sources.live.account import Account, Refused, search
from standfast.audit.sources.live.kept import RECORDS, RIGHTS
from standfast.audit.sources.live.rows import COMPUTE, NETWORK, More, Row
from standfast.audit.sources.live.stored import BACKUPS, BUCKETS, DATABASES
from standfast.audit.sources.state import resource, without_secrets
from standfast.blueprint import Resource
from standfast.problem import Problem, Problems

ROWS: tuple[Row, ...] = (*NETWORK, *COMPUTE, *DATABASES, *BUCKETS, *BACKUPS, *RIGHTS, *RECORDS)
KINDS = frozenset(
    {row.kind for row in ROWS} | {more.kind for row in ROWS for more in row.more if more.kind}
)  # what is read
TAGS = ("Tags", "tags", "TagList", "TagSet")


@dataclass(frozen=True)
class Live:
    account: str  # its number, "" where nobody says
    region: str
    resources: tuple[Resource, ...]
    problems: tuple[Problem, ...]


def read_live(region: str = "", rows: tuple[Row, ...] = ROWS) -> Live:
    """Everything that the rows ask for, in the order of kind and id. Takes some seconds for each hundred resources.

    Raises Problems without boto3, without a region, and where nobody is logged in.
    """
    try:
        import boto3
    except ImportError as caught:
        raise Problems([Problem("boto3 is not installed", "", "pip install 'standfast[aws]'")]) from caught
    session = boto3.Session()
    region = region or session.region_name or ""
    if not region:
        raise Problems([Problem("which region?", "", "add --region, such as --region eu-west-1")])
    problems: dict[str, Problem] = {}
    account = Account(session, region, problems)
    account_number = next(iter(_asked(account, "sts.get_caller_identity", {}, "Account", "account")), "")
    tags = _tags(account)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        for kind, settings in _of_row(account, row, tags):
            found.setdefault((kind, str(settings.get("id"))), settings)
    names = Counter((kind, _name(settings)) for (kind, _), settings in found.items())
    resources = []
    for (kind, number), settings in sorted(found.items(), key=lambda one: one[0]):
        name = _name(settings)
        name = number if names[kind, name] > 1 else name
        resources.append(resource(kind, name, None, without_secrets(settings, None), "managed", ""))
    return Live(str(account_number), region, tuple(resources), tuple(problems[name] for name in sorted(problems)))


def _tags(account: Account) -> dict[str, Mapping[str, str]]:
    """By ARN, of whatever has tags: most lists do not tell them."""
    over = "ResourceTagMappingList[].[ResourceARN, Tags]"
    listed = _asked(account, "resourcegroupstaggingapi.get_resources", {}, over, "tag")
    return {arn: {one["Key"]: one["Value"] for one in tags} for arn, tags in listed}


def _asked(account: Account, call: str, given: Mapping[str, Any], over: str, kind: str) -> list[Any]:
    found: list[Any] = []
    try:
        for page in account.pages(call, given, kind):
            said = search(over, page)
            found += said if isinstance(said, list) else [said] if said is not None else []
    except Refused:
        pass
    return found


def _of_row(account: Account, row: Row, tags: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for listed in _asked(account, row.call, row.given, row.over, row.kind):
        item, unsure = listed, []
        if row.whole is not None:
            for given in _given(account, row.whole, item):
                item = {**item, **next(iter(_asked(account, row.whole.call, given, row.whole.over, row.kind)), {})}
        if row.when and search(row.when, item) is not True and not _truth(search(row.when, item)):
            continue
        settings = _settings(item, row.says)
        settings["id"] = search(row.id, item)
        beside: list[tuple[str, dict[str, Any]]] = []
        for more in row.more:
            for given in _given(account, more, item):
                try:
                    answers = list(account.pages(more.call, given, more.kind or row.kind, more.none))
                except Refused as caught:
                    if caught.code not in more.none:
                        unsure.append(more)
                        beside += _unseen(more, given)
                    continue
                if more.kind:
                    beside += [(more.kind, one) for one in _beside(more, given, answers)]
                else:
                    for answer in answers:
                        settings.update({name: search(said, answer, given) for name, said in more.says.items()})
        for more in unsure:
            if not more.kind:
                settings.update(dict.fromkeys(more.says, UNKNOWN))
        arn = str(settings.get("arn") or "").removesuffix(":*")  # log groups are told with all that is in them
        if arn:
            settings["arn"] = arn
        settings["tags"] = settings.get("tags") or tags.get(arn)
        settings["tags"] = _plain_tags(settings.get("tags"))
        yield row.kind, {key: value for key, value in settings.items() if value is not None}
        yield from beside


def _truth(value: Any) -> bool:
    return value not in (None, False, "", [], {})


def _given(account: Account, more: More, item: Any) -> Iterator[dict[str, Any]]:
    """The parameters of a call for an item; several where one of them is a list that must be asked for first."""
    choices: list[list[tuple[str, Any]]] = []
    for name, said in more.given.items():
        if said.startswith("*"):
            call, over = said[1:].split(" ")
            own = {key: value for each in choices for key, value in each}
            choices.append([(name, one) for one in _asked(account, call, own, over, more.kind)])
        else:
            choices.append([(name, search(said, item))])
    for chosen in itertools.product(*choices):
        yield dict(chosen)


def _beside(more: More, given: Mapping[str, Any], answers: list[Any]) -> Iterator[dict[str, Any]]:
    for answer in answers:
        said = search(more.over, answer) if more.over else answer
        for one in said if isinstance(said, list) else [said] if said is not None else []:
            made = {name: search(each, one, given) for name, each in more.says.items()}
            if not more.only or made.get(more.only):
                full = _settings(one, {}) if more.over else {}
                yield {key: value for key, value in {**full, **made}.items() if value is not None}


def _unseen(more: More, given: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """One that may be there, of which nothing is known but what it hangs on."""
    if not more.kind:
        return []
    made = {name: search(said, {}, given) if said.startswith("@given") else UNKNOWN for name, said in more.says.items()}
    return [(more.kind, {**made, "id": f"{'/'.join(map(str, given.values()))} (not read)", "count": UNKNOWN})]


def _settings(item: Mapping[str, Any], says: Mapping[str, str]) -> dict[str, Any]:
    found = {snake(key): _value(value) for key, value in item.items()}
    for name in TAGS:
        if name in item:
            found["tags"] = item[name]
    return {**found, **{name: search(said, item) for name, said in says.items()}}


def _value(value: Any) -> Any:
    """Mappings as blocks: lists of mappings, as Terraform's state has them."""
    if isinstance(value, dict):
        return [{snake(key): _value(one) for key, one in value.items()}]
    if isinstance(value, list):
        return [each for one in value for each in (_value(one) if isinstance(one, dict) else [one])]
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def _plain_tags(tags: Any) -> dict[str, str] | None:
    if isinstance(tags, list):
        return {str(one.get("Key")): str(one.get("Value")) for one in tags if isinstance(one, Mapping)}
    return dict(tags) if isinstance(tags, Mapping) else None


def _name(settings: Mapping[str, Any]) -> str:
    """What people call it; the id where two are called the same."""
    said = (settings.get(key) for key in ("identifier", "bucket", "name", "id"))
    return str(next(one for one in said if one))
