"""Logs with a key and an end, alarms that reach a person, and the record of what is done in the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from standfast.blueprint.gcp.data.stores import exported, instance
from standfast.blueprint.gcp.keys import LOGS_KEY, opens
from standfast.blueprint.gcp.site import PROJECT, Part, Site
from standfast.blueprint.model import Block, Join, Ref, Resource
from standfast.blueprint.site import Hosted, Kept
from standfast.problem import Place

ADDRESS = re.compile(r"[^@\s<>\"']+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
CHANNEL = Ref("google_monitoring_notification_channel.owner", "id")
YEAR = 365
EVENTS = "cloudaudit.googleapis.com%2Fsystem_event"
# Services whose every use is recorded; what changes a project is recorded always (Google "Cloud Audit Logs").
RECORDED = {
    "cloudkms.googleapis.com": ("ADMIN_READ", "DATA_READ", "DATA_WRITE"),
    "cloudsql.googleapis.com": ("ADMIN_READ", "DATA_READ", "DATA_WRITE"),
    "iam.googleapis.com": ("ADMIN_READ", "DATA_READ"),
    "secretmanager.googleapis.com": ("ADMIN_READ", "DATA_READ", "DATA_WRITE"),
    "storage.googleapis.com": ("ADMIN_READ", "DATA_WRITE"),  # reads are the traffic itself
}
# What a balancer's measures are called, by its kind: the metrics' beginning and the resource (Google "Metrics list").
BALANCERS = {
    "outside": ("loadbalancing_googleapis_com:https_external_regional", "http_external_regional_lb_rule"),
    "inside": ("loadbalancing_googleapis_com:https_internal", "internal_http_lb_rule"),
}


def resources(site: Site) -> Iterator[Resource]:
    yield from _logs(site)
    yield from _record(site)
    if ADDRESS.fullmatch(site.system.owner):
        owner = Part("logs", site.system.place, "watch")
        settings = {
            "display_name": f"{site.own} owner",
            "type": "email",
            "labels": {"email_address": site.system.owner},
        }
        yield owner.make("google_monitoring_notification_channel", "owner", settings, "The owner: alarms go there.")
    yield from _alarms(site)


def _logs(site: Site) -> Iterator[Resource]:
    part = site.part("logs", "watch")
    settings = {
        "project": PROJECT,
        "location": site.region,
        "bucket_id": site.name(),
        "retention_days": site.log_days,
        "cmek_settings": Block({"kms_key_name": LOGS_KEY}),
    }
    why = f"Logs, kept in {site.region} for {site.log_days} days."
    yield part.make("google_logging_project_bucket_config", "main", settings, why, depends_on=(opens("logs"),))
    settings = {
        "name": site.name(),
        "destination": Join(("logging.googleapis.com/", Ref("google_logging_project_bucket_config.main", "id"))),
        "filter": "severity >= DEFAULT",
        "unique_writer_identity": True,
    }
    yield part.make("google_logging_project_sink", "main", settings)


def _record(site: Site) -> Iterator[Resource]:
    if not site.alone:
        return
    part = site.part("logs", "watch")
    for number, (service, kinds) in enumerate(sorted(RECORDED.items())):
        settings = {
            "project": PROJECT,
            "service": service,
            "audit_log_config": [Block({"log_type": kind}) for kind in kinds],
        }
        why = "Who used keys, secrets, databases and buckets is recorded, not only who changed them." * (not number)
        yield part.make("google_project_iam_audit_config", service.partition(".")[0], settings, why)
    settings = {
        "name": site.bucket("trail"),
        "location": site.region.upper(),
        "storage_class": "STANDARD",
        "uniform_bucket_level_access": True,
        "public_access_prevention": "enforced",
        "versioning": Block({"enabled": False}),
        "retention_policy": Block({"retention_period": str(YEAR * 86_400), "is_locked": False}),
        "encryption": Block({"default_kms_key_name": LOGS_KEY}),
        "lifecycle_rule": Block(
            {"action": Block({"type": "Delete"}), "condition": Block({"age": max(site.log_days, YEAR) + 1})}
        ),
    }
    why = "Who did what in the project: nobody alters or removes a record for a year. Lock it when you are sure."
    yield part.make("google_storage_bucket", "trail", settings, why, depends_on=(opens("trail"),))
    settings = {
        "name": site.name("trail"),
        "destination": Join(("storage.googleapis.com/", Ref("google_storage_bucket.trail", "name"))),
        "filter": 'logName:"cloudaudit.googleapis.com"',
        "unique_writer_identity": True,
    }
    yield part.make("google_logging_project_sink", "trail", settings)
    grant = {
        "bucket": Ref("google_storage_bucket.trail", "name"),
        "role": "roles/storage.objectCreator",
        "member": Ref("google_logging_project_sink.trail", "writer_identity"),
    }
    yield part.make("google_storage_bucket_iam_member", "trail", grant)


def _alarms(site: Site) -> Iterator[Resource]:
    where = site.system.where
    up, fast = where("reliability.availability"), where("performance")
    if site.plan.shape != "kubernetes":  # there the monitoring of the cluster sees what its own balancer does not tell
        for host in site.public:
            yield from _users_see(site, host, up, fast)
        for host in site.hosted:
            yield _too_few(site, host, up)
    for kept in site.databases:
        yield from _database(site, kept)
    for name, component, said, filtered in _backups(site):
        yield _told(site, name, component, said, filtered)
    for kept in site.caches:
        name = Ref(f"google_redis_instance.{kept.id}", "name")
        full = ("max(redis_googleapis_com:stats_memory_usage_ratio", {"instance_id=~": Join((".*/", name))}, ") > 0.9")
        said = f"{kept.name} is nearly out of memory"
        yield _alarm(site, kept.store.place, kept.name, f"{kept.id}_memory", said, full, "600s")


def _users_see(site: Site, host: Hosted, up: Place, fast: Place) -> Iterator[Resource]:
    """Errors and slowness as the balancer counts them, against what is promised."""
    metric, kind = BALANCERS["inside" if site.private else "outside"]
    name = Ref(f"google_compute_region_backend_service.{host.id}", "name")
    of = {"monitored_resource=": kind, "backend_target_name=": name}
    promised = site.system.promises.reliability.availability
    count = f"{metric}_request_count"
    errors = {**of, "response_code_class=": "500"}
    # ten times what the promise allows on average, for ten minutes
    allowed = f"{round(10 * (1 - promised), 8):.8g}"
    share = (f"(sum(rate({count}", errors, f"[5m])) / sum(rate({count}", of, f"[5m]))) > {allowed}")
    yield _alarm(site, up, host.name, f"{host.id}_errors", f"{host.name} answers with too many errors", share, "600s")
    for percentile, seconds in sorted(site.system.promises.performance.percentiles.items()):
        begin = f"histogram_quantile({float(percentile[1:]) / 100:g}, sum by (le) (rate({metric}_total_latencies_bucket"
        slow = (begin, of, f"[5m]))) > {seconds * 1000:g}")
        said = f"{host.name} is slower than promised: {percentile} over {seconds:g} s"
        label = percentile.replace(".", "_")
        yield _alarm(site, fast, host.name, f"{host.id}_{label}", said, slow, "600s")


def _too_few(site: Site, host: Hosted, up: Place) -> Resource:
    least = 1 if host.stateful else int(host.choice.size.get("min_count", host.choice.count))
    if site.plan.shape == "vm":
        name = Ref(f"google_compute_region_instance_group_manager.{host.id}", "name")
        what: tuple[Any, ...] = ("sum(compute_googleapis_com:instance_group_size", {"instance_group_name=": name})
    else:
        name = Ref(f"google_cloud_run_v2_service.{host.id}", "name")
        what = ("sum(run_googleapis_com:container_instance_count", {"service_name=": name})
    said = f"{host.name} has fewer instances than it needs"
    return _alarm(site, up, host.name, f"{host.id}_instances", said, (*what, f") < {least}"), "300s")


def _database(site: Site, kept: Kept) -> Iterator[Resource]:
    of = {"database_id=": Join((PROJECT, ":", instance(kept.id, "name")))}
    full = ("max(cloudsql_googleapis_com:database_disk_utilization", of, ") > 0.9")
    said = f"{kept.name} has less than a tenth of its disk left"
    yield _alarm(site, kept.store.place, kept.name, f"{kept.id}_disk", said, full, "600s")
    busy = ("max(cloudsql_googleapis_com:database_cpu_utilization", of, ") > 0.8")
    place = site.system.where("scalability.peak")
    yield _alarm(site, place, kept.name, f"{kept.id}_cpu", f"{kept.name} is over 80% busy", busy, "900s")


def _backups(site: Site) -> Iterator[tuple[str, str, str, str]]:
    """What a failed backup writes: name of the alarm, component, in words, filter of the log.

    Google docs, "View audit logs for automated backups" of Cloud SQL, "Monitor snapshot schedules" of Compute Engine
    and "Cloud Scheduler logs", read 2026-11.
    """
    event = f'logName:"{EVENTS}"'
    if site.databases:
        method = 'protoPayload.methodName="cloudsql.instances.automatedBackup"'
        failed = f'resource.type="cloudsql_database" {event} {method} protoPayload.metadata.windowStatus:"FAILED"'
        yield "databases_backup", "backup", "the backup of a database failed", failed
    if any(host.stateful for host in site.hosted):
        method = 'protoPayload.methodName="ScheduledSnapshots"'
        failed = f'resource.type="gce_disk" {event} {method} severity>="ERROR"'
        yield "disks_backup", "backup", "the backup of a disk failed", failed
    if exported(site):
        yield "exports", "backup", "a nightly export failed", 'resource.type="cloud_scheduler_job" severity>="ERROR"'


def _told(site: Site, name: str, component: str, said: str, filtered: str) -> Resource:
    """An alarm on a line of the log."""
    settings = _policy(site, said, {"condition_matched_log": Block({"filter": filtered})}, "ERROR", said)
    settings["alert_strategy"] = Block({"auto_close": "3600s", "notification_rate_limit": Block({"period": "3600s"})})
    return site.part(component, "watch").make("google_monitoring_alert_policy", name, settings)


def _policy(site: Site, said: str, condition: dict[str, Any], severity: str, told: str) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "display_name": f"{site.own}: {said}",
        "combiner": "OR",
        "severity": severity,
        "conditions": Block({"display_name": said, **condition}),
        "documentation": Block({"content": told, "mime_type": "text/markdown"}),
        "alert_strategy": Block({"auto_close": "3600s"}),
    }
    if ADDRESS.fullmatch(site.system.owner):
        settings["notification_channels"] = [CHANNEL]
    return settings


def _alarm(
    site: Site, place: Place, component: str, name: str, said: str, query: tuple[Any, ...], lasting: str
) -> Resource:
    """An alarm on a PromQL query, told as text and, in between, the labels that select."""
    told = f"{said} ({place.short})" if place.file and place.file.isprintable() else said
    measure = {
        "query": Join(tuple(_query(query))),
        "duration": lasting,
        "evaluation_interval": "60s",
    }
    severity = "ERROR" if name.endswith(("_errors", "_instances")) else "WARNING"
    settings = _policy(site, said, {"condition_prometheus_query_language": Block(measure)}, severity, told)
    return Part(component, place, "watch").make("google_monitoring_alert_policy", name, settings)


def _query(parts: tuple[Any, ...]) -> Iterator[Any]:
    for part in parts:
        if not isinstance(part, dict):
            yield part
            continue
        yield "{"
        for number, (label, value) in enumerate(part.items()):
            yield f'{", " if number else ""}{label}"'
            yield from value.parts if isinstance(value, Join) else (value,)
            yield '"'
        yield "}"
