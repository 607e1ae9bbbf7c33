"""What was promised, as tables of text: no metric measures most of it, and the tables say what does."""

from __future__ import annotations

from collections.abc import Sequence

from standfast.markdown import code, table
from standfast.plan import Choice, Plan
from standfast.promise import Promise
from standfast.spec.model import DATABASES
from standfast.spec.quantity import show
from standfast.watch.grafana.panels import RUNBOOKS, Json, Panel, dashboard, told, words
from standfast.watch.links import RECOVERY, runbook

MEASURED_BY = {
    "security": "standfast audit",
    "cost": "standfast status",
    "reliability.rto": "standfast drill",
    "reliability.rpo": "standfast drill",
}


def promises(plan: Plan) -> str:
    """The promise table as the plan knows it: nothing here is measured but where a metric says so."""
    body = [
        (told(one.measure), _value(one.declared, one), _value(one.predicted, one), _seen(one), told(one.place.short))
        for one in plan.promises
    ]
    return table(("promise", "promised", "planned", "measured", "spec"), body)


def _seen(one: Promise) -> str:
    if one.measure == "reliability.availability" or one.promise in ("performance", "scalability"):
        return "on this page"
    kind = one.measure.rpartition(".")[0]
    return code(MEASURED_BY.get(kind) or MEASURED_BY.get(one.promise) or "standfast status")


def _value(value: float | None, one: Promise) -> str:
    return "–" if value is None else told(show(value, one.unit))


def recovery(plan: Plan, measured: Sequence[Panel]) -> Json:
    """What was promised of recovery; `measured`: the ages of backups and of restores."""
    system = plan.system.name
    found = [one for one in plan.promises if one.measure.startswith(("reliability.rto.", "reliability.rpo."))]
    body = [
        (
            told(one.measure),
            _value(one.declared, one),
            _value(one.predicted, one),
            told(one.place.short),
            f"[{runbook(one.measure)}]({RUNBOOKS}/{runbook(one.measure)})",
        )
        for one in found
    ]
    kept = [one for one in plan.choices if one.kind in ("backup", *DATABASES)]
    held = [(told(one.component), told(one.offer), _hours(one), _days(one), told(one.place.short)) for one in kept]
    note = (
        "A backup is worth what its last restore showed: have `standfast drill` restore one. "
        f"[Runbooks]({RUNBOOKS}/README.md)."
    )
    head = ("promise", "promised", "planned", "spec", "runbook")
    panels = [
        *measured,
        words("recovery", "What is promised", table(head, body) if body else "Nothing is promised.", (24, 11)),
        words(
            "backups",
            "Backups",
            f"{note}\n\n{table(('part', 'by', 'every', 'kept for', 'spec'), held)}" if held else note,
            (24, 9),
        ),
    ]
    return dashboard(system, RECOVERY, f"{system}: recovery", "What comes back, how fast, and from what.", panels)


def _hours(one: Choice) -> str:
    return f"{float(one.size['interval_hours']):g} h" if "interval_hours" in one.size else "–"


def _days(one: Choice) -> str:
    return f"{float(one.size['retention_days']):g} days" if "retention_days" in one.size else "–"
