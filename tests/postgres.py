"""PostgreSQL for tests: found as the lab finds it, else a visible skip on a laptop and a failure in CI."""

from __future__ import annotations

import importlib.util
import os

import pytest

from standfast.problem import Problems
from standfast.worlds.lab import Postgres, find_postgres


def need_postgres() -> Postgres:
    try:
        if importlib.util.find_spec("psycopg") is None:
            raise Problems([])
        return find_postgres()
    except Problems as problems:
        message = f"no PostgreSQL for the lab: {problems or 'psycopg is not installed'}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
