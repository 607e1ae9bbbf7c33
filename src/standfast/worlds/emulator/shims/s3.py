"""S3: policies of buckets are read as S3 reads them: any statement, any pattern, and a condition is a condition.

docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html and
docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html, read 2026-11.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from standfast.worlds.emulator.shims import around

WRITER = "logging.s3.amazonaws.com"


def install() -> None:
    from moto.core.responses import ActionResult
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket
    from moto.s3.responses import S3Response

    def permission(self: Any, action: str, resource: str) -> Any:
        """moto would apply a statement whatever its condition says: "deny what is not encrypted" denies all.
        Conditions are not evaluated here, so a statement that has one decides nothing.
        """
        policy = json.loads(self.policy.decode()) if self.policy else {"Statement": []}
        plain = [one for one in _listed(policy["Statement"]) if not one.get("Condition")]
        if not plain:
            return PermissionResult.NEUTRAL
        return IAMPolicy(json.dumps({**policy, "Statement": plain})).is_action_permitted(action, resource)

    @around(S3Response, "get_bucket_replication")
    def get_bucket_replication(original: Any, self: Any) -> Any:
        """The rules as they were put (API reference, GetBucketReplication); moto leaves half of them out."""
        put = self.backend.get_bucket_replication(self.bucket_name)
        if not put:
            return original(self)
        self.data["Action"] = "GetBucketReplication"
        narrowed = [
            {key: value or "" for key, value in (rule.get("Filter") or {"Prefix": ""}).items()} for rule in put["Rule"]
        ]
        rules = [{**rule, "Filter": one} for rule, one in zip(put["Rule"], narrowed, strict=True)]
        return self.serialized(ActionResult({"ReplicationConfiguration": {"Role": put["Role"], "Rules": rules}}))

    setattr(FakeBucket, "get_permission", permission)  # noqa: B010

    def logs_allowed(target_bucket: Any, target_prefix: str | None) -> bool:
        statements = json.loads(target_bucket.policy.decode())["Statement"] if target_bucket.policy else []
        wanted = f"arn:aws:s3:::{target_bucket.name}/{target_prefix or ''}a-log"
        for one in _listed(statements):
            principal = one.get("Principal")
            writers = _listed(principal.get("Service")) if isinstance(principal, dict) else _listed(principal)
            allows = one.get("Effect") == "Allow" and (WRITER in writers or "*" in writers)
            writes = any(fnmatchcase("s3:PutObject", action) for action in _listed(one.get("Action")))
            if allows and writes and any(fnmatchcase(wanted, resource) for resource in _listed(one.get("Resource"))):
                return True
        return False

    setattr(FakeBucket, "_log_permissions_enabled_policy", staticmethod(logs_allowed))  # noqa: B010


def _listed(value: Any) -> list[Any]:
    """One or many: a policy may hold either."""
    return value if isinstance(value, list) else [] if value is None else [value]
