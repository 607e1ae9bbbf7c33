"""`rules: retention` in the backups that a cloud takes: followed where it can, a warning where it cannot."""

from __future__ import annotations

import json

import pytest

from standfast.blueprint import make_blueprints
from standfast.blueprint.model import Block
from standfast.code import write_code
from standfast.plan import Plan, make_plan
from standfast.spec import parse_spec

SPEC = """
system: shop
promises: {{reliability: {{recovery: {{corruption: {{rto: 8 h, rpo: 1 h}}}}}}}}
rules: {{clouds: [{cloud}]{more}}}
services: {{web: {{image: a/b:1, public: true, cpu: 5 ms, memory: 300 MiB, calls: [orders]}}}}
stores: {{orders: {{kind: postgres, data: 20 GiB}}}}
"""
LONG = ", retention: {hourly: 240, weekly: 5, monthly: 13, yearly: 2}"
CLOUDS = ("aws", "azure", "gcp")


def plan(cloud: str, more: str = "") -> Plan:
    return make_plan(parse_spec(SPEC.format(cloud=cloud, more=more), "shop.yaml"), margins=False)


def settings(plan: Plan, kind: str) -> dict:
    (found,) = [one.settings for one in make_blueprints(plan)[0].resources if one.kind == kind]
    return dict(found)


def inside(block: Block, name: str) -> dict:
    return dict(dict(block.settings)[name].settings)


def test_aws_keeps_moments_in_rds_and_copies_in_the_vault() -> None:
    long = plan("aws", LONG)
    assert settings(long, "aws_db_instance")["backup_retention_period"] == 10
    rules = [dict(one.settings) for one in settings(long, "aws_backup_plan")["rule"]]
    kept = {one["rule_name"]: dict(one["lifecycle"].settings)["delete_after"] for one in rules}
    assert kept == {"regular": 7, "weekly": 35, "monthly": 403, "yearly": 732}
    assert settings(long, "aws_backup_vault_lock_configuration")["max_retention_days"] == 732
    assert not long.warnings
    text = "".join(file.text for file in write_code(make_blueprints(long)[0]) if file.path.endswith(".tf"))
    assert text.count("delete_after") == 4 and "cron(30 7 1 1 ? *)" in text


def test_azure_and_google_keep_as_long_and_say_what_they_cannot() -> None:
    azure, google = plan("azure", LONG), plan("gcp", LONG)
    assert settings(azure, "azurerm_postgresql_flexible_server")["backup_retention_days"] == 10
    policy = settings(azure, "azurerm_data_protection_backup_policy_postgresql_flexible_server")
    assert inside(policy["default_retention_rule"], "life_cycle")["duration"] == "P732D"
    assert not azure.warnings
    server = settings(google, "google_sql_database_instance")["settings"]
    backups = dict(dict(server.settings)["backup_configuration"].settings)
    assert dict(backups["backup_retention_settings"].settings)["retained_backups"] == 365
    said = [str(one) for one in google.warnings]
    assert len(said) == 2 and all(one.warning and one.place.line == 4 for one in google.warnings)
    assert "the last 7 days, and 10 days are to be kept" in said[0] and "365 days, and 732 are asked for" in said[1]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_where_the_spec_is_silent_nothing_is_said_and_a_hold_is_never_silent(cloud: str) -> None:
    silent = plan(cloud)
    assert not silent.warnings and "daily_days" not in silent.choice("backup").size
    (warning,) = plan(cloud, ", hold: true").warnings
    assert "hold is not in the code of the cloud" in warning.what


def test_what_is_kept_longer_costs_more_and_is_in_the_plan() -> None:
    bill = [one.choice("backup").monthly.typical for one in (plan("aws"), plan("aws", LONG))]
    assert bill[1] > bill[0] * 2
    assert json.loads(json.dumps(dict(plan("aws", LONG).choice("backup").size)))["yearly_days"] == 732
