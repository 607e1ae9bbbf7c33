"""What a verb that plans does with --prices, --catalog, --lock and --relock."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.cli.prices import catalogs, price_arguments
from standfast.clouds import load_catalog, own
from standfast.clouds.refresh.folder import RECORD
from standfast.problem import Problems
from standfast.spec import System
from tests.shop import shop


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    price_arguments(parser)
    return parser.parse_args(words)


def wanting(*clouds: str, commitment: str = "on-demand") -> System:
    system = shop()
    return replace(system, rules=replace(system.rules, clouds=clouds, commitment=commitment))


def test_without_a_word_they_are_the_shipped_ones() -> None:
    found = catalogs(asked(), wanting("gcp", "aws"))
    assert list(found) == ["aws", "gcp"] and all(found[cloud] is load_catalog(cloud) for cloud in found)


def test_the_commitment_and_the_price_file_are_laid_over(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text("date: 2026-10-01\nprices:\n  - {cloud: aws, kind: server, discount: 50%}\n")
    found = catalogs(asked("--prices", str(path)), wanting("aws", "gcp", commitment="1y"))
    for cloud, factor in (("aws", 0.5 * 0.66), ("gcp", 0.63)):
        region = load_catalog(cloud).regions()[0].name
        listed, paid = load_catalog(cloud).shelf(region, "server"), found[cloud].shelf(region, "server")
        assert own.term_of(found[cloud]) == "1y"
        lasting = ~paid.burstable if cloud == "gcp" else paid.vcpu > 0
        old = dict(zip(listed.name, listed.usd_hour, strict=True))
        for name, usd in zip(paid.name[lasting], paid.usd_hour[lasting], strict=True):
            assert usd == pytest.approx(old[name] * factor)


def test_a_lock_holds_until_it_is_renewed(tmp_path: Path) -> None:
    lock = str(tmp_path / "shop.lock")
    catalogs(asked("--lock", lock), wanting("aws"))
    catalogs(asked("--lock", lock), wanting("aws"))
    with pytest.raises(Problems, match="--relock"):
        catalogs(asked("--lock", lock), wanting("aws", commitment="3y"))
    catalogs(asked("--lock", lock, "--relock"), wanting("aws", commitment="3y"))
    catalogs(asked("--lock", lock), wanting("aws", commitment="3y"))
    with pytest.raises(Problems, match="without a lock"):
        catalogs(asked("--relock"), wanting("aws"))


def test_a_folder_that_is_no_catalog(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="holds no catalog"):
        catalogs(asked("--catalog", str(tmp_path)), wanting("aws"))
    (tmp_path / RECORD).write_text("cloud,region,read,prices\n")
    assert catalogs(asked("--catalog", str(tmp_path)), wanting("aws"))["aws"] is load_catalog("aws")


def test_problems_of_a_price_file_have_their_line(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text("date: 2026-10-01\nprices:\n  - {cloud: asw, discount: 50%}\n")
    with pytest.raises(Problems, match=r"acme\.yaml:3"):
        catalogs(asked("--prices", str(path)), wanting("aws"))
