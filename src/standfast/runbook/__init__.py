"""WHAT TO DO WHEN IT HAPPENS: a plan and its blueprints in, runbooks out: pages of steps as data.

The documents print them for whoever is woken up; a drill takes the steps that a machine can do from the same data and
carries them out, so that a page which is wrong is found before it is needed.

    disruptions   instance, zone, region, corruption: what the spec can promise something for
    incidents     a bad deploy, the edge, a certificate, a disk, a clock
"""

from __future__ import annotations

from collections.abc import Sequence

from standfast.blueprint import Blueprint
from standfast.plan import Plan
from standfast.plan.reasons.explanation import Explained
from standfast.runbook.disruptions import disruptions
from standfast.runbook.incidents import incidents
from standfast.runbook.known import Known
from standfast.runbook.model import CHECKS, ITSELF, Runbook, Step

__all__ = ["CHECKS", "ITSELF", "Known", "Runbook", "Step", "make_runbooks", "runbooks_of"]


def make_runbooks(
    plan: Plan, blueprints: Sequence[Blueprint], explained: Sequence[Explained] = ()
) -> tuple[Runbook, ...]:
    """All runbooks of a plan, the four disruptions first. Pure: the same plan, the same steps.

    `explained`: how each part comes back; without it, what comes back by itself and expected times are left out.
    """
    return runbooks_of(Known(plan, tuple(blueprints), {one.choice.component: one for one in explained}))


def runbooks_of(known: Known) -> tuple[Runbook, ...]:
    return (*disruptions(known), *incidents(known))
