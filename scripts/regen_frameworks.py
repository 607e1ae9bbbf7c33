"""Write the data of the compliance frameworks from gathered facts: python scripts/regen_frameworks.py FACTS

`coverage.csv`, which says what covers each control, and the lists that hold both are ours and kept by hand.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

DATA = Path(__file__).parent.parent / "src" / "standfast" / "audit" / "frameworks"
COLUMNS = ("control", "family", "title", "low", "moderate", "high", "privacy")
# In no baseline, but named by the HIPAA crosswalk (NIST SP 800-53 rev 5).
OTHERS = {
    "ac-16": ("Access Control", "Security and Privacy Attributes"),
    "ia-9": ("Identification and Authentication", "Service Identification and Authentication"),
    "ir-9": ("Incident Response", "Information Spillage Response"),
    "pe-20": ("Physical and Environmental Protection", "Asset Monitoring and Tracking"),
    "pm-1": ("Program Management", "Information Security Program Plan"),
    "pm-2": ("Program Management", "Information Security Program Leadership Role"),
    "ra-2.1": ("Risk Assessment", "Impact-level Prioritization"),
}


def main(facts: Path) -> None:
    with (facts / "nist_800_53r5_controls.csv").open() as file:
        rows = [[row[name] for name in COLUMNS] for row in csv.DictReader(file)]
    rows += [[control, *names, "no", "no", "no", "no"] for control, names in OTHERS.items()]
    write("nist-800-53.csv", COLUMNS, rows)
    with (facts / "hipaa_to_nist_800_53r5.csv").open() as file:
        pairs = [[row["hipaa_section"], row["control"]] for row in csv.DictReader(file)]
    write("hipaa.csv", ("section", "control"), pairs)


def write(name: str, head: tuple[str, ...], rows: list[list[str]]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(head)
        out.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
