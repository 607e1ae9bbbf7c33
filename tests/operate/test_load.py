"""A load on the lab: what is driven, what is predicted, and what may be said of the promises."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.cli import run
from standfast.ledger import measured
from standfast.operate.load import Loaded, Wanted, chosen, judge_load, keep_load, load_json, run_load
from standfast.plan import make_plan
from standfast.problem import Problems
from standfast.promise import Measured, Promise, promise_table
from standfast.spec import parse_spec
from standfast.worlds.lab.load import drive, prediction
from standfast.worlds.lab.load.prediction import Calibration
from standfast.worlds.lab.load.record import HEADER, Summary, read_record
from standfast.worlds.lab.processes import children, kill
from standfast.worlds.lab.system import programs
from standfast.worlds.lab.system.world import SystemLab
from tests.postgres import need_postgres
from tests.programs import need

SPEC = """
system: small
promises:
  scalability: {peak: 100 rps, average: 20 rps}
  reliability: {availability: 99%}
  performance: {p95: 300 ms}
services:
  web: {image: "w:1", port: 8080, public: true, cpu: 2 ms, memory: 100 MiB}
"""


def loaded(rps: float, p95: float = 0.1, errors: float = 0.0, requests: int = 3000) -> Loaded:
    seen = Summary(requests, 30.0, rps, rps * (1 - errors), errors, {"p50": 0.05, "p95": p95}, 0.06, 0.001, {})
    known, light = {"p50": 0.05, "p95": 0.09}, Calibration(80, 0.001)
    system = parse_spec(SPEC, "small.yaml")
    return Loaded(Path("out/load/1"), "2026-01-01T00:00:00Z", system, rps, 100.0, 2, 0.5, 600.0, light, known, seen, ())


def test_a_part_of_the_declared_load_judges_nothing(tmp_path):
    part = loaded(40.0, p95=0.9)
    assert part.verdict == "unknown" and [row.verdict for row in part.rows] == ["unknown", "unknown"]
    keep_load(part, tmp_path / "ledger.sqlite")
    seen = measured(tmp_path / "ledger.sqlite")
    assert [(one.measure, one.value, one.world, one.scale) for one in seen] == [
        ("scalability.peak", 40.0, "lab", 0.4),
        ("performance.p95", pytest.approx(900.0), "lab", 0.4),
    ]
    promise = Promise("performance.p95", 300.0, "ms", "lower", predicted=100.0)
    (row,) = promise_table([promise], seen)
    assert (row.verdict, row.because) == ("kept", "predicted") and row.measured is not None
    (unplanned,) = promise_table([replace(promise, predicted=None)], seen)
    assert unplanned.verdict == "unknown"


def test_the_declared_load_is_judged():
    assert loaded(100.0).verdict == "kept"
    assert loaded(100.0, p95=0.4).verdict == "broken"
    assert loaded(100.0, errors=0.009).verdict == "kept", "arrivals vary, and one percent may fail"
    assert loaded(100.0, errors=0.02).verdict == "broken", "two percent were not carried"
    assert loaded(120.0, p95=math.nan, errors=1.0).verdict == "broken"
    assert loaded(100.0, requests=50).verdict == "unknown", "too few to tell"


def test_what_was_seen_at_the_declared_load_goes_before_what_was_seen_at_a_part():
    promise = Promise("performance.p95", 300.0, "ms", "lower")
    full = Measured("performance.p95", 400.0, "2026-01-01", "lab", "a")
    part = Measured("performance.p95", 90.0, "2026-01-02", "lab", "b", scale=0.1)
    for order in ([full, part], [part, full]):
        assert promise_table([promise], order)[0].verdict == "broken"


def test_what_is_driven_is_said():
    assert chosen(Wanted(), peak=100.0, full=600.0) == (100.0, ())
    rps, (note,) = chosen(Wanted(), peak=2100.0, full=90.0)
    assert rps == 45.0 and "2,100 rps" in note and "about 90" in note and "--share" in note
    assert chosen(Wanted(share=0.8), 2100.0, 90.0) == (72.0, ())
    assert chosen(Wanted(rps=7.0), 2100.0, 90.0) == (7.0, ())


def test_json_has_what_load_json_holds():
    document = json.loads(json.dumps(load_json(loaded(40.0)), allow_nan=False))
    assert (document["world"], document["verdict"], document["scale"]) == ("lab", "unknown", 0.4)
    assert document["predicted"]["p95"] == 0.09 and document["measured"]["percentiles"]["p95"] == 0.1


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(rps=0.0), "cannot be sent"),
        (Wanted(rps=-3.0), "cannot be sent"),
        (Wanted(rps=math.inf), "cannot be sent"),
        (Wanted(share=0.0), "a share of 0% cannot be driven"),
        (Wanted(share=math.nan), "cannot be driven"),
        (Wanted(seconds=0.0), "a load of '0.0' seconds is none"),
        (Wanted(rps=1.0, share=0.5), "say the same in two ways"),
    ],
)
def test_a_load_that_cannot_be_is_a_problem(wanted, said, tmp_path):
    with pytest.raises(Problems) as problems:
        run_load(None, parse_spec(SPEC, "small.yaml"), tmp_path, wanted)  # type: ignore[arg-type]
    assert said in str(problems.value)
    assert not (tmp_path / "load").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rps", "many"], "--rps is not a number"),
        (["--share", "half"], "--share is not a number"),
        (["--seconds", ""], "--seconds is not a number"),
        (["--rps", "0"], "cannot be sent"),
        ([], "the lab of small does not stand"),
    ],
)
def test_the_verb_says_what_is_wrong(options, said, tmp_path, capsys):
    spec = tmp_path / "small.yaml"
    spec.write_text(SPEC)
    assert run(["lab", "load", str(spec), "--out", str(tmp_path / "out"), *options]) == 1
    err = capsys.readouterr().err
    assert said in err and "fix" in err and "Traceback" not in err


def test_an_old_record_is_judged_by_the_spec_of_today(tmp_path, capsys):
    folder, spec = tmp_path / "load" / "1", tmp_path / "small.yaml"
    folder.mkdir(parents=True)
    spec.write_text(SPEC)
    lines = [f"{n / 100:.6f},0.000100,{0.1 if n % 10 else 0.25:.6f},200,\n" for n in range(3200)]
    (folder / "requests.csv").write_text(HEADER + "".join(lines))
    (folder / "load.json").write_text(json.dumps(load_json(loaded(100.0))))
    again = judge_load(folder, parse_spec(SPEC, "small.yaml"))
    assert again.summary.requests == 3000 and again.summary.percentiles["p95"] == pytest.approx(0.25)
    assert (again.verdict, again.rps) == ("kept", 100.0)
    assert run(["lab", "load", str(spec), "--judge", str(folder)]) == 0
    assert "kept" in capsys.readouterr().out
    spec.write_text(SPEC.replace("p95: 300 ms", "p95: 200 ms"))
    assert run(["lab", "load", str(spec), "--judge", str(folder)]) == 1
    assert run(["lab", "load", str(spec), "--judge", str(tmp_path)]) == 1
    assert "this is not the folder of a load" in capsys.readouterr().err


@pytest.mark.real
@pytest.mark.slow
def test_a_lab_is_driven_and_one_that_does_not_answer_is_said(tmp_path, monkeypatch):
    """Real programs: how long anything took is not looked at, only that it was measured and told."""
    need_postgres()
    for name in ("haproxy", "openssl"):
        try:
            programs.find(name)
        except Problems:
            need(name, name)
    monkeypatch.setattr(drive, "CALIBRATED_FOR", 3.0)
    system = parse_spec(SPEC, "small.yaml")
    lab = SystemLab(tmp_path / "lab", make_plan(system, margins=False))
    try:
        lab.build()
        found = run_load(lab, system, tmp_path, Wanted(rps=40.0, seconds=6.0))
        assert found.summary.errors == 0.0 and found.summary.requests > 150
        assert 0 < found.summary.percentiles["p50"] < found.summary.percentiles["p95"]
        assert math.isfinite(found.predicted["p95"]) and found.calibration.requests > 30
        assert 0 < found.calibration.over < 0.1 and 0 < found.busy < prediction.own_cores()
        told = json.loads((found.folder / "load.json").read_text())
        assert sum(told["histogram_us"].values()) == len(read_record(found.folder / "requests.csv"))
        assert "load" not in lab.records.named()
        lab.lose(["balancer-1"])
        kill([lab.records.named()["balancer-1"], *children(lab.records.named()["balancer-1"].pid)])
        with pytest.raises(Problems, match=r"no request of the light load was answered well(.|\n)*Connection refused"):
            run_load(lab, system, tmp_path / "other", Wanted(rps=40.0, seconds=1.0))
    finally:
        lab.clear()
