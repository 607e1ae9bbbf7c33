"""How a command comes out of Compose files and Kubernetes manifests: word for word, or not at all and said so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.spec import parse_spec
from standfast.spec.draft import Imported
from standfast.spec.draft.command import split
from standfast.spec.importers import import_files
from standfast.spec.model import Service


def compose(folder: Path, **fields: object) -> tuple[Service, Imported]:
    web = {"image": "w", "ports": ["80:80"], **fields}
    (folder / "compose.yaml").write_text(
        yaml.safe_dump({"services": {"web": web, "db": {"image": "postgres:16"}}}, allow_unicode=True)
    )
    found = import_files([folder / "compose.yaml"])
    return parse_spec(found.text, "s.yaml").services[0], found


def kubernetes(folder: Path, **fields: object) -> tuple[Service, Imported]:
    container = {"name": "web", "image": "w", "ports": [{"containerPort": 80}], **fields}
    pod = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    made = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"template": pod}}
    (folder / "web.yaml").write_text(yaml.safe_dump(made, allow_unicode=True))
    found = import_files([folder / "web.yaml"])
    return parse_spec(found.text, "s.yaml").services[0], found


@pytest.mark.parametrize(
    ("fields", "entrypoint", "command"),
    [
        ({"command": ["a", "b c", "$$HOME"]}, (), ("a", "b c", "$HOME")),
        ({"command": "celery -A 'my app' --opt=\"x y\" a\\ b"}, (), ("celery", "-A", "my app", "--opt=x y", "a b")),
        ({"entrypoint": "tini --", "command": ["a"]}, ("tini", "--"), ("a",)),
        ({"entrypoint": ["a", "b"]}, ("a", "b"), ()),
        ({"entrypoint": [], "command": "a b"}, ("a", "b"), ()),  # the image's is taken away
        ({"entrypoint": "", "command": ["a"]}, ("a",), ()),
        ({"command": ["sh", "-c", "a && b | c > d"]}, (), ("sh", "-c", "a && b | c > d")),  # its own shell reads it
        ({"command": "sh -c 'a && b'"}, (), ("sh", "-c", "a && b")),
        ({"command": ["run", 4, "--on"]}, (), ("run", "4", "--on")),
        ({"command": "run --port ${PORT:-80} #x"}, (), ("run", "--port", "80", "#x")),
        ({"command": None}, (), ()),
    ],
)
def test_what_compose_runs_is_what_the_spec_says(tmp_path: Path, fields, entrypoint, command) -> None:
    web, found = compose(tmp_path, **fields)
    assert (web.entrypoint, web.command) == (entrypoint, command)
    assert not any("command" in one.what for one in found.remarks)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"command": "run --port $PORT"}, "depends on variables"),
        ({"command": ["a", "${TAG}"]}, "depends on variables"),
        ({"command": "a && b"}, "written for a shell"),
        ({"command": "a `b`"}, "written for a shell"),
        ({"command": "a 'b"}, "no closing quotation"),
        ({"command": []}, "names none"),
        ({"command": ["sh", "-c", "a\nb"]}, "line breaks"),
        ({"command": ["wait-for", "db:5432", "--", "a"]}, "names db"),
        ({"command": ["a", "--token", "hush"]}, "a secret"),
        ({"command": ["a", "--api-key=hush"]}, "a secret"),
        ({"command": ["a", "redis://me:hush@far.example.com"]}, "a secret"),
    ],
)
def test_what_is_not_sure_is_left_out_and_told(tmp_path: Path, fields, why: str) -> None:
    web, found = compose(tmp_path, **fields)
    assert web.argv == ()
    (one,) = (one for one in found.remarks if one.what == "the command is not carried over: web")
    assert why in one.why and "write command: in the spec" in one.fix and one.place.line > 1
    assert "hush" not in str(found.remarks) + found.text


def test_a_server_for_development_is_told(tmp_path: Path) -> None:
    for words in ("python manage.py runserver 0.0.0.0:80", "npm run dev", "uvicorn app:app --reload"):
        web, found = compose(tmp_path, command=words)
        assert " ".join(web.command) == words and any("for development" in one.what for one in found.remarks), words


@pytest.mark.parametrize(
    ("fields", "entrypoint", "command"),
    [
        ({"args": ["--port", "80"]}, (), ("--port", "80")),
        ({"command": ["a"], "args": ["b", "$$(X)", "$HOME"]}, ("a",), ("b", "$(X)", "$HOME")),
        ({"command": ["a"]}, ("a",), ()),
    ],
)
def test_kubernetes_has_other_words_for_both(tmp_path: Path, fields, entrypoint, command) -> None:
    web, _ = kubernetes(tmp_path, **fields)
    assert (web.entrypoint, web.command) == (entrypoint, command)


def test_what_kubernetes_fills_in_is_not_carried_over(tmp_path: Path) -> None:
    web, found = kubernetes(tmp_path, args=["--node=$(NODE)"])
    assert web.argv == () and any("puts variables into it" in one.why for one in found.remarks)


WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=12),
                 max_size=5)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(program=st.sampled_from(["run", "/bin/run", "bin/run"]), words=WORDS, whole=st.booleans())
def test_any_words_arrive_as_they_are(program: str, words: list[str], whole: bool, tmp_path_factory) -> None:
    """From either format, or not at all, and then it is told why."""
    argv, folder = (program, *words), tmp_path_factory.mktemp("any")
    fields = {"entrypoint": [program], "command": words} if whole and words else {"command": list(argv)}
    web, found = compose(folder, **json.loads(json.dumps(fields).replace("$", "$$")))
    told = any("not carried over" in one.what for one in found.remarks)
    assert (web.argv == argv) != told
    web, found = kubernetes(folder, command=[one.replace("$", "$$") for one in argv])
    told = any("not carried over" in one.what for one in found.remarks)
    assert (web.entrypoint == argv) != told


def test_splitting_knows_quotes_and_nothing_else() -> None:
    assert split("a 'b c' \"d e\" #h") == ("a", "b c", "d e", "#h")
    for text in ("a;b", "a ; b", "a > b", "a & b", "$(a)", "`a`"):
        with pytest.raises(ValueError, match="shell"):
            split(text)
