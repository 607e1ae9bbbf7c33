"""Plans of every cloud, and ways to spoil them by the tables of checks and their bad examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from standfast.audit.table import Beside, OneOf, Row, Setting, leaves
from standfast.blueprint import Block, Resource, make_blueprint
from standfast.plan import Plan, make_plan
from standfast.spec import read_spec
from tests.blueprint import azure_shapes, google

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = Path(__file__).parent / "examples"
HAND = {
    "servers on Azure": lambda: azure_shapes.everything(),
    "Kubernetes on Azure": lambda: azure_shapes.everything(shape="kubernetes"),
    "delivery on Azure": lambda: azure_shapes.plan_of(azure_shapes.REPLICAS),
    "servers on Google Cloud": lambda: google.everything(owner="ops@example.com"),
    "Kubernetes on Google Cloud": lambda: google.small("kubernetes"),
}
OURS = ("clinic", "diary", "containers", "gallery", "shop", "standby")


@cache
def planned(name: str) -> tuple[Plan, tuple[Resource, ...]]:
    """One of our examples, or a shape planned by hand; with its resources."""
    plan = HAND[name]() if name in HAND else make_plan(read_spec(ROOT / "examples" / f"{name}.yaml"))
    return plan, tuple(make_blueprint(plan).resources)


@cache
def bad_examples(check: str) -> list[dict[str, Any]]:
    return yaml.safe_load((EXAMPLES / f"{check}.yaml").read_text())["bad"]


def rows_of(check: ModuleType, kind: str) -> tuple[Row, ...]:
    rows = getattr(check, "TABLE", {}).get(kind, ())
    return rows if isinstance(rows, tuple) else (rows,)


def spoilt_by(check: ModuleType, one: Resource, resources: tuple[Resource, ...]) -> Iterator[list[Resource]]:
    """The estate with this resource made wrong, once for every row of the table: by what a bad example of its kind
    says there, else by taking the setting away; and with nothing beside it."""
    examples = [
        settings for example in bad_examples(check.ID) for address, settings in example.items()
        if address.partition(".")[0] == one.kind
    ]  # fmt: skip
    for row in rows_of(check, one.kind):
        if row.when and not row.when(one):
            continue
        ways = row.ways if isinstance(row, OneOf) else (row,)
        away = {way.kind for way in ways if isinstance(way, Beside)}
        changed = one
        for way in ways:
            if isinstance(way, Setting):
                wrong = [value for each in examples for value in leaves(each, way.path) if _wrong(value, way)]
                changed = replace(changed, settings=put(changed.settings, way.path.split("."), next(iter(wrong), None)))
        rest = [each for each in resources if each.kind not in away or each is one]
        yield [changed if each is one else each for each in rest]


def _wrong(value: Any, way: Setting) -> bool:
    from standfast.audit.table import holds

    return holds(put({}, way.path.split("."), value), way) is False


def put(settings: Any, keys: list[str], value: Any) -> Any:
    """The value at a path, through blocks and repeated ones; what is missing on the way is made."""
    if isinstance(settings, Block):
        return Block(put(settings.settings, keys, value))
    if isinstance(settings, (list, tuple)) and keys:
        return [put(one, keys, value) for one in settings]
    if not keys:
        return value
    inside = settings if isinstance(settings, Mapping) else {}
    return {**inside, keys[0]: put(inside.get(keys[0]), keys[1:], value)}
