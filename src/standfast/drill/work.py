"""Run a drill and judge it, or judge an old one again: the folder, the history, the outcome."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from standfast.drill.drills import drill_module
from standfast.drill.history import FILE, History, Recorder, fingerprint, first, read_history
from standfast.drill.judgement import Finding, Judgement, Wanted
from standfast.drill.outcome import ABOUT, SHA256, Outcome, judged, promises_json, write_outcome
from standfast.drill.run import perform
from standfast.drill.settings import Settings
from standfast.problem import Problems
from standfast.spec import System
from standfast.workspace import Ledger
from standfast.worlds.database import Shape
from standfast.worlds.system import SystemShape


def new_folder(root: Path, name: str, now: float | None = None) -> Path:
    """`drill/20260101T120000Z-corruption` below the output folder; numbered where a second has two."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    folder, number = root / "drill" / f"{stamp}-{name}", 1
    while folder.exists():
        number += 1
        folder = root / "drill" / f"{stamp}-{name}-{number}"
    return folder


def past_drills(root: Path) -> list[Path]:
    """The folders of the drills that were judged, oldest first. `root` is the system's output folder."""
    return sorted(path.parent for path in (root / "drill").glob("*/verdict.json"))


def run_drill(
    name: str,
    world: Any,
    shape: Shape | SystemShape | None,
    folder: Path,
    settings: Settings,
    wanted: Wanted,
    told: Callable[[Mapping[str, Any]], None] | None = None,
) -> Outcome:
    """Run one drill in a world of this shape, of the kind that its `ON` asks for; heal it whatever happens; judge; and
    write everything into `folder`.

    Raises Problems where the world cannot be built; what goes wrong later is in the outcome, with verdict unknown.
    """
    drill = drill_module(name)
    recorder = Recorder(folder, world.now, told)
    try:
        problems = perform(drill, world, shape, recorder, settings)
    except Problems:  # nothing was built, so nothing happened that is worth keeping
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except KeyboardInterrupt:
        with contextlib.suppress(Problems):
            write_outcome(judged(drill, folder, tuple(recorder.events), wanted))
        raise
    finally:
        recorder.close()
    problems = tuple(dict.fromkeys(problems))
    outcome = judged(drill, folder, tuple(recorder.events), wanted, problems)
    try:
        write_outcome(outcome)
    except Problems as unwritten:
        return judged(drill, folder, tuple(recorder.events), wanted, (*problems, *unwritten.problems))
    return outcome


def judge_drill(folder: Path, system: System, recorded: str = "") -> Outcome:
    """Judge an old history by what the spec wants today. `recorded`: its fingerprint in the ledger, else the one beside
    it counts: of a history that is not what was written nothing can be told. Writes nothing. Raises Problems for what
    is no history."""
    history = read_history(folder)
    drill = drill_module(str(history[0].get("drill", "")))
    outcome = judged(drill, folder, history, Wanted.of(system, str(history[0].get("store", ""))))
    known, where = (recorded, "the ledger") if recorded else (_beside(folder), ABOUT)
    if not known or known == fingerprint(folder):
        return outcome
    told = Finding("the history is what was written", "unknown", f"it was changed since: {where} has another SHA-256")
    measured = tuple(replace(one, value=None, failed=False, note=told.note) for one in outcome.judgement.measured)
    return replace(outcome, judgement=Judgement(measured, (told,)))


def _beside(folder: Path) -> str:
    try:
        return str(json.loads((folder / ABOUT).read_text(encoding="utf-8"))[SHA256])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def recorded_fingerprint(folder: Path, ledger: Ledger) -> str:
    """What the ledger says of this drill's history; "" where it does not know it."""
    from standfast.ledger import entries

    said = [one for one in entries(ledger, "drill") if one.source.endswith(f"/{folder.resolve().name}/{FILE}")]
    return str(said[-1].details.get(SHA256, "")) if said else ""


def _present(history: History) -> dict[str, list[str]]:
    """Who took part, where people were asked."""
    told = first(history, "answer", question="present")
    names = [name.strip() for name in re.split(r",|;|\band\b", told["answer"])] if told is not None else []
    return {"present": [name for name in names if name]} if names else {}


def keep_evidence(outcome: Outcome, ledger: Ledger) -> None:
    """Append what was measured to the ledger, one record per measure. Raises Problems when it cannot be kept."""
    from standfast.ledger import append

    sealed = {SHA256: fingerprint(outcome.folder)}
    if not outcome.judgement.measured:  # what only its findings tell: other promises, or people's training
        began, findings = outcome.history[0], outcome.judgement.findings
        found = [{"what": one.what, "verdict": one.verdict, "note": one.note} for one in findings]
        append(
            ledger, what="drill", subject=outcome.name, verdict=outcome.verdict, world=began["world"],
            source=began["evidence"], at=began["when"],
            details={"findings": found, "drill": outcome.verdict, **_present(outcome.history), **sealed},
        )  # fmt: skip
    for row, one in zip(promises_json(outcome), outcome.judgement.measured, strict=True):
        append(
            ledger, what="drill", subject=outcome.name, verdict=row["verdict"], measure=one.measure, value=one.value,
            world=one.world, source=one.evidence, note=one.note, at=one.when,
            details={"failed": one.failed, "drill": outcome.verdict, "versions": dict(outcome.versions), **sealed},
        )  # fmt: skip
