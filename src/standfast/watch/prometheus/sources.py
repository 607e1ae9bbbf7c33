"""Where each figure comes from, in PromQL: what is used of hosts and stores as a share, by cloud and resource.

Everything else (alerts, dashboards) reads one recorded series, `standfast:used:ratio`, whatever exporter told it.
Names of metrics, and what they were held against on 2026-11-28: node_exporter 1.5 and redis_exporter 1.45 are run
(`tests/watch/test_sources.py`), postgres_exporter 0.11 was, by hand; yet-another-cloudwatch-exporter's source,
`pkg/promutil` (`aws_<service>_<metric>_<statistic>`, tags as `tag_<name>`); the manuals of azure-metrics-exporter
(`azurerm_resource_metric`, tags as `tag_<name>`) and of stackdriver_exporter (`stackdriver_<resource>_<metric type>`);
the metrics themselves as each cloud's reference names them. No exporter of a cloud was run (`docs/limits.md`).
"""

from __future__ import annotations

import re

from standfast.plan import Choice, Plan
from standfast.watch.limits import GIB, RDS_BYTES, most_connections
from standfast.watch.signals import Signal

LAB = "lab"
DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs|iso9660"'
WAITING = "rate(node_pressure_cpu_waiting_seconds_total{of}[5m]) + rate(node_pressure_io_waiting_seconds_total{of}[5m])"

HOSTS = {  # {of}: the labels of the hosts of one component; the worst host counts
    "cpu": 'max(1 - avg by (instance) (rate(node_cpu_seconds_total{of+mode="idle"}[5m])))',
    "memory": "max(1 - node_memory_MemAvailable_bytes{of} / node_memory_MemTotal_bytes{of})",
    "disk": f"max(1 - node_filesystem_avail_bytes{{of+{DISKS}}} / node_filesystem_size_bytes{{of+{DISKS}}})",
    "waiting": f"max({WAITING})",
    "errors": "sum(rate(node_network_receive_errs_total{of}[5m])) + sum(rate(node_network_transmit_errs_total{of}[5m]))"
    f" + sum(node_filesystem_device_error{{of+{DISKS}}})",
    "clock": "max(abs(node_time_seconds{of} - timestamp(node_time_seconds{of})))",  # against the clock of Prometheus
}

