"""What is taken from each cloud's price list, on recordings; and lists that are not as they were."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.clouds import load_catalog
from standfast.clouds.refresh import _wanted, aws, azure, gcp
from standfast.clouds.refresh.quote import Quote, Wanted
from standfast.clouds.refresh.web import Web
from standfast.clouds.tables import FileCatalog
from standfast.problem import Problems
from tests.clouds.price_server import RECORDINGS, Answer, PriceServer, recorded, serving

KEY = "AIzaSy-a-key-of-tests-0123456789"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)


def wanted(cloud: str) -> Wanted:
    return _wanted(FileCatalog(cloud), "2026-11-23")


def aws_answers(path: str) -> Answer | None:
    for offer, name in (("AmazonEC2", "ec2"), ("AmazonRDS", "rds"), ("AmazonElastiCache", "elasticache")):
        if path == f"/offers/v1.0/aws/{offer}/current/eu-west-1/index.csv":
            return recorded(f"aws-{name}.csv")
    return None


def azure_answers(path: str) -> Answer | None:
    assert path.startswith("/api/retail/prices?currencyCode=USD&$filter=serviceName eq '"), path
    if "$skip=1000" in path:
        return recorded("azure-vm-2.json")
    assert path.endswith("' and armRegionName eq 'westeurope' and priceType eq 'Consumption'")
    service = path.partition("serviceName eq '")[2].partition("'")[0]
    return recorded({
        "Virtual Machines": "azure-vm-1.json", "Azure Database for PostgreSQL": "azure-postgres.json",
        "Azure Database for MySQL": "azure-mysql.json", "Redis Cache": "azure-redis.json",
    }[service])  # fmt: skip


def gcp_answers(path: str) -> Answer | None:
    if path.startswith("/v1/services?"):
        return recorded("gcp-services.json")
    assert "currencyCode=USD" in path and "pageSize=5000" in path
    if "6F81-5844-456A" in path:
        return recorded("gcp-compute-2.json" if "pageToken=AGcx7ZQ" in path else "gcp-compute-1.json")
    return recorded("gcp-sql.json" if "9662-B51E-5089" in path else "gcp-redis.json")


def read(reader, cloud: str, region: str, answers: Callable[[str], Answer | None]) -> tuple[list[Quote], PriceServer]:
    with serving(answers) as server:
        web = Web(sleep=lambda seconds: None, seconds=5)
        found = dict(reader.read(web, server.url, [region], wanted(cloud)))
    assert list(found) == [region]
    return found[region], server


def priced(quotes: list[Quote]) -> dict[tuple[str, str], float]:
    return {(one.kind, one.name): one.usd for one in quotes}


def test_aws_linux_on_shared_machines_on_demand_and_nothing_else() -> None:
    quotes, server = read(aws, "aws", "eu-west-1", aws_answers)
    assert priced(quotes) == {
        ("server", "m7i.large"): 0.11235, ("server", "m5.large"): 0.107, ("server", "t3.micro"): 0.0114,
        ("item", "nat.hour"): 0.048, ("item", "nat.gb"): 0.048, ("item", "disk.gp3.gb_month"): 0.088,
        ("postgres", "db.r6g.large"): 0.25, ("postgres-multi-az", "db.r6g.large"): 0.5,
        ("mysql", "db.r6g.large"): 0.239, ("item", "database.storage.gb_month"): 0.127,
        ("item", "database.storage_multi_az.gb_month"): 0.254, ("redis", "cache.r6g.large"): 0.228,
        ("valkey", "cache.r6g.large"): 0.1824,
    }  # fmt: skip
    assert [one.usd for one in quotes if (one.kind, one.name) == ("server", "m5.large")] == [0.107]
    assert {one.date for one in quotes} == {"2026-09-25"}
    assert quotes[0].source == "AWS Price List, AmazonEC2 version 20260925174521"
    assert len(server.asked) == 3


def test_azure_over_all_pages_without_windows_and_spot() -> None:
    quotes, server = read(azure, "azure", "westeurope", azure_answers)
    found = priced(quotes)
    assert {key: usd for key, usd in found.items() if key[0] == "server"} == {
        ("server", "Standard_D2s_v5"): 0.115, ("server", "Standard_D4s_v5"): 0.23,
    }  # fmt: skip
    assert len(server.asked) == 5, "one service has two pages"
    # the series is priced per vCore: in one sku, or where several counts tell that each states all of its vCores
    assert found["postgres", "GP_Standard_D4ds_v5"] == pytest.approx(4 * 0.102)
    assert found["postgres", "GP_Standard_D8ads_v5"] == pytest.approx(8 * 0.091)
    assert found["postgres-multi-az", "GP_Standard_D8ads_v5"] == pytest.approx(16 * 0.091)
    assert found["postgres", "B_Standard_B1ms"] == 0.0209 and ("postgres-multi-az", "B_Standard_B1ms") not in found
    assert ("postgres", "MO_Standard_E4s_v3") not in found, "one count alone does not tell whose price it is"
    assert found["mysql", "MO_Standard_E16ds_v4"] == pytest.approx(16 * 0.15)
    assert {key: usd for key, usd in found.items() if key[0] == "redis"} == {
        ("redis", "Balanced_B5"): 0.157, ("redis", "MemoryOptimized_M10"): 0.26,
    }  # fmt: skip
    notes = {one.kind: one.note for one in quotes if one.name == "GP_Standard_D4ds_v5"}
    assert notes["postgres"] == azure.PER_VCORE and "standby" in notes["postgres-multi-az"]


@pytest.mark.parametrize(
    ("prices", "each"),
    [
        ({1: {0.1}}, 0.1), ({1: {0.1}, 4: {0.4}}, 0.1), ({2: {0.2}, 4: {0.4}}, 0.1), ({2: {0.1}, 4: {0.1}}, 0.1),
        ({1: {0.1}, 4: {0.1}}, 0.1), ({4: {0.4}}, None), ({2: {0.2}, 4: {0.5}}, None), ({1: {0.1, 0.2}}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_price_of_a_vcore_only_where_it_is_told(prices: dict[int, set[float]], each: float | None) -> None:
    assert azure.per_vcore(prices) == (pytest.approx(each) if each else None)


def test_google_makes_sizes_of_vcpus_and_memory() -> None:
    quotes, server = read(gcp, "gcp", "us-central1", gcp_answers)
    found = priced(quotes)
    # The shipped prices come from another program's reading of the same list, size by size: they must agree.
    shelf = load_catalog("gcp").shelf("us-central1", "server")
    shipped = dict(zip(map(str, shelf.name), map(float, shelf.usd_hour), strict=True))
    compared = 0
    for (kind, name), usd in found.items():
        if kind == "server":
            assert usd == pytest.approx(shipped[name], rel=1e-4), name
            compared += 1
    assert compared > 60 and {name.split("-")[0] for kind, name in found if kind == "server"} == {"n2", "n2d", "e2"}
    assert ("server", "c4a-standard-4") not in found, "there is no price for its memory"
    assert found["postgres", "db-custom-4-15360"] == pytest.approx(4 * 0.0413 + 15 * 0.007) == pytest.approx(0.2702)
    assert found["postgres-multi-az", "db-custom-4-15360"] == pytest.approx(0.5404)
    assert found["postgres", "db-f1-micro"] == 0.0105
    assert ("mysql", "db-custom-4-15360") not in found
    assert found["redis", "redis-m1-3gb"] == pytest.approx(3 * 0.049)
    assert found["redis-replicated", "redis-m1-3gb"] == pytest.approx(3 * 0.064)
    assert all(headers["x-goog-api-key"] == KEY for headers in server.headers)
    assert not any(KEY in path for path in server.asked), "a key in a path would be in every log"


@pytest.mark.parametrize("key", ["", "  ", "short", "has space in it", "a" * 500, "line\nbreak-in-the-key"])
def test_google_without_a_key_says_how_to_get_one(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", key)
    with serving(gcp_answers) as server, pytest.raises(Problems) as caught:
        list(gcp.read(Web(), server.url, ["us-central1"], wanted("gcp")))
    assert "GOOGLE_API_KEY" in str(caught.value) and "console" in str(caught.value)
    assert not server.asked and (not key.strip() or key not in str(caught.value))


def test_a_refused_key_is_not_shown() -> None:
    with serving(lambda path: Answer(KEY.encode(), 403)) as server, pytest.raises(Problems) as caught:
        list(gcp.read(Web(), server.url, ["us-central1"], wanted("gcp")))
    assert "check the key" in str(caught.value) and KEY not in str(caught.value)


def altered(name: str, old: str, new: str) -> Answer:
    text = (RECORDINGS / name).read_text()
    assert old in text
    return Answer(text.replace(old, new).encode())


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"PricePerUnit"', '"Price"', "no column PricePerUnit"),
        ('"SKU"', '"Sku"', "something else than a price list"),
        ('"Hrs"', '""', "is not written as it was"),
        ('"Compute Instance"', '""', "is not written as it was"),
    ],
)
def test_an_aws_list_of_another_form(old: str, new: str, what: str) -> None:
    with serving(lambda path: altered("aws-ec2.csv", old, new)) as server, pytest.raises(Problems, match=what):
        list(aws.read(Web(), server.url, ["eu-west-1"], wanted("aws")))


def pages(answer: object) -> Answer:
    return Answer(json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ({}, "something else than prices"),
        ({"Items": {}}, "something else than prices"),
        ({"Items": [], "BillingCurrency": "EUR"}, "something else than prices in USD"),
        ({"Items": [{"a": 1}, {"b": 2}]}, "not written as it was"),
        ({"Items": [], "NextPageLink": "https://elsewhere.example/steal"}, "leads to a page that is none"),
        ({"Items": [], "NextPageLink": 5}, "leads to a page that is none"),
        ({"Items": [], "NextPageLink": "https://x/api/retail/prices?$skip=1"}, "the same page again"),
    ],
)
def test_an_azure_list_of_another_form(answer: dict, what: str) -> None:
    with serving(lambda path: pages(answer)) as server, pytest.raises(Problems, match=what):
        list(azure.read(Web(), server.url, ["westeurope"], wanted("azure")))


def test_a_next_page_is_asked_of_the_same_host_whatever_it_says() -> None:
    first = {"Items": [], "NextPageLink": "https://elsewhere.example/api/retail/prices?page=2"}
    with serving(lambda path: pages({"Items": []} if "page=2" in path else first)) as server:
        assert dict(azure.read(Web(), server.url, ["westeurope"], wanted("azure"))) == {"westeurope": []}
    assert [path for path in server.asked if "page=2" in path]


@pytest.mark.parametrize(
    ("services", "skus", "what"),
    [
        ({"services": []}, {}, "knows no service Compute Engine"),
        ({"services": {}}, {}, "something else than services"),
        ({"services": [{"displayName": "Compute Engine", "name": "../../secret"}]}, {}, "knows no service"),
        (None, {"skus": [{"skuId": "1"}]}, "not written as it was"),
        (None, {"skus": [], "nextPageToken": "again"}, "no end of pages"),
    ],
)
def test_a_google_list_of_another_form(services: dict | None, skus: dict, what: str) -> None:
    def answers(path: str) -> Answer:
        if path.startswith("/v1/services?"):
            return recorded("gcp-services.json") if services is None else pages(services)
        return pages(skus)

    with serving(answers) as server, pytest.raises(Problems, match=what):
        list(gcp.read(Web(), server.url, ["us-central1"], wanted("gcp")))


def test_a_thing_with_two_prices_has_none() -> None:
    def answers(path: str) -> Answer | None:
        if "6F81" in path and "pageToken" in path:
            return altered("gcp-compute-2.json", "N2D AMD Instance Core running", "N2 Instance Core running")
        return gcp_answers(path)

    quotes, _ = read(gcp, "gcp", "us-central1", answers)
    assert {one.name.split("-")[0] for one in quotes if one.kind == "server"} == {"e2"}


values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["Items", "NextPageLink", "productName", "skuName", "armRegionName", "unitOfMeasure", "type", "retailPrice",
         "skus", "services", "name", "displayName", "description", "serviceRegions", "pricingInfo", "category",
         "usageType", "pricingExpression", "tieredRates", "unitPrice", "units", "nanos", "nextPageToken"]
    ), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["Items", "skus", "services", "NextPageLink", "nextPageToken"]), values))
def test_no_answer_brings_a_reader_down(answer: dict) -> None:
    class Canned(Web):
        def json(self, url: str) -> dict:
            if "/v1/services?" in url:
                return json.loads((RECORDINGS / "gcp-services.json").read_text())
            return answer

    for reader, cloud, region in ((azure, "azure", "westeurope"), (gcp, "gcp", "us-central1")):
        try:
            list(reader.read(Canned(), "http://127.0.0.1", [region], SIZES[cloud]))
        except Problems as caught:
            assert caught.problems


SIZES = {cloud: wanted(cloud) for cloud in ("azure", "gcp")}
