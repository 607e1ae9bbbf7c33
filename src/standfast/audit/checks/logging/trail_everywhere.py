"""What is done in the account is recorded, in every region.

*Looks at*: a trail that is on, covers every region and the global services; the activity log of the subscription
(Azure) and the audit of data access of the project (Google Cloud)
*Why*: who did what is the first question after any incident, and attackers use the regions that nobody watches
*Fix*: add aws_cloudtrail with is_multi_region_trail = true and include_global_service_events = true
*Source*: AWS Foundational Security Best Practices, CloudTrail.1; CIS Microsoft Azure Foundations Benchmark 3.0,
6.1.1; CIS Google Cloud Platform Foundation Benchmark 3.0, 2.1 and 2.2
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, kept, missing, unknown
from standfast.audit.reading import all_hold, flag, literal_text, raw
from standfast.audit.table import leaves, undecided
from standfast.blueprint import Ref, Resource

ID = "trail-everywhere"
TITLE = "What is done in the account is recorded, in every region"
SEVERITY = "high"
TRAILS = {  # cloud, by the beginning of its kinds -> what records there, and what to do
    "aws_": ("aws_cloudtrail", "add aws_cloudtrail with is_multi_region_trail = true"),
    "azurerm_": (
        "azurerm_monitor_diagnostic_setting",
        "add azurerm_monitor_diagnostic_setting for the subscription, with Administrative and Security",
    ),
    "google_": ("google_project_iam_audit_config", "add google_project_iam_audit_config, or a sink of the audit logs"),
}
KINDS = (*(kind for kind, _ in TRAILS.values()), "google_logging_project_sink")

SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+/?")


def check(estate: Estate) -> Iterator[Finding]:
    for cloud, (kind, fix) in TRAILS.items():
        if not any(one.kind.startswith(cloud) for one in estate.resources):
            continue
        found = list(_recorded(estate, cloud, fix))
        yield from found
        if not found:
            about = missing(kind, "logs", estate.where("security"))
            if estate.system is None:
                yield unknown(about, "no trail is among these resources; another may cover them", fix)
            else:
                yield broken(about, "nothing records what is done in the account", fix)


def _recorded(estate: Estate, cloud: str, fix: str) -> Iterator[Finding]:
    if cloud == "aws_":
        yield from (_trail(one, fix) for one in estate.of("aws_cloudtrail"))
    elif cloud == "azurerm_":
        for one in estate.of("azurerm_monitor_diagnostic_setting"):
            on = raw(one, "target_resource_id")
            whole = isinstance(on, Ref) and "azurerm_subscription." in on.address
            if whole or (isinstance(on, str) and SUBSCRIPTION.fullmatch(on)):
                names = leaves(one, "enabled_log.category")
                wanted = None if undecided(names) else {"Administrative", "Security"} <= set(names)
                yield judged(one, wanted, "it records the subscription", "it leaves changes or attacks out", fix)
    else:
        for one in estate.of("google_project_iam_audit_config"):
            yield kept(one, "it records who reads and changes")
        for one in estate.of("google_logging_project_sink"):
            if "cloudaudit.googleapis.com" in literal_text(one.settings.get("filter")):
                yield kept(one, "it keeps what is done in the project")


def _trail(one: Resource, fix: str) -> Finding:
    on = flag(one, "enable_logging", True)
    everywhere = all_hold((flag(one, "is_multi_region_trail"), flag(one, "include_global_service_events", True)))
    bad = "it is switched off" if on is False else "it does not cover every region and the global services"
    fix = "set enable_logging = true" if on is False else fix
    return judged(one, all_hold((on, everywhere)), "it records every region", bad, fix)
