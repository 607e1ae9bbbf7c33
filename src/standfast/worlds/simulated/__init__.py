"""The simulated worlds: in memory, on a clock of their own, for tests of drills in milliseconds.

database   one database           (`Simulated`)
system     a whole system         (`SimulatedSystem`), over
machines   its hosts and what becomes of them, and
requests   the way of one request through the call graph, and
shelves    what caches and object stores hold
"""

from __future__ import annotations

from standfast.worlds.simulated.database import Flaws, Simulated
from standfast.worlds.simulated.flaws import SystemFlaws
from standfast.worlds.simulated.system import SimulatedSystem

__all__ = ["Flaws", "Simulated", "SimulatedSystem", "SystemFlaws"]
