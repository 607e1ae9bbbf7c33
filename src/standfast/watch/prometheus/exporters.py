"""What feeds the signals that no service tells: an exporter's configuration, and the job that reads it.

All of them run beside Prometheus and listen on loopback.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.plan import Plan
from standfast.watch.probes import Probe, probes_of
from standfast.watch.prometheus.discovery import NODE, PROJECT, SUBSCRIPTION
from standfast.watch.signals import Signals

Json = dict[str, Any]
BLACKBOX, YACE, AZURE, STACKDRIVER = 9115, 5000, 8080, 9255
ENDPOINTS = "targets/public.yml"
CERTIFICATE = "read_certificate"  # a module of blackbox_exporter; no service has a name with an underscore
DOMAIN, PLACE = "YOUR-DOMAIN", "YOUR-PLACE"

# CloudWatch: kind of store -> (namespace, {metric: statistic}); seconds between figures
CLOUDWATCH = {
    "postgres": ("AWS/RDS", ("CPUUtilization", "FreeableMemory", "FreeStorageSpace", "DatabaseConnections"), 60),
    "mysql": ("AWS/RDS", ("CPUUtilization", "FreeableMemory", "FreeStorageSpace", "DatabaseConnections"), 60),
    "redis": ("AWS/ElastiCache", ("EngineCPUUtilization", "DatabaseMemoryUsagePercentage"), 60),
    "objects": ("AWS/S3", ("BucketSizeBytes",), 86_400),
}
AZURE_METRICS = {
    "postgres": (
        "Microsoft.DBforPostgreSQL/flexibleServers",
        ("cpu_percent", "memory_percent", "storage_percent", "active_connections"),
    ),
    "mysql": (
        "Microsoft.DBforMySQL/flexibleServers",
        ("cpu_percent", "memory_percent", "storage_percent", "active_connections"),
    ),
    "redis": ("Microsoft.Cache/redisEnterprise", ("percentProcessorTime", "usedmemorypercentage")),
    "objects": ("Microsoft.Storage/storageAccounts", ("UsedCapacity",)),
}
STACKDRIVER_TYPES = {
    "postgres": "cloudsql.googleapis.com/database",
    "mysql": "cloudsql.googleapis.com/database",
    "redis": "redis.googleapis.com/stats",
    "objects": "storage.googleapis.com/storage/v2/total_bytes",
}


def exporter_jobs(plan: Plan, signals: Signals) -> list[Json]:
    """A job for each feed that some signal needs."""
    system, feeds = plan.system.name, {one.feed for one in signals.conditions}
    labelled = [{"target_label": "system", "replacement": system}]
    found: list[Json] = []
    if "stores" in feeds:
        found += _store_jobs(plan, labelled)
    if "records" in feeds:
        # its labels are those that were written: `store`, `system`; the hosts' own figures are not wanted from here
        kept = {"source_labels": ["__name__"], "regex": "standfast_.*|node_textfile_.*", "action": "keep"}
        found.append(
            {
                "job_name": "own/records",
                "static_configs": [{"targets": [f"127.0.0.1:{NODE}"]}],
                "relabel_configs": labelled,
                "metric_relabel_configs": [kept],
            }
        )
    if probes := probes_of(plan) if "endpoints" in feeds else ():
        found += _probe_jobs(probes, labelled)
    return found


def _probe_jobs(probes: tuple[Probe, ...], labelled: list[Json]) -> list[Json]:
    """The probes, and beside them a look at the certificates of the same addresses."""
    ends = {"source_labels": ["__name__"], "regex": "probe_ssl_earliest_cert_expiry", "action": "keep"}
    read = {"target_label": "__param_module", "replacement": CERTIFICATE}
    named = {"source_labels": ["module"], "target_label": "__param_module"}
    return [
        {
            "job_name": job,
            "scrape_interval": f"{max(one.every for one in probes)}s",
            "scrape_timeout": f"{max(one.timeout for one in probes) + 1:g}s",
            "metrics_path": "/probe",
            "file_sd_configs": [{"files": [ENDPOINTS]}],
            "relabel_configs": [
                module,
                {"regex": "service", "action": "labeldrop"},  # or else `up` of a probe counts as an instance of it
                {"source_labels": ["__address__"], "target_label": "__param_target"},
                {"source_labels": ["__param_target"], "target_label": "instance"},
                {"target_label": "__address__", "replacement": f"127.0.0.1:{BLACKBOX}"},
                *labelled,
            ],
            "metric_relabel_configs": [
                *kept,
                {"source_labels": ["module"], "target_label": "service"},
                {"regex": "module", "action": "labeldrop"},
            ],
        }
        for job, module, kept in (("own/endpoints", named, []), ("own/certificates", read, [ends]))
    ]


def _kinds(plan: Plan, table: Any) -> list[str]:
    return sorted({one.kind for one in plan.choices} & set(table))


def _store_jobs(plan: Plan, labelled: list[Json]) -> list[Json]:
    if plan.cloud == "azure":
        jobs, done = [], set()
        for kind in _kinds(plan, AZURE_METRICS):
            resource, metrics = AZURE_METRICS[kind]
            if resource in done:
                continue
            done.add(resource)
            jobs.append(
                {
                    "job_name": f"own/azure-{kind}",
                    "scrape_interval": "1m",
                    "metrics_path": "/probe/metrics/list",
                    "params": {
                        "subscription": [SUBSCRIPTION],
                        "resourceType": [resource],
                        "metric": [",".join(metrics)],
                        "interval": ["PT1M" if kind != "objects" else "PT1H"],
                        "timespan": ["PT5M" if kind != "objects" else "PT2H"],
                        "aggregation": ["average"],
                    },
                    "static_configs": [{"targets": [f"127.0.0.1:{AZURE}"]}],
                    "relabel_configs": labelled,
                }
            )
        return jobs
    port = {"aws": YACE, "gcp": STACKDRIVER}[plan.cloud]
    name = {"aws": "cloudwatch", "gcp": "stackdriver"}[plan.cloud]
    static = [{"targets": [f"127.0.0.1:{port}"]}]
    every = {"scrape_interval": "1m", "scrape_timeout": "30s"}
    return [{"job_name": f"own/{name}", **every, "static_configs": static, "relabel_configs": labelled}]


def exporter_files(plan: Plan, signals: Signals) -> Iterator[tuple[str, Json, str]]:
    """(path, document, title) of the exporters' own configurations."""
    feeds = {one.feed for one in signals.conditions}
    if "stores" in feeds and plan.cloud == "aws":
        yield "exporters/cloudwatch.yml", _cloudwatch(plan), "yet-another-cloudwatch-exporter"
    if "endpoints" in feeds:
        yield "exporters/blackbox.yml", blackbox(plan), "blackbox_exporter"


