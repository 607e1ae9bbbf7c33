"""Databases let no address of the whole internet in.

*Looks at*: firewall rules and authorized networks of managed databases
*Why*: a rule for all addresses makes a private database public; 0.0.0.0 alone lets in every customer of Azure
*Fix*: name the few addresses that need it, or use a private network
*Source*: CIS Google Cloud Platform Foundation Benchmark 3.0, 6.5; Azure Database for PostgreSQL docs, "Firewall
rules"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, none_of

ID = "database-takes-no-strangers"
TITLE = "Databases let no address of the whole internet in"
SEVERITY = "critical"


TABLE = {
    "azurerm_postgresql_flexible_server_firewall_rule": Setting(
        "start_ip_address", none_of("0.0.0.0"), fix="name the addresses that need it"
    ),
    "azurerm_mysql_flexible_server_firewall_rule": Setting(
        "start_ip_address", none_of("0.0.0.0"), fix="name the addresses that need it"
    ),
    "azurerm_mssql_firewall_rule": Setting(
        "start_ip_address", none_of("0.0.0.0"), fix="name the addresses that need it"
    ),
    "azurerm_redis_firewall_rule": Setting(
        "start_ip_address", none_of("0.0.0.0"), fix="name the addresses that need it"
    ),
    "google_sql_database_instance": Setting(
        "settings.ip_configuration.authorized_networks.value",
        none_of("0.0.0.0/0", "::/0"),
        unset="none",
        fix="name the networks that need it",
    ),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it names the addresses it lets in", "it lets the whole internet, or all of Azure, in")
