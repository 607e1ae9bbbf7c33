"""A drill follows the page: where page and system disagree it is broken, and names the step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from standfast.blueprint import make_blueprints
from standfast.drill import drill_module, drill_names
from standfast.drill.following import WHAT, agreement
from standfast.problem import Problem, Problems
from standfast.runbook import Runbook, make_runbooks
from standfast.worlds.simulated import Flaws, SystemFlaws
from standfast.worlds.system import Remedies
from tests.drill.pages import needed_page
from tests.drill.pages import page as shop_page
from tests.drill.simulated import simulate
from tests.drill.simulated_system import simulate_system
from tests.shop import shop_plan

# drill -> the remedy of its page that a machine carries out
BY_HAND = {
    "bad_deploy": "roll_back", "failing_release": "roll_back", "clock_jump": "set_clock",
    "expired_certificate": "renew_certificate",
    "full_disk": "free_disk", "lose_edge": "bypass_edge", "lose_region": "restore_offsite",
    "corruption": "restore_moment", "ruined_stores": "restore_versions", "lose_cache": "restore_snapshot",
}  # fmt: skip
BY_ITSELF = ("lose_primary", "lose_zone", "partition")


def page(drill: str) -> Runbook:
    """Of a system whose requests need its cache, where the drill is about that."""
    return needed_page(drill) if drill == "lose_cache" else shop_page(drill)


def run(drill: str, folder, book: Runbook | None, idle: tuple[str, ...] = ()):
    if drill_module(drill).ON == "database":
        outcome, _ = simulate(drill, folder, flaws=Flaws(idle=idle), runbook=book)
    else:
        needed, flaws = drill == "lose_cache", SystemFlaws(idle=idle)
        outcome, _ = simulate_system(drill, folder, flaws=flaws, needed=needed, runbook=book, patience=4.0)
    (found,) = [one for one in outcome.judgement.findings if one.what == WHAT]
    return outcome, found


def changed(book: Runbook, does: str, /, **more) -> Runbook:
    return replace(book, steps=tuple(replace(one, **more) if one.does == does else one for one in book.steps))


def test_every_drill_names_a_page_that_is_written_or_none() -> None:
    books = {one.name for one in make_runbooks(shop_plan(), make_blueprints(shop_plan()))}
    for name in drill_names():
        assert drill_module(name).RUNBOOK in {"", *books}, name
    assert {drill_module(name).RUNBOOK for name in (*BY_HAND, *BY_ITSELF)} == books


@pytest.mark.parametrize("drill", BY_HAND)
def test_a_page_without_the_step_is_found_out(drill, tmp_path) -> None:
    outcome, found = run(drill, tmp_path / "d", page(drill).without(BY_HAND[drill]))
    assert outcome.verdict == found.verdict == "broken"


@pytest.mark.parametrize("drill", BY_HAND)
def test_a_step_that_does_nothing_is_found_out_by_its_own_condition(drill, tmp_path) -> None:
    does = BY_HAND[drill]
    outcome, found = run(drill, tmp_path / "d", page(drill), idle=(does,))
    names = [one.name for one in page(drill).steps if one.does == does]
    assert outcome.verdict == found.verdict == "broken"
    assert any(name in found.note for name in names), found.note


@pytest.mark.parametrize("drill", ["lose_region", "corruption"])
def test_a_step_that_no_world_can_carry_out_is_found_out(drill, tmp_path) -> None:
    book = changed(page(drill), BY_HAND[drill], does="wave_a_wand")
    outcome, found = run(drill, tmp_path / "d", book)
    assert outcome.verdict == found.verdict == "broken"
    assert "wave_a_wand" in found.note


def test_a_swap_that_moves_nobody_is_found_out(tmp_path) -> None:
    outcome, found = run("corruption", tmp_path / "d", page("corruption"), idle=("swap",))
    assert outcome.verdict == "broken" and "orders: let it lead" in found.note


@pytest.mark.parametrize("drill", BY_ITSELF)
def test_what_comes_back_by_itself_and_is_on_no_page_is_found_out(drill, tmp_path) -> None:
    outcome, found = run(drill, tmp_path / "d", page(drill).without("take_over"))
    assert outcome.verdict == found.verdict == "broken"
    assert "orders came back by itself" in found.note


def test_what_the_page_says_comes_back_by_itself_and_does_not_is_found_out(tmp_path) -> None:
    outcome, _ = simulate_system("lose_zone", tmp_path / "d", Remedies(failover=False))
    (found,) = [one for one in outcome.judgement.findings if one.what == WHAT]
    assert found.verdict == "broken" and "orders comes back" in found.note


def test_another_way_back_than_the_page_says_is_found_out(tmp_path) -> None:
    book = changed(page("lose_primary"), "take_over", does="start_again")
    outcome, found = run("lose_primary", tmp_path / "d", book)
    assert outcome.verdict == "broken"
    assert "the page says the same server starts again, and another server takes over" in found.note


@pytest.mark.parametrize(("drill", "does"), [("lose_region", "restore_offsite"), ("lose_primary", "take_over")])
def test_what_takes_longer_than_the_page_says_is_found_out(drill, does, tmp_path) -> None:
    outcome, found = run(drill, tmp_path / "d", changed(page(drill), does, seconds=0.01))
    assert outcome.verdict == "broken" and "and the page says 10 ms" in found.note


def test_a_remedy_that_no_page_names_is_found_out() -> None:
    """The judge needs nothing but the history: also of a drill that took a remedy of its own."""
    history = [
        {"t": 0.0, "what": "began", "store": "orders"},
        {"t": 0.1, "what": "runbook", "page": "edge", "steps": []},
        {"t": 1.0, "what": "breaking"},
        {"t": 2.0, "what": "carried_out", "step": "bypass_edge", "name": "send users past it"},
    ]
    assert agreement(history).note == "bypass_edge was carried out, and no step of the page is it"
    assert agreement(history[:1]).verdict == "unknown", "an older history holds no page"


def test_a_machine_that_has_no_disk_left_is_not_a_page_that_is_wrong(tmp_path) -> None:
    full = Problems([Problem("no space left on the disk")])
    outcome, _ = simulate("corruption", tmp_path / "d", flaws=Flaws(on={"restore": full}))
    assert outcome.verdict == "unknown"
