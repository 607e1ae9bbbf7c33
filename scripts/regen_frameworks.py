"""Write the data of the compliance frameworks from gathered facts: python scripts/regen_frameworks.py FACTS"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

DATA = Path(__file__).parent.parent / "src" / "standfast" / "audit" / "frameworks"


def main(facts: Path) -> None:
    with (facts / "nist_800_53r5_controls.csv").open() as file:
        rows = list(csv.DictReader(file))
    keep = ("control", "family", "title", "low", "moderate", "high", "privacy")
    write("nist-800-53.csv", keep, [[row[name] for name in keep] for row in rows])
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
