"""The Site of Google Cloud: what its objects are called, how they are labelled, and in which zones they stand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standfast.blueprint import site
from standfast.blueprint.model import Join, Ref, Resource, Var
from standfast.blueprint.site import Hosted, Kept, missing
from standfast.plan import Plan
from standfast.problem import Place, Problems

PROJECT = Var("project")
NUMBER = Ref("data.google_project.current", "number")
# Zones of a region that are not called a, b, c (Google "Regions and zones", 2026).
ODD_ZONES = {"europe-west1": "bcd", "us-east1": "bcd"}
# Under which name a kind takes labels; a kind that is not here takes none.
LABELS = {
    **dict.fromkeys(
        (
            "google_certificate_manager_certificate", "google_certificate_manager_certificate_map",
            "google_cloud_run_v2_service", "google_compute_address", "google_compute_disk",
            "google_compute_external_vpn_gateway", "google_compute_forwarding_rule", "google_compute_global_address",
            "google_compute_global_forwarding_rule", "google_compute_ha_vpn_gateway",
            "google_compute_region_instance_template", "google_compute_vpn_tunnel", "google_dns_managed_zone",
            "google_kms_crypto_key", "google_redis_instance", "google_secret_manager_secret", "google_storage_bucket",
        ),
        "labels",
    ),
    "google_container_cluster": "resource_labels",
    "google_monitoring_alert_policy": "user_labels",
}  # fmt: skip
_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9_-]")


@dataclass(frozen=True)
class Part(site.Part):
    """What takes labels is labelled with its component and the line of the spec."""

    def make(self, kind: str, name: str, settings: Mapping[str, Any], why: str = "", **more: Any) -> Resource:
        if kind in LABELS and not more.get("data"):
            settings = {**settings, LABELS[kind]: {**settings.get(LABELS[kind], {}), **self.labels}}
        return super().make(kind, name, settings, why, **more)

    @property
    def labels(self) -> dict[str, Any]:
        return {"component": label(self.component), "spec": label(self.place.short)}


@dataclass(frozen=True)
class Site(site.Site):
    @property
    def alone(self) -> bool:
        """Whether no other site of the system stands in this project: then what the project has one of is made here."""
        return self.first is None or self.first.cloud != "gcp"

    @property
    def follows(self) -> bool:
        """Whether this is the standby of a site on Google Cloud, whose databases it can follow."""
        return not self.alone

    @property
    def clustered(self) -> bool:
        """Whether services run on a cluster of Kubernetes."""
        return self.plan.shape == "kubernetes" and bool(self.hosted)

    @property
    def region(self) -> str:
        return self.plan.region

    @property
    def zone_names(self) -> tuple[str, ...]:
        letters = ODD_ZONES.get(self.region, "abc")
        return tuple(f"{self.region}-{letter}" for letter in letters[: max(1, len(self.plan.zones))])

    @property
    def tags(self) -> dict[str, Any]:
        """The labels of every resource that takes any, beside its own."""
        owner = {"owner": label(self.system.owner)} if self.system.owner else {}
        return {"system": label(self.system.name), "environment": Var("environment"), **owner, "made-by": "standfast"}

    @property
    def log_days(self) -> int:
        return max(1, min(self.size("logs", "retention_days", 90), 3650))

    @property
    def apart(self) -> str:
        """Where copies are kept: the region of the standby, where it stands on Google Cloud too; else this one."""
        behind = self.plan.standby
        return behind.region if behind and behind.cloud == "gcp" else self.region

    def part(self, component: str, concern: str, place: Place | None = None) -> Part:
        """The part for a component of the spec or of the plan; `place` where neither knows it better."""
        if place is None:
            choice = self.plan.choice(component)
            place = choice.place if choice else self.system.place
        return Part(component, place, concern)

    def name(self, *parts: str, limit: int = 63) -> str:
        """A name as most of Google's objects have: RFC 1035, at most 63 characters."""
        return plain("-".join((self.own, *parts)), limit)

    def account(self, *parts: str) -> str:
        """The name of a service account: 6 to 30 characters."""
        name = self.name(*parts, limit=30)
        return name if len(name) >= 6 else f"{name}-account"

    def bucket(self, *parts: str) -> Join:
        """The name of a bucket: all projects of the world share them, so it begins with the project's own."""
        return Join((PROJECT, "-", self.name(*parts, limit=63 - 31)))


def replicas(kept: Kept) -> int:
    """How many databases answer reads beside the one that is written to."""
    return int(kept.choice.size.get("read_replicas", 0))


def survey(plan: Plan, first: Plan | None = None) -> Site:
    """The site of a plan. Raises Problems where the plan of a first site leaves a part of the spec without a choice."""
    if problems := [] if first else missing(plan):
        raise Problems(problems)
    return Site(plan, first)


def plain(text: str, limit: int) -> str:
    """Text as a name of RFC 1035: letters, digits, hyphens; cut or cleaned, it is marked with its hash."""
    kept = re.sub(r"[^a-z0-9-]", "-", text.lower()).strip("-")
    kept = kept if kept[:1].isalpha() else f"x{kept}"
    if kept == text and len(kept) <= limit:
        return kept
    mark = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{kept[: limit - 7].rstrip('-')}-{mark}"


def label(text: str) -> str:
    """Text as a label may hold it: lower case, digits, `_` and `-`, at most 63."""
    return _NOT_IN_A_LABEL.sub("-", text.lower())[:63]


def email(host: Hosted | str) -> Ref:
    """The service account that a service runs as."""
    return Ref(f"google_service_account.{host if isinstance(host, str) else host.id}", "email")


def member(account: Any) -> Join:
    return Join(("serviceAccount:", account))


def agent(service: str) -> Join:
    """The account with which a service of Google's acts in the project: it opens what is encrypted with our keys."""
    return Join(("serviceAccount:service-", NUMBER, f"@{service}.iam.gserviceaccount.com"))
