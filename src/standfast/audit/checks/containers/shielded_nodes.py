"""Nodes and servers start only what is signed.

*Looks at*: secure boot and the measurements of nodes and servers
*Why*: what loads before the system is seen by nobody
*Fix*: turn secure boot and the vTPM on
*Source*: CIS Google Kubernetes Engine Benchmark 1.6, 5.5.5 to 5.5.7; CIS Google Cloud Platform Foundation Benchmark
3.0, 4.8; Azure docs, "Trusted launch"; google provider: secure boot is off where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import blocks, flag
from standfast.audit.table import Setting, judge
from standfast.blueprint import Resource

ID = "shielded-nodes"
TITLE = "Nodes and servers start only what is signed"
SEVERITY = "medium"


def _own_nodes(one: Resource) -> bool | None:
    """A cluster says what the nodes of its first pool are, and keeps that pool."""
    removed = flag(one, "remove_default_node_pool")
    return bool(blocks(one, "node_config")) if removed is False else None if removed is None else False


TABLE = {
    "google_compute_instance": Setting("shielded_instance_config.enable_secure_boot", True),
    "google_compute_instance_template": Setting("shielded_instance_config.enable_secure_boot", True),
    "google_compute_region_instance_template": Setting("shielded_instance_config.enable_secure_boot", True),
    "google_container_node_pool": Setting("node_config.shielded_instance_config.enable_secure_boot", True),
    "google_container_cluster": (
        Setting("enable_shielded_nodes", True, unset=True),
        Setting("node_config.shielded_instance_config.enable_secure_boot", True, when=_own_nodes),
    ),
    "azurerm_linux_virtual_machine": (
        Setting("secure_boot_enabled", True),
        Setting("vtpm_enabled", True),
    ),
    "azurerm_windows_virtual_machine": (
        Setting("secure_boot_enabled", True),
        Setting("vtpm_enabled", True),
    ),
    "azurerm_linux_virtual_machine_scale_set": (
        Setting("secure_boot_enabled", True),
        Setting("vtpm_enabled", True),
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it starts only what is signed", "it starts whatever is there")
