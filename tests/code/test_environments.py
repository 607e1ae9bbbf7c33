"""The code of one environment beside another's: the same but for what the plan chose."""

from __future__ import annotations

import re
from functools import cache

from standfast.blueprint import make_blueprint
from standfast.code import write_code
from standfast.plan import make_plan
from standfast.spec import read_spec
from tests.shop import EXAMPLES


@cache
def terraform(environment: str) -> dict[str, str]:
    plan = make_plan(read_spec(EXAMPLES / "shop.yaml", environment))
    return {file.path: file.text for file in write_code(make_blueprint(plan))}


def test_each_has_a_state_a_name_and_tags_of_its_own() -> None:
    keys, names = set(), set()
    for environment in ("production", "staging", "dev"):
        files = terraform(environment)
        keys |= set(re.findall(r'key += "(\S+)"', files["backend.tf"]))
        names |= set(re.findall(r'^  identifier += "(\S+)"', files["data.tf"], re.M))
        variable = files["variables.tf"][files["variables.tf"].index('"environment"') :]
        assert f'"{environment}"' in variable[: variable.index("}")]
        assert "terraform.tfvars.example" in files
    assert len(keys) == len(names) == 3


def test_they_differ_in_values_alone_where_the_plan_chose_the_same_design() -> None:
    """Staging is kept in as many machines as production in each part; what a part is made of is the same."""
    found = {}
    for environment in ("production", "staging"):
        text = "\n".join(terraform(environment).values())
        addresses = set(re.findall(r'^resource "(\w+)" "(\w+)"', text, re.M))
        # a zone more or less: a subnet, a gateway, a route for each
        found[environment] = {one for one in addresses if not re.search(r"_[1-3](_|$)", one[1])}
    assert found["production"] == found["staging"]


def test_no_name_of_production_is_left_in_another_environment() -> None:
    for path, text in terraform("dev").items():
        bare = re.sub(r"shop\.yaml|shop-dev|\bshop_dev\b", "", text)
        assert not re.search(r'"shop[-/]|"shop"|/shop/', bare), (path, re.findall(r'.*"shop[-/"].*', bare)[:3])
