"""Changes made behind Terraform's back, as somebody at the console would make them: what `break_` can do here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from standfast.problem import Problem, Problems, did_you_mean
from standfast.worlds import Fault

Client = Callable[..., Any]
Stand = Mapping[str, Mapping[str, Any]]  # address -> attributes


def make(fault: Fault, stand: Stand, client: Client) -> None:
    """Do it. `fault.settings` may name the resource by `address`; else the first that fits is taken.

    Raises Problems for a fault that is not known here, or when nothing fits.
    """
    if fault.name not in FAULTS:
        known = did_you_mean(fault.name, FAULTS)
        raise Problems([Problem(f"the emulator cannot make the fault {fault.name!r}", fix=known)])
    kind, act = FAULTS[fault.name]
    fits = [address for address in sorted(stand) if address.partition(".")[0] == kind]
    address = fault.settings.get("address") or next(iter(fits), None)
    if address not in fits:
        raise Problems([Problem(f"nothing to break: no {address or kind} stands in the emulator")])
    act(stand[address], fault.settings, client)


def _open_firewall(group: Mapping[str, Any], settings: Mapping[str, Any], client: Client) -> None:
    port = int(settings.get("port", 22))
    whole_world = [{"CidrIp": "0.0.0.0/0"}]
    opened = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": whole_world}
    client("ec2").authorize_security_group_ingress(GroupId=group["id"], IpPermissions=[opened])


def _encryption_off(configuration: Mapping[str, Any], settings: Mapping[str, Any], client: Client) -> None:
    client("s3").delete_bucket_encryption(Bucket=configuration["bucket"])


def _bucket_public(block: Mapping[str, Any], settings: Mapping[str, Any], client: Client) -> None:
    s3, bucket = client("s3"), block["bucket"]
    s3.delete_public_access_block(Bucket=bucket)
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))


def _short_backups(database: Mapping[str, Any], settings: Mapping[str, Any], client: Client) -> None:
    days = int(settings.get("days", 1))
    client("rds").modify_db_instance(
        DBInstanceIdentifier=database["identifier"], BackupRetentionPeriod=days, ApplyImmediately=True
    )


def _one_zone(database: Mapping[str, Any], settings: Mapping[str, Any], client: Client) -> None:
    client("rds").modify_db_instance(DBInstanceIdentifier=database["identifier"], MultiAZ=False, ApplyImmediately=True)


def _trail_off(trail: Mapping[str, Any], settings: Mapping[str, Any], client: Client) -> None:
    client("cloudtrail").stop_logging(Name=trail["name"])


def _alarm_deleted(alarm: Mapping[str, Any], settings: Mapping[str, Any], client: Client) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=[alarm["alarm_name"]])


FAULTS: Mapping[str, tuple[str, Callable[[Mapping[str, Any], Mapping[str, Any], Client], None]]] = {
    "open_firewall": ("aws_security_group", _open_firewall),
    "encryption_off": ("aws_s3_bucket_server_side_encryption_configuration", _encryption_off),
    "bucket_public": ("aws_s3_bucket_public_access_block", _bucket_public),
    "short_backups": ("aws_db_instance", _short_backups),
    "one_zone": ("aws_db_instance", _one_zone),
    "trail_off": ("aws_cloudtrail", _trail_off),
    "alarm_deleted": ("aws_cloudwatch_metric_alarm", _alarm_deleted),
}
