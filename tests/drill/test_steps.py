"""Every step that a page gives to a machine, of every plan here: a drill carries it out, and it says what one needs.

What counts as the same step: the same word of the same page about the same kind of part. A drill of a deploy takes one
service; a page has one step for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from standfast.blueprint import Blueprint, make_blueprints
from standfast.docs import write_docs
from standfast.drill import drill_module, drill_names
from standfast.drill.following import HOLDS
from standfast.operate.target import _explained, runbook_for
from standfast.plan import Plan, make_plan
from standfast.problem import Problems
from standfast.runbook import CHECKS, ITSELF, Runbook, Step, make_runbooks
from standfast.runbook.commands import commands_by_kind
from standfast.spec import parse_spec
from standfast.worlds.database import STEPS as DATABASE_STEPS
from standfast.worlds.system import STEPS
from tests.drill.pages import mysql_plan, needed_plan
from tests.drill.simulated import simulate
from tests.drill.simulated_system import simulate_system
from tests.shop import EXAMPLES, shop_plan

CLOUDS = ("aws", "azure", "gcp")
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
MYSQL = ("{kind: postgres,", "{kind: mysql,")
NEEDED = (", essential: false", "")


@cache
def planned(name: str, cloud: str, *changes: tuple[str, str]) -> Plan | None:
    """An example on a cloud, as it is planned; None where that cloud cannot keep its promises."""
    text = (EXAMPLES / f"{name}.yaml").read_text()
    for before, after in (*changes, ("availability: 99.9%\n", "availability: 99%\n")):
        text = text.replace(before, after)
    text = re.sub(r"clouds: \[[a-z]+\]", f"clouds: [{cloud}]", text)
    text = re.sub(r"regions: \[[a-z0-9, -]+\], ", "", text)
    try:
        return make_plan(parse_spec(text, f"{name}.yaml"))
    except Problems:
        return None


@cache
def plans() -> tuple[Plan, ...]:
    found = [planned(name, cloud) for name in NAMES for cloud in CLOUDS]
    found += [planned("shop", cloud, change) for cloud in CLOUDS for change in (MYSQL, NEEDED)]
    return (shop_plan(), needed_plan(), *(one for one in found if one is not None))


@cache
def blueprints_of(number: int) -> tuple[Blueprint, ...]:
    return tuple(make_blueprints(plans()[number]))


@cache
def books_of(number: int) -> tuple[Runbook, ...]:
    return make_runbooks(plans()[number], blueprints_of(number), _explained(plans()[number], None))


def machine_steps() -> Iterator[tuple[Plan, Runbook, Step]]:
    for number, plan in enumerate(plans()):
        for book in books_of(number):
            yield from ((plan, book, step) for step in book.steps if step.who == "machine")


def kind_of(plan: Plan, step: Step) -> str:
    kinds = {**{one.name: one.kind for one in plan.system.stores}, **dict.fromkeys(
        (one.name for one in plan.system.services), "service")}  # fmt: skip
    return kinds.get(step.of, "")


@pytest.fixture(scope="module")
def carried_out(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], str]:
    """(page, word, kind of part) -> the drill that carried it out and found its condition to hold: all drills are run
    in memory, of a plan whose requests need its cache and of one that has a mere cache."""
    found: dict[tuple[str, str, str], str] = {}
    folder: Path = tmp_path_factory.mktemp("drills")
    for name in drill_names():
        for needed in (False, True):
            plan = needed_plan() if needed else shop_plan()
            on = drill_module(name).ON
            if on == "people":
                continue
            if on == "database":
                histories = [simulate(name, folder / f"{name}-{needed}")[0].history] if not needed else []
                histories += [mysql_history(name, folder / f"{name}-mysql")] if needed else []
            else:
                histories = [simulate_system(name, folder / f"{name}-{needed}", needed=needed)[0].history]
            for history in histories:
                add(found, name, history, plan if on == "system" or not needed else mysql_plan())
    return found


def mysql_history(name: str, folder: Path):
    return simulate(name, folder, runbook=runbook_for(mysql_plan(), name))[0].history


def add(found: dict, name: str, history, plan: Plan) -> None:
    page = next(one for one in history if one["what"] == "runbook")
    steps = {one["name"]: one for one in page["steps"] if one["who"] == "machine"}
    for event in history:
        if event["what"] == "checked" and event["held"]:
            step = steps[event["name"]]
            kind = kind_of(plan, Step(step["name"], "machine", of=step["of"]))
            found.setdefault((page["page"], step["does"], kind), name)


def test_there_are_plans_on_every_cloud_and_stores_of_every_kind() -> None:
    seen = {(plan.cloud, store.kind) for plan in plans() for store in plan.system.stores}
    assert seen >= {(cloud, kind) for cloud in CLOUDS for kind in ("postgres", "mysql", "objects", "redis")}


def test_commands_are_known_for_what_plans_really_have() -> None:
    sites = [site for number in range(len(plans())) for site in blueprints_of(number)]
    assert set(commands_by_kind()) <= {one.kind for site in sites for one in site.resources}


def test_every_step_of_a_machine_is_carried_out_by_a_drill(carried_out) -> None:
    lacking = {}
    for plan, book, step in machine_steps():
        if not step.untried and (book.name, step.does, kind_of(plan, step)) not in carried_out:
            lacking[book.name, step.does, kind_of(plan, step)] = (plan.system.name, plan.cloud, step.name)
    assert not lacking, f"no drill carries these out: {lacking}"
    assert {does for _, does, _ in carried_out} == {*STEPS, *DATABASE_STEPS}, "a word that no page and drill has"


def test_a_step_that_no_drill_tries_says_why_on_its_page() -> None:
    reasons = set()
    for number, plan in enumerate(plans()):
        untried = [(book, step) for book in books_of(number) for step in book.steps if step.untried]
        files = {file.path: file.text for file in write_docs(plan, blueprints_of(number))} if untried else {}
        for book, step in untried:
            assert f"Not drilled: {step.untried}" in files[f"runbooks/{book.name}.md"]
            reasons.add((book.name, step.does, kind_of(plan, step), step.untried))
    assert {one[:3] for one in reasons} == {("disk", "free_disk", "mysql")}, "what is not drilled is written here, too"


def test_every_step_of_a_machine_says_what_to_type_how_long_and_how_to_know() -> None:
    for plan, book, step in machine_steps():
        where = f"{plan.system.name} on {plan.cloud}, {book.name}.md: {step.name}"
        assert [line for line in step.commands if not line.startswith("#")] or step.notes, f"{where}: nothing to type"
        assert step.seconds is not None, f"{where}: no time"
        assert step.check in CHECKS, f"{where}: how does one know?"
        assert step.does in {**STEPS, **DATABASE_STEPS}, where
    assert set(HOLDS) == set(CHECKS)
    for number in range(len(plans())):
        for step in (step for book in books_of(number) for step in book.steps if step.who != "machine"):
            assert step.does in (ITSELF if step.who == "itself" else {"": ""}), step
