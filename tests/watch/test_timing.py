"""How soon somebody is told: against the rules as they are written, and the minutes that promtool has confirmed."""

from __future__ import annotations

import pytest

from standfast.watch.prometheus import rules
from standfast.watch.prometheus.cases import Outage, firing
from standfast.watch.prometheus.configuration import PACE
from standfast.watch.prometheus.timing import MEAN, Alert, Pace, alerts_of
from standfast.watch.signals import signals_of
from standfast.worlds.lab.system.watching import PACE as LAB_PACE
from standfast.worlds.lab.system.watching import shortened
from tests.shop import shop_plan

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
ALERTS = alerts_of(shop_plan(), signals_of(shop_plan()))


def written(document: dict) -> dict[tuple[str, str, str], float]:
    """Seconds of `for` of every alert that has one, by name, component and resource; the shortest of several."""
    found: dict[tuple[str, str, str], float] = {}
    for group in document["groups"]:
        for rule in group["rules"]:
            if "for" in rule and "component" in rule["labels"]:
                at = rule["alert"], rule["labels"]["component"], rule["labels"].get("resource", "")
                found[at] = min(found.get(at, 1e9), int(rule["for"][:-1]) * UNITS[rule["for"][-1]])
    return found


def test_every_alert_holds_as_long_as_its_rule_says_and_its_figure_lags() -> None:
    said = written(rules(shop_plan(), signals_of(shop_plan())))
    ours = {
        (one.name, one.labels["component"], one.labels.get("resource", "")): one for one in ALERTS if not one.shared
    }
    assert set(ours) == set(said)
    for at, one in ours.items():
        assert one.holds - one.clears == said[at] and one.clears in (0, MEAN)
    assert ours["HostRunsShort", "web", "cpu"].clears and not ours["HostRunsShort", "web", "disk"].clears


@pytest.mark.parametrize("share", [1.0, 0.3, 0.05])
def test_a_budget_burns_as_soon_as_the_cases_that_promtool_runs_say(share: float) -> None:
    objective = signals_of(shop_plan()).objectives[0]
    lasting = Outage(share, 700, 400)
    for burn in objective.windows:
        if burn.severity == "page" and share > burn.rate * (1 - objective.target):
            (ours,) = (
                one for one in ALERTS if one.labels.get("objective") == "availability"
                and one.labels["window"] == {3600: "1h", 21600: "6h"}[burn.long]
            )  # fmt: skip
            minute = next(at for at in range(400, 1100) if burn in firing(objective, lasting, at)) - 400
            lags = 5 if burn.long > 3600 else 1  # means of five minutes; the cases look once a minute
            assert minute - lags <= ours.holds / share / 60 <= minute


def test_what_carries_the_news_is_counted_by_hand() -> None:
    down, burn = Alert("Down", {}, "ticket", 300), Alert("Burn", {}, "page", 52, 300, shared=True)
    assert PACE.fires(down) == 15 + 30 + 300 + 30 + 30
    assert PACE.fires(burn) == 15 + 30 + 52 + 10 and PACE.fires(burn, 0.5) == 15 + 30 + 104 + 10
    assert PACE.ends(burn) == 15 + 30 + 300 + 300
    lab = Pace(1, 1, {"page": 0, "ticket": 0}, 1, shorter=60, late=5)
    assert lab.fires(down) == 1 + 2 + 5 + 5 and lab.ends(down) == 1 + 1 + 1 + 5


def test_the_lab_looks_as_often_as_its_pace_says() -> None:
    short = shortened(rules(shop_plan(), signals_of(shop_plan())))
    assert {group["interval"] for group in short["groups"]} == {f"{LAB_PACE.evaluate:g}s"}
    assert written(short)["InstancesMissing", "web", ""] == 300 / LAB_PACE.shorter
    hour = next(
        rule["expr"] for group in short["groups"] for rule in group["rules"]
        if rule.get("record") == "standfast:error_ratio:1h" and rule["labels"]["objective"] == "availability"
    )  # fmt: skip
    assert "[60s]" in hour and "[1h]" not in hour
