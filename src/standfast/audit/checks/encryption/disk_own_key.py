"""Disks are encrypted with a key of your own.

*Looks at*: the key of disks, and of the disks that servers start from
*Why*: with a key of your own you can say who may open the data, see who did, and take it away
*Fix*: name a disk encryption set (Azure) or a key of your KMS
*Source*: NIST SP 800-53 rev 5, SC-12 and SC-28(1); CIS Google Cloud Platform Foundation Benchmark 3.0, 4.7; Azure
docs, "Server-side encryption of managed disks"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import any_holds
from standfast.audit.table import Setting, judge, leaves, written

ID = "disk-own-key"
TITLE = "Disks are encrypted with a key of your own"
SEVERITY = "medium"


def _keyed(disk: object) -> bool | None:
    """A disk that is made elsewhere has its key there."""
    keys = leaves(disk, "disk_encryption_key.kms_key_self_link")
    return any_holds((written(leaves(disk, "source")[0]), *(written(key) for key in keys)))


TABLE = {
    "aws_ebs_volume": Setting("kms_key_id", written),
    "azurerm_managed_disk": Setting("disk_encryption_set_id", written),
    "azurerm_linux_virtual_machine": Setting("os_disk.disk_encryption_set_id", written),
    "azurerm_windows_virtual_machine": Setting("os_disk.disk_encryption_set_id", written),
    "azurerm_linux_virtual_machine_scale_set": Setting("os_disk.disk_encryption_set_id", written),
    "google_compute_disk": Setting("disk_encryption_key.kms_key_self_link", written),
    "google_compute_instance": Setting("boot_disk.kms_key_self_link", written),
    "google_compute_instance_template": Setting("disk", _keyed, fix="set disk.disk_encryption_key"),
    "google_compute_region_instance_template": Setting("disk", _keyed, fix="set disk.disk_encryption_key"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
