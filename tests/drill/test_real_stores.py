"""Caches and object stores in a real lab of three services' worth: the page brings back what was ruined or lost, from
versions and from a copy; a page that is wrong is found out."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.drill import Settings, Wanted, run_drill
from standfast.drill.following import follow
from standfast.drill.history import Recorder, every
from standfast.drill.scene import hold
from standfast.operate.target import runbook_for
from standfast.plan import Plan, make_plan
from standfast.problem import Problems
from standfast.runbook import Runbook
from standfast.spec import parse_spec
from standfast.worlds import Fault
from standfast.worlds.lab.drilled import DrilledLab
from standfast.worlds.lab.system import programs
from tests.postgres import need_postgres
from tests.programs import need

pytestmark = [pytest.mark.real, pytest.mark.slow]
SPEC = """
system: shelf
owner: platform@example.com
promises:
  scalability: {peak: 30 rps, average: 6 rps}
  reliability: {availability: 99%, recovery: {instance: {rto: 30 min, rpo: 1 day}, corruption: {rto: 4 h, rpo: 1 day}}}
  performance: {p95: 2 s, users: {DE: 100%}}
  cost: {budget: 3000 USD/month}
rules: {clouds: [aws]}
services:
  web: {image: ghcr.io/acme/web:1, port: 8080, public: true, cpu: 1 ms, memory: 300 MiB, calls: [held, pictures]}
stores:
  held:     {kind: redis, memory: 1 GiB}
  pictures: {kind: objects, data: 10 GiB}
"""
STORES = ["held", "pictures"]


@pytest.fixture(scope="module")
def plan() -> Plan:
    need_postgres()
    for each in ("haproxy", "nginx", "valkey", "openssl"):
        try:
            programs.find(each)
        except Problems:
            need(each, each)
    return make_plan(parse_spec(SPEC, "shelf.yaml"))


@pytest.fixture(scope="module")
def standing(plan, tmp_path_factory) -> Generator[tuple[DrilledLab, Runbook]]:
    """A lab that stands, and its page; nobody's drill."""
    world = DrilledLab(tmp_path_factory.mktemp("stores") / "lab", plan)
    try:
        world.build()
        yield world, runbook_for(plan, "ruined_stores")
    finally:
        world.clear()


def followed(standing, folder: Path, book: Runbook, store: str, late: bool = False) -> tuple[bool, list]:
    """Ruin one store, and follow a page; `late`: the moment is one after the damage."""
    world, _ = standing
    recorder = Recorder(folder, world.now)
    world.hear = recorder.record
    hold(world, recorder, [store])
    world.wait(1.1)
    before = world.moment()
    world.wait(1.1)
    world.break_(Fault("ruin", {"component": store}))
    assert dict(world.contents(store)) != recorder.events[0]["tables"], "the damage did no damage"
    if late:
        world.wait(1.1)
    settings = Settings("", "2026-11-28T12:00:00Z", "drill/d/history.jsonl", patience=3.0, runbook=book)
    moment = world.moment() if late else before
    well = follow(world, recorder, settings, {store}, {"restore_versions": {"moment": moment}})
    recorder.close()
    return well, every(recorder.events, "not_recovered")


def changed(book: Runbook, of: str, **more) -> Runbook:
    return replace(book, steps=tuple(replace(one, **more) if one.of == of and one.does else one for one in book.steps))


@pytest.mark.parametrize("store", STORES)
def test_what_was_ruined_is_again_what_it_was(standing, store, tmp_path) -> None:
    well, wrong = followed(standing, tmp_path / "d", standing[1], store)
    assert well, wrong


@pytest.mark.parametrize(
    ("store", "more", "late", "told"),
    [
        ("held", {"does": "restore_snapshots"}, False, "the lab has no step"),
        ("held", {"does": "empty_cache"}, False, "it was carried out, and still: drill:1: was"),
        ("pictures", {"does": "free_disk"}, False, "free_disk is no step for this damage"),
        ("pictures", {}, True, "it was carried out, and still: drill/00"),
    ],
    ids=["a name that is none", "another's step", "a step of something else", "a moment too late"],
)
def test_a_page_that_is_wrong_is_found_out(standing, store, more, late, told, tmp_path) -> None:
    well, wrong = followed(standing, tmp_path / "d", changed(standing[1], store, **more), store, late)
    assert not well
    assert told in wrong[0]["why"] and wrong[0]["step"].startswith(f"{store}: ")


def test_the_whole_drill_keeps_what_is_promised(plan, tmp_path) -> None:
    """Users come the whole time; the cache that they need is lost with all it holds."""
    world, wanted = DrilledLab(tmp_path / "lab", plan), Wanted.of(plan.system, "")
    book = runbook_for(plan, "lose_cache")
    given = Settings("", "2026-11-28T12:00:00Z", "drill/d/history.jsonl", rps=6.0, patience=60.0, runbook=book)
    outcome = run_drill("lose_cache", world, world.shape, tmp_path / "d", given, wanted)
    assert outcome.verdict == "kept", [one for one in outcome.judgement.findings if one.verdict != "kept"]
    assert [one["name"] for one in outcome.history if one["what"] == "checked"] == ["held: the newest copy"]
    assert not world.lab.open()
