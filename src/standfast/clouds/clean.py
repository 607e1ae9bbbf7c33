"""Two rules that keep dirty prices out, learned from public price dumps.

Dumps of EC2 prices mix in dedicated-tenancy prices, 6 to 10 % too high, and zeros; dumps of Azure prices mix in
Windows prices, 0.046 USD per vCPU and hour too high. Within one family and region the honest price is the same
per vCPU for every size, so what lies off the family's line is not the offer it claims to be.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping

CLOSE = 0.03  # prices per vCPU of one family and region agree within this; dedicated tenancy starts at 6 %
ABSURD = 3.0  # a price per vCPU this many times off the family's median is a mistake, not an offer


def refused(family: Mapping[str, tuple[float, float]]) -> dict[str, str]:
    """Name -> why it cannot be true, for a family given as name -> (vCPU, USD per hour)."""
    wrong = {name: f"a price of {usd:g}" for name, (vcpu, usd) in family.items() if not (usd > 0 and vcpu > 0)}
    rates = {name: usd / vcpu for name, (vcpu, usd) in family.items() if name not in wrong}
    full = {name: rate for name, rate in rates.items() if not name.endswith(BURSTABLE_SMALL)}
    if len(full) >= 3:
        middle = statistics.median(full.values())
        for name, rate in full.items():
            if not middle / ABSURD <= rate <= middle * ABSURD:
                wrong[name] = f"{rate:.4g} USD per vCPU and hour, where its family has {middle:.4g}"
    return wrong


# Burstable sizes below large all have two vCPU, so their price per vCPU doubles with each size.
BURSTABLE_SMALL = (".nano", ".micro", ".small", ".medium")


def cheapest_cluster(family: Mapping[str, tuple[float, float]]) -> set[str]:
    """The names that lie on the family's lowest consistent price line: a cluster of the most, or else the lowest.

    A name between 4 and 12 % above a cheaper cluster is a dedicated-tenancy price; one further off is another
    thing altogether (a burstable size) and is kept for `refused` to judge.
    """
    rates = {name: usd / vcpu for name, (vcpu, usd) in family.items()}
    if len(rates) < 3:
        return set(rates)
    low = min(rates.values())
    cluster = [rate for rate in rates.values() if rate <= low * (1 + CLOSE)]
    if len(cluster) < 2:
        return set(rates)
    return {name for name, rate in rates.items() if not low * 1.04 < rate <= low * 1.12}
