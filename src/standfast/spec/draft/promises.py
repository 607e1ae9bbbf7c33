"""Promises to start from: modest enough that what was imported can keep them, and each says how to think of it."""

from __future__ import annotations

# What k parts without a standby leave of a month, each 99.5 % by itself, on top of everything else.
_START = (
    ("99.5%", "3.7 hours"), ("99%", "7 hours"), ("98%", "15 hours"),
    ("97%", "22 hours"), ("96%", "29 hours"), ("95%", "37 hours"),
)  # fmt: skip


def promises(alone: int, databases: bool, caches: bool) -> str:
    """The promises section. `alone`: parts without a standby; `caches`: what is saved of Redis is a day old."""
    up, lost = _START[min(alone, len(_START) - 1)]
    zone = "{rto: 8 h, rpo: 1 day}" if alone else "{rto: 3 min, rpo: 1 min}"
    ruined = "{rto: 8 h, rpo: 1 day}" if alone or caches else "{rto: 4 h, rpo: 5 min}"
    data = "data: [personal], " if databases or alone else ""
    lines = [
        ("promises:", "where to start: change them to what your users need"),
        ("  scalability:", "at the busiest minute, the mean of a month, and how both will grow"),
        ("    {peak: 50 rps, average: 15 rps, growth: 20%/year, horizon: 1 year}", ""),
        ("  reliability:", ""),
        (f"    availability: {up}", f"{lost} a month" + (": some parts have no standby" if alone else "")),
        ("    recovery:", "rto: until it answers again; rpo: writes that may be lost"),
        (f"      instance:   {{rto: {5 if alone else 3} min, rpo: 1 min}}", "a server dies"),
        (f"      zone:       {zone}", "a data centre is lost"),
        (f"      corruption: {ruined}", "a dropped table, a bad deploy, ransomware"),
        ("  performance: {p95: 500 ms}", "95 of 100 answers; add where users are: users: {DE: 60%, FR: 40%}"),
        (f"  security: {{{data}exposure: public}}", "data: personal, health, card, financial"),
        ("  # cost: {budget: 1000 USD/month}", "without it the plan tells what the rest costs"),
    ]
    return "".join(f"{line:<47} # {remark}\n" if remark else f"{line}\n" for line, remark in lines)
