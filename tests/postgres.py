"""PostgreSQL for tests: found as the lab finds it, else a visible skip on a laptop and a failure in CI."""

from __future__ import annotations

import importlib.util

from standfast.problem import Problems
from standfast.worlds.lab import Postgres, find_postgres
from tests.programs import lacking


def need_postgres() -> Postgres:
    try:
        if importlib.util.find_spec("psycopg") is None:
            raise Problems([])
        return find_postgres()
    except Problems as problems:
        lacking(f"no PostgreSQL for the lab: {problems or 'psycopg is not installed'}")
