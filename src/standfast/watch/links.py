"""Where one looks when something rings: the dashboard, its panel, and the runbook. The same words for every product.

Ids follow from names alone, so a link in an old mail still leads to its panel when others were added since.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass

OVERVIEW, OBJECTIVES, RECOVERY, COST = "overview", "objectives", "recovery", "cost"
UID = re.compile(r"[A-Za-z0-9_-]{1,40}")  # what Grafana takes for the uid of a dashboard or a data source


@dataclass(frozen=True)
class Link:
    """A panel of a dashboard, and the page of `docs/runbooks` that says what to do."""

    board: str
    panel: str
    runbook: str

    def path(self, system: str) -> str:
        """The panel alone, relative to the address of Grafana."""
        return f"/d/{uid(system, self.board)}?viewPanel={panel_id(self.panel)}"


def store_board(store: str) -> str:
    return f"store-{store}"


def service_board(service: str) -> str:
    return f"service-{service}"


def uid(system: str, board: str) -> str:
    """The uid of a dashboard: at most 40 letters. Names have no underscore, so two systems never meet in one."""
    name = f"{system}_{board}"
    if UID.fullmatch(name):
        return name
    kept = re.sub(r"[^A-Za-z0-9_-]", "-", name)
    return f"{kept[:31]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def panel_id(key: str) -> int:
    """The number of a panel inside its dashboard: positive, 31 bits, from its key."""
    return zlib.crc32(key.encode()) & 0x7FFFFFFF or 1


def runbook(measure: str) -> str:
    """The page for a promise: that of the disruption it speaks of, else where one begins."""
    words = measure.split(".")
    return f"{words[2]}.md" if words[:1] == ["reliability"] and len(words) == 3 else "README.md"


def of_objective(name: str, what: str, measure: str) -> Link:
    """`what`: "burn" or "requests"."""
    return Link(OBJECTIVES, f"{what} {name}", runbook(measure))


def of_condition(kind: str, component: str, measure: str, resource: str = "") -> Link:
    """Where a signal apart from objectives is seen. `resource`: what runs short, where it is a host or a store."""
    seen = {
        "down": (service_board(component), "instances"),
        "host": (service_board(component), f"host {resource}"),
        "saturation": (store_board(component), f"used {resource}"),
        "gone": (store_board(component), resource),
        "backup": (RECOVERY, "backup age"),
        "restore-test": (RECOVERY, "restore age"),
        "cost": (COST, "cost"),
        "load": (OVERVIEW, "load"),
        "traffic": (OVERVIEW, "load"),
        "outside": (service_board(component), "outside"),
        "outside-slow": (service_board(component), "outside time"),
    }
    return Link(*seen.get(kind, (OVERVIEW, kind)), runbook(measure))


WATCHDOG = Link(OVERVIEW, "alerts", "README.md")
