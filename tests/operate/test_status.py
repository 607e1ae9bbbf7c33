"""What is predicted of security where no blueprint can write the plan: nothing, and so it stays unknown."""

from __future__ import annotations

import pytest

from standfast.blueprint import make_blueprint
from standfast.operate.status import predicted_by_audit
from standfast.plan import make_plan
from standfast.problem import Problems
from standfast.spec import parse_spec

NAMES = [f"s{n}" for n in range(60)]
WIDE = f"""
system: wide
promises:
  scalability: {{peak: 20 rps, average: 5 rps}}
  performance: {{p95: 60 s}}
  reliability: {{availability: 90%}}
rules: {{regions: [eu-west-1]}}
services:
  web: {{image: a/b:1, port: 80, public: true, calls: [{", ".join(f"{{to: {n}, essential: false}}" for n in NAMES)}]}}
""" + "".join(f"  {name}: {{image: a/b:1, port: 80}}\n" for name in NAMES)


def test_more_services_than_a_balancer_has_listeners_for_are_planned_and_unknown() -> None:
    plan = make_plan(parse_spec(WIDE, "wide.yaml"))
    with pytest.raises(Problems, match="listeners"):
        make_blueprint(plan)
    assert predicted_by_audit(plan) == []
