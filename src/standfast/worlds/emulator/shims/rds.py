"""RDS: performance insights are kept, and a parameter group tells which of its parameters the user set.

docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html and API_Parameter.html, read 2026-11.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from standfast.worlds.emulator.shims import added, around

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

    @around(DBInstance, "remove_replica")
    def remove_replica(_original: Any, self: Any, replica: Any) -> None:
        """One in another region is known by its ARN."""
        gone = (replica.db_instance_identifier, replica.db_instance_arn)
        self.replicas = [one for one in self.replicas if one not in gone]

    @around(RDSBackend, "create_db_instance_read_replica")
    def replica(original: Any, self: Any, asked: dict[str, Any]) -> Any:
        """In its own region from the start: its subnets, keys and groups are looked up there."""
        wanted = dict(asked)
        database = original(self, {"backend": self, **asked})
        keep(database, wanted)
        return database

    @around(DBParameterGroup, "update_parameters")
    def update_parameters(original: Any, self: Any, new_parameters: Any) -> None:
        new = [{**one, "Source": "user"} for one in new_parameters]
        original(self, new)

    _replicated_backups()


def _replicated_backups() -> None:
    """Automated backups that are replicated to another region, which moto does not know."""
    from moto.core.responses import ActionResult
    from moto.moto_api._internal import mock_random
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse

    def of(backend: Any) -> dict[str, SimpleNamespace]:
        return backend.__dict__.setdefault("replicated_backups", {})

    @added(RDSResponse)
    def start_db_instance_automated_backups_replication(self: Any) -> Any:
        source = self._get_param("SourceDBInstanceArn")
        database = self.backend.find_db_from_id(source)
        name = f"auto-backup:ab-{mock_random.get_random_string(length=20, lower_case=True)}"
        backup = SimpleNamespace(
            db_instance_arn=source,
            db_instance_identifier=database.db_instance_identifier,
            db_instance_automated_backups_arn=f"arn:aws:rds:{self.region}:{self.current_account}:{name}",
            status="replicating",
            region=source.split(":")[3],
            kms_key_id=self._get_param("KmsKeyId"),
            backup_retention_period=self._get_int_param("BackupRetentionPeriod") or 7,
            encrypted=True,
        )
        of(self.backend)[source] = backup
        return ActionResult({"DBInstanceAutomatedBackup": backup})

    @added(RDSResponse)
    def stop_db_instance_automated_backups_replication(self: Any) -> Any:
        return ActionResult({"DBInstanceAutomatedBackup": of(self.backend).pop(self._get_param("SourceDBInstanceArn"))})

    @around(RDSBackend, "describe_db_instance_automated_backups")
    def describe(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        wanted = kwargs.get("db_instance_automated_backups_arn")
        found = [one for one in of(self).values() if wanted in (None, one.db_instance_automated_backups_arn)]
        return found if wanted else [*original(self, *args, **kwargs), *found]
