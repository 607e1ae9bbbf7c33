"""What was changed behind one's back on what is deployed, and which promise each change breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from standfast.blueprint import Blueprint
from standfast.operate.rules import DELETED, MIRRORS, PASSING, Rule, added, firewall_rules, rule_for
from standfast.operate.target import in_emulator
from standfast.plan import Plan
from standfast.problem import NOWHERE, Place
from standfast.promise import Promise, Verdict
from standfast.spec import System
from standfast.workspace import Workspace
from standfast.worlds.emulator import Emulator

Step = Callable[[str], None]


@dataclass(frozen=True)
class Change:
    """One attribute that is not as it was deployed, or a resource that is gone (`attribute` "").

    `before` and `after` are shortened texts; a secret is never among them. `breaks` is the promise of the plan
    that does not hold any more; None where no promise is known to depend on it.
    """

    address: str
    component: str
    place: Place
    attribute: str
    before: str
    after: str
    sentence: str
    breaks: Promise | None


@dataclass(frozen=True)
class Drift:
    """`known` False: it could not be told, for the reason `why`."""

    system: str
    world: str
    known: bool
    why: str
    changes: tuple[Change, ...] = ()

    @property
    def verdict(self) -> Verdict:
        if not self.known:
            return "unknown"
        return "broken" if self.changes else "kept"

    @property
    def broken(self) -> tuple[Promise, ...]:
        """The promises that are broken, each once."""
        return tuple(dict.fromkeys(one.breaks for one in self.changes if one.breaks))


def drift(system: System, space: Workspace, step: Step) -> Drift:
    """Look at what stands and compare it with what was deployed. Changes nothing. Raises Problems."""
    from standfast.blueprint import make_blueprints
    from standfast.plan import read_plan

    emulator = Emulator.of(space, step=step)
    if not emulator.folder.exists():
        return Drift(system.name, emulator.name, False, str(emulator.condition))
    found: list[Change] = []
    with space.locked("drift"):
        plan = read_plan(space.plan)
        for site in in_emulator(make_blueprints(plan)):
            here = Emulator.of(space, site.site, step=step)
            if why := _untold(here):
                return Drift(system.name, emulator.name, False, f"{site.site}: {why}" if site.site else why)
            found += changes_in(here.look(), plan, site)
    return Drift(system.name, emulator.name, True, "", tuple(sorted(found, key=_order)))


def _untold(emulator: Emulator) -> str:
    """Why it cannot be told what was changed; "" where it can."""
    found = emulator.condition
    if found.kind != "standing":
        return str(found)
    return "" if found.settled else "the last apply did not come to its end"


def changes_in(seen: Mapping[str, Any], plan: Plan, blueprint: Blueprint) -> tuple[Change, ...]:
    """The changes in a Terraform plan (`terraform show -json`): pure. Broken promises first, then by place."""
    owners = {one.address: one for one in blueprint.resources}
    promises = {one.measure: one for one in plan.promises}
    found = []
    for address, attribute, before, after, rule in _differences(seen):
        owner = owners.get(address.partition("[")[0])
        component = (owner.component if owner else "") or address
        opened = firewall_rules(added(before, after), attribute) if attribute in ("ingress", "egress") else ""
        words = {
            "component": component,
            "address": address,
            "name": address.partition(".")[2],
            "attribute": attribute,
            "before": _text(before),
            "after": _text(after),
            "rules": opened,
        }
        sentence = rule.sentence if rule else "{attribute} was changed from {before} to {after}"
        broken = next((promises[one] for one in rule.measures if one in promises), None) if rule else None
        place = owner.places[0] if owner and owner.places else NOWHERE
        found.append(
            Change(
                address, component, place, attribute, words["before"], words["after"], sentence.format(**words), broken
            )
        )
    return tuple(sorted(found, key=_order))


def _order(one: Change) -> tuple[Any, ...]:
    return one.breaks is None, one.place, one.address, one.attribute


def _differences(seen: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, Any, Rule | None]]:
    """(address, attribute, before, after, rule) of everything that counts as a change."""
    module = seen.get("configuration", {}).get("root_module", {})
    written = {one["address"]: set(one.get("expressions", {})) for one in module.get("resources", ())}
    kinds = {one["type"] for one in module.get("resources", ())}
    for resource in seen.get("resource_drift", ()):
        kind, address, change = resource["type"], resource["address"], resource["change"]
        if change["actions"] == ["delete"]:
            yield address, "", "there", "gone", rule_for(kind, "") or DELETED
            continue
        before, after = change.get("before") or {}, change.get("after") or {}
        for attribute in sorted({*before, *after} - PASSING[""] - PASSING.get(kind, frozenset())):
            was, now = before.get(attribute), after.get(attribute)
            if _same(was, now):
                continue
            rule = rule_for(kind, attribute)
            if rule and rule.breaks and not rule.breaks(was, now):
                rule = None
            ours = attribute in written.get(f"{kind}.{resource['name']}", ())
            mirrored = MIRRORS.get((kind, attribute), ("", ""))[0] in kinds
            if (rule is None and not ours) or (mirrored and not ours):
                continue
            if _secret(change, attribute):
                was = now = "(secret)"
            yield address, attribute, was, now, rule


def _same(was: Any, now: Any) -> bool:
    """Nothing and an empty value are one to AWS, and the provider tells now one, now the other."""
    empty = (None, "", [], {})
    return was == now or (was in empty and now in empty)


def _secret(change: Mapping[str, Any], attribute: str) -> bool:
    """Whether any part of the attribute is marked: the marks have the shape of the value, True where secret."""
    marks = (change.get("before_sensitive") or {}, change.get("after_sensitive") or {})
    return any(_any_true(mark.get(attribute)) for mark in marks if isinstance(mark, dict))


def _any_true(mark: Any) -> bool:
    parts = mark.values() if isinstance(mark, dict) else mark if isinstance(mark, list) else ()
    return mark is True or any(map(_any_true, parts))


def _text(value: Any, limit: int = 120) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else f"{text[:limit]}…"
