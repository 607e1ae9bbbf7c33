"""Which promise a change breaks: Terraform's JSON in, sentences with the lines of the spec out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from standfast.blueprint import Blueprint, make_blueprint
from standfast.operate.drift import Change, Drift, changes_in
from standfast.operate.rules import MIRRORS, RULES, firewall_rules
from standfast.plan import Plan
from tests.shop import shop_plan


@lru_cache
def shop() -> tuple[Plan, Blueprint]:
    plan = shop_plan()
    return plan, make_blueprint(plan)


def drifted(address: str, before: dict | None, after: dict | None, **more: Any) -> dict[str, Any]:
    kind, _, name = address.partition(".")
    actions = ["delete"] if after is None else ["update"]
    change = {"actions": actions, "before": before, "after": after, **more}
    return {"address": address, "type": kind, "name": name, "change": change}


def seen(*drift: dict[str, Any]) -> dict[str, Any]:
    """A plan as `terraform show -json` tells it, with the configuration that the blueprint stands for."""
    _, blueprint = shop()
    configured = [
        {"address": one.address, "type": one.kind, "expressions": {key: {} for key in one.settings}}
        for one in blueprint.resources
    ]
    return {"resource_drift": list(drift), "configuration": {"root_module": {"resources": configured}}}


def changes(*drift: dict[str, Any]) -> tuple[Change, ...]:
    return changes_in(seen(*drift), *shop())


def rule(**more: Any) -> dict[str, Any]:
    return {
        "protocol": "tcp",
        "from_port": 8081,
        "to_port": 8081,
        "cidr_blocks": [],
        "security_groups": ["sg-1"],
        **more,
    }


def test_an_opened_firewall_breaks_the_security_promise_of_its_line() -> None:
    opened = rule(from_port=22, to_port=22, cidr_blocks=["0.0.0.0/0"], security_groups=[])
    marks = {"before_sensitive": {"ingress": [{"cidr_blocks": []}]}, "after_sensitive": {"ingress": [{}, {}]}}
    (found,) = changes(drifted("aws_security_group.api", {"ingress": [rule()]}, {"ingress": [opened, rule()]}, **marks))
    assert found.sentence == "the firewall of api was opened: tcp 22 from 0.0.0.0/0"
    assert found.component == "api"
    assert found.place.short.endswith("shop.yaml:23")
    assert found.breaks is not None and found.breaks.measure == "security.checks"
    assert found.breaks.place.line == shop()[0].system.where("security").line


def test_a_rule_that_was_taken_away_is_told_once() -> None:
    """Terraform sees it twice: the rule is gone, and the group lists it no more."""
    rules = [one.address for one in shop()[1].find("aws_vpc_security_group_ingress_rule")]
    group = drifted("aws_security_group.api", {"ingress": [rule()]}, {"ingress": []})
    (found,) = changes(group, drifted(rules[0], {"cidr_ipv4": None}, None))
    assert found.breaks is not None and found.breaks.measure == "reliability.availability"


@pytest.mark.parametrize(
    ("address", "before", "after", "measure", "sentence"),
    [
        ("aws_db_instance.orders", {"backup_retention_period": 14}, {"backup_retention_period": 1},
         "reliability.rpo.corruption", "backups of orders are kept 1 d, not 14 d"),
        ("aws_db_instance.orders", {"multi_az": True}, {"multi_az": False},
         "reliability.rto.zone", "orders has no standby in a second zone any more"),
        ("aws_db_instance.orders", {"publicly_accessible": False}, {"publicly_accessible": True},
         "security.checks", "orders can be reached from the internet"),
        ("aws_autoscaling_group.api", {"max_size": 12}, {"max_size": 6},
         "scalability.peak", "api grows to 6 servers, not 12"),
        ("aws_s3_bucket_server_side_encryption_configuration.images", {"rule": [1]}, None,
         "security.checks", "images is no longer encrypted with the system's own key"),
        ("aws_s3_bucket_public_access_block.images", {"block_public_policy": True}, {"block_public_policy": False},
         "security.checks", "images may be made public: block_public_policy is off"),
        ("aws_cloudfront_distribution.images", {"enabled": True}, None,
         "performance.p95", "content is no longer delivered from near the users"),
        ("aws_nat_gateway.nat_1", {"id": "nat-1"}, None,
         "reliability.availability", "aws_nat_gateway.nat_1 is gone"),
    ],
)  # fmt: skip
def test_which_promise_a_change_breaks(
    address: str, before: dict, after: dict | None, measure: str, sentence: str
) -> None:
    (found,) = changes(drifted(address, before, after))
    assert found.sentence == sentence
    assert found.breaks is not None and found.breaks.measure == measure


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [
        ("aws_db_instance.orders", {"latest_restorable_time": "a"}, {"latest_restorable_time": "b"}),
        ("aws_lb.main", {"tags": None, "tags_all": {}}, {"tags": {}, "tags_all": {"a": "b"}}),
        ("aws_eip.nat_1", {"association_id": ""}, {"association_id": "eipassoc-1"}),
        # what shows on the bucket is the policy's own, which is told where it belongs
        ("aws_s3_bucket.images", {"policy": "{}"}, {"policy": '{"a": 1}'}),
    ],
)
def test_what_aws_fills_in_by_itself_is_no_change(address: str, before: dict, after: dict) -> None:
    assert changes(drifted(address, before, after)) == ()


def test_a_change_to_something_better_breaks_nothing_but_is_told() -> None:
    longer = drifted("aws_db_instance.orders", {"backup_retention_period": 14}, {"backup_retention_period": 30})
    (found,) = changes(longer)
    assert found.breaks is None
    assert found.sentence == "backup_retention_period was changed from 14 to 30"


def test_a_secret_is_never_shown() -> None:
    address = "aws_elasticache_replication_group.sessions"
    marks = {"before_sensitive": {"auth_token": True}, "after_sensitive": {"auth_token": True}}
    (found,) = changes(drifted(address, {"auth_token": "hunter2"}, {"auth_token": "hunter3"}, **marks))
    assert "hunter" not in repr(found)


def test_broken_promises_come_first() -> None:
    told = changes(
        drifted("aws_db_instance.orders", {"allocated_storage": 400}, {"allocated_storage": 500}),
        drifted("aws_cloudtrail.main", {"enable_logging": True}, {"enable_logging": False}),
    )
    assert [one.breaks is None for one in told] == [False, True]


def test_the_verdict_follows_from_what_is_known() -> None:
    (change,) = changes(drifted("aws_db_instance.orders", {"multi_az": True}, {"multi_az": False}))
    assert Drift("shop", "emulator", True, "").verdict == "kept"
    assert Drift("shop", "emulator", True, "", (change,)).verdict == "broken"
    assert Drift("shop", "emulator", False, "its server is gone").verdict == "unknown"
    assert [one.measure for one in Drift("shop", "emulator", True, "", (change, change)).broken] == [
        "reliability.rto.zone"
    ]


def test_every_rule_is_about_something_and_names_measures_that_exist() -> None:
    known = {one.measure for one in shop()[0].promises} | {"performance.p99"}
    for one in RULES:
        assert known & set(one.measures), f"no plan has {one.measures}"
        one.sentence.format(component="c", address="a", attribute="x", before=1, after=2, rules="r", name="n")
    keys = [(one.kind, one.attribute) for one in RULES]
    assert len(keys) == len(set(keys)), "the second of two rules would never be used"
    assert all(
        kind == mirrored.rpartition("_")[0] or mirrored.startswith(kind) for (kind, _), (mirrored, _) in MIRRORS.items()
    )


def test_rules_name_kinds_that_the_blueprint_has() -> None:
    """A rule about a kind that is never built guards nothing: this shows a renamed kind."""
    built = {one.kind for one in shop()[1].resources}
    unused = {one.kind for one in RULES} - built
    assert unused <= {"aws_guardduty_detector", "aws_db_parameter_group"}, unused


def test_a_firewall_rule_in_words() -> None:
    assert (
        firewall_rules([rule(protocol="-1", cidr_blocks=["::/0"], security_groups=[])], "egress")
        == "everything to ::/0"
    )
    assert firewall_rules([rule(to_port=8090)], "ingress") == "tcp 8081-8090 from sg-1"
    assert firewall_rules([rule(security_groups=[])], "ingress") == "tcp 8081 from its own group"
