"""Names of Azure sizes: taken apart, refused, and their documented shares."""

from __future__ import annotations

import pytest

from standfast.clouds import azure


@pytest.mark.parametrize(
    ("name", "parts", "family"),
    [
        ("Standard_D4ads_v5", ("D", 4, False, "ads", "", 5), "Dads_v5"),
        ("Standard_E8-4ds_v5", ("E", 8, True, "ds", "", 5), "Eds_v5"),
        ("Standard_B2ms", ("B", 2, False, "ms", "", 1), "Bms"),
        ("Standard_NC24ads_A100_v4", ("NC", 24, False, "ads", "_A100", 4), "NCads_v4"),
        ("Standard_M416ms_v2", ("M", 416, False, "ms", "", 2), "Mms_v2"),
        ("GP_Standard_D2ds_v5", ("D", 2, False, "ds", "", 5), "Dds_v5"),
        ("B_Standard_B1ms", ("B", 1, False, "ms", "", 1), "Bms"),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple, family: str) -> None:
    assert azure.parse(name) == azure.Size(*parts)
    assert azure.family(name) == family


@pytest.mark.parametrize("name", ["", "D4s_v5", "Standard_", "Standard_D_v5", "standard_D4s_v5", "Standard_D4s_v5\n"])
def test_other_names_are_not_guessed_at(name: str) -> None:
    assert azure.parse(name) is None and azure.refused(name) and azure.line(name) is None


@pytest.mark.parametrize(
    "name", ["Standard_D2s_v5", "Standard_D2ps_v6", "Standard_E4as_v6", "Standard_F8als_v7", "Standard_B2ts_v2"]
)
def test_general_servers_may_be_bought(name: str) -> None:
    assert azure.refused(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Standard_NC24ads_A100_v4", "special hardware"),
        ("Standard_DC2as_v5", "special hardware"),
        ("Standard_L8s_v3", "special hardware"),
        ("Standard_D4s_v4", "previous generation"),
        ("Standard_B2ms", "previous generation"),
        ("Standard_F4s_v2", "previous generation"),
        ("Standard_E8-4s_v5", "vCPUs that are paid for and switched off"),
        ("Standard_D4_v5", "no premium disks"),
        ("Standard_D4ds_v5", "extras"),
        ("Standard_E4bs_v5", "extras"),
        ("Standard_E104is_v5", "extras"),
        ("Standard_F4ams_v6", "extras"),
    ],
)
def test_others_are_refused_with_the_reason(name: str, why: str) -> None:
    assert azure.refused(name).startswith(why)


def test_baselines_are_those_microsoft_publishes() -> None:
    # "Bsv2-series": base performance of the whole server in % of one vCPU's time: B2ts 40, B2ls 60, B2s 80, B8s 320.
    for name, vcpu, percent in (("B2ts_v2", 2, 40), ("B2ls_v2", 2, 60), ("B2s_v2", 2, 80), ("B8s_v2", 8, 320)):
        assert azure.baseline(f"Standard_{name}") * vcpu * 100 == pytest.approx(percent)
    # "B-series": B1ms 20, B2ms 60, B8ms 135.
    for name, vcpu, percent in (("B1ms", 1, 20), ("B2ms", 2, 60), ("B8ms", 8, 135)):
        assert azure.baseline(f"B_Standard_{name}") * vcpu * 100 == pytest.approx(percent)
    assert azure.baseline("Standard_B2as_v2") == azure.baseline("Standard_B2ps_v2") == 0.4
    assert azure.baseline("GP_Standard_D2ds_v5") == azure.baseline("Balanced_B3") == 1.0


def test_sizes_of_a_family_lie_on_one_line() -> None:
    assert azure.line("Standard_D48s_v5") == ("Ds_v5", 48.0)
    assert azure.line("GP_Standard_D4ds_v5") == ("GP_Dds_v5", 4.0)
    assert azure.line("Standard_B4ls_v2") == ("Bls_v2", 4.0)
    assert azure.line("Standard_B2ls_v2") is None and azure.line("B_Standard_B2ms") is None
    assert azure.line("Standard_E8-4s_v5") is None and azure.line("MemoryOptimized_M10") is None


def test_the_windows_step() -> None:
    assert azure.windows_step("Standard_D4s_v5") == pytest.approx(0.184)
    assert azure.windows_step("Standard_B4s_v2") == pytest.approx(0.0184)
    assert azure.windows_step("Balanced_B3") == 0
