"""The outcome of a drill: promises, findings, steps, versions, as one plain value, and as files beside the history.

history.jsonl   what happened            verdict.json   what the judge made of it
timeline.svg    a picture: requests, errors, failover, recovery
about.json      what it ran on: versions of the programs, the lines of the spec, the world, sizes
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from standfast.drill.history import FILE, History, fingerprint, first, timeline
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.picture import picture
from standfast.files import File, write_files
from standfast.problem import Place, Problem, Problems
from standfast.promise import Verdict

PICTURE = "timeline.svg"
ABOUT, SHA256 = "about.json", "history_sha256"


@dataclass(frozen=True)
class Outcome:
    """`folder` holds history.jsonl; `problems` are what stopped the drill on its way, if anything did."""

    name: str
    title: str
    folder: Path
    history: History
    wanted: Wanted
    judgement: Judgement
    problems: tuple[Problem, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict(self.wanted)

    @property
    def versions(self) -> Mapping[str, str]:
        told = first(self.history, "versions") or {}
        return {name: value for name, value in told.items() if name not in ("t", "what")}

    @property
    def steps(self) -> tuple[dict[str, Any], ...]:
        return tuple(
            {"step": label, "kind": kind, "from": round(begin, 3), "seconds": round(to - begin, 3)}
            for begin, to, label, kind in timeline(self.history)
        )


def as_json(outcome: Outcome) -> dict[str, Any]:
    """What `standfast drill … --format json` prints, and verdict.json holds."""
    return {
        "drill": outcome.name,
        "title": outcome.title,
        "verdict": outcome.verdict,
        "when": outcome.history[0]["when"],
        "world": outcome.history[0]["world"],
        "store": outcome.history[0]["store"],
        "promises": promises_json(outcome),
        "findings": [
            {"what": one.what, "verdict": one.verdict, "note": one.note} for one in outcome.judgement.findings
        ],
        "notes": list(outcome.judgement.notes),
        "steps": list(outcome.steps),
        "history": str(outcome.folder / FILE),
        "versions": dict(outcome.versions),
    }


def promises_json(outcome: Outcome) -> list[dict[str, Any]]:
    """One row per measure. What the spec does not promise is measured all the same: declared is null then."""
    rows, declared = [], {row.measure: row for row in outcome.judgement.rows(outcome.wanted)}
    for one in outcome.judgement.measured:
        promise = declared.get(one.measure)
        rows.append(
            {
                "measure": one.measure,
                "declared": promise.declared if promise else None,
                "measured": one.value,
                "unit": "s",
                "verdict": promise.verdict if promise else "broken" if one.failed else "unknown",
                "place": str(promise.place) if promise else "",
                "failed": one.failed,
                "note": one.note
                if promise
                else f"nothing is promised; {one.note}"
                if one.note
                else "nothing is promised",
            }
        )
    return rows


def write_outcome(outcome: Outcome) -> None:
    """verdict.json, about.json and timeline.svg, beside the history. Raises Problems when the disk refuses."""
    began = outcome.history[0]
    about = {
        **{name: value for name, value in began.items() if name not in ("t", "what", "evidence")},
        "versions": dict(outcome.versions),
        SHA256: fingerprint(outcome.folder),
        "spec": {measure: str(promise.place) for measure, promise in sorted(outcome.wanted.promises.items())},
        "scale": {"here_gib": began["gib"], "spec_gib": outcome.wanted.gib},
    }
    files = [("verdict.json", as_json(outcome)), (ABOUT, about)]
    written = [File(name, json.dumps(value, indent=1, ensure_ascii=False) + "\n") for name, value in files]
    write_files([*written, File(PICTURE, picture(outcome.history))], outcome.folder)


def judged(drill: ModuleType, folder: Path, history: History, wanted: Wanted, problems=()) -> Outcome:
    """Judge a history. A judge that fails says unknown, never kept. Raises Problems for another drill's history."""
    if history[0].get("drill") != drill.NAME:
        raise Problems([Problem(f"this is the history of another drill than {drill.NAME}", place=Place(FILE))])
    try:
        judgement = drill.judge(history, wanted)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        from standfast.drill.judgement import Finding, measurement

        why = f"the judge could not read the history: {type(error).__name__}: {error}"
        unknown = tuple(measurement(history, measure, None, why) for measure in drill.MEASURES)
        judgement = Judgement(unknown, (Finding("the history can be judged", "unknown", why),))
    return Outcome(drill.NAME, drill.TITLE, folder, history, wanted, judgement, tuple(problems))
