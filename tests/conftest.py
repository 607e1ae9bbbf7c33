"""The order of the tests: what waits long for real programs begins first, beside what works the processor.

A file stays with one worker, since its tests share what they started; the tests of the files named in ALONE share
nothing and are dealt out one by one.
"""

from __future__ import annotations

import os
import re
from itertools import zip_longest
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

os.environ.pop("STANDFAST_LEDGER", None)  # what tests record belongs in nobody's ledger
WAITING = ("drill", "operate", "worlds")  # folders whose tests with real programs mostly wait for them
ALONE = ("tests/operate/test_examples_applied.py",)

LONG = re.compile(
    r"test_an_example_is_built_stands_and_goes"  # the shop stands, too
    r"|test_it_is_made_stays_and_is_taken_down\[(?!servers)"  # servers live
    r"|test_a_killed_terraform_is_told|test_pulumis_sdk_takes_every_argument"  # a killed run; the types
    r"|test_what_is_wrong_fails_the_preview\[(?!compute)"
    r"|test_a_whole_life\[(gcp|azure)\]|test_through_real_queues_.*\[(even|uneven|two ways|the same|some|several)"
    r"|test_a_remedy_that_is_missing_or_wrong_is_found_out\[no log\]"
    r"|test_a_surge_is_refused_by_the_real_balancer"  # on a busy machine it tells of the machine
    r"|test_random_small_specs_equal_brute_force"  # the chosen ones are held against brute force, too
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run also what takes long and has a shorter one of its kind")


def scope_of(nodeid: str) -> str:
    path = nodeid.partition("::")[0]
    return nodeid if path in ALONE else path


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if LONG.search(item.name) and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="long, and another of its kind ran: scripts/test --long"))
    scopes: dict[str, list[pytest.Item]] = {}
    for item in items:
        scopes.setdefault(scope_of(item.nodeid), []).append(item)
    waiting, working, quick = [], [], []
    for scope in sorted(scopes.values(), key=lambda one: not scope_of(one[0].nodeid).startswith(ALONE)):  # the longest
        real = any(item.get_closest_marker(mark) for item in scope for mark in ("slow", "real"))
        rooms = waiting if scope[0].path.parent.name in WAITING else working
        (rooms if real else quick).append(scope)
    turns = [scope for pair in zip_longest(waiting, working) for scope in pair if scope]
    items[:] = [item for scope in (*turns, *quick) for item in scope]
