"""WHAT CAN BE BOUGHT: the offers, prices and SLAs of each cloud. One module per cloud."""

from __future__ import annotations

import importlib
from pathlib import Path

from standfast.clouds.latency import rtt_between
from standfast.clouds.model import Catalog, Offer, Price, Region, Shelf, Sla

__all__ = ["Catalog", "Offer", "Price", "Region", "Shelf", "Sla", "clouds", "load_catalog", "rtt_between"]


def clouds() -> tuple[str, ...]:
    """The clouds there is a catalog of: each has a module here and a folder of data."""
    return tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("data/*/regions.csv")))


def load_catalog(cloud: str) -> Catalog:
    """The catalog of one cloud: `aws`, `azure`, `gcp`."""
    return importlib.import_module(f"standfast.clouds.{cloud}").load()