_RDS = {
    "servers": "count(aws_rds_cpuutilization_average{of} >= 0)",  # a figure that is missing is NaN: not >= 0
    "cpu": "max(aws_rds_cpuutilization_average{of}) / 100",
    "memory": "1 - min(aws_rds_freeable_memory_average{of}) / {memory}",
    "storage": "1 - min(aws_rds_free_storage_space_average{of}) / {storage}",
    "connections": "max(aws_rds_database_connections_average{of}) / {connections}",
}
_AZURE = 'azurerm_resource_metric{of+metric="%s",aggregation="average"}'
_FLEXIBLE = {
    "servers": f"min(count({_AZURE % 'cpu_percent'} >= 0) > bool 0) * {{count}}",  # told of the whole alone
    "cpu": f"max({_AZURE % 'cpu_percent'}) / 100",
    "memory": f"max({_AZURE % 'memory_percent'}) / 100",
    "storage": f"max({_AZURE % 'storage_percent'}) / 100",
    "connections": f"max({_AZURE % 'active_connections'}) / {{connections}}",
}
_SQL = "stackdriver_cloudsql_database_cloudsql_googleapis_com_database_"
_MEMORY = "stackdriver_redis_instance_redis_googleapis_com_stats_"
_CLOUD_SQL = {
    "servers": f"min(count({_SQL}cpu_utilization{{of}} >= 0) > bool 0) * {{count}}",
    "cpu": f"max({_SQL}cpu_utilization{{of}})",
    "memory": f"max({_SQL}memory_utilization{{of}})",
    "storage": f"max({_SQL}disk_utilization{{of}})",
}
STORES: dict[tuple[str, str], dict[str, str]] = {
    ("aws", "postgres"): _RDS,
    ("aws", "mysql"): _RDS,
    ("aws", "redis"): {
        "servers": "count(aws_elasticache_engine_cpuutilization_average{of} >= 0)",
        "cpu": "max(aws_elasticache_engine_cpuutilization_average{of}) / 100",
        "memory": "max(aws_elasticache_database_memory_usage_percentage_average{of}) / 100",
    },
    ("aws", "objects"): {"storage": "sum(aws_s3_bucket_size_bytes_average{of}) / {storage}"},
    ("azure", "postgres"): _FLEXIBLE,
    ("azure", "mysql"): _FLEXIBLE,
    ("azure", "redis"): {
        "servers": f"min(count({_AZURE % 'percentProcessorTime'} >= 0) > bool 0) * {{count}}",
        "cpu": f"max({_AZURE % 'percentProcessorTime'}) / 100",
        "memory": f"max({_AZURE % 'usedmemorypercentage'}) / 100",
    },
    ("azure", "objects"): {"storage": f"sum({_AZURE % 'UsedCapacity'}) / {{storage}}"},
    ("gcp", "postgres"): {
        **_CLOUD_SQL,
        "connections": f"max(sum by (database_id) ({_SQL}postgresql_num_backends{{of}})) / {{connections}}",
    },
    ("gcp", "mysql"): {**_CLOUD_SQL, "connections": f"max({_SQL}network_connections{{of}}) / {{connections}}"},
    ("gcp", "redis"): {  # seconds of processor in each minute
        "servers": f"min(count({_MEMORY}memory_usage_ratio{{of}} >= 0) > bool 0) * {{count}}",
        "cpu": f"max(sum by (instance_id) ({_MEMORY}cpu_utilization_main_thread{{of}})) / 60",
        "memory": f"max({_MEMORY}memory_usage_ratio{{of}})",
    },
    ("gcp", "objects"): {
        "storage": "sum(stackdriver_gcs_bucket_storage_googleapis_com_storage_v2_total_bytes{of}) / {storage}"
    },
    (LAB, "postgres"): {
        "servers": "sum(pg_up{of})",
        "cpu": "max(rate(standfast_lab_cpu_seconds_total{of}[5m])) / {vcpu}",
        "memory": "max(standfast_lab_memory_bytes{of}) / {memory}",
        "storage": "1 - min(standfast_lab_disk_free_bytes{of} / standfast_lab_disk_size_bytes{of})",
        "connections": "max(sum by (instance) (pg_stat_database_numbackends{of})) "
        "/ max(pg_settings_max_connections{of})",
    },
    (LAB, "redis"): {
        "servers": "sum(redis_up{of})",
        "cpu": "max(rate(standfast_lab_cpu_seconds_total{of}[5m]))",  # of one: it works on one thread
        "memory": "max(redis_memory_used_bytes{of} / (redis_memory_max_bytes{of} > 0))",
    },
    (LAB, "objects"): {"storage": "sum(standfast_lab_stored_bytes{of}) / {storage}"},
}


def used(plan: Plan, signal: Signal, where: str) -> str:
    """The share that is used of what a signal watches, as an expression without labels; "" where nobody tells it."""
    if signal.kind == "host":
        of = f'system="{plan.system.name}",component="{signal.component}"'
        return _filled(HOSTS[signal.resource], of, {})
    choice = plan.choice(signal.component)
    if choice is None:
        return ""
    found = STORES.get((where, choice.kind), {}).get(signal.resource, "")
    expr = _filled(found, _labels(plan, choice, where), _sizes(plan, choice))
    return "" if expr.endswith("/ 0") else expr  # a size that the plan does not know


def _labels(plan: Plan, choice: Choice, where: str) -> str:
    system, component = plan.system.name, choice.component
    if where == LAB:
        return f'system="{system}",component="{component}"'
    if where == "gcp":  # Google's metrics carry the name of the instance, and no label of the user's
        label = {"redis": "instance_id", "objects": "bucket_name"}.get(choice.kind, "database_id")
        return f'{label}=~".*\\\\b{re.escape(system)}-{re.escape(component)}\\\\b.*"'.replace("\\-", "-")
    return f'tag_system="{system}",tag_component="{component}"'


def _sizes(plan: Plan, choice: Choice) -> dict[str, str]:
    memory, storage = (float(choice.size.get(key, 0)) for key in ("memory_gib", "storage_gib"))
    sizes = {"memory": f"{memory * GIB:.0f}", "storage": f"{storage * GIB:.0f}"}
    sizes["count"] = f"{choice.count}"
    sizes["vcpu"] = f"{float(choice.size.get('vcpu', 0)):g}"
    if choice.kind in RDS_BYTES:
        sizes["connections"] = f"{most_connections(plan.cloud, choice.kind, memory):.0f}"
    return sizes


def _filled(template: str, of: str, sizes: dict[str, str]) -> str:
    """`{of}` the labels in braces, `{of+more}` with more of them, `{memory}` a size."""
    template = re.sub(
        r"\{of(?:\+([^{}]*))?\}", lambda more: "{" + ",".join(filter(None, (of, more[1]))) + "}", template
    )
    for name, value in sizes.items():
        template = template.replace("{" + name + "}", value)
    return template
