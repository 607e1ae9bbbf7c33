"""WHETHER IT SURVIVES: break what was built, watch what happens, heal, and judge what was recorded.

drill_names()                                  the drills there are
run_drill(name, world, shape, folder, settings, wanted) -> Outcome
judge_drill(folder, system) -> Outcome         judge an old history again
planned_shape(plan, store)                     what a world must build to be what the plan bought
read_history(folder), timeline(history)        for pictures
as_json(outcome), write_outcome(outcome)
"""

from __future__ import annotations

from standfast.drill.drills import drill_module, drill_names
from standfast.drill.history import read_history, timeline
from standfast.drill.judgement import Finding, Judgement, Wanted
from standfast.drill.outcome import Outcome, as_json, write_outcome
from standfast.drill.settings import Settings, drilled_store, planned_shape, synchronous
from standfast.drill.work import judge_drill, keep_evidence, new_folder, past_drills, recorded_fingerprint, run_drill

__all__ = [
    "Finding", "Judgement", "Outcome", "Settings", "Wanted", "as_json", "drill_module", "drill_names",
    "drilled_store", "judge_drill", "keep_evidence", "new_folder", "past_drills", "planned_shape", "read_history",
    "recorded_fingerprint", "run_drill", "synchronous", "timeline", "write_outcome",
]  # fmt: skip
