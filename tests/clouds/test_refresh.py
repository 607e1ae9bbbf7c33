"""The whole refresh: from a price list on loopback to a catalog folder that plans can use, or nothing at all."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest

from standfast.cli import run
from standfast.clouds import load_catalog
from standfast.clouds.checking import check_shipped
from standfast.clouds.refresh import aws, catalog_in, default_folder, folder, refresh
from standfast.clouds.refresh.quote import Quote
from standfast.clouds.refresh.web import Web
from standfast.clouds.tables import DATA, FileCatalog, lock_of, rows
from standfast.problem import Problems
from tests.clouds.price_server import Answer, PriceServer, serving

TODAY = "2026-11-23"
COLUMNS = ("SKU", "TermType", "Unit", "PricePerUnit", "Currency", "Product Family", "Region Code", "Instance Type",
           "Tenancy", "Operating System", "CapacityStatus", "Pre Installed S/W", "Database Engine",
           "Deployment Option", "Cache Engine", "usageType")  # fmt: skip
KINDS = {"AmazonEC2": ("server",), "AmazonRDS": ("postgres", "postgres-multi-az", "mysql", "mysql-multi-az"),
         "AmazonElastiCache": ("redis", "valkey")}  # fmt: skip
Change = Callable[[str, str, float], float | None]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def dearer(kind: str, name: str, usd: float) -> float | None:
    return usd * 1.02


def price_list(offer: str, region: str, change: Change) -> bytes:
    """A list of AWS's with the prices of the shipped catalog, changed; beside them rows that are not wanted."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([["FormatVersion", "v1.0"], ["Publication Date", "2026-11-20T01:02:03Z"], ["Version", "7"]])
    writer.writerow(COLUMNS)

    def row(**more: str) -> None:
        cells = {"SKU": "S", "TermType": "OnDemand", "Unit": "Hrs", "Currency": "USD", "Region Code": region, **more}
        writer.writerow([cells.get(column, "") for column in COLUMNS])

    engines = {"postgres": "PostgreSQL", "mysql": "MySQL", "redis": "Redis", "valkey": "Valkey"}
    families = {
        "AmazonEC2": "Compute Instance",
        "AmazonRDS": "Database Instance",
        "AmazonElastiCache": "Cache Instance",
    }
    for kind in KINDS[offer]:
        for name, usd in FileCatalog("aws").listed(region, kind).items():
            new = change(kind, name, usd)
            if new is None:
                continue
            engine = engines.get(kind.partition("-")[0], "")
            more = {
                "Product Family": families[offer], "Instance Type": name, "PricePerUnit": f"{new:.10f}",
                "Tenancy": "Shared", "Operating System": "Linux", "CapacityStatus": "Used", "Pre Installed S/W": "NA",
                "Database Engine": engine, "Cache Engine": engine,
                "Deployment Option": "Multi-AZ" if "multi" in kind else "Single-AZ",
            }  # fmt: skip
            row(**more)
            row(**{**more, "Operating System": "Windows", "Database Engine": "Oracle", "Cache Engine": "Memcached"})
    if offer == "AmazonEC2":
        row(**{"Product Family": "NAT Gateway", "usageType": "EU-NatGateway-Hours", "PricePerUnit": "0.049"})
    return out.getvalue().encode()


def lists(change: Change = dearer) -> Callable[[str], Answer | None]:
    def answer(path: str) -> Answer | None:
        _, _, _, _, offer, _, region, _ = path.split("/")
        return Answer(price_list(offer, region, change))

    return answer


@pytest.fixture
def served() -> Generator[PriceServer]:
    with serving(lists()) as server:
        yield server


def read(server: PriceServer, target: Path, region: str | None = "eu-west-1", steps: list[str] | None = None):
    said = steps if steps is not None else []
    web = Web(said.append, sleep=lambda seconds: None, seconds=10)
    return refresh("aws", target, region=region, today=TODAY, step=said.append, web=web, endpoint=server.url)


def everything(target: Path) -> dict[str, bytes]:
    return {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}


