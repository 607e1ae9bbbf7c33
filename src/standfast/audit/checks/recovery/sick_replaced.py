"""Servers that are sick are replaced.

*Looks at*: whether groups of servers ask how a service is, and not only whether the machine runs
*Why*: a machine that runs and does not answer is down for users
*Fix*: use the health check of the balancer, or an auto-healing policy
*Source*: AWS Foundational Security Best Practices, AutoScaling.1; Compute Engine docs, "Set up an application-based
health check and autohealing"; google provider, google_container_node_pool: repaired where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.reading import items
from standfast.audit.table import Setting, judge, written
from standfast.blueprint import Resource

ID = "sick-replaced"
TITLE = "Servers that are sick are replaced"
SEVERITY = "medium"


def _balanced(one: Resource) -> bool:
    return bool(items(one, "target_group_arns"))


TABLE = {
    "aws_autoscaling_group": Setting("health_check_type", "ELB", when=_balanced),
    "google_compute_region_instance_group_manager": Setting("auto_healing_policies.health_check", written),
    "google_compute_instance_group_manager": Setting("auto_healing_policies.health_check", written),
    "google_container_node_pool": Setting("management.auto_repair", True, unset=True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "what does not answer is replaced", "what does not answer stays")
