"""People, not machines: a scenario in the names of the plan, questions, and their answers as evidence of training."""

from __future__ import annotations

from standfast.drill.history import History, Recorder, every, first
from standfast.drill.judgement import Finding, Judgement, Wanted, unfinished
from standfast.drill.settings import Settings
from standfast.problem import Problem, Problems
from standfast.worlds import Fault
from standfast.worlds.people import People
from standfast.worlds.scenario import Question, questions_of, right, scenario_of

NAME = "tabletop"
TITLE = "People answer what they would do when the region's first zone is gone"
DISRUPTION = ""
RUNBOOK = ""
ON = "people"
MEASURES = ()


def run(world: People, recorder: Recorder, settings: Settings) -> None:
    if settings.plan is None:
        raise Problems([Problem("a scenario needs a plan")])
    questions = questions_of(settings.plan)
    recorder.record("breaking", fault="tabletop", told=scenario_of(settings.plan))
    recorder.record("asked", questions=[[one.name, one.asks, list(one.expects)] for one in questions])
    world.break_(Fault("tabletop"))
    for one in questions:
        world.ask(one.name, one.asks)
    recorder.record("answered_all")


def judge(history: History, wanted: Wanted) -> Judgement:
    """An answer with what the plan says is right, one without it is not; an open question is only recorded."""
    stopped = unfinished(history, MEASURES)
    if stopped is not None:
        return stopped
    asked, given = first(history, "asked"), {one["question"]: one["answer"] for one in every(history, "answer")}
    if asked is None:
        return Judgement((), (Finding("questions were asked", "unknown", "there is none in the history"),))
    findings = []
    for name, asks, expects in asked["questions"]:
        answer = given.get(name, "")
        if not answer:
            findings.append(Finding(asks, "unknown", "no answer"))
        elif not right(Question(name, asks, tuple(expects)), answer):
            findings.append(Finding(asks, "broken", f"{answer} (the plan says {' or '.join(expects)})"))
        else:
            findings.append(Finding(asks, "kept", answer))
    return Judgement((), tuple(findings), ("What people say they would do is not proof that it works.",))
