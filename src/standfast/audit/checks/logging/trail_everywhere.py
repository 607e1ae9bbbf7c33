"""What is done in the account is recorded, in every region.

*Looks at*: a trail that is on, covers every region and the global services
*Why*: who did what is the first question after any incident, and attackers use the regions that nobody watches
*Fix*: add aws_cloudtrail with is_multi_region_trail = true and include_global_service_events = true
*Source*: AWS Foundational Security Best Practices, CloudTrail.1
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, missing, unknown
from standfast.audit.reading import all_hold, flag

ID = "trail-everywhere"
TITLE = "What is done in the account is recorded, in every region"
SEVERITY = "high"
KINDS = ("aws_cloudtrail",)

FIX = "add aws_cloudtrail with is_multi_region_trail = true"


def check(estate: Estate) -> Iterator[Finding]:
    trails = estate.of(*KINDS)
    for one in trails:
        on = flag(one, "enable_logging", True)
        everywhere = all_hold((flag(one, "is_multi_region_trail"), flag(one, "include_global_service_events", True)))
        bad = "it is switched off" if on is False else "it does not cover every region and the global services"
        fix = "set enable_logging = true" if on is False else FIX
        yield judged(one, all_hold((on, everywhere)), "it records every region", bad, fix)
    if not trails and estate.resources:
        about = missing(KINDS[0], "logs", estate.where("security"))
        if estate.system is None:
            yield unknown(about, "no trail is among these resources; another may cover them", FIX)
        else:
            yield broken(about, "nothing records what is done in the account", FIX)
