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

CHECK = Check(
    "several-zones",
    "What must survive a zone stands in several",
    "high",
    ("aws_db_instance", "aws_autoscaling_group", "aws_lb"),
    "set multi_az = true; give groups and balancers subnets in two zones or more",
)
SUBNETS = {"aws_autoscaling_group": "vpc_zone_identifier", "aws_lb": "subnets"}


def check(estate: Estate) -> Iterator[Finding]:
    if "zone" not in estate.system.promises.reliability.recovery:
        return
    for one in estate.of(*CHECK.kinds):
        if one.kind == "aws_db_instance":
            yield estate.finding(CHECK, one, "" if estate.value(one, "multi_az") is True else "it stands in one zone")
        else:
            subnets = [name for value in estate.values(one, SUBNETS[one.kind]) for name in value]
            yield estate.finding(CHECK, one, "" if len(subnets) > 1 else "it stands in one zone")
