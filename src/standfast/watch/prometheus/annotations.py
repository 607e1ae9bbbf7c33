"""What every alert carries: severity, promise, owner, runbook, dashboard, and the line of the spec."""

from __future__ import annotations

from typing import Any

from standfast.plan import Plan
from standfast.problem import Place
from standfast.watch.links import Link, panel_id, uid


def labelled(
    plan: Plan,
    severity: str,
    measure: str,
    place: Place,
    summary: str,
    description: str,
    labels: dict[str, str],
    seen: Link,
) -> dict[str, Any]:
    """`seen`: its panel, as a path for people and as the pair that Grafana's own list of alerts reads."""
    system = plan.system.name
    annotations = {"summary": summary, "description": description, "spec": literal(place.short)}
    if plan.system.owner:
        annotations["owner"] = literal(plan.system.owner)
    annotations["runbook"] = f"docs/runbooks/{seen.runbook}"
    annotations["dashboard"] = seen.path(system)
    annotations["__dashboardUid__"] = uid(system, seen.board)
    annotations["__panelId__"] = str(panel_id(seen.panel))
    promise = {"promise": measure} if measure else {}
    return {
        "labels": {"severity": severity, "system": system, **labels, **promise},
        "annotations": annotations,
    }


def literal(text: str) -> str:
    """User text inside an annotation, where Prometheus would read `{{` as the start of a template."""
    return text.replace("{{", '{{ "{{" }}')
