"""Drills of a whole system in memory: a sound one keeps its promises, and every remedy taken away is found out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from standfast.drill import Settings, alerts, as_json, judge_drill, keep_evidence, recorded_fingerprint, run_drill
from standfast.drill.history import Recorder
from standfast.problem import Problem, Problems
from standfast.worlds.lab.drilled import DrilledLab
from standfast.worlds.simulated import SimulatedSystem, SystemFlaws
from standfast.worlds.system import Remedies, system_shape
from tests.drill.simulated_system import PLAN, SYSTEM, WANTED, WHEN, ask_people, on, simulate_system

GONE = Problems([Problem("no space left on the disk")])
WITHOUT = {
    "lose_instance": ("health", "restart"),
    "lose_zone": ("failover",),
    "lose_region": ("offsite",),
    "lose_cache": ("optional",),
    "lose_edge": ("bypass",),
    "slow_network": ("health",),
    "partition": ("health",),
    "surge": ("shedding",),
    "bad_deploy": ("gate",),
    "failing_release": ("alerts",),
    "expired_certificate": ("alerts",),
    "full_disk": ("alerts",),
    "clock_jump": ("alerts",),
    "ruined_stores": ("kept",),
}
DRILLS = on("system")


def healed_and_cleared(world) -> bool:
    calls = [call for call in world.calls if call in ("break_", "heal", "clear")]
    return calls[-2:] == ["heal", "clear"]


@pytest.mark.parametrize("name", DRILLS)
def test_a_sound_system_keeps_its_promises(name, tmp_path) -> None:
    outcome, world = simulate_system(name, tmp_path / "d")
    assert outcome.verdict == "kept", as_json(outcome)
    assert all(finding.verdict == "kept" for finding in outcome.judgement.findings)
    assert healed_and_cleared(world)
    assert as_json(judge_drill(tmp_path / "d", SYSTEM)) == as_json(outcome)


@pytest.mark.parametrize("name", DRILLS)
def test_a_remedy_that_is_missing_is_found_out(name, tmp_path) -> None:
    """A new drill must say here which remedy it tries: one that cannot fail proves nothing."""
    remedies = replace(Remedies(), **dict.fromkeys(WITHOUT[name], False))
    outcome, world = simulate_system(name, tmp_path / "d", remedies)
    assert outcome.verdict == "broken", as_json(outcome)
    assert healed_and_cleared(world)


@pytest.mark.parametrize("name", DRILLS)
@pytest.mark.parametrize(
    "flaws",
    [SystemFlaws(dead=True), SystemFlaws(unheard=True), SystemFlaws(on={"start_load": GONE})],
    ids=["dead world", "damage that does none", "stopped on the way"],
)
def test_what_cannot_be_told_is_unknown_and_never_kept(name, flaws, tmp_path) -> None:
    outcome, world = simulate_system(name, tmp_path / "d", flaws=flaws)
    assert outcome.verdict == "unknown", as_json(outcome)
    assert world.calls[-1] == "clear" and "heal" in world.calls
    if flaws.dead:
        assert "break_" not in world.calls


@pytest.mark.parametrize("name", DRILLS)
def test_interrupted_in_the_middle_it_heals_and_keeps_what_it_saw(name, tmp_path) -> None:
    faults = {"bad_deploy", "failing_release", "delay", "partition", "kill_instance", "lose_zone", "lose_region",
              "lose_cache", "lose_edge", "expire_certificate", "fill_disk", "jump_clock", "ruin"}  # fmt: skip
    flaws = SystemFlaws(on={**{f"break_ {one}": KeyboardInterrupt() for one in faults}, "surge": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        simulate_system(name, tmp_path / "d", flaws=flaws)
    outcome = judge_drill(tmp_path / "d", SYSTEM)
    assert outcome.verdict == "unknown"
    assert {"interrupted", "healed"} <= {one["what"] for one in outcome.history}


def test_a_cache_that_requests_need_comes_back_from_its_copy(tmp_path) -> None:
    outcome, world = simulate_system("lose_cache", tmp_path / "d", needed=True)
    assert outcome.verdict == "kept", as_json(outcome)
    assert "sessions: the newest copy" in next(one["name"] for one in outcome.history if one["what"] == "checked")
    assert healed_and_cleared(world)
    outcome, _ = simulate_system("lose_cache", tmp_path / "without", Remedies(kept=False), needed=True)
    assert outcome.verdict == "broken" and told(outcome, "runbook and system agree") == "broken"


def test_only_lag_makes_lost_rows_visible(tmp_path) -> None:
    """Synchronous, nothing that was acknowledged is lost; asynchronous, as much as the lag; without lag nothing."""
    lost = {}
    for waits in (True, False):
        for lag in (0.0, 1.0):
            remedies = Remedies(synchronous=waits)
            outcome, _ = simulate_system("lose_zone", tmp_path / f"{waits}{lag}", remedies, lag=lag)
            rpo = next(one for one in outcome.judgement.measured if ".rpo." in one.measure)
            lost[waits, lag] = rpo.value
    assert lost[True, 0.0] == lost[True, 1.0] == lost[False, 0.0] == 0.0
    assert lost[False, 1.0] == pytest.approx(1.0, abs=0.1)


def test_what_people_answer_is_recorded_and_judged(tmp_path) -> None:
    outcome, world = ask_people(tmp_path / "right")
    assert outcome.verdict == "kept", as_json(outcome)
    assert healed_and_cleared(world)
    outcome, _ = ask_people(tmp_path / "wrong", time="in a week or so")
    assert outcome.verdict == "broken"
    assert any("the plan says 10 s" in one.note for one in outcome.judgement.findings)
    outcome, _ = ask_people(tmp_path / "silent", decides="")
    assert outcome.verdict == "unknown"
    assert "we would see" in (tmp_path / "right" / "history.jsonl").read_text()


def told(outcome, what: str) -> str:
    return next(one.verdict for one in outcome.judgement.findings if one.what.endswith(what))


def test_an_alert_that_is_late_never_comes_or_never_ends_is_found_out(tmp_path) -> None:
    outcome, _ = simulate_system("lose_zone", tmp_path / "well")
    assert told(outcome, "(web) fires in time") == told(outcome, "(api) ends in time") == "kept"
    drawn = (tmp_path / "well" / "timeline.svg").read_text()
    assert drawn.count("fired until it ended") == drawn.count("promised by here") == 4 and "alert ends" in drawn
    history = [dict(one) for one in outcome.history]
    for damage, fires, ends in (
        (lambda one: {**one, "at": one["t"] + 60} if one.get("state") == "firing" else one, "broken", "broken"),
        (lambda one: None if one.get("state") == "resolved" else one, "kept", "broken"),
        (lambda one: None if one["what"] == "alert" else one, "broken", None),
        (lambda one: {**one, "labels": {"component": "cdn"}} if one["what"] == "alert" else one, "broken", None),
        (lambda one: None if one["what"] == "healed" else one, "kept", "unknown"),
    ):
        found = alerts.judged([one for one in map(damage, history) if one is not None])
        verdicts = {one.what.rpartition(") ")[2]: one.verdict for one in found if "(web)" in one.what}
        assert verdicts["fires in time"] == fires and verdicts.get("ends in time") == ends
    outcome, _ = simulate_system("lose_zone", tmp_path / "deaf", replace(Remedies(), alerts=False))
    assert outcome.verdict == told(outcome, "(web) fires in time") == "broken"


@pytest.mark.parametrize("name", ["lose_cache", "lose_edge", "lose_instance", "lose_region", "partition"])
def test_what_nobody_is_told_of_breaks_the_drill(name, tmp_path) -> None:
    """An instance that is back at once is no news; one that stays away is."""
    remedies = replace(Remedies(), alerts=False)
    outcome, _ = simulate_system(name, tmp_path / "deaf", remedies)
    assert outcome.verdict == ("kept" if name == "lose_instance" else "broken"), as_json(outcome)
    if name == "lose_instance":
        assert "was back before anybody had to be told" in as_json(outcome)["findings"][-1]["note"]
        away = replace(Remedies(), restart=False)
        outcome, _ = simulate_system(name, tmp_path / "away", away)
        assert told(outcome, "(api) fires in time") == "kept"
        outcome, _ = simulate_system(name, tmp_path / "both", replace(away, alerts=False))
        assert told(outcome, "(api) fires in time") == outcome.verdict == "broken"


def test_where_nobody_watches_the_drill_cannot_tell_of_alerts(tmp_path) -> None:
    shape = system_shape(PLAN, Remedies())
    settings = Settings("orders", WHEN, "drill/d/history.jsonl", patience=12.0, zones=2)
    outcome = run_drill("lose_zone", SimulatedSystem(shape), shape, tmp_path / "d", settings, WANTED)
    assert told(outcome, "(web) fires in time") == outcome.verdict == "unknown"


def test_a_history_that_was_changed_tells_nothing(tmp_path) -> None:
    """Beside it stands what it was; the ledger has it too, out of reach of who changes both."""
    outcome, _ = simulate_system("lose_zone", tmp_path / "d", replace(Remedies(), failover=False))
    assert outcome.verdict == "broken"
    path, ledger = tmp_path / "d" / "history.jsonl", tmp_path / "ledger.sqlite"
    keep_evidence(outcome, ledger)
    known = recorded_fingerprint(tmp_path / "d", ledger)
    assert as_json(judge_drill(tmp_path / "d", SYSTEM, known)) == as_json(outcome) and len(known) == 64
    path.write_text(re.sub(r", (0|50\d)\]", ", 200]", path.read_text()))
    assert judge_drill(tmp_path / "d", SYSTEM).verdict == "unknown"
    (tmp_path / "d" / "about.json").unlink()
    assert judge_drill(tmp_path / "d", SYSTEM).verdict != "unknown"  # nothing left to tell it by, but the ledger
    changed = judge_drill(tmp_path / "d", SYSTEM, known)
    assert changed.verdict == "unknown" and all(one.value is None for one in changed.judgement.measured)
    assert "the ledger has another" in changed.judgement.findings[0].note


def test_interrupted_before_the_lab_stands_it_ends_as_an_interrupt(tmp_path, monkeypatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    world = DrilledLab(tmp_path / "lab", PLAN)
    monkeypatch.setattr(world.lab, "build", interrupt)
    settings = Settings("orders", WHEN, "drill/d/history.jsonl", zones=2)
    with pytest.raises(KeyboardInterrupt):
        run_drill("lose_zone", world, world.shape, tmp_path / "d", settings, WANTED)
    assert judge_drill(tmp_path / "d", SYSTEM).verdict == "unknown"


def test_a_disk_that_is_full_for_the_record_ends_the_drill_and_not_the_healing(tmp_path, monkeypatch) -> None:
    """From some line on nothing can be written any more: what was written stays, and nothing can be told."""
    written = Recorder.record

    def full(self, what: str, **facts) -> None:
        if len(self.events) > 60 or what == "ended":
            self.events.append({"t": self.now() - self.began, "what": what, **facts})
            raise GONE
        written(self, what, **facts)

    monkeypatch.setattr(Recorder, "record", full)
    outcome, world = simulate_system("lose_zone", tmp_path / "d")
    assert outcome.verdict == "unknown" and outcome.problems == tuple(GONE.problems)  # said once
    assert healed_and_cleared(world) and {"healed", "stopped"} <= {one["what"] for one in outcome.history}
    assert (tmp_path / "d" / "history.jsonl").stat().st_size > 1000


def test_the_picture_tells_refused_from_failed_and_the_way_back_in_its_order(tmp_path) -> None:
    simulate_system("surge", tmp_path / "shed")
    simulate_system("surge", tmp_path / "all", replace(Remedies(), shedding=False))
    shed, everybody = ((tmp_path / one / "timeline.svg").read_text() for one in ("shed", "all"))
    assert "refused at once" in shed and " failed" not in shed.replace(">failed<", "")
    assert "refused at once" not in everybody and " failed</title>" in everybody
    outcome, _ = simulate_system("lose_zone", tmp_path / "zone")
    (note,) = {one.note for one in outcome.judgement.measured if ".rto." in one.measure}
    assert re.search(r"detect 0\.0\d s, promote 0\.2\d s, reconnect \d", note) and "alert" not in note
