"""An object store of the lab, by the S3 API: it keeps versions, as the plan has it, and each object can be again what
it was at a moment."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from standfast.problem import Problem, Problems
from standfast.worlds.database import NotRecovered

if TYPE_CHECKING:
    from standfast.worlds.lab.system.world import SystemLab

PREFIX = "drill/"
OBJECTS, SIZE = 12, 64 * 1024
GONE = f"{PREFIX}deleted long ago"  # it must not come back
OLD = "old"


def fill(lab: SystemLab, component: str, kept: bool) -> None:
    """Known objects; `kept`: in a bucket that keeps versions from here on: a load test writes without end."""
    with _bucket(lab, component) as (s3, bucket):
        if kept:
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for number in range(OBJECTS):
            s3.put_object(Bucket=bucket, Key=_key(number), Body=OLD.encode())
            s3.put_object(Bucket=bucket, Key=_key(number), Body=_body(number))
        s3.put_object(Bucket=bucket, Key=GONE, Body=OLD.encode())
        s3.delete_object(Bucket=bucket, Key=GONE)


def _key(number: int) -> str:
    return f"{PREFIX}{number:02} a+b é.bin"  # what a URL has to spell in another way


def _body(number: int) -> bytes:
    return hashlib.shake_256(b"%d" % number).digest(SIZE)


def contents(lab: SystemLab, component: str) -> Mapping[str, str]:
    with _bucket(lab, component) as (s3, bucket):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
        names = sorted(one["Key"] for page in pages for one in page.get("Contents", ()))
        return {
            name: hashlib.sha256(s3.get_object(Bucket=bucket, Key=name)["Body"].read()).hexdigest() for name in names
        }


def ruin(lab: SystemLab, component: str) -> None:
    """A third is deleted, a third is written over, a third stays."""
    with _bucket(lab, component) as (s3, bucket):
        for number in range(OBJECTS):
            if number % 3 == 0:
                s3.delete_object(Bucket=bucket, Key=_key(number))
            elif number % 3 == 1:
                s3.put_object(Bucket=bucket, Key=_key(number), Body=b"wrong")


def restore(lab: SystemLab, component: str, moment: str) -> None:
    """What changed since becomes what it was then, as a new version on top. Raises NotRecovered without versions."""
    with _bucket(lab, component) as (s3, bucket):
        if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
            raise NotRecovered(f"{component} keeps no versions", "what was written over or deleted is gone")
        for key, version in _before(s3, bucket, datetime.fromisoformat(moment)):
            s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": key, "VersionId": version})


def _before(s3: Any, bucket: str, moment: datetime) -> Iterator[tuple[str, str]]:
    """Key and version at the moment, of what has changed since and was there. Newest first, as S3 lists them: of two of
    the same second the first counts."""
    changed, then = set(), {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if one["LastModified"] >= moment:
                changed.add(one["Key"])
            elif one["Key"] not in then or one["LastModified"] > then[one["Key"]]["LastModified"]:
                then[one["Key"]] = one
    for key in sorted(changed & set(then)):
        if "Size" in then[key]:  # else a mark of deletion
            yield key, then[key]["VersionId"]


@contextmanager
def _bucket(lab: SystemLab, component: str) -> Generator[tuple[Any, str]]:
    """A client of the lab's own store, and the bucket's name. What goes wrong is raised as Problems."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    host = next(one for one in lab.hosts if one.component == component)
    few = Config(retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=10, proxies={})
    s3 = boto3.client(
        "s3", endpoint_url=f"http://{host.address}:{host.port}", region_name="us-east-1", aws_access_key_id="lab",
        aws_secret_access_key="lab", config=few,
    )  # fmt: skip
    try:
        yield s3, component
    except (BotoCoreError, ClientError) as error:
        raise Problems([Problem(f"{component} does not answer", str(error)[:200])]) from error
    finally:
        s3.close()
