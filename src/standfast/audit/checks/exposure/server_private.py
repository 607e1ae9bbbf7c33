"""Servers have no public address.

*Looks at*: public addresses that servers ask for, or get from their subnet; public addresses of interfaces and scale
sets (Azure), `access_config` of interfaces (Google Cloud), which gives one even when it is empty
*Why*: what users need stands behind the balancer; a server with an address of its own is reached past it
*Fix*: set associate_public_ip_address = false
*Source*: AWS Foundational Security Best Practices, EC2.9 and EC2.25; CIS Google Cloud Platform Foundation Benchmark
3.0, 4.9; Microsoft cloud security benchmark v1, NS-2
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import any_holds, blocks, flag, known
from standfast.audit.table import Setting, absent, judge
from standfast.blueprint import Resource

ID = "server-private"
TITLE = "Servers have no public address"
SEVERITY = "high"
AWS = ("aws_launch_template", "aws_instance")

FIX = "set associate_public_ip_address = false"


TABLE = {
    "azurerm_network_interface": Setting("ip_configuration.public_ip_address_id", absent),
    "azurerm_linux_virtual_machine_scale_set": Setting("network_interface.ip_configuration.public_ip_address", absent),
    "azurerm_windows_virtual_machine_scale_set": Setting(
        "network_interface.ip_configuration.public_ip_address", absent
    ),
    "google_compute_instance": Setting("network_interface.access_config", absent),
    "google_compute_instance_template": Setting("network_interface.access_config", absent),
    "google_compute_region_instance_template": Setting("network_interface.access_config", absent),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it has no public address", "it has a public address")
    for one in estate.of(*AWS):
        public = _public(estate, one)
        private = None if public is None else not public
        yield judged(one, private, "its servers have no public address", "its servers get public addresses", FIX)


def _public(estate: Estate, one: Resource) -> bool | None:
    if one.kind == "aws_instance":
        subnets = estate.targets(one, "subnet_id", "aws_subnet")
        asked = [one] if known(one, "associate_public_ip_address") is not None else []
    else:
        groups = estate.linked("aws_autoscaling_group", "launch_template.id", one)
        subnets = [subnet for group in groups for subnet in estate.targets(group, "vpc_zone_identifier", "aws_subnet")]
        asked = [
            each for each in blocks(one, "network_interfaces") if known(each, "associate_public_ip_address") is not None
        ]
    if asked:
        return any_holds(flag(each, "associate_public_ip_address") for each in asked)
    return any_holds(flag(subnet, "map_public_ip_on_launch") for subnet in subnets)
