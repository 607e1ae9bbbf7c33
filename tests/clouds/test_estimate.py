"""How good an estimate is: each known price left out in turn and estimated from the nearest other region."""

from __future__ import annotations

import numpy as np
import pytest

from standfast.clouds.estimate import nearest, server_ratio
from standfast.clouds.tables import FileCatalog


def test_the_ratio_is_that_of_the_family_or_of_the_level() -> None:
    servers = {
        "a": {"m5.large": 1.0, "c5.large": 1.0, "m6g.large": 1.0, "m6g.xlarge": 2.0},
        "b": {"m5.large": 1.2, "c5.large": 1.4, "m6g.large": 0.7, "m6g.xlarge": 1.4, "m7g.large": 9.0},
        "c": {"m7g.large": 3.0},
    }
    assert server_ratio(servers, "b", "a", "m6g") == pytest.approx(0.7)
    assert server_ratio(servers, "b", "a") == pytest.approx(1.3)
    assert server_ratio(servers, "b", "a", "r8g") == pytest.approx(1.3)
    assert server_ratio(servers, "b", "c") == pytest.approx(3.0)
    with pytest.raises(ValueError, match="no server in common"):
        server_ratio(servers, "a", "c")


def test_the_nearest_region() -> None:
    places = {"here": (50.0, 8.0), "far": (0.0, 0.0), "near": (51.0, 8.0), "as near": (49.0, 8.0)}
    assert nearest("here", ["far", "near"], places) == "near"
    assert nearest("here", ["near", "as near"], places) in ("near", "as near")


@pytest.mark.parametrize(
    ("kind", "median", "within"), [("postgres", 0.01, 0.94), ("mysql", 0.02, 0.94), ("redis", 0.01, 0.94)]
)
def test_leaving_each_known_price_out(kind: str, median: float, within: float) -> None:
    """docs/catalog.md: the band of 21 % holds 94 of 100 managed prices; half are off by less than 2 %."""
    catalog = FileCatalog("aws")
    servers = {region.name: catalog.listed(region.name, "server") for region in catalog.regions()}
    places = {region.name: (region.latitude, region.longitude) for region in catalog.regions()}
    known = {
        region: catalog.listed(region, kind)
        for region in servers
        if "estimated" not in set(catalog.shelf(region, kind).quality)
    }
    errors = []
    for region, prices in known.items():
        base = nearest(region, known.keys() - {region}, places)
        for name, usd in prices.items():
            if name in known[base]:
                estimate = known[base][name] * server_ratio(servers, region, base, name.split(".")[1])
                errors.append(abs(estimate / usd - 1))
    assert len(errors) > 800
    assert np.median(errors) < median
    assert np.mean(np.array(errors) <= 0.21) >= within


# Azure states a few databases in three regions (Infracost's and an audit's lists, 2025-07): what the catalog would say
# of eastus and eastus2 from westus alone.
@pytest.mark.parametrize(
    ("region", "name", "usd", "off"),
    [
        ("eastus2", "GP_Standard_D2ds_v5", 0.178, 0.09),
        ("eastus", "B_Standard_B1ms", 0.017, 0.09),
        ("eastus2", "B_Standard_B2ms", 0.136, 0.09),
    ],
)
def test_azure_databases_from_another_region(region: str, name: str, usd: float, off: float) -> None:
    catalog = FileCatalog("azure")
    servers = {place.name: catalog.listed(place.name, "server") for place in catalog.regions()}
    westus = catalog.listed("westus", "postgres")[name]
    family = {"GP": "Ds_v5", "B_": "Bs_v2"}[name[:2]]
    estimate = westus * server_ratio(servers, region, "westus", family, catalog.words)
    assert estimate == pytest.approx(usd, rel=off)
    assert catalog.listed(region, "postgres")[name] == usd, "but what is stated there stands"


@pytest.mark.parametrize("cloud", ["azure", "gcp"])
def test_a_region_costs_in_general_what_its_servers_do(cloud: str) -> None:
    catalog = FileCatalog(cloud)
    servers = {region.name: catalog.listed(region.name, "server") for region in catalog.regions()}
    home = {"azure": "eastus", "gcp": "us-central1"}[cloud]
    found = {region: server_ratio(servers, region, home, words=catalog.words) for region in servers}
    assert found[home] == 1.0 and all(0.75 < ratio < 2.0 for ratio in found.values()), found
    assert max(found, key=lambda region: found[region]) == {"azure": "brazilsouth", "gcp": "me-central2"}[cloud]
