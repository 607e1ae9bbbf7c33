"""Drills in the simulated world: a sound system keeps its promises, and every remedy taken away is found out.

A drill that cannot fail is not a drill: for each there is at least one flaw that it must call broken.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.drill import Wanted, as_json, drill_module, drill_names, judge_drill, read_history, timeline
from standfast.problem import Problem, Problems
from standfast.promise import Promise
from standfast.worlds.database import Shape
from standfast.worlds.simulated import Flaws
from tests.drill.pages import page
from tests.drill.simulated import SYSTEM, WANTED, healed_and_cleared, simulate

DATABASE = [name for name in drill_names() if drill_module(name).ON == "database"]
GONE = Problems([Problem("no space left on the disk")])


@pytest.mark.parametrize("name", DATABASE)
def test_a_sound_system_keeps_its_promises(name, tmp_path) -> None:
    outcome, world = simulate(name, tmp_path / "d")
    assert outcome.verdict == "kept", as_json(outcome)
    assert all(finding.verdict == "kept" for finding in outcome.judgement.findings)
    assert {one.measure for one in outcome.judgement.measured} >= set(drill_module(name).MEASURES)
    assert healed_and_cleared(world)


@pytest.mark.parametrize(
    ("name", "shape", "flaws"),
    [
        ("corruption", Shape(archive=False), Flaws()),
        ("corruption", Shape(), Flaws(skew=1.0)),  # a moment after the damage
        ("corruption", Shape(), Flaws(tampered=True)),
        ("lose_primary", Shape(standby=False), Flaws()),
        ("lose_primary", Shape(failover=False), Flaws()),
        ("lose_primary", Shape(), Flaws(unfenced=True)),
    ],
    ids=["no archive", "wrong moment", "tampered backup", "no standby", "no failover", "two primaries"],
)
def test_a_remedy_that_is_missing_is_found_out(name, shape, flaws, tmp_path) -> None:
    outcome, world = simulate(name, tmp_path / "d", shape, flaws)
    assert outcome.verdict == "broken", as_json(outcome)
    assert healed_and_cleared(world)


def test_every_drill_is_in_the_test_above() -> None:
    """A new drill must show here that it can fail."""
    (mark,) = test_a_remedy_that_is_missing_is_found_out.pytestmark
    assert {case[0] for case in mark.args[1]} == set(DATABASE)


@pytest.mark.parametrize("name", DATABASE)
@pytest.mark.parametrize(
    "flaws",
    [Flaws(dead=True), Flaws(unheard=True), Flaws(on={"start_writing": GONE}), Flaws(on={"heal": GONE})],
    ids=["dead world", "damage that does none", "stopped on the way", "not healed"],
)
def test_what_cannot_be_told_is_unknown_and_never_kept(name, flaws, tmp_path) -> None:
    outcome, world = simulate(name, tmp_path / "d", flaws=flaws)
    if name == "corruption" and "heal" in flaws.on:
        assert outcome.verdict == "kept"  # the restored server was judged before; that healing failed is told
    else:
        assert outcome.verdict == "unknown", as_json(outcome)
    assert bool(outcome.problems) == bool(flaws.on)
    assert world.calls[-1] == "clear" and "heal" in world.calls


def test_an_unsteady_system_is_not_broken_any_further(tmp_path) -> None:
    for name in DATABASE:
        _, world = simulate(name, tmp_path / name, flaws=Flaws(dead=True))
        assert "break_" not in world.calls


def test_a_planned_standby_that_does_not_follow_is_refused(tmp_path) -> None:
    shape = drill_module("lose_primary").shape(Shape())
    from standfast.drill.run import _steady
    from standfast.worlds.simulated import Simulated

    world = Simulated(replace(shape, standby=False))
    world.build()
    assert _steady(world, shape)[1] == "the standby does not follow the primary"


@pytest.mark.parametrize("name", DATABASE)
@pytest.mark.parametrize("call", ["build", "break_", "observe", "restore", "start_writing"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), GONE, RuntimeError("a fault of ours")], ids=["^C", "problem", "bug"]
)
def test_healed_and_cleared_whatever_happens(name, call, error, tmp_path) -> None:
    from standfast.drill import Settings, run_drill
    from standfast.worlds.simulated import Simulated

    shape = drill_module(name).shape(Shape())
    world = Simulated(shape, Flaws(on={call: error}))
    settings = Settings("orders", "2026-11-23T12:00:00Z", "drill/d/history.jsonl", runbook=page(name))
    try:
        outcome = run_drill(name, world, shape, tmp_path / "d", settings, WANTED)
    except type(error) as raised:
        assert raised is error
    else:
        assert (call == "restore" and name == "lose_primary") or isinstance(error, Problems)
        assert outcome.verdict == ("kept" if call == "restore" and name == "lose_primary" else "unknown")
    assert world.calls[-1] == "clear" and "heal" in world.calls
    assert not world.machines


def test_no_restore_means_never_and_not_a_number(tmp_path) -> None:
    outcome, _ = simulate("corruption", tmp_path / "d", Shape(archive=False))
    rows = {row["measure"]: row for row in as_json(outcome)["promises"]}
    row = rows["reliability.rto.corruption"]
    assert (row["measured"], row["failed"], row["verdict"]) == (None, True, "broken")
    assert "was reached" in row["note"]
    assert row["place"] == str(SYSTEM.where("reliability.recovery.corruption.rto"))


def test_a_restore_that_stops_too_early_loses_what_came_after(tmp_path) -> None:
    outcome, _ = simulate("corruption", tmp_path / "d", flaws=Flaws(skew=-1.0))
    rpo = outcome.judgement.measured[1]
    assert rpo.value == pytest.approx(1.0, abs=0.02)  # one write every 10 ms
    assert "100 of" in rpo.note or "101 of" in rpo.note
    assert outcome.verdict == "kept"  # the spec allows five minutes
    strict = Wanted(
        {m: replace(p, declared=0.5) if ".rpo." in m else p for m, p in WANTED.promises.items()}, WANTED.gib
    )
    assert outcome.judgement.verdict(strict) == "broken"


def test_asynchronous_replication_that_lags_loses_acknowledged_writes(tmp_path) -> None:
    outcome, _ = simulate("lose_primary", tmp_path / "d", Shape(synchronous=False), lag=1.0)
    rto, rpo = outcome.judgement.measured[:2]
    assert rpo.value == pytest.approx(1.0, abs=0.02)
    assert rpo.note.split()[0] in ("100", "101")
    assert outcome.verdict == "broken"  # the spec promises to lose nothing
    assert rto.value == pytest.approx(0.3 + 0.11, abs=0.15)


def test_synchronous_replication_that_lags_stalls_and_loses_nothing(tmp_path) -> None:
    outcome, _ = simulate("lose_primary", tmp_path / "d", Shape(synchronous=True), lag=1.0)
    rto, rpo = outcome.judgement.measured[:2]
    assert rpo.value == 0.0
    assert rto.value == pytest.approx(1.0 + 0.3 + 0.11, abs=0.15)
    assert rto.note.startswith("stalled before 1.0")
    assert outcome.verdict == "kept"


def test_a_single_server_is_started_again_on_its_disk(tmp_path) -> None:
    """What the plan's `single` design is: slower, nothing lost, and no word about the loss of a zone."""
    outcome, _ = simulate("lose_primary", tmp_path / "d", Shape(standby=False, failover=False, restart=True))
    assert outcome.verdict == "kept"
    assert [one.measure for one in outcome.judgement.measured] == list(drill_module("lose_primary").MEASURES)
    assert any("zone was not measured" in note for note in outcome.judgement.notes)


