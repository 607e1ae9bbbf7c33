"""Backups of what runs on hosts of your own: what the role `backup` is told, and the spec that its runs read."""

from __future__ import annotations

import dataclasses
from typing import Any

from standfast.code.ansible.yaml_text import file
from standfast.files import File
from standfast.plan import Plan
from standfast.plan.schedule import Schedule, delay, schedule_of
from standfast.problem import Problems
from standfast.spec.model import Store

ALSO_FOLLOWING = ("run", "run-full", "list")  # also where a server follows: it is made ready to hand on its log


def told(plan: Plan, store: Store) -> dict[str, Any]:
    """The variables of a store's hosts. No timers where no backup can keep what is promised: `schedule` tells why."""
    found, _ = schedule(plan, store)
    tool = "pgbackrest" if store.kind == "postgres" else "restic"
    return {"backup_store": store.name, "backup_tool": tool, "backup_timers": _timers(found) if found else []}


def schedule(plan: Plan, store: Store) -> tuple[Schedule | None, str]:
    """When what is done, or why nothing is."""
    try:
        return schedule_of(plan.system, store), ""
    except Problems as problems:
        return None, problems.problems[0].what


def _timers(schedule: Schedule) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name, "words": list(one.words), "calendar": one.calendar, "delay": int(delay(one)),
            "leads": one.name not in ALSO_FOLLOWING,
        }
        for one in schedule.timers
    ]  # fmt: skip


def spec_file(plan: Plan) -> File:
    """What backups ask of a spec: what may be lost, what stays, and the stores. The rest stays at home."""
    system = plan.system
    recovery = {
        name: {word: f"{seconds:.12g} s" for word in ("rto", "rpo") if (seconds := getattr(one, word)) is not None}
        for name, one in sorted(system.promises.reliability.recovery.items())
    }
    spec = {
        "system": system.name,
        **({"promises": {"reliability": {"recovery": recovery}}} if recovery else {}),
        "rules": {"retention": dataclasses.asdict(system.rules.retention), "hold": system.rules.hold},
        "services": {system.services[0].name: {"image": "none", "public": True}},  # a spec has one
        "stores": {one.name: {"kind": one.kind} for one in system.stores if one.kind in ("postgres", "objects")},
    }
    return file("files/backup.yaml", spec, f"What the spec of {system.name} says of backups, for `standfast backup`.")
