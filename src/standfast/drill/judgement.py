"""What a drill is judged by, and what a judgement is made of. Pure: a history and a spec in, a verdict out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from standfast.drill.history import History, first
from standfast.problem import Place
from standfast.promise import Measured, Promise, Verdict, overall
from standfast.spec import System
from standfast.spec.model import DISRUPTIONS


@dataclass(frozen=True)
class Wanted:
    """What the spec wants of recovery: the objectives by measure, in seconds, and how much data there will be."""

    promises: Mapping[str, Promise]
    gib: float = 0.0
    system: System | None = None

    @classmethod
    def of(cls, system: System, store: str) -> Wanted:
        """What the system promises, for one of its stores."""
        promises = {}
        for disruption in DISRUPTIONS:
            recovery = system.promises.reliability.recovery.get(disruption)
            for objective in ("rto", "rpo"):
                declared = getattr(recovery, objective) if recovery is not None else None
                if declared is not None:
                    place = system.where(f"reliability.recovery.{disruption}.{objective}")
                    measure = f"reliability.{objective}.{disruption}"
                    promises[measure] = Promise(measure, declared, "s", "lower", place)
        held = [part.data for part in system.stores if part.name == store]
        return cls(promises, held[0] if held else 0.0, system)

    def seconds(self, measure: str) -> float | None:
        return self.promises[measure].declared if measure in self.promises else None

    def place(self, measure: str) -> Place:
        return self.promises[measure].place if measure in self.promises else Place("")


@dataclass(frozen=True)
class Finding:
    """Something that must hold whatever is promised: the contents are the same, there is one primary only."""

    what: str
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True)
class Judgement:
    """What a judge read in a history. `notes` are for people: what the figures are, and what they are not."""

    measured: tuple[Measured, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    def rows(self, wanted: Wanted) -> tuple[Promise, ...]:
        """The declared promises this drill has something to say about, with what it measured."""
        return tuple(
            replace(wanted.promises[one.measure], measured=one)
            for one in self.measured
            if one.measure in wanted.promises
        )

    def verdict(self, wanted: Wanted) -> Verdict:
        """Broken if anything is; unknown if a judge could not tell, or nothing was promised; else kept.

        A drill that measures nothing of the promise table is judged by its findings alone.
        """
        found = {finding.verdict for finding in self.findings}
        promised = overall(self.rows(wanted)) if self.measured or not found else "kept"
        if "broken" in found or promised == "broken":
            return "broken"
        return "kept" if found <= {"kept"} and promised == "kept" else "unknown"


@dataclass(frozen=True)
class Loss:
    """Acknowledged writes that are gone: how many, the age of the oldest when the damage came, and of how many."""

    rows: int
    seconds: float
    acknowledged: int


def loss(history: History, server: str, acknowledged: History, broken_at: float) -> Loss | None:
    """Which of these acknowledged writes `server` does not have. None where nobody looked: the judge cannot tell."""
    found = first(history, "found", server=server)
    if found is None:
        return None
    there = set(found["ids"])
    gone = [one["t"] for one in acknowledged if one["id"] not in there]
    return Loss(len(gone), round(max(0.0, broken_at - min(gone)), 6) if gone else 0.0, len(acknowledged))


def unfinished(history: History, measures: Sequence[str]) -> Judgement | None:
    """The judgement of a drill that could not be made: the system was not steady, or something stopped it."""
    for what, said in (
        ("unsteady", "refused: the system was not steady before the drill"),
        ("unbroken", "the damage did no damage"),
        ("stopped", "the drill was stopped"),
        ("interrupted", "the drill was interrupted"),
    ):
        event = first(history, what)
        if event is not None:
            told = f"{said}: {event['why']}" if event.get("why") else said
            again = (
                "; mend that, or wait until this machine is less busy, and run it again" if what == "unsteady" else ""
            )
            return _cannot_tell(history, measures, told + again)
    if first(history, "breaking") is None:
        return _cannot_tell(history, measures, "the history ends before anything was broken")
    if first(history, "ended") is None:
        return _cannot_tell(history, measures, "the history has no end: the run was killed")
    return None


def _cannot_tell(history: History, measures: Sequence[str], why: str) -> Judgement:
    measured = tuple(measurement(history, measure, None, why) for measure in measures)
    return Judgement(measured, (Finding("the drill was made to its end", "unknown", why),))


def measurement(
    history: History, measure: str, value: float | None, note: str = "", *, failed: bool = False
) -> Measured:
    began = history[0]
    shown = None if value is None else round(value, 3)
    return Measured(measure, shown, began["when"], began["world"], began["evidence"], note, failed)