def test_the_zone_is_measured_only_with_a_standby_in_another_zone(tmp_path) -> None:
    here, _ = simulate("lose_primary", tmp_path / "1", zones=1)
    there, _ = simulate("lose_primary", tmp_path / "2", zones=2)
    assert {one.measure for one in there.judgement.measured} - {one.measure for one in here.judgement.measured} == {
        "reliability.rto.zone",
        "reliability.rpo.zone",
    }


def test_what_is_not_promised_is_measured_and_said(tmp_path) -> None:
    outcome, _ = simulate("corruption", tmp_path / "d", wanted=Wanted({}, 200.0))
    assert outcome.verdict == "unknown"  # nothing was promised, so nothing was kept
    for row in as_json(outcome)["promises"]:
        assert row["declared"] is None and row["measured"] is not None
        assert row["note"].startswith("nothing is promised")


def test_a_small_restore_proves_nothing_about_a_large_one(tmp_path) -> None:
    """100 MiB/s: 200 GiB take 34 minutes, so a promise of 10 minutes is not shown to hold by 100 MiB in a second."""
    rto = "reliability.rto.corruption"
    short = Wanted({**WANTED.promises, rto: Promise(rto, 600.0, "s", "lower")}, 200.0)
    outcome, _ = simulate("corruption", tmp_path / "d", wanted=short)
    measured = outcome.judgement.measured[0]
    assert measured.value is None and not measured.failed
    assert "too small to tell" in measured.note and "34" in measured.note
    assert outcome.verdict == "unknown"


