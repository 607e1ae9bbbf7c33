"""What the pages are made of, and the words they have in common."""

from __future__ import annotations

from dataclasses import dataclass

from standfast.markdown import code, link
from standfast.plan import Choice, Money
from standfast.problem import Place
from standfast.promise import Promise
from standfast.runbook.known import Known

MADE = (
    "<!-- Written by Standfast from the spec. Change the spec and build again: what is changed here is set aside. -->"
)
KINDS = {
    "server": "a group of servers",
    "container": "a group of containers",
    "pod": "a group of pods",
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "redis": "Redis",
    "objects": "object storage",
}
DESIGNS = {
    "single": "one, in one zone",
    "multi-zone": "several, in several zones",
    "regional": "kept by the cloud in a region",
    "multi-az-standby": "a primary, and a standby in another zone that takes over",
    "stateful": "one, with its own disk",
    "replicated": "a primary with replicas in other zones",
    "global": "kept by the cloud, everywhere",
}


@dataclass(frozen=True)
class Told(Known):
    """What runbooks are written from, and what is promised."""

    known: tuple[Promise, ...] = ()

    @property
    def promises(self) -> tuple[Promise, ...]:
        return self.known or self.plan.promises

    @property
    def choices(self) -> list[Choice]:
        """Dearest first."""
        return sorted(self.plan.choices, key=lambda one: (-one.monthly.typical, one.component))

    def page_of(self, component: str, above: str = "") -> str:
        """A link to the page of a component; `above`: the way up from the page it stands on."""
        return link(component, f"{above}components/{component}.md")

    def callers(self, name: str) -> list[str]:
        """Services that call a part, or whose calls it answers first as a cache."""
        return [
            service.name
            for service in self.system.services
            if any(name in (call.to, call.cached_by) for call in service.calls)
        ]


def place_of(place: Place) -> str:
    """`shop.yaml:14` as code; nothing for a place nobody wrote."""
    return code(place.short) if place.line else ""


def usd(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 or value == 0 else f"{value:,.2f}"


def money(one: Money) -> list[str]:
    return [usd(one.low), usd(one.typical), usd(one.high)]
