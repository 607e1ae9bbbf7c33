"""Names of AWS sizes: taken apart, refused, and their documented shares and factors."""

from __future__ import annotations

import pytest

from standfast.clouds import aws


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("m7g.large", ("m7g", "m", 7, "g", "", False, "large")),
        ("c7i-flex.2xlarge", ("c7i-flex", "c", 7, "i", "", True, "2xlarge")),
        ("db.r6g.16xlarge", ("r6g", "r", 6, "g", "", False, "16xlarge")),
        ("cache.t4g.micro", ("t4g", "t", 4, "g", "", False, "micro")),
        ("m5.metal", ("m5", "m", 5, "", "", False, "metal")),
        ("c6gn.4xlarge", ("c6gn", "c", 6, "g", "n", False, "4xlarge")),
        ("r5dn.large", ("r5dn", "r", 5, "", "dn", False, "large")),
        ("m8idb.xlarge", ("m8idb", "m", 8, "i", "db", False, "xlarge")),
        ("x2iedn.xlarge", ("x2iedn", "x", 2, "i", "edn", False, "xlarge")),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple) -> None:
    assert aws.parse(name) == aws.Size(*parts)


@pytest.mark.parametrize(
    "name", ["", "m5", "m5.", ".large", "u-6tb1.metal", "p6-b200.48xlarge", "M5.large", "m5.large\n"]
)
def test_other_names_are_not_guessed_at(name: str) -> None:
    assert aws.parse(name) is None and aws.refused(name)


@pytest.mark.parametrize("name", ["m5.large", "t3.nano", "t4g.2xlarge", "c8g.48xlarge", "r7a.medium", "m7i-flex.large"])
def test_general_servers_may_be_bought(name: str) -> None:
    assert aws.refused(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("m5.metal", "bare metal"),
        ("m7i.metal-24xl", "bare metal"),
        ("m4.large", "previous generation"),
        ("t2.micro", "previous generation"),
        ("g5.xlarge", "special hardware"),
        ("i4i.large", "special hardware"),
        ("hpc7g.4xlarge", "special hardware"),
        ("m6gd.large", "extras"),
        ("c5n.large", "extras"),
        ("r7iz.large", "extras"),
    ],
)
def test_others_are_refused_with_the_reason(name: str, why: str) -> None:
    assert aws.refused(name).startswith(why)


def test_baselines_are_those_amazon_publishes() -> None:
    # Credits per hour of the user guide: t3.micro 12, t3.medium 24, t3.2xlarge 192. A credit is a vCPU minute.
    for name, vcpu, credits in (
        ("t3.micro", 2, 12),
        ("t3.medium", 2, 24),
        ("t4g.large", 2, 36),
        ("t3.2xlarge", 8, 192),
    ):
        assert aws.baseline(name) * vcpu * 60 == pytest.approx(credits)
    assert aws.baseline("db.t4g.medium") == aws.baseline("t4g.medium") == 0.2
    assert aws.baseline("m7i-flex.large") == 0.4
    assert aws.baseline("m7i.large") == 1.0


def test_factors_double_with_the_size() -> None:
    sizes = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge"]
    factors = [aws.factor(f"t3.{size}") for size in sizes]
    assert factors == [0.25 * 2**n for n in range(9)]
    assert aws.factor("m5.metal") is None and aws.factor("m7i.metal-24xl") is None
