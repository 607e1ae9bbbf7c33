"""More users than fit: what is too much is refused at once, so that the rest is served well; and then it is over."""

from __future__ import annotations

from standfast.drill.history import History, Recorder, first
from standfast.drill.judgement import Finding, Judgement, Wanted
from standfast.drill.scene import begin, look
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, fast_enough, survived, with_findings, with_notes
from standfast.drill.traffic import Request, percentile, requests
from standfast.spec.quantity import show
from standfast.worlds.system import SystemWorld

NAME = "surge"
TITLE = "Three times as many users come as can be served"
DISRUPTION = ""
RUNBOOK = ""
ON = "system"
MEASURES = ()
TIMES, LASTS = 3.0, 10.0  # seconds
BEFORE = 1 / 3  # of what can be served, that comes before and after
FEWEST = 0.9  # of what was served before, that must be served meanwhile
UNTOLD = 0.01  # share of requests that may end without an answer, or with a late one
AT_ONCE = 1.0  # seconds, assumed where no percentile is promised: an answer that comes later is none


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    """Three times what stands here can serve, however small it is beside what the plan bought: the plan's own peak
    would be a surge on one machine and an idle hour on another."""
    usual = max(settings.rps, BEFORE * world.capacity)
    if not begin(world, recorder, settings, usual):
        return
    surge = TIMES * max(usual, world.capacity)
    recorder.record(
        "breaking", fault="surge", told={"rps": round(surge, 1)}, rps=round(usual, 1),
        capacity=round(world.capacity, 1), peak=world.shape.system.promises.scalability.peak,
    )  # fmt: skip
    world.start_load(surge)
    world.wait(LASTS)
    seen = world.observe()
    recorder.record("broken", hosts=dict(seen["hosts"]))
    world.start_load(usual)
    recorder.record("subsided")
    look(world, recorder, settings)


def judge(history: History, wanted: Wanted) -> Judgement:
    """Meanwhile at least as many are served as before, and as fast as promised; all others are told at once;
    afterwards all are served, within the RTO of an instance."""
    judgement = survived(history, wanted, DISRUPTION, since="subsided", rows=False)
    if not ended(history):
        return judgement
    meanwhile = fast_enough(history, wanted, until="subsided", how="holds for those who are served meanwhile")
    after = fast_enough(history, wanted, "back", how="holds again afterwards")
    found = with_findings(judgement, _served(history), _refused(history, wanted), *meanwhile, *after)
    return with_notes(found, *_sizes(history))


def _meanwhile(history: History) -> tuple[list[Request], float]:
    """What came in the surge, and for how many seconds; its first second is not looked at."""
    began, over = first(history, "breaking"), first(history, "subsided")
    if began is None or over is None:
        return [], 0.0
    sent = requests(history, began["t"], over["t"])
    since = sent[0].due + 1.0 if sent else over["t"]
    return [one for one in sent if one.due >= since], max(sent[-1].due - since, 0.1) if sent else 0.0


def _served(history: History) -> Finding:
    what, began = "as many are served meanwhile as before", first(history, "breaking")
    sent, seconds = _meanwhile(history)
    if began is None or not sent:
        return Finding(what, "unknown", "the surge did not come to its end")
    rate, offered = sum(one.good for one in sent) / seconds, len(sent) / seconds
    if offered < began["rps"] * 1.5:
        return Finding(what, "unknown", f"only {offered:,.0f} requests/s came")
    told = f"{rate:,.0f} of {offered:,.0f} requests/s were served, {began['rps']:,.0f} came before"
    return Finding(what, "kept" if rate >= FEWEST * began["rps"] else "broken", told)


def _refused(history: History, wanted: Wanted) -> Finding:
    """Whoever is not served must know at once: 503, within the time in which an answer is promised."""
    what, (sent, _) = "what is too much is refused at once", _meanwhile(history)
    if not sent:
        return Finding(what, "unknown", "nobody came")
    promised = wanted.system.promises.performance.percentiles.values() if wanted.system is not None else ()
    soon = min(promised, default=AT_ONCE)
    bad = [one for one in sent if not one.good]
    told = [one for one in bad if one.status == 503 and one.took <= soon]
    if not bad:
        return Finding(what, "kept", f"nothing had to be: all of {len(sent):,} were served")
    late = len(bad) - len(told)
    said = f"{len(told) / len(sent):.0%} of {len(sent):,} were told 503 within {show(soon, 's')}"
    half = percentile([Request(one.due, one.took, 200) for one in told], 0.5)
    said += f", half of those within {half * 1000:,.0f} ms" if half is not None else ""
    said += f"; {late:,} waited longer, or got no answer" if late else ""
    return Finding(what, "kept" if late <= UNTOLD * len(sent) else "broken", said)


def _sizes(history: History) -> tuple[str, ...]:
    began = first(history, "breaking")
    if began is None or "capacity" not in began:
        return ()
    fit = max(began["capacity"], began["rps"])
    return (
        f"{began['told']['rps']:,.0f} requests/s came: three times the {fit:,.0f} that can be served here at the very "
        f"most. The declared peak is {began['peak']:,.0f}.",
    )
