"""Names of Google's sizes: taken apart, refused, and their documented shares."""

from __future__ import annotations

import pytest

from standfast.clouds import gcp


@pytest.mark.parametrize(
    ("name", "parts", "family"),
    [
        ("n2-standard-4", ("n2", "standard", 4, ""), "n2-standard"),
        ("e2-micro", ("e2", "micro", 0, ""), "e2-shared"),
        ("c4-highmem-8-lssd", ("c4", "highmem", 8, "lssd"), "c4-highmem"),
        ("c3-standard-192-metal", ("c3", "standard", 192, "metal"), "c3-standard"),
        ("a2-highgpu-1g", ("a2", "highgpu", 1, ""), "a2-highgpu"),
        ("t2d-standard-60", ("t2d", "standard", 60, ""), "t2d-standard"),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple, family: str) -> None:
    assert gcp.parse(name) == gcp.Size(*parts)
    assert gcp.family(name) == family


@pytest.mark.parametrize("name", ["", "n2", "n2-", "standard-4", "N2-standard-4", "n2-standard-4\n"])
def test_other_names_are_not_guessed_at(name: str) -> None:
    assert gcp.parse(name) is None and gcp.refused(name) and gcp.line(name) is None


@pytest.mark.parametrize("name", ["e2-micro", "e2-standard-2", "n4-highcpu-8", "c4a-highmem-1", "t2d-standard-60"])
def test_general_servers_may_be_bought(name: str) -> None:
    assert gcp.refused(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a2-highgpu-1g", "special hardware"),
        ("m3-ultramem-32", "special hardware"),
        ("z3-highmem-88", "special hardware"),
        ("c4n-standard-4", "special hardware"),
        ("n1-standard-4", "previous generation"),
        ("f1-micro", "previous generation"),
        ("c2d-highcpu-4", "previous generation"),
        ("c3-standard-192-metal", "bare metal"),
        ("c4-standard-8-lssd", "extras"),
    ],
)
def test_others_are_refused_with_the_reason(name: str, why: str) -> None:
    assert gcp.refused(name).startswith(why)


def test_shared_cores_have_the_shares_google_publishes() -> None:
    # "E2 shared-core machine types": vCPU that can be used without end, of two: micro 0.25, small 0.5, medium 1.
    for name, whole in (("e2-micro", 0.25), ("e2-small", 0.5), ("e2-medium", 1.0)):
        assert gcp.baseline(name) * 2 == whole
    assert gcp.baseline("e2-standard-2") == gcp.baseline("db-custom-2-7680") == 1.0


def test_sizes_of_a_family_lie_on_one_line() -> None:
    assert gcp.line("n2-highmem-64") == ("n2-highmem", 64.0)
    assert gcp.line("n2-highmem-128") is None, "it has 864 GB, not 1,024"
    assert gcp.line("e2-medium") is None and gcp.line("redis-m1-1gb") is None
    assert gcp.line("db-custom-4-15360") == ("db-custom of 3840 MB per vCPU", 4.0)
    assert gcp.windows_step("n2-standard-4") == 0
