"""The drills: one module each, and the folder is the register.

A module has `NAME`, `TITLE`, `DISRUPTION`, `MEASURES` (what it measures, in the words of the promise table; none: its
findings decide), `ON` (what kind of world it is for: database, system, people),

    shape(shape) -> Shape                       on a database: what it needs of the planned shape
    run(world, recorder, settings) -> None      break and look; raises Problems when it cannot go on
    judge(history, wanted) -> Judgement         pure; called again for an old history

To add a drill, write one file.
"""

from __future__ import annotations
