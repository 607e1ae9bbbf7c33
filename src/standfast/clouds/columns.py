"""What is the same in every region, as columns: where prices come from, and the sizes that are sold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class Sources:
    """The columns of sources.csv, and the row of each id."""

    def __init__(self, table: list[dict[str, str]]):
        self.row = {row["id"]: number for number, row in enumerate(table)}
        self.quality = np.array([row["quality"] for row in table])
        self.low = np.array([row["low"] for row in table], dtype=float)
        self.high = np.array([row["high"] for row in table], dtype=float)
        self.text = np.array([row["text"] for row in table], dtype=object)
        self.date = np.array([row["date"] for row in table])


class Sizes:
    """The columns of sizes.csv with the speeds of the families joined, and the row of each name."""

    def __init__(self, table: list[dict[str, str]], speeds: Mapping[str, float]):
        self.row = {row["name"]: number for number, row in enumerate(table)}
        self.name = np.array([row["name"] for row in table])
        self.vcpu = np.array([row["vcpu"] for row in table], dtype=float)
        self.memory = np.array([row["memory_gib"] for row in table], dtype=float)
        self.arch = np.array([row["arch"] for row in table])
        self.burstable = np.array([row["baseline"] != "1" for row in table])
        self.measured = np.array([row["measured"] == "yes" for row in table])
        self.speed = np.array([speeds[row["family"]] * float(row["baseline"]) for row in table])
