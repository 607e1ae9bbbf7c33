"""What must survive a zone stands in several.

*Looks at*: multi-AZ databases, subnets of server groups and balancers, where the spec promises recovery from a
lost zone
*Why*: what stands in one zone goes with it
*Fix*: set multi_az = true; give groups and balancers subnets in two zones or more
*Source*: AWS Foundational Security Best Practices, RDS.5, AutoScaling.2 and ELB.13
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Check, Estate, Finding
from standfast.blueprint import Resource
from standfast.plan.models.recovery import Facts, recover
from standfast.spec.model import Recovery

CHECK = Check(
    "several-zones",
    "What must survive a zone stands in several",
    "high",
    ("aws_db_instance", "aws_autoscaling_group", "aws_lb"),
    "set multi_az = true; give groups and balancers subnets in two zones or more",
)
SUBNETS = {"aws_autoscaling_group": "vpc_zone_identifier", "aws_lb": "subnets"}


def check(estate: Estate) -> Iterator[Finding]:
    wanted = estate.system.promises.reliability.recovery.get("zone")
    if wanted is None:
        return
    for one in estate.of(*CHECK.kinds):
        if one.kind == "aws_db_instance":
            several = estate.value(one, "multi_az") is True
        else:
            several = len([name for value in estate.values(one, SUBNETS[one.kind]) for name in value]) > 1
        fine = several or _comes_back(estate, one, wanted)
        yield estate.finding(CHECK, one, "" if fine else "it stands in one zone")


def _comes_back(estate: Estate, one: Resource, wanted: Recovery) -> bool:
    """Whether what stands in one zone is restored elsewhere within the promise (docs/models.md, recovery)."""
    if one.kind == "aws_lb":
        return False
    services = {service.name: service for service in estate.system.services}
    if one.kind == "aws_db_instance":
        held = ("mysql" if estate.value(one, "engine") == "mysql" else "postgres", "single")
    else:
        service = services.get(one.component)
        held = ("server", "stateful" if service is not None and service.stateful else "single")
    data = estate.value(one, "allocated_storage", 0)
    found = recover(*held, Facts(data=float(data) if isinstance(data, (int, float)) else 0.0), "zone")
    pairs = ((wanted.rto, found.rto), (wanted.rpo, found.rpo))
    return all(declared is None or (value is not None and value <= declared) for declared, value in pairs)