def test_a_region_is_read_into_a_catalog_of_its_own(served: PriceServer, tmp_path: Path) -> None:
    target = tmp_path / "catalog"
    steps: list[str] = []
    done = read(served, target, steps=steps)
    catalog = catalog_in(target, "aws")
    assert isinstance(catalog, FileCatalog) and catalog.data == target
    shipped = load_catalog("aws")
    for kind in ("server", "postgres-multi-az", "valkey"):
        old, new = (one.shelf("eu-west-1", kind) for one in (shipped, catalog))
        assert dict(zip(new.name, new.usd_hour, strict=True)) == pytest.approx(
            {name: usd * 1.02 for name, usd in zip(old.name, old.usd_hour, strict=True)}, rel=1e-5
        )
        assert set(new.quality) == {"exact"} and set(new.date) == {"2026-11-20"}
        assert all("AWS Price List" in text and "version 7" in text for text in new.source)
    assert catalog.price("eu-west-1", "nat.hour").usd == 0.049
    assert catalog.price("eu-west-1", "nat.gb") == shipped.price("eu-west-1", "nat.gb"), "what was not read stays"
    old, new = (one.shelf("eu-west-2", "server") for one in (shipped, catalog))
    assert (old.usd_hour == new.usd_hour).all() and (old.source == new.source).all()
    assert check_shipped(catalog) == [] and catalog.facts()["lock"] == lock_of(target, "aws")
    assert catalog.facts()["lock"] != shipped.facts()["lock"] and catalog.facts()["newest"] == "2026-11-20"
    assert done.taken["eu-west-1"] > 400 and done.notes == ()
    assert rows(target / "refreshed.csv") == [
        {"cloud": "aws", "region": "eu-west-1", "read": TODAY, "prices": str(done.taken["eu-west-1"])}
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["catalog"], "nothing is left beside it"
    assert "eu-west-1: AmazonEC2" in steps and "cleaning and checking" in steps
    assert catalog_in(target, "gcp") is load_catalog("gcp"), "the other clouds are the shipped ones"


def test_the_same_prices_give_the_same_bytes_and_a_second_region_joins(served: PriceServer, tmp_path: Path) -> None:
    for name in ("a", "b"):
        read(served, tmp_path / name)
    assert everything(tmp_path / "a") == everything(tmp_path / "b")
    read(served, tmp_path / "a", "us-east-1")
    assert [row["region"] for row in rows(tmp_path / "a" / "refreshed.csv")] == ["eu-west-1", "us-east-1"]
    for region in ("eu-west-1", "us-east-1"):
        assert set(catalog_in(tmp_path / "a", "aws").shelf(region, "server").date) == {"2026-11-20"}


def test_a_folder_follows_the_shipped_catalog_with_what_was_read_laid_over(served: PriceServer, tmp_path: Path) -> None:
    """As after an upgrade: what the folder has of the shipped figures is old, what was read is kept."""
    target, shipped = tmp_path / "catalog", load_catalog("aws")
    read(served, target)
    before = catalog_in(target, "aws").shelf("eu-west-1", "server")
    prices = target / "aws" / "prices"
    stale = (prices / "eu-west-2.csv").read_text().replace("server,m5.large,", "server,m5.large,9")
    (prices / "eu-west-2.csv").write_text(stale)
    text = (prices / "eu-west-1.csv").read_text()
    source = text.splitlines()[-1].split(",")[-1]
    (prices / "eu-west-1.csv").write_text(text + f"valkey,cache.m99.large,99,{source}\n")
    done = read(served, target, "us-east-1")
    assert list(done.taken) == ["us-east-1"] and done.notes == ()
    catalog = catalog_in(target, "aws")
    assert (catalog.shelf("eu-west-1", "server").usd_hour == before.usd_hour).all()
    assert "cache.m99.large" not in catalog.shelf("eu-west-1", "valkey").name
    assert (catalog.shelf("eu-west-2", "server").usd_hour == shipped.shelf("eu-west-2", "server").usd_hour).all()
    assert check_shipped(FileCatalog("aws", target)) == []


def test_what_was_read_before_and_cannot_be_right_now_is_told(served: PriceServer, tmp_path: Path) -> None:
    target = tmp_path / "catalog"
    read(served, target)
    path = target / "aws" / "prices" / "eu-west-1.csv"
    lines = [line.split(",") for line in path.read_text().splitlines()]
    far = [[kind, name, f"{float(usd) * 50:.6g}", source] for kind, name, usd, source in lines[1:]]
    path.write_text("\n".join(",".join(line) for line in [lines[0], *far]) + "\n")
    done = read(served, target, "us-east-1")
    assert [note.partition(":")[0] for note in done.notes] == ["eu-west-1"] and "read it again" in done.notes[0]
    old, new = (one.shelf("eu-west-1", "server") for one in (load_catalog("aws"), catalog_in(target, "aws")))
    assert (old.usd_hour == new.usd_hour).all()
    assert [row["region"] for row in rows(target / "refreshed.csv")] == ["us-east-1"]


def test_a_folder_holds_several_clouds(served: PriceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "AIzaSy-a-key-of-tests-0123456789")
    read(served, tmp_path / "c")
    with serving(google_lists("europe-west1")) as server:
        web = Web(seconds=10)
        refresh("gcp", tmp_path / "c", region="europe-west1", today=TODAY, web=web, endpoint=server.url)
    for cloud, region in (("aws", "eu-west-1"), ("gcp", "europe-west1")):
        catalog = catalog_in(tmp_path / "c", cloud)
        assert isinstance(catalog, FileCatalog) and check_shipped(catalog) == []
        assert "2026-11" in str(catalog.shelf(region, "server").date[0])
    assert [row["cloud"] for row in rows(tmp_path / "c" / "refreshed.csv")] == ["aws", "gcp"]


def test_a_folder_of_another_version_is_not_read_by_guess(served: PriceServer, tmp_path: Path) -> None:
    read(served, tmp_path / "c")
    path = tmp_path / "c" / "aws" / "slas.csv"
    text = path.read_text()
    path.write_text(text.replace("uptime", "availability", 1))
    with pytest.raises(Problems, match="written by another Standfast"):
        catalog_in(tmp_path / "c", "aws")
    path.unlink()
    with pytest.raises(Problems, match="write it anew"):
        catalog_in(tmp_path / "c", "aws")
    read(served, tmp_path / "c", "eu-west-2")
    assert path.read_text() == text and catalog_in(tmp_path / "c", "aws").sla("balancer")


def test_a_run_that_was_cut_short_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    regions = ["eu-west-1", "eu-west-2", "eu-west-3"]
    monkeypatch.setattr("standfast.clouds.refresh.chosen", lambda base, region: regions)
    good, broken = lists(), Answer(b'"FormatVersion","v1.0"\n', length=10_000)
    with serving(lambda path: broken if "eu-west-3" in path else good(path)) as server:
        with pytest.raises(Problems, match="stopped in the middle"):
            read(server, tmp_path / "catalog")
        assert not (tmp_path / "catalog").exists()
        kept = sorted(path.name for path in (tmp_path / ".catalog.partial" / "aws").iterdir())
        assert kept == ["eu-west-1.csv", "eu-west-2.csv"]
        server.asked.clear()
        (tmp_path / ".catalog.partial" / "aws" / "eu-west-2.csv").write_text("damaged")
        server.answer = good
        done = read(server, tmp_path / "catalog")
        asked = {path.split("/")[-2] for path in server.asked}
    assert asked == {"eu-west-2", "eu-west-3"} and set(done.taken) == set(regions)
    assert not (tmp_path / ".catalog.partial").exists()


def test_what_was_read_yesterday_is_read_again(served: PriceServer, tmp_path: Path) -> None:
    target, quotes = tmp_path / "catalog", [Quote("server", "m5.large", 0.1, "a list, of today", "2026-11-20", "")]
    folder.keep(target, "aws", "eu-west-1", "2026-11-22", quotes)
    assert folder.kept(target, "aws", "eu-west-1", "2026-11-22") == quotes
    assert folder.kept(target, "aws", "eu-west-1", TODAY) is None
    read(served, tmp_path / "catalog")
    assert len(served.asked) == 3


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda kind, name, usd: 0.0, "cannot be right"),
        (lambda kind, name, usd: usd * 100, "cannot be right"),
        (lambda kind, name, usd: usd if name.startswith("t3.") else None, "servers known in eu-west-1"),
        (lambda kind, name, usd: None, "names 0 of the"),
    ],
)
def test_absurd_prices_change_nothing(change: Change, what: str, served: PriceServer, tmp_path: Path) -> None:
    read(served, tmp_path / "catalog")
    before = everything(tmp_path / "catalog")
    with serving(lists(change)) as server, pytest.raises(Problems) as caught:
        read(server, tmp_path / "catalog")
    assert (
        what in str(caught.value)
        and "aws eu-west-1" in str(caught.value)
        and "nothing was written" in str(caught.value)
    )
    assert everything(tmp_path / "catalog") == before


