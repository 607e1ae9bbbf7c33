"""HOW A MONTH MAY GO: the planned system, played through many months. docs/simulation.md.

timeline   machines that fail and are repaired, as intervals of downtime
outages    the downtime of a whole system, month by month: zones shared, k of n, services, deploys
recovering how long a recovery takes, and what it loses, drawn around the figures of the plan
rebuild    what stands for each component, read back from a Plan
run        all of it, promise by promise
"""

from __future__ import annotations

from standfast.plan.simulation.model import Agreement, Cause, Chance, Simulation, Spread

__all__ = ["Agreement", "Cause", "Chance", "Simulation", "Spread"]
