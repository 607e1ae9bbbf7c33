"""The Site of AWS: what its services are called, how they are tagged, and in which zones they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standfast.blueprint import site
from standfast.blueprint.model import Resource, Var
from standfast.blueprint.site import (
    DATABASES,
    PORTS,
    Hosted,
    Kept,
    at_standby,
    identifier,
    missing,
    reason,
    several,
    shortened,
    targets,
)
from standfast.plan import Plan
from standfast.plan.place import CACHES
from standfast.problem import Place, Problems

__all__ = [
    "DATABASES", "PORTS", "Hosted", "Kept", "Part", "Site",
    "identifier", "reason", "several", "shortened", "survey", "tag_text", "targets",
]  # fmt: skip

TOGETHER = "active-active"  # the design in which both sites serve
COPYING = tuple(design for cloud, design in CACHES if cloud == "aws")  # in which a Global Datastore joins caches
REPLICATED = ("pilot-light", "warm-standby", TOGETHER)  # designs in which databases run at both sites
# What every AWS service accepts in a tag (docs.aws.amazon.com/tag-editor, "Tag naming limits and requirements").
_NOT_IN_A_TAG = re.compile(r"[^\w\s.:/=+\-@]")
# The retention periods that CloudWatch Logs knows, in days (API reference, PutRetentionPolicy).
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


@dataclass(frozen=True)
class Part(site.Part):
    """With `tag`, a resource is tagged under that Name."""

    def make(
        self, kind: str, name: str, settings: Mapping[str, Any], why: str = "", *, tag: str = "", **more: Any
    ) -> Resource:
        if tag:
            settings = {**settings, "tags": self.tags(tag)}
        return super().make(kind, name, settings, why, **more)

    def tags(self, name: str) -> dict[str, Any]:
        return {"Name": name, "component": self.component, "spec": tag_text(self.place.short)}


@dataclass(frozen=True)
class Site(site.Site):
    @property
    def zone_names(self) -> tuple[str, ...]:
        names = self.plan.zones or (f"{self.plan.region}a",)
        return names if len(names) > 1 else (*names, f"{names[0][:-1]}{'a' if names[0][-1] != 'a' else 'b'}")

    @property
    def contained(self) -> bool:
        """Whether services run on the container platform."""
        return self.plan.shape == "container"

    @property
    def clustered(self) -> bool:
        """Whether the services are pods of one cluster, on nodes that they share."""
        return self.plan.shape == "kubernetes"

    @property
    def called(self) -> tuple[Hosted, ...]:
        return () if self.clustered else super().called  # a cluster balances between its own pods

    @property
    def follows(self) -> bool:
        """Whether this is the standby of another site on AWS, whose data it gets from AWS itself."""
        return self.first is not None and self.first.cloud == self.plan.cloud

    @property
    def other(self) -> Site | None:
        """Of a first site, its standby on AWS, if it has one: so that both know what the other calls its things."""
        behind = self.plan.standby
        return Site(at_standby(self.plan), self.plan) if behind and behind.cloud == self.plan.cloud else None

    @property
    def near(self) -> str:
        """Of a standby that follows, the alias of the provider for the first site's region."""
        return self.first.region.replace("-", "_") if self.first else ""

    def delivers(self, kept: Kept) -> bool:
        """Whether content delivery for a bucket is made here. It is one for the world, and the first site's."""
        return kept.store.cdn and not self.first

    @property
    def elsewhere(self) -> bool:
        """Whether this is a first site with a standby on another cloud that databases run at."""
        behind = self.plan.standby
        return behind is not None and behind.cloud != self.plan.cloud and behind.design in REPLICATED

    @property
    def together(self) -> bool:
        """Whether this is one of two sites on AWS that both serve users."""
        design = self.standby if self.follows else self.other.standby if self.other else ""
        return design == TOGETHER

    def writes_there(self, kept: Kept) -> bool:
        """Whether services here write to the first site's database: both sites serve, and one copy is written to."""
        return self.follows and self.together and kept.kind in DATABASES

    def copied(self, kept: Kept) -> bool:
        """Whether what a cache holds is at both sites: where requests fail without it, and a warm standby runs."""
        design = self.standby if self.follows else self.other.standby if self.other else ""
        return kept.kind == "redis" and kept.name in self.system.essential and design in COPYING

    def replicas(self, kept: Kept) -> int:
        """How many read replicas of a database stand here."""
        return int(kept.choice.size.get("read_replicas", 0))

    def given(self, kept: Kept) -> bool:
        """Whether a database's password is the user's to give. AWS makes and changes one itself only where nothing
        replicates the database (RDS guide, "Password management with Secrets Manager", limitations), and where
        what uses it notices the change: a server does, a task of the container platform does not."""
        behind = self.plan.standby or (self.first.standby if self.first else None)
        replicated = behind is not None and behind.design in REPLICATED
        return kept.kind in DATABASES and (self.contained or replicated or self.replicas(kept) > 0)

    @property
    def tags(self) -> dict[str, Any]:
        """What every resource is tagged with, beside its own tags."""
        owner = {"owner": tag_text(self.system.owner)} if self.system.owner else {}
        return {"system": self.system.name, "environment": Var("environment"), **owner, "made-by": "standfast"}

    @property
    def log_days(self) -> int:
        """How long logs are kept: what the plan says, rounded up to a period that CloudWatch Logs knows."""
        wanted = self.size("logs", "retention_days", 90)
        return next((days for days in RETENTION if days >= wanted), RETENTION[-1])

    def part(self, component: str, concern: str, place: Place | None = None) -> Part:
        """The part for a component of the spec or of the plan; `place` where neither knows it better."""
        if place is None:
            choice = self.plan.choice(component)
            place = choice.place if choice else self.system.place
        return Part(component, place, concern)


def survey(plan: Plan, first: Plan | None = None) -> Site:
    """The site of a plan. Raises Problems where the plan of a first site leaves a part of the spec without a choice."""
    if problems := [] if first else missing(plan):
        raise Problems(problems)
    return Site(plan, first)


def tag_text(text: str) -> str:
    """Text as a tag may hold it: other characters become `-`."""
    return _NOT_IN_A_TAG.sub("-", text).strip()[:256]
