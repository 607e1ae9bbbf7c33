"""AWS Backup: selections of what a plan backs up, and tags, which moto lacks or loses.

docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html, read 2026-11.
"""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import unquote

from standfast.worlds.emulator.shims import added, around


def install() -> None:
    from moto.backup.exceptions import ResourceNotFoundException
    from moto.backup.models import BackupBackend, Plan
    from moto.backup.responses import BackupResponse
    from moto.moto_api._internal import mock_random

    def plan_and_selection(self: Any) -> tuple[Any, str]:
        _, _, rest = unquote(self.path).partition("/backup/plans/")
        plan, _, selection = rest.strip("/").partition("/selections")
        return self.backup_backend.get_backup_plan(plan, None), selection.strip("/")

    @around(Plan, "__init__")
    def plan(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.selections = {}

    @added(BackupResponse)
    def create_backup_selection(self: Any) -> str:
        plan, _ = plan_and_selection(self)
        asked = json.loads(self.body)
        selection = {
            "SelectionId": str(mock_random.uuid4()),
            "BackupPlanId": plan.backup_plan_id,
            "CreationDate": time.time(),
            "BackupSelection": asked["BackupSelection"],
        }
        plan.selections[selection["SelectionId"]] = selection
        return json.dumps({key: value for key, value in selection.items() if key != "BackupSelection"})

    @added(BackupResponse)
    def get_backup_selection(self: Any) -> str:
        plan, selection = plan_and_selection(self)
        if selection not in plan.selections:
            raise ResourceNotFoundException(msg=f"Backup selection {selection} not found")
        return json.dumps(plan.selections[selection])

    @added(BackupResponse)
    def list_backup_selections(self: Any) -> str:
        plan, _ = plan_and_selection(self)
        return json.dumps({"BackupSelectionsList": list(plan.selections.values())})

    @added(BackupResponse)
    def delete_backup_selection(self: Any) -> str:
        plan, selection = plan_and_selection(self)
        plan.selections.pop(selection, None)
        return "{}"

    @around(BackupBackend, "delete_backup_plan")
    def delete_backup_plan(original: Any, self: Any, backup_plan_id: str) -> Any:
        told = original(self, backup_plan_id)
        del self.plans[backup_plan_id]  # moto would keep its name taken
        return told

    @around(BackupResponse, "list_tags")
    def list_tags(original: Any, self: Any) -> str:
        arn = unquote(self.path).partition("/tags/")[2].rstrip("/")
        return json.dumps({"Tags": self.backup_backend.list_tags(resource_arn=arn)})

    @added(BackupResponse)
    def list_recovery_points_by_backup_vault(self: Any) -> str:
        return json.dumps({"RecoveryPoints": []})  # nothing is ever backed up here: there is no data
