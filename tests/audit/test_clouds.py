"""The checks on every cloud: our plans keep them, and each breaks when what it looks at is spoilt, naming the thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from standfast.audit import Audit, all_checks, run_audit
from standfast.blueprint import Resource, Var
from tests.audit.clouds import HAND, OURS, planned, put, rows_of, spoilt_by
from tests.providers import stub

NAMES = (*OURS, *HAND)
# Hand-made plans are not whole: a disk is copied every four hours though an hour at most may be lost; nobody owns one.
TRUE_FINDINGS = {"backup-against-rpo", "alarms-reach-someone"}
# As earlier editions of the provider spelt them: others still write them so.
OLDER = {"local_authentication_disabled", "enable_rbac_authorization"}
HIDDEN = {("Kubernetes on Google Cloud", "firewall-edges")}  # GKE writes rules that no plan shows


def audit(name: str, resources: Iterable[Resource] | None = None, checks: list[str] | None = None) -> Audit:
    plan, own = planned(name)
    return run_audit(plan.system, list(own if resources is None else resources), region=plan.region, checks=checks)


@pytest.mark.parametrize("name", NAMES)
def test_our_plans_are_sound_on_every_cloud(name: str) -> None:
    found = audit(name)
    wrong = [one for one in found.findings if one.verdict != "kept"]
    wrong = [one for one in wrong if (name, one.check) not in HIDDEN or one.verdict != "unknown"]
    assert [one for one in wrong if not (name in HAND and one.check in TRUE_FINDINGS)] == []
    assert len({one.check for one in found.findings}) > 35


@pytest.mark.parametrize("name", NAMES)
def test_what_a_table_looks_at_breaks_when_it_is_spoilt(name: str) -> None:
    """Every row of every table that our plan has a resource for: spoilt there, it is broken there."""
    _, resources = planned(name)
    first = {one.kind: one for one in reversed(resources) if not one.data}
    tried = 0
    for check in all_checks().values():
        for kind in getattr(check, "TABLE", {}):
            if kind not in first:
                continue
            for changed in spoilt_by(check, first[kind], resources):
                found = audit(name, changed, [check.ID])
                broken = [one for one in found.findings if one.verdict == "broken"]
                comes_back = check.ID == "several-zones" and not broken  # restored elsewhere within the promise
                assert comes_back or first[kind].address in {one.resource for one in broken}, (check.ID, kind)
                assert all(one.what and one.fix and (one.place.file or name in HAND) for one in broken)
                tried += 1
    assert tried > 8


def test_every_path_of_a_table_is_one_of_the_provider() -> None:
    """A misspelt path would be unset for ever. The schemas are those that our own code is tested against."""
    seen = 0
    for cloud in ("azurerm", "google"):
        schemas = stub.schemas(cloud)
        for check in all_checks().values():
            for kind in (kind for kind in check.KINDS if kind in schemas):
                for row in rows_of(check, kind):
                    for way in getattr(row, "ways", (row,)):
                        path = way.path if not hasattr(way, "kind") and way.path not in OLDER else ""
                        assert not path or _has(schemas[kind], path.split(".")), (check.ID, kind, path)
                        seen += bool(path)
    assert seen > 60


def _has(schema: Any, keys: list[str]) -> bool:
    """Words (`["optional", type]`), or blocks in blocks; past a map or an object anything goes."""
    found = schema.get(keys[0]) if isinstance(schema, dict) else None
    if found is None or len(keys) == 1:
        return found is not None
    return _has(found["block"], keys[1:]) if isinstance(found, dict) else not isinstance(found[1], str)


@pytest.mark.parametrize("name", ["clinic", "diary", "shop"])
def test_what_is_decided_later_is_never_kept(name: str) -> None:
    """Each setting a table reads, hidden: unknown, or kept because another way is enough."""
    _, resources = planned(name)
    first = {one.kind: one for one in reversed(resources) if not one.data}
    for check in all_checks().values():
        for kind in getattr(check, "TABLE", {}):
            for row in rows_of(check, kind) if kind in first else ():
                one = first[kind]
                if hasattr(row, "ways") or hasattr(row, "kind") or (row.when and row.when(one) is not True):
                    continue
                hidden = replace(one, settings=put(one.settings, row.path.split("."), Var("later")))
                found = audit(name, [hidden if each is one else each for each in resources], [check.ID])
                mine = {each.verdict for each in found.findings if each.resource == one.address}
                assert check.ID == "several-zones" or "unknown" in mine, (check.ID, kind, row.path, mine)
                assert "broken" not in mine, (check.ID, kind, row.path)
