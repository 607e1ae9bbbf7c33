"""The AWS API of the emulator, asked by ourselves: for what Terraform does not see, and for what it must not do."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from standfast.problem import Problem, Problems
from standfast.worlds.emulator.endpoint import find_endpoint
from standfast.worlds.emulator.workcopy import FAKE_KEY


def client_of(folder: Path, service: str, region: str) -> Any:
    """A boto3 client on the server of this world's folder. Raises Problems when it is not there."""
    from botocore.config import Config

    endpoint = find_endpoint(folder)
    if endpoint is None:
        raise Problems([Problem("the emulator is not running", fix="build it with: standfast apply SPEC")])
    config = Config(proxies={}, retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    return _session().client(service, region_name=region, endpoint_url=endpoint.url, config=config)


@lru_cache(maxsize=1)
def _session() -> Any:
    """One for all clients: each session reads the descriptions of the services anew."""
    import boto3

    return boto3.Session(FAKE_KEY, FAKE_KEY)


@contextmanager
def asked() -> Generator[None]:
    """What the AWS API refuses becomes a Problem."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        fix = "run the same command again to go on"
        raise Problems([Problem("the emulator refused a request", str(error), fix)]) from error
