"""OpenSLO documents: what we write we read, and what cannot be promised is a Problem at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from standfast.problem import Problems
from standfast.watch import write_watch
from standfast.watch.openslo import NAME, differences, read_openslo
from standfast.watch.signals import signals_of
from tests.shop import shop_plan

SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout}
spec:
  service: shop
  indicatorRef: checkout
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
"""


def written(folder: Path, text: str) -> Path:
    (folder / "slo.yaml").write_text(text)
    return folder / "slo.yaml"


def test_what_is_written_is_read_and_agrees_with_the_spec(tmp_path: Path) -> None:
    signals = signals_of(shop_plan())
    text = {one.path: one.text for one in write_watch(shop_plan())}["openslo.yml"]
    found = read_openslo(written(tmp_path, text))
    every = [*signals.objectives, *(one.objective for one in signals.parts)]
    assert {one.name: one.target for one in found} == pytest.approx({f"shop-{one.name}": one.target for one in every})
    assert all(one.days == 30 and NAME.fullmatch(one.name) for one in found)
    assert differences(signals, tuple(one for one in found if one.name == "shop-availability")) == []


def test_stricter_documents_are_told(tmp_path: Path) -> None:
    signals = signals_of(shop_plan())
    (strict,) = differences(signals, read_openslo(written(tmp_path, SLO.replace("0.999", "0.9999"))))
    assert "99.99%" in strict.what and "99.9%" in strict.what and strict.place.line == 1
    assert differences(signals, read_openslo(written(tmp_path, SLO.replace("0.999", "0.99")))) == []
    late = SLO.replace("{target: 0.999}", "{target: 0.95, op: lte, value: 0.2}")
    (latency,) = differences(signals, read_openslo(written(tmp_path, late)))
    assert "0.2 s" in latency.what and "0.3 s" in latency.why
    (week,) = differences(signals, read_openslo(written(tmp_path, SLO.replace("30d", "1w"))))
    assert week.warning and "7 days" in week.what


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("openslo/v1", "openslo/v1alpha"),
        ("kind: SLO", "kind: SLOO"),
        ("name: checkout}", "name: Check_out}"),
        ("target: 0.999", "target: 99.9"),
        ("target: 0.999", "target: yes"),
        ("[{target: 0.999}]", "[]"),
        ("Occurrences", "Timeslices"),
        ("isRolling: true", "isRolling: false"),
        ("30d", "1Q"),
        ("{target: 0.999}", "{target: 0.9, op: gte, value: 1}"),
        ("{target: 0.999}", "{target: 0.9, op: lte, value: .inf}"),
        ("{target: 0.999}", "{target: 0.9, op: lte, value: -1}"),
        ("{target: 0.999}", "{target: .nan}"),
        ("{target: 0.999}", "{target: 0.999, target: 0.9}"),
        ("kind: SLO", "kind: Service"),
        ("spec:", "spec: ["),
        ("kind: SLO", "- x"),
        ("apiVersion: openslo/v1\n", "a: &a [*a, *a]\n"),
    ],
)
def test_what_cannot_be_promised_is_a_problem(tmp_path: Path, old: str, new: str) -> None:
    assert old in SLO
    with pytest.raises(Problems) as told:
        read_openslo(written(tmp_path, SLO.replace(old, new)))
    assert all(one.what and one.why and one.fix for one in told.value.problems)


@pytest.mark.parametrize("text", ["", "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec: some text\n"])
def test_a_file_that_promises_nothing_is_a_problem(tmp_path: Path, text: str) -> None:
    with pytest.raises(Problems, match=r"no SLO stands|spec is no mapping"):
        read_openslo(written(tmp_path, text))


def test_two_of_one_name_are_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="two objectives"):
        read_openslo(written(tmp_path, f"{SLO}---\n{SLO}"))
