"""What a page says to type is typed: the steps for objects, by the real AWS command line, against a local S3.

The bucket has the name that the page has; nothing is changed in the commands but where S3 is, which a variable says.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.drill.pages import page
from tests.programs import need

pytestmark = pytest.mark.real
TOOLS = Path(__file__).parents[2] / ".tools/awscli/bin"
BUCKET = "shop-images-123456789012"  # moto's account
KEYS = ["a b/1+2 é%2F.jpg", "deleted", "kept"]


@pytest.fixture
def store(monkeypatch) -> Generator[tuple[Any, dict[str, str]]]:
    """A client of the store, and the environment of who types."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    aws = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    try:
        yield boto3.client(
            "s3", endpoint_url=aws["AWS_ENDPOINT_URL"], region_name="us-east-1", aws_access_key_id="x",
            aws_secret_access_key="x",
        ), {"PATH": f"{TOOLS}:{os.environ['PATH']}", **aws}  # fmt: skip
    finally:
        server.stop()


def held(s3: Any) -> dict[str, str]:
    names = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    return {one: hashlib.sha256(s3.get_object(Bucket=BUCKET, Key=one)["Body"].read()).hexdigest() for one in names}


def test_objects_are_again_what_they_were_by_what_the_page_says_to_type(store, tmp_path) -> None:
    s3, environment = store
    if not (TOOLS / "aws").exists():
        need("aws", "it with scripts/tools (awscli)")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key in (*KEYS, "gone by then"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"older")
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    time.sleep(1.1)  # versions are dated to the second
    s3.delete_object(Bucket=BUCKET, Key="gone by then")
    before = held(s3)
    time.sleep(1.1)
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    s3.put_object(Bucket=BUCKET, Key=KEYS[0], Body=b"wrong")
    s3.delete_object(Bucket=BUCKET, Key="deleted")
    s3.put_object(Bucket=BUCKET, Key="new since then", Body=b"new")
    s3.put_object(Bucket=BUCKET, Key="gone by then", Body=b"wrong")
    s3.delete_object(Bucket=BUCKET, Key="gone by then")
    (step,) = [one for one in page("corruption").steps if one.does == "restore_versions"]
    typed = "\n".join((f"MOMENT={moment}", *step.commands, *step.seen))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", typed], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    after = held(s3)
    assert after.pop("new since then") and after == before, "what was new since then is left alone"
    last = done.stdout.strip().splitlines()[-1]
    assert last == "gone by then", "what shows that it worked shows what is deleted since and was not there before"
