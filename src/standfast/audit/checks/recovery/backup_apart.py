"""Copies are kept apart, where a break-in does not reach them.

*Looks at*: that each database and disk is copied into a vault of AWS Backup, and that the vault is locked; where the
spec promises recovery from corruption
*Why*: ransomware, and people with too many rights, delete the backups first
*Fix*: add it to aws_backup_selection, and lock the vault with aws_backup_vault_lock_configuration
*Source*: AWS Foundational Security Best Practices, RDS.26 and EC2.28; NIST SP 800-53 rev 5, CP-9(3) and CP-9(8); AWS
Backup Developer Guide, "AWS Backup Vault Lock"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import UNKNOWN, any_holds, blocks, items, raw
from standfast.blueprint import Resource

ID = "backup-apart"
TITLE = "Copies are kept apart, where a break-in does not reach them"
SEVERITY = "high"
KINDS = ("aws_db_instance", "aws_rds_cluster", "aws_ebs_volume")

LOCK = "aws_backup_vault_lock_configuration"
FIX = f"add it to aws_backup_selection, and lock the vault with {LOCK}"


def check(estate: Estate) -> Iterator[Finding]:
    if estate.system is not None and "corruption" not in estate.system.promises.reliability.recovery:
        return
    for one in estate.of(*KINDS):
        if estate.target(raw(one, "replicate_source_db"), one.kind) is not None:
            continue  # a copy for reading: what it is a copy of is what counts
        vaults = [vault for plan in _plans(estate, one) for vault in _vaults(estate, plan)]
        if not vaults:
            apart = estate.absent("aws_backup_selection", "resources")
            yield judged(one, apart, "", "it is not copied into a vault apart", FIX)
            continue
        locked = any_holds(_locked(estate, vault) for vault in vaults)
        yield judged(one, locked, "it is copied into a locked vault", "the vault with its copies is not locked", FIX)


def _plans(estate: Estate, one: Resource) -> list[Resource]:
    """The backup plans that take it: named in a selection, or by a pattern that means everything."""
    selections = estate.linked("aws_backup_selection", "resources", one)
    selections += [each for each in estate.of("aws_backup_selection") if "*" in map(str, items(each, "resources"))]
    return [plan for each in selections for plan in estate.targets(each, "plan_id", "aws_backup_plan")]


def _vaults(estate: Estate, plan: Resource) -> list[Resource]:
    rules = [rule for rule in blocks(plan, "rule") if rule is not UNKNOWN]
    found = [estate.target(raw(rule, "target_vault_name"), "aws_backup_vault") for rule in rules]
    return [vault for vault in found if vault is not None]


def _locked(estate: Estate, vault: Resource) -> bool | None:
    return True if estate.linked(LOCK, "backup_vault_name", vault) else estate.absent(LOCK, "backup_vault_name")