def test_a_few_bad_prices_are_left_out_and_told(tmp_path: Path) -> None:
    def slipped(kind: str, name: str, usd: float) -> float:
        return usd * 10 if (kind, name) == ("server", "m5.xlarge") else usd * 1.02

    with serving(lists(slipped)) as server:
        done = read(server, tmp_path / "catalog")
    assert len(done.notes) == 1 and "m5.xlarge in eu-west-1" in done.notes[0]
    assert "m5.xlarge" not in catalog_in(tmp_path / "catalog", "aws").shelf("eu-west-1", "server").name


def test_a_kind_that_is_hardly_there_keeps_its_old_prices(tmp_path: Path) -> None:
    def no_mysql(kind: str, name: str, usd: float) -> float | None:
        return usd * 1.02 if not kind.startswith("mysql") or name == "db.m5.large" else None

    with serving(lists(no_mysql)) as server:
        done = read(server, tmp_path / "catalog")
    assert len(done.notes) == 2 and all("the old prices stay" in note for note in done.notes)
    old, new = (
        one.shelf("eu-west-1", "mysql") for one in (load_catalog("aws"), catalog_in(tmp_path / "catalog", "aws"))
    )
    assert (old.usd_hour == new.usd_hour).all()


def test_folders_that_are_not_for_this(served: PriceServer, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("x")
    for target, what in (
        (tmp_path / "full", "holds something else"), (tmp_path / "file", "holds something else"),
        (DATA, "not for writing"), (DATA / "new", "not for writing"),
        (tmp_path / "file" / "catalog", "could not write"),
    ):  # fmt: skip
        with pytest.raises(Problems, match=what):
            read(served, target)
    assert (tmp_path / "full" / "thesis.txt").read_text() == "years of work" and served.asked == []
    with pytest.raises(Problems, match="holds no catalog"):
        catalog_in(tmp_path / "full", "aws")
    (tmp_path / "empty").mkdir()
    read(served, tmp_path / "empty")


def test_a_disk_that_refuses_at_the_last_step_leaves_the_old_catalog(
    served: PriceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "catalog"
    read(served, target)
    before, rename = everything(target), Path.rename

    def refusing(self: Path, other: Path) -> Path:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(Problems, match="could not write"):
        read(served, target, "us-east-1")
    assert everything(target) == before


def test_two_at_once_do_not_collide(served: PriceServer, tmp_path: Path) -> None:
    from standfast.workspace import Workspace

    held = Workspace(folder.partial(tmp_path / "catalog")).locked("catalog refresh")
    with held, pytest.raises(Problems, match="is in use"):
        read(served, tmp_path / "catalog")


def test_unknown_regions_and_clouds(served: PriceServer, tmp_path: Path) -> None:
    with pytest.raises(Problems, match="did you mean 'eu-west-1'"):
        read(served, tmp_path / "catalog", "eu-wset-1")
    with pytest.raises(Problems, match="no price API"):
        refresh("ibm", tmp_path / "catalog", today=TODAY)
    assert list(tmp_path.iterdir()) == [], "a refusal leaves nothing behind"


def google_lists(region: str) -> Callable[[str], Answer | None]:
    """What Google's list must say of vCPUs and memory for the shipped prices of sizes to come about."""
    catalog = FileCatalog("gcp")
    series: dict[str, list[tuple[float, float, float]]] = {}
    shelf = catalog.shelf(region, "server")
    share = {row["name"]: float(row["baseline"]) for row in rows(catalog.folder / "sizes.csv")}
    for name, vcpu, memory, usd in zip(shelf.name, shelf.vcpu, shelf.memory, shelf.usd_hour, strict=True):
        series.setdefault(name.partition("-")[0].upper(), []).append((vcpu * share[name], memory, usd))
    services = ("Compute Engine", "Cloud SQL", "Cloud Memorystore for Redis")
    skus = []
    for name, found in series.items():
        table = np.array(found)
        parts = np.linalg.lstsq(table[:, :2] / table[:, 2:], np.ones(len(table)), rcond=None)[0]
        for part, unit, usd in zip(("Core", "Ram"), ("h", "GiBy.h"), parts, strict=True):
            rate = {
                "startUsageAmount": 0,
                "unitPrice": {"currencyCode": "USD", "units": "0", "nanos": round(usd * 1e9)},
            }
            skus.append({
                "description": f"{name} Instance {part} running in Somewhere", "serviceRegions": [region, "mars-east1"],
                "category": {"usageType": "OnDemand"},
                "pricingInfo": [{"pricingExpression": {"usageUnit": unit, "tieredRates": [rate]}}],
            })  # fmt: skip

    def answer(path: str) -> Answer:
        if path.startswith("/v1/services?"):
            return Answer(json.dumps({"services": [
                {"name": f"services/S{n}", "displayName": name} for n, name in enumerate(services)
            ]}).encode())  # fmt: skip
        return Answer(json.dumps({"skus": skus if "/S0/" in path else []}).encode())

    return answer


def azure_lists(region: str) -> Callable[[str], Answer | None]:
    listed = FileCatalog("azure").listed(region, "server")

    def answer(path: str) -> Answer:
        common = {"armRegionName": region, "unitOfMeasure": "1 Hour", "type": "Consumption", "currencyCode": "USD"}
        items = [
            {**common, "armSkuName": name, "skuName": name, "productName": f"Virtual Machines{licence}",
             "retailPrice": round(usd + more, 9)}
            for name, usd in listed.items() for licence, more in ((" Series Windows", 0.092), (" Series", 0.0))
        ]  # fmt: skip
        found = items if "Virtual Machines" in path else []
        return Answer(json.dumps({"BillingCurrency": "USD", "Items": found, "NextPageLink": None}).encode())

    return answer


@pytest.mark.parametrize(
    ("cloud", "region", "answers"), [("gcp", "europe-west1", google_lists), ("azure", "westeurope", azure_lists)]
)
def test_the_other_clouds_come_out_as_they_are_shipped(
    cloud: str, region: str, answers: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped servers were gathered size by size by others: a list that makes them must make them here, too."""
    monkeypatch.setenv("GOOGLE_API_KEY", "AIzaSy-a-key-of-tests-0123456789")
    with serving(answers(region)) as server:
        done = refresh(cloud, tmp_path / "c", region=region, today=TODAY, web=Web(seconds=10), endpoint=server.url)
    old, new = (one.shelf(region, "server") for one in (load_catalog(cloud), catalog_in(tmp_path / "c", cloud)))
    assert dict(zip(new.name, new.usd_hour, strict=True)) == pytest.approx(
        dict(zip(old.name, old.usd_hour, strict=True)), rel=1e-4
    )
    assert set(new.date) == {TODAY} and done.notes == () and check_shipped(done.catalog) == []
    assert (new.quality == ("derived" if cloud == "gcp" else "exact")).all()
    old, new = (one.shelf(region, "postgres") for one in (load_catalog(cloud), catalog_in(tmp_path / "c", cloud)))
    assert (old.usd_hour == new.usd_hour).all() and (old.date == new.date).all(), "what was not read stays"


def test_the_verb(
    served: PriceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(aws, "ENDPOINT", served.url)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert run(["catalog", "refresh", "--region", "eu-west-1"]) == 0
    shown = capsys.readouterr()
    assert default_folder() == tmp_path / "share" / "standfast" / "catalog"
    assert f"prices of eu-west-1 read; the catalog is in {default_folder()}" in shown.out
    assert "refresh aws: eu-west-1: AmazonRDS" in shown.err and "--catalog" in shown.err
    words = ["catalog", "refresh", "--region", "eu-west-2", "--out", str(tmp_path / "here"), "--format", "json"]
    assert run(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(tmp_path / "here") and told["taken"]["eu-west-2"] > 400
    shutil.rmtree(tmp_path / "share")
    monkeypatch.setenv("GOOGLE_API_KEY", "")
    assert run(["catalog", "refresh", "--cloud", "gcp"]) == 1
    shown = capsys.readouterr()
    assert "GOOGLE_API_KEY" in shown.err and "Traceback" not in shown.err and not default_folder().exists()
