"""RDS: performance insights are kept, and a parameter group tells which of its parameters the user set.

docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html and API_Parameter.html, read 2026-11.
"""

from __future__ import annotations

from typing import Any

from standfast.worlds.emulator.shims import around

KEPT = ("performance_insights_kms_key_id", "performance_insights_retention_period")


def install() -> None:
    from moto.rds.models import DBInstance, DBParameterGroup, RDSBackend

    def keep(database: Any, asked: dict[str, Any]) -> None:
        if "enable_performance_insights" in asked:
            database.performance_insights_enabled = asked["enable_performance_insights"]
        for name in KEPT:
            if name in asked:
                setattr(database, name, asked[name])
        on, days = database.performance_insights_enabled, getattr(database, KEPT[1], None)
        if on and not days:
            database.performance_insights_retention_period = 7  # days: the default

    @around(DBInstance, "__init__")
    def instance(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.performance_insights_enabled = False
        keep(self, kwargs)

    @around(RDSBackend, "modify_db_instance")
    def modify(original: Any, self: Any, identifier: str, asked: dict[str, Any]) -> Any:
        wanted = dict(asked)
        database = original(self, identifier, asked)
        keep(database, wanted)
        return database

    @around(DBParameterGroup, "update_parameters")
    def update_parameters(original: Any, self: Any, new_parameters: Any) -> None:
        new = [{**one, "Source": "user"} for one in new_parameters]
        original(self, new)
