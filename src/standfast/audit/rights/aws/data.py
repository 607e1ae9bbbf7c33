"""What holds data on AWS, by which actions it is read and written, and with which key it is closed.

Source: AWS Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.reading import known, raw
from standfast.audit.rights.globs import UNSEEN
from standfast.audit.rights.model import Data
from standfast.blueprint import Join, Ref, Resource


@dataclass(frozen=True)
class Kind:
    """`arn`: how its data is named below its ARN; `name`: its ARN where only its name is known."""

    holds: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    name: str
    below: str = ""
    key: str = ""  # where it names its key
    called: str = "name"
    policy: tuple[str, str] = ("", "")  # the kind of resource that holds its policy, and where that names it
    service: str = ""  # that opens its key on behalf of the caller


KINDS = {
    "aws_s3_bucket": Kind(
        "store", ("s3:getobject",), ("s3:putobject", "s3:deleteobject"), "arn:*:s3:::{}", "/*",
        called="bucket", policy=("aws_s3_bucket_policy", "bucket"), service="s3",
    ),
    "aws_dynamodb_table": Kind(
        "store", ("dynamodb:getitem", "dynamodb:query", "dynamodb:scan", "dynamodb:batchgetitem"),
        ("dynamodb:putitem", "dynamodb:updateitem", "dynamodb:deleteitem", "dynamodb:batchwriteitem"),
        "arn:*:dynamodb:*:*:table/{}", key="server_side_encryption.kms_key_arn", service="dynamodb",
    ),
    "aws_secretsmanager_secret": Kind(
        "secret", ("secretsmanager:getsecretvalue",), ("secretsmanager:putsecretvalue",),
        "arn:*:secretsmanager:*:*:secret:{}-??????", key="kms_key_id",
        policy=("aws_secretsmanager_secret_policy", "secret_arn"), service="secretsmanager",
    ),
    "aws_ssm_parameter": Kind(
        "secret", ("ssm:getparameter", "ssm:getparameters", "ssm:getparametersbypath"), ("ssm:putparameter",),
        "arn:*:ssm:*:*:parameter{}", key="key_id", service="ssm",
    ),
    "aws_sqs_queue": Kind(
        "store", ("sqs:receivemessage",), ("sqs:sendmessage",), "arn:*:sqs:*:*:{}", key="kms_master_key_id",
        policy=("aws_sqs_queue_policy", "queue_url"), service="sqs",
    ),
    "aws_kinesis_stream": Kind(
        "store", ("kinesis:getrecords",), ("kinesis:putrecord", "kinesis:putrecords"), "arn:*:kinesis:*:*:stream/{}",
        key="kms_key_id", service="kinesis",
    ),
    "aws_cloudwatch_log_group": Kind(
        "log", ("logs:getlogevents", "logs:filterlogevents", "logs:startquery"), ("logs:putlogevents",),
        "arn:*:logs:*:*:log-group:{}*", ":*", key="", service="logs",
    ),
    "aws_efs_file_system": Kind(
        "store", ("elasticfilesystem:clientmount",), ("elasticfilesystem:clientwrite",),
        "arn:*:elasticfilesystem:*:*:file-system/{}", called="id",
        policy=("aws_efs_file_system_policy", "file_system_id"),
    ),
}  # fmt: skip
# The login of a database that RDS keeps in a secret of its own.
LOGIN = Kind(
    "secret", ("secretsmanager:getsecretvalue",), (), "arn:*:secretsmanager:*:*:secret:rds!*",
    key="master_user_secret_kms_key_id", service="secretsmanager",
)  # fmt: skip
DATABASES = ("aws_db_instance", "aws_rds_cluster")


def read_data(estate: Estate) -> Iterator[tuple[Data, Kind]]:
    for kind, said in KINDS.items():
        for one in estate.of(kind):
            holds = "log" if one.component in ("logs", "network") and said.holds == "store" else said.holds
            yield Data(one, one.address, holds), said
    for kind in DATABASES:
        for one in estate.of(kind):
            if raw(one, "manage_master_user_password"):
                yield Data(one, f"login of {one.address}", "secret"), LOGIN


def names_of(one: Resource, said: Kind) -> tuple[str, ...]:
    """Every way in which a policy may name its data, as patterns."""
    if said is LOGIN:
        given = raw(one, "master_user_secret.secret_arn")
        return (f"<{one.address}.master_user_secret[0].secret_arn>", *([given] if isinstance(given, str) else ()))
    arn, called = raw(one, "arn"), text(raw(one, said.called))
    found = [f"<{one.address}.arn>{said.below}", said.name.format(f"<{one.address}.id>") + said.below]
    if isinstance(arn, str) and arn:
        return (arn.removesuffix(":*") + said.below,)
    if called:
        found.append(said.name.format(called) + said.below)
        found.append(said.name.format(f"<{one.address}.{said.called}>") + said.below)
    return tuple(found)


def text(value: Any) -> str:
    """A value as a policy has it: references by the address of what they name, what is decided later UNSEEN."""
    if isinstance(value, str):
        return value
    if isinstance(value, Join):
        return "".join(text(one) for one in value.parts)
    if isinstance(value, Ref):
        literal = known({"value": value}, "value")
        return literal if isinstance(literal, str) else f"<{value.address}.{value.attribute}>"
    return "" if value is None else UNSEEN


def key_of(estate: Estate, one: Resource, said: Kind) -> tuple[bool | None, Resource | None]:
    """(whether a key of our own closes it, the key); (None, None) where that is decided later."""
    if one.kind == "aws_s3_bucket":
        for each in estate.linked("aws_s3_bucket_server_side_encryption_configuration", "bucket", one):
            value = raw(each, "rule.apply_server_side_encryption_by_default.kms_master_key_id")
            return _key(estate, value)
        return False, None
    return _key(estate, raw(one, said.key)) if said.key else (False, None)


def _key(estate: Estate, value: Any) -> tuple[bool | None, Resource | None]:
    if value in (None, "") or (isinstance(value, str) and "alias/aws/" in value):
        return False, None
    found = estate.target(value, "aws_kms_key")
    if found is None:
        alias = estate.target(value, "aws_kms_alias")
        found = estate.target(raw(alias, "target_key_id"), "aws_kms_key") if alias is not None else None
    return (True, found) if found is not None else (None, None)
