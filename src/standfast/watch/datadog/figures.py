"""What each condition looks at in Datadog: a query without its window, and when its value is wrong.

Names of metrics, read on 2026-11-28: the Agent's own (`system.*`) as its manual has them; `aws.*`, `azure.*` and
`gcp.*` as the lists of Datadog's integrations have them; `standfast.*` as `agent.py` tells the Agent to call them. No
query was answered by Datadog (docs/limits.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from standfast.plan import Plan
from standfast.watch.conditions import DAY, cost_parts
from standfast.watch.datadog.words import METRIC, REACHED, number, scope, tag
from standfast.watch.limits import GIB, RDS_BYTES, most_connections
from standfast.watch.signals import Signal

HOSTS = {  # {of}: the hosts of one component; the worst host counts
    "cpu": "100 - min:system.cpu.idle{of}",
    "memory": "1 - min:system.mem.pct_usable{of}",
    "disk": "max:system.disk.in_use{of}",
    "waiting": "max:system.cpu.iowait{of}",
    "errors": "sum:system.net.packets_in.error{of} + sum:system.net.packets_out.error{of}",
    "clock": "abs(max:ntp.offset{of})",  # of the Agent's check of NTP, which is on by default; from knowledge, not read
}
PERCENT = ("cpu", "waiting")  # of hosts: told in percent, where thresholds are shares
_RDS = {
    "servers": "count_not_null(avg:aws.rds.cpuutilization{of} by {dbinstanceidentifier})",
    "cpu": "max:aws.rds.cpuutilization{of} / 100",
    "memory": "1 - min:aws.rds.freeable_memory{of} / {memory}",
    "storage": "1 - min:aws.rds.free_storage_space{of} / {storage}",
    "connections": "max:aws.rds.database_connections{of} / {connections}",
}
_SQL = {
    "servers": "count_not_null(avg:gcp.cloudsql.database.cpu.utilization{of}) * {count}",  # told of the whole alone
    "cpu": "max:gcp.cloudsql.database.cpu.utilization{of}",
    "memory": "max:gcp.cloudsql.database.memory.utilization{of}",
    "storage": "max:gcp.cloudsql.database.disk.utilization{of}",
}


def _flexible(kind: str) -> dict[str, str]:
    of = f"azure.dbfor{kind}_flexibleservers"
    shares = {name: f"max:{of}.{name}_percent{{of}} / 100" for name in ("cpu", "memory", "storage")}
    servers = f"count_not_null(avg:{of}.cpu_percent{{of}}) * {{count}}"
    return {"servers": servers, **shares, "connections": f"max:{of}.active_connections{{of}} / {{connections}}"}


STORES: dict[tuple[str, str], dict[str, str]] = {
    ("aws", "postgres"): _RDS,
    ("aws", "mysql"): _RDS,
    ("aws", "redis"): {
        "servers": "count_not_null(avg:aws.elasticache.engine_cpuutilization{of} by {cacheclusterid})",
        "cpu": "max:aws.elasticache.engine_cpuutilization{of} / 100",
        "memory": "max:aws.elasticache.database_memory_usage_percentage{of} / 100",
    },
    ("aws", "objects"): {"storage": "sum:aws.s3.bucket_size_bytes{of} / {storage}"},
    ("azure", "postgres"): _flexible("postgresql"),
    ("azure", "mysql"): _flexible("mysql"),
    ("azure", "redis"): {
        "servers": "count_not_null(avg:azure.cache_redisenterprise.percent_processor_time{of}) * {count}",
        "cpu": "max:azure.cache_redisenterprise.percent_processor_time{of} / 100",
        "memory": "max:azure.cache_redisenterprise.usedmemorypercentage{of} / 100",
    },
    ("azure", "objects"): {"storage": "sum:azure.storage_storageaccounts.used_capacity{of} / {storage}"},
    ("gcp", "postgres"): {
        **_SQL,
        "connections": "sum:gcp.cloudsql.database.postgresql.num_backends{of} / {connections}",
    },
    ("gcp", "mysql"): {**_SQL, "connections": "max:gcp.cloudsql.database.network.connections{of} / {connections}"},
    ("gcp", "redis"): {
        "servers": "count_not_null(avg:gcp.redis.stats.memory.usage_ratio{of}) * {count}",
        "memory": "max:gcp.redis.stats.memory.usage_ratio{of}",
    },
    ("gcp", "objects"): {"storage": "sum:gcp.storage.storage.total_bytes{of} / {storage}"},
}
# what the Agent reads beside `standfast status` and `standfast backup`: figure -> name; times become ages
RECORDS = {
    "backup": "standfast.backup.age",
    "log": "standfast.backup_log.age",
    "restore-test": "standfast.restore_test.age",
    "drift": "standfast.drift.changes",
    "audit": "standfast.audit.failed_checks",
    "written": "standfast.records.age",
}
STALE = 2 * DAY  # seconds after which written figures are of another day


@dataclass(frozen=True)
class Figure:
    """`query` compared with `limit`. `silent`: that nothing is told is itself what is wrong, and somebody must know."""

    query: str
    above: bool
    limit: float
    silent: bool = True


def figure(plan: Plan, signal: Signal) -> Figure | None:
    """What a condition looks at; None where Datadog is told nothing of it, or says it in another way."""
    found = _query(plan, signal)
    if not found:
        return None
    above = signal.kind not in ("down", "traffic", "gone")
    percent = signal.kind == "host" and signal.resource in PERCENT
    limit = STALE if signal.kind == "feed" else signal.threshold * (100 if percent else 1)
    rare = signal.kind == "load" or signal.hold >= DAY  # nothing is told in a quiet hour, or between two days
    return Figure(found, above, limit, not rare)


def _query(plan: Plan, signal: Signal) -> str:
    kind, system = signal.kind, plan.system
    whole = f"{tag('system', system.name)} AND {tag('env', system.environment)}"
    if kind == "down":
        return f"sum:{REACHED}{{{scope(plan, signal.component)}}}"
    if kind in ("load", "traffic"):
        public = [one.name for one in system.services if one.public]
        return f"count:{METRIC}{{{scope(plan, *public)}}}.as_rate()"
    if kind == "host":
        return _filled(HOSTS[signal.resource], f"{whole} AND {tag('component', signal.component)}", {})
    if kind in ("saturation", "gone"):
        return _of_store(plan, signal)
    if kind == "cost":
        return _cost(plan)
    if kind in ("backup", "restore-test"):
        # one returns to the newest file of a log, which alone can keep a promise of less than a day
        name = "log" if kind == "backup" and signal.threshold < DAY else kind
        return f"max:{RECORDS[name]}{{{whole} AND {tag('store', signal.component)}}}"
    if kind in ("drift", "audit"):
        return f"max:{RECORDS[kind]}{{{whole}}}"
    if kind == "feed" and signal.feed == "records":
        return f"max:{RECORDS['written']}{{{whole} AND file:*standfast*}}"
    return ""


def _of_store(plan: Plan, signal: Signal) -> str:
    """Clouds tell their tags `system` and `component`; the environment is part of the system's name there."""
    choice = plan.choice(signal.component)
    if choice is None:
        return ""
    memory, storage = (float(choice.size.get(key, 0)) for key in ("memory_gib", "storage_gib"))
    sizes = {"memory": memory * GIB, "storage": storage * GIB, "count": float(choice.count)}
    if choice.kind in RDS_BYTES:
        sizes["connections"] = most_connections(plan.cloud, choice.kind, memory)
    of = f"{tag('system', plan.system.name)} AND {tag('component', signal.component)}"
    found = _filled(STORES.get((plan.cloud, choice.kind), {}).get(signal.resource, ""), of, sizes)
    return "" if found.endswith("/ 0") else found  # a size that the plan does not know


def _cost(plan: Plan) -> str:
    """USD a month: instances that answer at the plan's prices, and all else as planned."""
    fixed, each = cost_parts(plan)
    running = [f"{number(usd)} * sum:{REACHED}{{{scope(plan, name)}}}" for name, usd in each.items()]
    return " + ".join([*running, number(fixed)]) if running else ""


def _filled(template: str, of: str, sizes: dict[str, float]) -> str:
    found = template.replace("{of}", f"{{{of}}}")
    for name, value in sizes.items():
        found = found.replace(f"{{{name}}}", number(value) if value else "0")
    return found
