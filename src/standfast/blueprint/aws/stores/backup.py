"""Copies kept apart: a locked vault, a plan as often as the recovery point asks, and what goes into it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.keys import DATA_KEY
from standfast.blueprint.aws.policy import OWN_ACCOUNT, arn, assumed_by
from standfast.blueprint.aws.site import REPLICATED, Part, Site
from standfast.blueprint.model import Block, Ref, Resource

HOURS = (1, 2, 3, 4, 6, 8, 12, 24)  # intervals that fall at the same time every day
RHYTHMS = {
    "weekly": "cron(30 5 ? * SUN *)",
    "monthly": "cron(30 6 1 * ? *)",
    "yearly": "cron(30 7 1 1 ? *)",
}
POLICIES = {
    "copy": "service-role/AWSBackupServiceRolePolicyForBackup",
    "restore": "service-role/AWSBackupServiceRolePolicyForRestores",
}


def protected(site: Site) -> list[Ref]:
    """What is copied: databases, and disks that keep data. Buckets keep every version, a cache its own snapshots."""
    databases = [Ref(f"aws_db_instance.{kept.id}", "arn") for kept in site.databases]
    disks = [Ref(f"aws_ebs_volume.{host.id}", "arn") for host in site.hosted if host.stateful]
    return databases + disks


def schedule(hours: float) -> str:
    """The cron expression for an interval, rounded down to one that falls at the same time every day."""
    every = max((one for one in HOURS if one <= hours), default=1)
    return "cron(30 4 * * ? *)" if every == 24 else f"cron(30 0/{every} * * ? *)"


def copied(site: Site) -> bool:
    """Whether a first site's copies are copied to its standby: what a running replica there does not hold."""
    other = site.other
    if other is None:
        return False
    disks = any(host.stateful for host in site.hosted)
    return disks or (bool(site.databases) and other.standby not in REPLICATED)


def vault_name(site: Site) -> str:
    return site.name("backup", limit=50)


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("backup", "backup")
    days = max(site.size("backup", "retention_days", 35), 7)
    if protected(site) or (site.follows and site.first and copied(Site(site.first))):
        yield from _vault(site, part, days)
    if not protected(site):
        return
    copies = None
    if site.other and copied(site):
        far = arn("backup", f"backup-vault:{vault_name(site.other)}", site.other.plan.region)
        copies = far
    rules = [_rule(*one, copies) for one in _kept(site)]
    why = f"Kept for {days} days. Point-in-time recovery of the databases comes on top of it."
    yield part.make(
        "aws_backup_plan",
        "main",
        {"name": site.name("backup", limit=50), "rule": rules if len(rules) > 1 else rules[0]},
        why,
        tag=site.name("backup"),
    )
    yield from _role(site, part)
    selection = {
        "name": site.name("backup", limit=50),
        "plan_id": Ref("aws_backup_plan.main", "id"),
        "iam_role_arn": Ref("aws_iam_role.backup", "arn"),
        "resources": protected(site),
    }
    yield part.make("aws_backup_selection", "main", selection)


def _kept(site: Site) -> Iterator[tuple[str, str, int]]:
    """Name, rhythm and days of each kind of copy that is kept: what `rules: retention` says, else the regular ones.

    The vault refuses to keep any for less than a week."""
    regular = schedule(site.size("backup", "interval_hours", 24))
    said = {period: site.size("backup", f"{period}_days", 0) for period in ("daily", *RHYTHMS)}
    if not any(said.values()):
        yield "regular", regular, max(site.size("backup", "retention_days", 35), 7)
        return
    yield "regular", regular, max(said["daily"], 7)
    for period, rhythm in RHYTHMS.items():
        if said[period]:
            yield period, rhythm, max(said[period], 7)


def _rule(name: str, rhythm: str, days: int, far: Any) -> Block:
    lifecycle = Block({"delete_after": days})
    return Block(
        {
            "rule_name": name,
            "target_vault_name": Ref("aws_backup_vault.main", "name"),
            "schedule": rhythm,
            "start_window": 60,
            "completion_window": 360,
            "lifecycle": lifecycle,
            "copy_action": Block({"destination_vault_arn": far, "lifecycle": lifecycle}) if far else None,
        }
    )


def _vault(site: Site, part: Part, days: int) -> Iterator[Resource]:
    vault = {"name": vault_name(site), "kms_key_arn": DATA_KEY}
    yield part.make("aws_backup_vault", "main", vault, tag=site.name())
    lock = {
        "backup_vault_name": Ref("aws_backup_vault.main", "name"),
        "min_retention_days": 7,
        "max_retention_days": max(days, 7),
    }
    why = "Nobody without the right to unlock the vault deletes a copy before its time: not by mistake, not by malice."
    yield part.make("aws_backup_vault_lock_configuration", "main", lock, why)


def _role(site: Site, part: Part) -> Iterator[Resource]:
    name = site.name("backup")
    trust = assumed_by("backup.amazonaws.com", OWN_ACCOUNT)
    yield part.make("aws_iam_role", "backup", {"name": name, "assume_role_policy": trust}, tag=name)
    for key, policy in POLICIES.items():
        settings = {"role": Ref("aws_iam_role.backup", "name"), "policy_arn": f"arn:aws:iam::aws:policy/{policy}"}
        yield part.make("aws_iam_role_policy_attachment", f"backup_{key}", settings)
