"""Logs in one workspace, alarms that reach a person, and the record of what is done in the subscription."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from standfast.blueprint.azure import backup, keys
from standfast.blueprint.azure.data import objects
from standfast.blueprint.azure.edge.delivery import fronted
from standfast.blueprint.azure.site import GROUP, Part, Site
from standfast.blueprint.model import Block, Join, Ref, Resource
from standfast.blueprint.site import Hosted, Kept
from standfast.problem import Place

WORKSPACE = Ref("azurerm_log_analytics_workspace.main", "id")
ALARMS = Ref("azurerm_monitor_action_group.alarms", "id")
SUBSCRIPTION = Ref("data.azurerm_subscription.current", "id")
ADDRESS = re.compile(r"[^@\s<>\"']+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
ACTIVITY = ("Administrative", "Alert", "Policy", "Security")
# kind of resource -> groups of its logs that are kept (Azure Monitor docs, "Resource logs by category group")
LOGGED = {
    "azurerm_application_gateway": "allLogs",
    "azurerm_cdn_frontdoor_profile": "allLogs",
    "azurerm_key_vault": "audit",
    "azurerm_kubernetes_cluster": "audit",
    "azurerm_mysql_flexible_server": "allLogs",
    "azurerm_postgresql_flexible_server": "allLogs",
    "azurerm_virtual_network_gateway": "allLogs",
}
JOBS = "AddonAzureBackupJobs"
REQUESTS = ("StorageDelete", "StorageRead", "StorageWrite")


def resources(site: Site) -> Iterator[Resource]:
    part = site.part("logs", "watch")
    settings = {
        "sku": "PerGB2018",
        "retention_in_days": site.log_days,
        "local_authentication_enabled": False,
    }
    why = f"All logs, for {site.log_days} days; who reads them needs an account of the tenant."
    yield part.placed("azurerm_log_analytics_workspace", "main", site.name("logs", limit=63), settings, why)
    if site.hosted and site.plan.shape == "vm":
        yield from _from_servers(site, part)
    yield from _of_resources(site)
    yield from _people(site, part)
    yield from _alarms(site)
    if backup.kept_apart(site):
        yield from _backups(site)
    yield from _trail(site, part)


def _from_servers(site: Site, part: Part) -> Iterator[Resource]:
    streams = ["Microsoft-Syslog"]
    source = {
        "name": "syslog",
        "facility_names": ["auth", "authpriv", "daemon", "kern", "local0"],
        "log_levels": ["Info", "Notice", "Warning", "Error", "Critical", "Alert", "Emergency"],
        "streams": streams,
    }
    settings = {
        "kind": "Linux",
        "destinations": Block({"log_analytics": Block({"name": "workspace", "workspace_resource_id": WORKSPACE})}),
        "data_sources": Block({"syslog": Block(source)}),
        "data_flow": Block({"streams": streams, "destinations": ["workspace"]}),
    }
    why = "What servers write to their log, the services' own lines among it, goes to the workspace."
    yield part.placed("azurerm_monitor_data_collection_rule", "servers", site.name("servers"), settings, why)
    for host in site.hosted:
        own = site.part(host.name, "watch", host.service.place)
        kind = "azurerm_linux_virtual_machine" if host.stateful else "azurerm_linux_virtual_machine_scale_set"
        joined = {
            "name": "servers",
            "target_resource_id": Ref(f"{kind}.{host.id}", "id"),
            "data_collection_rule_id": Ref("azurerm_monitor_data_collection_rule.servers", "id"),
        }
        yield own.make("azurerm_monitor_data_collection_rule_association", host.id, joined)


def _logging(site: Site) -> Iterator[tuple[str, str]]:
    """Kind and identifier of everything whose logs are kept."""
    yield "azurerm_key_vault", "main"
    if site.public:
        yield "azurerm_application_gateway", "main"
    if fronted(site):
        yield "azurerm_cdn_frontdoor_profile", "main"
    if site.private:
        yield "azurerm_virtual_network_gateway", "main"
    if site.plan.shape == "kubernetes" and site.hosted:
        yield "azurerm_kubernetes_cluster", "main"
    for kept in site.databases:
        kind, name = keys.server(kept).split(".")
        yield kind, name


def _of_resources(site: Site) -> Iterator[Resource]:
    part = site.part("logs", "watch")
    for kind, name in _logging(site):
        short = kind.removeprefix("azurerm_")
        settings = {
            "name": "workspace",
            "target_resource_id": Ref(f"{kind}.{name}", "id"),
            "log_analytics_workspace_id": WORKSPACE,
            "enabled_log": Block({"category_group": LOGGED[kind]}),
            "enabled_metric": Block({"category": "AllMetrics"}),
        }
        identifier = short if name == "main" else f"{short}_{name}"
        yield part.make("azurerm_monitor_diagnostic_setting", identifier, settings)
    for kept in site.buckets:
        settings = {
            "name": "requests",
            "target_resource_id": Join((objects.account(kept), "/blobServices/default")),
            "storage_account_id": Ref(f"azurerm_storage_account.{objects.LOGS}", "id"),
            "enabled_log": [Block({"category": one}) for one in REQUESTS],
        }
        why = f"Who read and changed what in {kept.name}: kept in storage, as there is much of it."
        own = site.part(kept.name, "watch", kept.store.place)
        yield own.make("azurerm_monitor_diagnostic_setting", f"storage_account_{kept.id}", settings, why)


def _people(site: Site, part: Part) -> Iterator[Resource]:
    settings: dict[str, Any] = {
        "name": site.name("alarms"),
        "resource_group_name": GROUP,
        "short_name": site.own.replace("-", "")[:12],
    }
    if ADDRESS.fullmatch(site.system.owner):
        receiver = {"name": "owner", "email_address": site.system.owner, "use_common_alert_schema": True}
        settings["email_receiver"] = Block(receiver)
    yield part.make("azurerm_monitor_action_group", "alarms", settings, "Where alarms go.", tag=True)


def _alarms(site: Site) -> Iterator[Resource]:
    where = site.system.where
    up, fast = where("reliability.availability"), where("performance")
    if site.public:
        yield from _users_see(site, up, fast)
    for host in site.hosted:
        yield from _too_few(site, host, up)
    for kept in site.databases:
        yield from _database(site, kept)
    for kept in site.caches:
        said = f"{kept.name} is nearly out of memory"
        yield _alarm(site, kept.store.place, kept.name, f"{kept.id}_memory", said,
                     f"azurerm_managed_redis.{kept.id}", "Microsoft.Cache/redisEnterprise", "usedmemorypercentage",
                     "Maximum", 90)  # fmt: skip


def _users_see(site: Site, up: Place, fast: Place) -> Iterator[Resource]:
    """Errors and slowness as the gateway counts them, against what is promised."""
    gateway, space = "azurerm_application_gateway.main", "Microsoft.Network/applicationGateways"
    requests = site.system.promises.scalability.average
    errors = max(round(10 * (1 - site.system.promises.reliability.availability) * requests * 300), 1)
    said = f"users get more than {errors} errors in five minutes: ten times what is promised, at average traffic"
    failed = [Block({"name": "HttpStatusGroup", "operator": "Include", "values": ["5xx"]})]
    yield _alarm(site, up, "balancer", "errors", said, gateway, space, "ResponseStatus", "Total", errors, failed)
    said = "servers behind the gateway do not answer"
    yield _alarm(site, up, "balancer", "unhealthy", said, gateway, space, "UnhealthyHostCount", "Average", 0)
    slowest = max(site.system.promises.performance.percentiles.values(), default=0.0)
    if slowest:
        said = f"answers take {slowest:g} s on average: as long as the slow ones may"
        number = round(slowest * 1000)
        yield _alarm(site, fast, "balancer", "slow", said, gateway, space, "ApplicationGatewayTotalTime", "Average",
                     number)  # fmt: skip


def _too_few(site: Site, host: Hosted, up: Place) -> Iterator[Resource]:
    if site.plan.shape == "container":
        said = f"{host.name} restarts again and again"
        yield _alarm(site, up, host.name, f"{host.id}_restarts", said, f"azurerm_container_app.{host.id}",
                     "Microsoft.App/containerApps", "RestartCount", "Maximum", 3)  # fmt: skip
    if site.plan.shape == "vm":
        kind, space = (
            ("azurerm_linux_virtual_machine", "Microsoft.Compute/virtualMachines")
            if host.stateful
            else ("azurerm_linux_virtual_machine_scale_set", "Microsoft.Compute/virtualMachineScaleSets")
        )
        said = f"servers of {host.name} are down"
        yield _alarm(site, up, host.name, f"{host.id}_servers", said, f"{kind}.{host.id}", space,
                     "VmAvailabilityMetric", "Average", 1, operator="LessThan")  # fmt: skip


def _database(site: Site, kept: Kept) -> Iterator[Resource]:
    address = keys.server(kept)
    maker = "PostgreSQL" if kept.kind == "postgres" else "MySQL"
    space = f"Microsoft.DBfor{maker}/flexibleServers"
    said = f"{kept.name} has less than a tenth of its disk left"
    yield _alarm(site, kept.store.place, kept.name, f"{kept.id}_disk", said, address, space, "storage_percent",
                 "Maximum", 90)  # fmt: skip
    place = site.system.where("scalability.peak")
    said = f"{kept.name} is over 80% busy"
    yield _alarm(site, place, kept.name, f"{kept.id}_cpu", said, address, space, "cpu_percent", "Average", 80)


def _backups(site: Site) -> Iterator[Resource]:
    """Jobs that failed stand in a table of their own (Azure Monitor docs, "AddonAzureBackupJobs")."""
    part = site.part("backup", "watch")
    settings = {
        "name": "workspace",
        "target_resource_id": backup.VAULT_ID,
        "log_analytics_workspace_id": WORKSPACE,
        "log_analytics_destination_type": "Dedicated",
        "enabled_log": Block({"category": JOBS}),
    }
    yield part.make("azurerm_monitor_diagnostic_setting", "backup", settings)
    failed = {
        "query": f'{JOBS} | where JobOperation == "Backup" and JobStatus == "Failed"',
        "time_aggregation_method": "Count",
        "operator": "GreaterThan",
        "threshold": 0,
    }
    alert = {
        "description": "A backup failed: what it was to hold is older than promised",
        "scopes": [WORKSPACE],
        "severity": 1,
        "evaluation_frequency": "PT1H",
        "window_duration": "PT1H",
        "skip_query_validation": True,  # the table is there from the first job on
        "criteria": Block(failed),
        "action": Block({"action_groups": [ALARMS]}),
    }
    why = "A backup that fails is told, before the day it is missed."
    name = site.name("backup-failed")
    yield part.placed("azurerm_monitor_scheduled_query_rules_alert_v2", "backup", name, alert, why)


def _alarm(
    site: Site, place: Place, component: str, name: str, said: str, target: str, space: str, metric: str,
    aggregation: str, threshold: float, dimensions: list[Block] | None = None, operator: str = "GreaterThan",
) -> Resource:  # fmt: skip
    settings = {
        "name": site.name(name.replace("_", "-"), limit=120),
        "resource_group_name": GROUP,
        "description": f"{said} ({place.short})" if place.file.isprintable() and place.file else said,
        "scopes": [Ref(target, "id")],
        "severity": 1,
        "frequency": "PT1M",
        "window_size": "PT5M",
        "auto_mitigate": True,
        "criteria": Block(
            {
                "metric_namespace": space,
                "metric_name": metric,
                "aggregation": aggregation,
                "operator": operator,
                "threshold": threshold,
                "dimension": dimensions,
            }
        ),
        "action": Block({"action_group_id": ALARMS}),
    }
    return Part(component, place, "watch").make("azurerm_monitor_metric_alert", name, settings, tag=True)


def _trail(site: Site, part: Part) -> Iterator[Resource]:
    yield part.make("azurerm_subscription", "current", {}, "The subscription this is applied to.", data=True)
    settings = {
        "name": site.name("activity"),
        "target_resource_id": SUBSCRIPTION,
        "log_analytics_workspace_id": WORKSPACE,
        "storage_account_id": Ref("azurerm_storage_account.logs", "id"),
        "enabled_log": [Block({"category": name}) for name in ACTIVITY],
    }
    why = "Who did what in the subscription: to search in the workspace, and for a year at least in storage."
    yield part.make("azurerm_monitor_diagnostic_setting", "activity", settings, why)
    alert = {
        "name": site.name("vault-changed"),
        "resource_group_name": GROUP,
        "location": "global",
        "description": "The vault was changed or deleted",
        "scopes": [keys.VAULT_ID],
        "criteria": Block({"category": "Administrative", "resource_id": keys.VAULT_ID, "level": "Warning"}),
        "action": Block({"action_group_id": ALARMS}),
    }
    yield part.make("azurerm_monitor_activity_log_alert", "vault", alert, tag=True)
