"""The Site of Azure: what its resources are called, how they are tagged, and in which zones they stand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from standfast.blueprint import site
from standfast.blueprint.model import Join, Ref, Resource, Var
from standfast.blueprint.site import missing, shortened
from standfast.plan import Plan
from standfast.problem import Place, Problem, Problems
from standfast.spec.model import System

GROUP, LOCATION = Ref("azurerm_resource_group.main", "name"), Ref("azurerm_resource_group.main", "location")
GROUP_ID = Ref("azurerm_resource_group.main", "id")
MARK = Var("mark")  # makes a name ours where all of Azure shares the names
# Log Analytics keeps interactive logs that long, in days (Azure Monitor docs, "Manage data retention").
RETENTION = (30, 730)
_NOT_IN_A_TAG = re.compile(r"[^\w\s.:/=+\-@]")


@dataclass(frozen=True)
class Part(site.Part):
    """With `tag`, a resource is tagged."""

    def make(
        self, kind: str, name: str, settings: Mapping[str, Any], why: str = "", *, tag: bool = False, **more: Any
    ) -> Resource:
        if tag:
            settings = {**settings, "tags": {"component": self.component, "spec": tag_text(self.place.short)}}
        return super().make(kind, name, settings, why, **more)

    def placed(
        self, kind: str, name: str, title: Any, settings: Mapping[str, Any], why: str = "", **more: Any
    ) -> Resource:
        """A resource in the system's resource group and region, called `title`, with tags."""
        where = {"name": title, "resource_group_name": GROUP, "location": LOCATION}
        return self.make(kind, name, {**where, **settings}, why, tag=True, **more)


@dataclass(frozen=True)
class Site(site.Site):
    @property
    def clustered(self) -> bool:
        """Whether services run on a cluster of this site."""
        return self.plan.shape == "kubernetes" and bool(self.hosted)

    @property
    def zone_names(self) -> list[str]:
        """The zones as Azure numbers them: `westeurope-2` is 2. None in a region without zones."""
        return [name.rpartition("-")[2] for name in self.plan.zones]

    @property
    def tags(self) -> dict[str, Any]:
        """What every resource is tagged with, beside its own tags."""
        owner = {"owner": tag_text(self.system.owner)} if self.system.owner else {}
        return {"system": self.system.name, "environment": Var("environment"), **owner, "made-by": "standfast"}

    @property
    def log_days(self) -> int:
        least, most = RETENTION
        return min(max(self.size("logs", "retention_days", 90), least), most)

    @property
    def over_zones(self) -> dict[str, Any]:
        """The setting of what stands in all zones of the plan at once; none where there are none."""
        return {"zones": self.zone_names} if self.zone_names else {}

    def part(self, component: str, concern: str, place: Place | None = None) -> Part:
        """The part for a component of the spec or of the plan; `place` where neither knows it better."""
        if place is None:
            choice = self.plan.choice(component)
            place = choice.place if choice else self.system.place
        return Part(component, place, concern)

    def name(self, *parts: str, limit: int = 64) -> str:
        """A name in the resource group. Azure takes no two hyphens together in many of them."""
        return shortened(re.sub("-+", "-", "-".join((self.own, *parts))), limit)

    def everywhere(self, *parts: str, limit: int) -> Join:
        """A name of letters, digits and hyphens that no one else in Azure has: it ends in the user's mark."""
        return Join((f"{self.name(*parts, limit=limit - 7)}-", MARK))

    def account(self, name: str) -> Join:
        """The name of a storage account: 3 to 24 letters and digits (Azure docs, "Storage account name")."""
        return Join((squeezed(f"{self.own}-{name}", 24 - 6), MARK))


def survey(plan: Plan, first: Plan | None = None) -> Site:
    """The site of a plan. Raises Problems where the plan of a first site leaves a part of the spec without a choice."""
    if problems := [] if first else missing(plan):
        raise Problems(problems)
    return Site(plan, first)


def squeezed(name: str, limit: int) -> str:
    """A name without its hyphens, cut and marked where that is not enough or would make two names one."""
    plain = re.sub(r"[^a-z0-9]", "", name)
    if len(plain) <= limit:
        return plain
    return f"{plain[: limit - 6]}{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def secret_name(name: str) -> str:
    """A secret of the spec as Key Vault takes it: letters, digits and hyphens (Azure docs, "Object identifiers")."""
    return shortened(re.sub(r"[^A-Za-z0-9-]", "-", name), 127)


def tag_text(text: str) -> str:
    """Text as a tag may hold it: other characters become `-`."""
    return _NOT_IN_A_TAG.sub("-", text).strip()[:256]


def same_names(system: System, resources: tuple[Resource, ...]) -> Iterator[Problem]:
    """Two resources of one kind that Azure would know by one name: what told them apart is not allowed in it."""
    seen: dict[tuple[str, str], Resource] = {}
    for one in resources:
        beside = {key: value for key, value in one.settings.items() if key.endswith(("_id", "_name"))}
        other = seen.setdefault((one.kind, repr((one.settings.get("name"), beside))), one)
        if other is not one and "name" in one.settings and other.component != one.component:
            what = f"{one.component} and {other.component} would both be called {shown(one.settings['name'])}"
            place = next(iter(one.places or other.places), system.place)
            yield Problem(what, f"a name of {one.kind} must differ", f"rename {one.component} in the spec", place)


def shown(name: Any) -> str:
    parts = name.parts if isinstance(name, Join) else (name,)
    return "".join(one if isinstance(one, str) else "…" for one in parts)