def blackbox(plan: Plan) -> Json:
    """A module for each probe, and one that reads certificates.

    A probe verifies what it meets, as users do. Of a certificate that has run out it then tells nothing, not even when
    that was, and the alert on it would fall silent: so the last one does not verify."""
    reads = {"fail_if_not_ssl": True, "preferred_ip_protocol": "ip4", "tls_config": {"insecure_skip_verify": True}}
    certificate = {"prober": "http", "timeout": "10s", "http": {**reads, "follow_redirects": False}}
    return {"modules": {**{one.service: _module(one) for one in probes_of(plan)}, CERTIFICATE: certificate}}


def endpoints(plan: Plan) -> list[Json]:
    """The targets of the probes. Nobody but the user knows the domain; `place` is where this exporter stands."""
    return [
        {
            "targets": [one.address(DOMAIN)],
            "labels": {"service": one.service, "module": one.service, "place": PLACE},
        }
        for one in probes_of(plan)
    ]


def _module(probe: Probe) -> Json:
    http = {
        "method": probe.method,
        "valid_status_codes": [probe.status],
        "fail_if_not_ssl": True,
        "follow_redirects": False,
        "preferred_ip_protocol": "ip4",
    }
    return {"prober": "http", "timeout": f"{probe.timeout:g}s", "http": http}


def _cloudwatch(plan: Plan) -> Json:
    """Discovery by the tag `system`; the tags `system` and `component` become labels of every figure."""
    jobs, spaces = [], {}
    for kind in _kinds(plan, CLOUDWATCH):
        space, metrics, period = CLOUDWATCH[kind]
        if space in spaces:
            continue
        spaces[space] = ["system", "component"]
        jobs.append(
            {
                "type": space,
                "regions": [plan.region],
                "searchTags": [{"key": "system", "value": f"^{plan.system.name}$"}],
                "period": period,
                "length": period * (5 if period < 86_400 else 3),
                "metrics": [{"name": one, "statistics": ["Average"], "nilToZero": False} for one in metrics],
            }
        )
    return {"apiVersion": "v1alpha1", "discovery": {"exportedTagsOnMetrics": spaces, "jobs": jobs}}


def _from(plan: Plan) -> str:
    """Where probes should stand."""
    places = next((one.places for one in probes_of(plan) if one.places), ())
    if not places:
        return "Probe from where your users are, one exporter with its own `place` in each country"
    return f"Your users are in {', '.join(places)}: run one in each, with its own `place`"


def commands(plan: Plan, signals: Signals) -> list[tuple[str, str]]:
    """(feed, how it is run) for the README: every feed that some signal needs."""
    feeds = {one.feed for one in signals.conditions}
    types = sorted({STACKDRIVER_TYPES[kind] for kind in _kinds(plan, STACKDRIVER_TYPES)})
    stores = {
        "aws": "`yace --config.file=exporters/cloudwatch.yml --listen-address=127.0.0.1:5000`; it may read CloudWatch "
        "and tags (`cloudwatch:GetMetricData`, `cloudwatch:ListMetrics`, `tag:GetResources`)",
        "azure": "`azure-metrics-exporter --server.bind=127.0.0.1:8080 --azure.resource-tag=system "
        "--azure.resource-tag=component`; it has the role Monitoring Reader",
        "gcp": f"`stackdriver_exporter --google.project-ids={PROJECT} "
        f"{' '.join(f'--monitoring.metrics-prefixes={one}' for one in types)} --web.listen-address=127.0.0.1:9255`; it "
        "has the role Monitoring Viewer",
    }
    all_feeds = {
        "services": "each service serves /metrics on its own port",
        "hosts": f"`node_exporter` on port {NODE} of each server, open to Prometheus alone",
        "stores": stores[plan.cloud],
        "records": "`node_exporter --collector.textfile.directory=DIR` here, and every hour "
        f"`standfast status SPEC --format prometheus` into `DIR/standfast_status.prom`; port {NODE}",
        "endpoints": f"`blackbox_exporter --config.file=exporters/blackbox.yml "
        f"--web.listen-address=127.0.0.1:{BLACKBOX}`; "
        f"write your domain and where this exporter stands into `{ENDPOINTS}`. {_from(plan)}",
    }
    return [(feed, told) for feed, told in all_feeds.items() if feed in feeds or feed == "services"]
