"""Nothing runs on a service that is on its way out.

*Looks at*: services that the cloud replaced, and keeps only for who has them
*Why*: what is on its way out gets no fixes, and one day it is gone
*Fix*: use what replaced it: aws_lb, aws_launch_template, flexible servers, managed Redis
*Source*: AWS docs, "Migrate your Classic Load Balancer" and "Launch configurations"; Azure retirement notices for
single servers (2025-03-28, MySQL 2024-09-16)
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, absent, judge

ID = "no-classic"
TITLE = "Nothing runs on a service that is on its way out"
SEVERITY = "low"


TABLE = {
    "aws_elb": Setting("name", absent, fix="use aws_lb"),
    "aws_launch_configuration": Setting("image_id", absent, fix="use aws_launch_template"),
    "azurerm_postgresql_server": Setting("name", absent, fix="use azurerm_postgresql_flexible_server"),
    "azurerm_mysql_server": Setting("name", absent, fix="use azurerm_mysql_flexible_server"),
    "azurerm_mariadb_server": Setting("name", absent, fix="use azurerm_mysql_flexible_server"),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it is kept up", "it is on its way out")