def test_the_same_shape_gives_the_same_history(tmp_path) -> None:
    for name in DATABASE:
        simulate(name, tmp_path / "1" / "d")
        simulate(name, tmp_path / "2" / "d")
        one, two = ((tmp_path / n / "d" / "history.jsonl").read_bytes() for n in "12")
        assert one == two and one
        for n in "12":
            for path in (tmp_path / n / "d").iterdir():
                path.unlink()


@pytest.mark.parametrize("name", DATABASE)
def test_an_old_history_is_judged_again_to_the_same_verdict(name, tmp_path) -> None:
    outcome, _ = simulate(name, tmp_path / "d")
    again = judge_drill(tmp_path / "d", SYSTEM)
    assert as_json(again)["promises"] == as_json(outcome)["promises"]
    assert again.verdict == outcome.verdict
    assert json.loads((tmp_path / "d" / "verdict.json").read_text()) == as_json(outcome)
    about = json.loads((tmp_path / "d" / "about.json").read_text())
    assert about["versions"] and about["scale"]["spec_gib"] == 200.0


@pytest.mark.parametrize("name", DATABASE)
def test_the_timeline_has_no_gaps_and_covers_the_drill(name, tmp_path) -> None:
    outcome, _ = simulate(name, tmp_path / "d")
    spans = timeline(outcome.history)
    assert all(begin <= to for begin, to, _, _ in spans)
    assert all(one[1] == two[0] for one, two in itertools.pairwise(spans))
    assert {kind for _, _, _, kind in spans} <= {"step", "steady", "broken", "outage", "restore", "check", "heal"}
    assert timeline(read_history(tmp_path / "d")) == spans


@settings(deadline=None)
@given(st.data())
def test_a_history_cut_short_is_never_called_kept(data) -> None:
    """Killed at any moment: whatever is left of the history, the judge does not say kept."""
    history = data.draw(st.sampled_from(sorted(HISTORIES.items())))
    name, events = history
    cut = data.draw(st.integers(1, len(events) - 1))
    judgement = drill_module(name).judge(events[:cut], WANTED)
    assert judgement.verdict(WANTED) == "unknown"


def _histories() -> dict:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return {name: simulate(name, Path(folder) / name)[0].history for name in DATABASE}


HISTORIES = _histories()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not the history"),
        ('{"t": 0, "what": "broken"}\n', "is not the history"),
        ('{"t": 0, "what": "began"}\nnonsense\n{"t": 1, "what": "ended"}\n', "not one of a history"),
        ("\0\1\2", "is not the history"),
    ],
)
def test_what_is_no_history_is_a_problem(text, said, tmp_path) -> None:
    (tmp_path / "history.jsonl").write_text(text)
    with pytest.raises(Problems, match=said):
        judge_drill(tmp_path, SYSTEM)


def test_a_history_with_parts_missing_is_unknown(tmp_path) -> None:
    """The judge fails on it: that is unknown, and no traceback."""
    events = [dict(event) for event in HISTORIES["lose_primary"]]
    for event in events:
        event.pop("server", None)
    (tmp_path / "history.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    assert judge_drill(tmp_path, SYSTEM).verdict == "unknown"


def test_no_folder_is_a_problem(tmp_path) -> None:
    with pytest.raises(Problems, match="no history"):
        judge_drill(tmp_path / "nothing", SYSTEM)


def test_an_answer_on_its_way_is_not_taken_for_recovery(tmp_path) -> None:
    """A write acknowledged by the killed server just after the kill must not make the outage look like 2 ms."""
    events = [dict(event) for event in HISTORIES["lose_primary"]]
    at = next(n for n, event in enumerate(events) if event["what"] == "breaking")
    last = next(event for event in reversed(events[:at]) if event["what"] == "acknowledged")
    late = {**last, "id": 999_999, "t": events[at]["t"] + 0.002}
    judgement = drill_module("lose_primary").judge([*events[: at + 1], late, *events[at + 1 :]], WANTED)
    assert judgement.measured[0].value == pytest.approx(0.4, abs=0.2)
    assert judgement.measured[1].note.startswith("1 of")  # it was acknowledged, and it is gone
