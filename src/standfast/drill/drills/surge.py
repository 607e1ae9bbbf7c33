"""Three times the users: what is too much is refused at once, so that the rest is served; and then it is over."""

from __future__ import annotations

from standfast.drill.history import History, Recorder, first
from standfast.drill.judgement import Finding, Judgement, Wanted
from standfast.drill.scene import begin, look
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, survived, with_findings
from standfast.drill.traffic import requests
from standfast.worlds.system import SystemWorld

NAME = "surge"
TITLE = "Three times as many users come as before"
DISRUPTION = ""
RUNBOOK = ""
ON = "system"
MEASURES = ()
TIMES, LASTS = 3.0, 10.0  # seconds
FEWEST = 0.9  # of what was served before, that must be served meanwhile


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    if not begin(world, recorder, settings):
        return
    recorder.record("breaking", fault="surge", told={"rps": settings.rps * TIMES}, rps=settings.rps)
    world.start_load(settings.rps * TIMES)
    world.wait(LASTS)
    seen = world.observe()
    recorder.record("broken", hosts=dict(seen["hosts"]))
    world.start_load(settings.rps)
    recorder.record("subsided")
    look(world, recorder, settings)


def judge(history: History, wanted: Wanted) -> Judgement:
    """Meanwhile at least as many are served as before; afterwards all of them, within the RTO of an instance."""
    judgement = survived(history, wanted, DISRUPTION, since="subsided", rows=False)
    return with_findings(judgement, _served(history)) if ended(history) else judgement


def _served(history: History) -> Finding:
    what = "as many are served meanwhile as before"
    began, over = first(history, "breaking"), first(history, "subsided")
    if began is None or over is None:
        return Finding(what, "unknown", "the surge did not come to its end")
    sent = requests(history, began["t"] + 1.0, over["t"])
    rate = sum(one.good for one in sent) / max(over["t"] - began["t"] - 1.0, 0.1)
    offered = len(sent) / max(over["t"] - began["t"] - 1.0, 0.1)
    if offered < began["rps"] * 1.5:
        return Finding(what, "unknown", f"only {offered:,.0f} requests/s came")
    told = f"{rate:,.0f} of {offered:,.0f} requests/s were served, {began['rps']:,.0f} came before"
    return Finding(what, "kept" if rate >= FEWEST * began["rps"] else "broken", told)
