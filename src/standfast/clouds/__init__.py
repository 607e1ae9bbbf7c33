"""WHAT CAN BE BOUGHT: the offers, prices and SLAs of each cloud. One module per cloud."""

from __future__ import annotations

import importlib

from standfast.clouds.model import Catalog, Offer, Price, Region, Shelf, Sla

__all__ = ["Catalog", "Offer", "Price", "Region", "Shelf", "Sla", "load_catalog"]


def load_catalog(cloud: str) -> Catalog:
    """The catalog of one cloud: `aws`."""
    return importlib.import_module(f"standfast.clouds.{cloud}").load()
