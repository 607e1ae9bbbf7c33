"""What the reader makes of a spec: values and units, defaults as assumptions, places, and every kind of mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from standfast.problem import Problems
from standfast.spec import fields, parse_spec, read_spec
from standfast.spec.fields import NESTED, REQUIRED, Field
from standfast.spec.model import Retention
from standfast.spec.quantity import KINDS, MONTH
from standfast.spec.values import READERS, default_of

DATA = Path(__file__).parent / "data"
EVERYTHING = (DATA / "everything.yaml").read_text()
SMALL = "system: s\nservices:\n  web: {image: w, public: true}\n"


def problems_of(text: str) -> list[str]:
    with pytest.raises(Problems) as raised:
        parse_spec(text, "s.yaml")
    return [str(one) for one in raised.value.problems]


def test_every_field_is_read_in_its_unit() -> None:
    system = parse_spec(EVERYTHING, "e.yaml")
    wanted = system.promises
    assert (wanted.scalability.peak, wanted.scalability.average) == (1500, 5)
    assert wanted.scalability.growth == pytest.approx(0.36)
    assert wanted.scalability.horizon == pytest.approx(18 * MONTH)
    assert wanted.reliability.availability == 0.9995
    assert {name: (one.rto, one.rpo) for name, one in wanted.reliability.recovery.items()} == {
        "instance": (60, 0), "zone": (120, 0), "region": (14400, 900), "corruption": (86400, 300)
    }  # fmt: skip
    assert wanted.performance.percentiles == pytest.approx({"p50": 0.08, "p95": 0.3, "p99": 0.8})
    assert wanted.performance.users == {"NO": 0.6, "FR": 0.4}
    assert (wanted.security.data, wanted.cost.budget) == (("personal", "card"), 6000)
    assert (system.rules.residency, system.rules.regions, system.rules.commitment) == ("NO", ("eu-north-1",), "1y")
    assert system.rules.retention == Retention(0, 30, 0, 0, 10) and system.rules.hold
    web, admin, api = system.services
    assert (web.port, web.public, web.traffic, web.cpu, web.wait) == (3000, True, 0.9, 0.006, 0.02)
    assert web.memory == 400 / 1024 and web.response == 12 / 2**20
    assert web.environment == {"LOG_LEVEL": "info", "RATIO": "1.10"} and web.secrets == ("STRIPE_KEY",)
    assert web.entrypoint == ("/usr/bin/tini", "--")
    assert web.command == ("gunicorn", "-w", "4", "a b", "100%n ${HOME} $(id) {{ x }}", "")
    assert web.argv == (*web.entrypoint, *web.command) and api.argv == ()
    first, second = web.calls
    assert (first.to, first.times, first.share, first.essential, first.hit_rate) == ("api", 1, 1, True, 0)
    assert (second.times, second.share, second.parallel, second.essential) == (0.5, 0.2, True, False)
    assert admin.image == "admin:latest" and admin.calls[0].hit_rate == 0.6 and api.stateful
    orders, _, fast, files = system.stores
    assert orders.version == "16.10" and (orders.data, orders.reads, orders.connections) == (200, 900, 80)
    assert (fast.memory, fast.essential, files.data, files.egress) == (4, False, 2048, 8192)
    assert system.deploys.rate == pytest.approx(5 / (7 * 86_400)) and len(system.environments) == 1


def test_everything_is_really_everything() -> None:
    """The file above has each field of each table: a new field needs a place in it, and so a test."""
    tables = [value for name, value in vars(fields).items() if name.isupper() and _is_table(value)]
    assert len(tables) > 10
    missing = {key for table in tables for key in table if f"{key}:" not in EVERYTHING}
    assert not missing


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(one, Field) for one in value.values())


def test_every_kind_of_field_can_be_read_and_every_default_stands_for_something() -> None:
    for table in (value for value in vars(fields).values() if _is_table(value)):
        for key, field in table.items():
            assert field.kind in {*KINDS, *READERS, *NESTED}, key
            assert field.means, key
            if field.default is not REQUIRED:
                default_of(field)


def test_every_part_knows_its_place() -> None:
    system = parse_spec(EVERYTHING, "e.yaml")
    lines = EVERYTHING.splitlines()

    def at(place) -> str:
        return lines[place.line - 1][place.column - 1 :]

    assert at(system.where("reliability.recovery.zone.rto")).startswith("rto: 2 min")
    assert at(system.where("reliability.recovery.region")).startswith("region:")
    assert at(system.where("rules.residency")).startswith("residency: NO")
    assert at(system.where("cost.budget")).startswith("budget:")
    assert at(system.where("services")).startswith("services:")
    web = system.services[0]
    assert at(web.place).startswith("web:") and at(web.where("cpu")).startswith("cpu: 6 ms")
    assert at(web.calls[1].place).startswith("{to: files")
    assert at(system.stores[0].where("version")).startswith("version: 16.10")
    assert system.where("performance.p50.nonsense") == system.where("performance.p50")


def test_what_is_not_said_is_assumed_aloud() -> None:
    system = parse_spec(SMALL + "stores:\n  d: {kind: postgres}\n  r: {kind: redis}\n", "s.yaml")
    assumed = {one.what: (one.value, bool(one.ground), one.place.line) for one in system.assumptions}
    assert assumed == {
        "service web: cpu": ("10 ms", True, 3),
        "service web: memory": ("512 MiB", True, 3),
        "service web: response": ("30 KiB", True, 3),
        "store d: data": ("10 GiB", True, 5),
        "store r: memory": ("1 GiB", True, 6),
        "store r: hit_rate": ("80%", True, 6),
        "scalability: peak": ("10 rps", True, 1),
        "scalability: average": ("3.333 rps", True, 1),
        "reliability: availability": ("99%", True, 1),
        "performance: users": ("beside the region", True, 1),
        "deploys: rate": ("2/week", True, 1),
        "deploys: failure": ("5%", True, 1),
        "deploys: rollback": ("10 min", True, 1),
    }
    web = system.services[0]
    assert (web.cpu, web.memory, web.response, web.port, web.traffic) == (0.010, 0.5, 30 / 2**20, 8080, 1.0)


def test_a_call_inherits_from_what_it_calls() -> None:
    text = SMALL.replace("true", "true, calls: [fast, {to: d, cached_by: fast}]")
    system = parse_spec(
        text + "stores:\n  fast: {kind: redis, essential: false, hit_rate: 70%}\n  d: {kind: mysql}\n", "s"
    )
    first, second = system.services[0].calls
    assert not first.essential and second.essential and second.hit_rate == 0.7


def test_json_is_yaml() -> None:
    text = '{"system": "s", "services": {"web": {"image": "w", "public": true, "port": 80}}}'
    assert parse_spec(text, "s.json").services[0].port == 80


SERVICE = "system: s\nservices:\n  web: {image: w, public: true, %s}\n"
STORE = SMALL + "stores:\n  d: {%s}\n"
PROMISE = "system: s\npromises:\n  %s\nservices:\n  web: {image: w, public: true}\n"
MISTAKES = [
    # the text, the line of the problem, what it says, what it offers
    ("system: s\nservice: {}\n", 2, "unknown key 'service'", "did you mean 'services'?"),
    (PROMISE % "reliability: {availabilty: 99%}", 3, "unknown key 'availabilty'", "availability"),
    ("system: s\nservices: {}\n", 2, "no services", "add"),
    ("services: {web: {image: w, public: true}}", 1, "no 'system'", "add: system"),
    ("- a\n- b", 1, "must be a mapping", "system"),
    ("just text", 1, "must be a mapping", "system"),
    ("system: s\nservices: [web]", 2, "mapping of names", "services: {name"),
    ("system: s\nservices:\n  web: nginx", 3, "service web must be a mapping", "image"),
    ("system: [s]\nservices:\n  web: {image: w, public: true}", 1, "a list", "one word"),
    (SERVICE % "cpu: 6", 3, "'6' has no unit", "300 ms"),
    (SERVICE % "cpu: 6 GiB", 3, "'GiB' is a data, not a duration", "300 ms"),
    (SERVICE % "cpu: 6 parsec", 3, "unknown unit 'parsec'", "300 ms"),
    (SERVICE % "cpu: '1,5 ms'", 3, "is not a duration", "the decimal sign is a point"),
    (SERVICE % "cpu: -6 ms", 3, "cannot be negative", "300 ms"),
    (SERVICE % "cpu: .nan", 3, "'.nan' is not a duration", "300 ms"),
    (SERVICE % "cpu: 1e999 s", 3, "not a finite number", "300 ms"),
    (SERVICE % "cpu: 2 days", 3, "more than can be meant", "unit"),
    (SERVICE % "cpu: 1e-9 s", 3, "too small", "unit"),
    (SERVICE % "cpu: [6 ms]", 3, "found list", "300 ms"),
    (SERVICE % "cpu: 1 ms, cpu: 2 ms", 3, "'cpu' is written twice", "keep one"),
    (SERVICE % "memory: 400 Mb", 3, "unknown unit 'Mb'", "400 MiB"),
    (SERVICE % "port: http", 3, "'http' is not a port", "65535"),
    (SERVICE % "port: 70000", 3, "'70000' is not a port", "65535"),
    (SERVICE % "port: 08", 3, "'08' is not a port", "65535"),
    (SERVICE % "port: 99999999999999999999999", 3, "is not a port", "65535"),
    (SERVICE % "stateful: maybe", 3, "true or false", "true or false"),
    (SERVICE % "variation: .inf", 3, "expected a number", "1.5"),
    (SERVICE % "traffic: 120%", 3, "more than can be meant", "unit"),
    (SERVICE % "health: healthz", 3, "not a URL path", "/healthz"),
    (SERVICE % "calls: api", 3, "must be a list", "calls: ["),
    (SERVICE % "calls: [api]", 3, "calls 'api', which is not in the spec", "add it"),
    (SERVICE % "calls: [web]", 3, "cycle: web -> web", "remove"),
    (SERVICE % "calls: [{share: 10%}]", 3, "no 'to'", "add: to"),
    (SERVICE % "environment: {A-B: x}", 3, "not the name of an environment variable", "letters"),
    (SERVICE % "environment: {A: [x]}", 3, "a list", "one word"),
    (SERVICE % "environment: {DB_PASSWORD: hunter2}", 3, "looks like a secret", "under secrets"),
    (SERVICE % "environment: {DB: 'postgres://me:hunter2@db/x'}", 3, "looks like a secret", "under secrets"),
    (SERVICE % 'secrets: ["../etc"]', 3, "cannot name a secret", "letters"),
    (SERVICE % "secrets: [a, a]", 3, "written twice", "keep one"),
    (SERVICE % "secrets: [a.b, a-b]", 3, "a_b from two secrets", "rename"),
    (SERVICE % "secrets: [A], environment: {A: x}", 3, "a secret and a plain value", "remove one"),
    (SERVICE % "command: gunicorn -w 4 'a b'", 3, "a command is a list", '[gunicorn, "-w", "4", "a b"]'),
    (SERVICE % "command: \"sh -c 'x\"", 3, "a command is a list", "[sh, \"-c\", \"'x\"]"),
    (SERVICE % "command: []", 3, "the command is empty", "remove the line"),
    (SERVICE % "entrypoint: {sh: -c}", 3, "found a mapping", "[gunicorn"),
    (SERVICE % "command: [true]", 3, "found 'true'", "in quotes"),
    (SERVICE % "command: [a, [b]]", 3, "found a list", "in quotes"),
    (SERVICE % "command: [a, ~]", 3, "found nothing", "in quotes"),
    (SERVICE % "command: ['', a]", 3, "the program has no name", "first"),
    (SERVICE % 'command: [sh, -c, "a\\nb"]', 3, "line breaks", "a file of the image"),
    (SERVICE % 'command: ["a\\0b"]', 3, "cannot be printed", "a file of the image"),
    (SERVICE % f"command: [a, {'x' * 5000}]", 3, "5000 characters", "a file of the image"),
    (SERVICE % f"command: [{'a, ' * 300}]", 3, "300 arguments", "a file of the image"),
    (SERVICE % "command: [a, --db-password=hunter2x]", 3, "looks like a secret", "secrets"),
    (SERVICE % "command: [a, --password, hunter2x]", 3, "looks like a secret", "secrets"),
    (SERVICE % "command: [a, 'postgres://me:hunter2@db/x']", 3, "looks like a secret", "secrets"),
    (SERVICE % 'image: "a b"', 3, "'image' is written twice", "keep one"),
    ('system: s\nservices:\n  web: {image: "a;rm -rf b", public: true}', 3, "not a container image", "ghcr.io"),
    ("system: s\nservices:\n  web: {public: true}", 3, "has no image", "build"),
    ("system: s\nservices:\n  web: {image: w}", 2, "no service is public", "public: true"),
    (SERVICE % "traffic: 40%", 3, "adds up to 40.0%", "100%"),
    (SMALL + "  api: {image: a, traffic: 10%}", 4, "traffic but is not public", "public: true"),
    (SMALL + "  a: {image: a, calls: [b]}\n  b: {image: a, calls: [a]}", 5, "cycle: a -> b -> a", "message"),
    (STORE % "data: 1 GiB", 5, "no 'kind'", "add: kind"),
    (STORE % "kind: postgress", 5, "not known here", "did you mean 'postgres'?"),
    (STORE % "kind: redis, data: 1 GiB", 5, "data means nothing for redis", "remove"),
    (STORE % "kind: mysql, hit_rate: 10%", 5, "hit_rate means nothing for mysql", "remove"),
    (STORE % "kind: mysql, data: 0 GiB", 5, "holds no data", "10 GiB"),
    (STORE % "kind: mysql, connections: 1.5", 5, "expected a count", "whole number"),
    (STORE % "kind: objects, hit_rate: 10%", 5, "no CDN", "cdn: true"),
    (SMALL + "stores:\n  web: {kind: mysql}", 5, "'web' is written twice", "rename"),
    (SMALL + "stores:\n  secrets: {kind: mysql}", 5, "reserved name", "secrets-1"),
    (SMALL + "stores:\n  Web_1: {kind: mysql}", 5, "'Web_1' cannot be a name", "lower-case"),
    (SMALL + 'stores:\n  "../x": {kind: mysql}', 5, "'../x' cannot be a name", "lower-case"),
    (SMALL + 'stores:\n  "a\\nb": {kind: mysql}', 5, "'a\\nb' cannot be a name", "lower-case"),
    (SMALL + "stores:\n  ${HOME}: {kind: mysql}", 5, "'${HOME}' cannot be a name", "lower-case"),
    (SMALL + "stores:\n  a\"b'c: {kind: mysql}", 5, "cannot be a name", "lower-case"),
    (SMALL + f"stores:\n  {'x' * 33}: {{kind: mysql}}", 5, "cannot be a name", "at most 32"),
    (SMALL.replace("system: s", 'system: "a\\u001b[31m"'), 1, "cannot be printed", "plain text"),
    (PROMISE % "scalability: {peak: 0 rps}", 3, "the peak is 0", "declare"),
    (PROMISE % "scalability: {peak: 5 rps, average: 6 rps}", 3, "above the peak", "swap"),
    (PROMISE % "scalability: {growth: 40%}", 3, "'%' is a share, not a growth", "40%/year"),
    (PROMISE % "reliability: {availability: 99.95}", 3, "has no unit", "99.95%"),
    (PROMISE % "reliability: {availability: 100%}", 3, "100% cannot be promised", "99.99%"),
    (PROMISE % "reliability: {availability: 101%}", 3, "more than can be meant", "number"),
    (PROMISE % "reliability: {recovery: {zone: {}}}", 3, "recovery of zone promises nothing", "rto"),
    (PROMISE % "reliability: {recovery: {zone: }}", 3, "recovery of zone promises nothing", "rto"),
    (PROMISE % "reliability: {recovery: {zones: {rto: 1 h}}}", 3, "unknown key 'zones'", "did you mean 'zone'?"),
    (PROMISE % "reliability: {recovery: {zone: 1 h}}", 3, "zone must be a mapping", "rto"),
    (PROMISE % "reliability: {recovery: {region: {rto: 0 s}}}", 3, "rto of 0 s for region", "4 h"),
    (PROMISE % "performance: {p95: 2 s, p99: 1 s}", 3, "p95 (2 s) is above p99 (1 s)", "swap"),
    (PROMISE % "performance: {p95: 0 s}", 3, "p95 of 0 s", "300 ms"),
    (PROMISE % "performance: {users: {de: 100%}}", 3, "'de' is not a country code", "DE"),
    (PROMISE % "performance: {users: {DE: 60%}}", 3, "add up to 60.0%", "100%"),
    (PROMISE % "performance: {users: {DE: 60}}", 3, "DE: '60' has no unit", "60%"),
    (PROMISE % "security: {data: [helth]}", 3, "'helth' is not known", "did you mean 'health'?"),
    (PROMISE % "security: {exposure: internet}", 3, "not known here", "private, public"),
    (PROMISE % "security: {frameworks: [gdpr, soc2]}", 3, "'soc2' is not known here", "soc-2"),
    (PROMISE % "cost: {budget: 0 USD/month}", 3, "a budget of 0", "remove"),
    (PROMISE % "cost: {budget: 10 EUR/month}", 3, "unknown unit 'EUR/month'", "USD/month"),
    (SMALL + "rules: {clouds: []}", 4, "names no cloud", "[aws]"),
    (SMALL + "rules: {region: eu-west-1}", 4, "unknown key 'region'", "did you mean 'regions'?"),
    (SMALL + "rules: {residency: Mid-Earth!}", 4, "not a place", "EU"),
    (SMALL + "deploys: {rate: 20/day, failure: 100%, rollback: 2 h}", 4, "never up", "rollback"),
    (SMALL + f"environments:\n  {'d' * 32}: {{}}", 5, "too long", "shorten"),
    (SMALL + "---\nsystem: t\n", 5, "2 documents", "keep one"),
    (SMALL + "a: [1, 2\n", 4, "not valid YAML", "brackets"),
    (SMALL + "\trules: {}\n", 4, "a tab stands where spaces must", "indent with spaces"),
    (SMALL + "rules: !!python/object:os.system {}\n", 4, "tag", "remove"),
    (SMALL + "rules: *nowhere\n", 4, "undefined alias", "line"),
    (SMALL + "rules: &a {clouds: *a}\n", 4, "nest deeper", "right file"),
    (SMALL + "rules: {<<: text}\n", 4, "only a mapping can be merged", "<<: *name"),
    (SMALL + "rules: {[a]: b}\n", 4, "a key must be a plain word", "key: value"),
    (SMALL + "# \x00\n", 4, "'\\x00'", "remove it"),
    (SMALL + "rules: " + "[" * 100 + "]" * 100, 4, "nest deeper than 40", "right file"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "what", "fix"), MISTAKES, ids=[one[2] for one in MISTAKES])
def test_a_mistake_is_named_with_place_and_remedy(text: str, line: int, what: str, fix: str) -> None:
    found = problems_of(text)
    hit = [one for one in found if what in one.partition("\n")[0]]
    assert hit, found
    assert hit[0].startswith(f"s.yaml:{line}"), hit[0]
    assert fix in hit[0].partition("  fix  ")[2], hit[0]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = "system: S\nservices:\n  web: {image: 'a b', port: x, cpu: 6}\nstores:\n  d: {kind: mongo}\n"
    found = problems_of(text)
    assert [one.split("  ")[0] for one in found] == [
        "s.yaml:1:9", "s.yaml:3:16", "s.yaml:3:29", "s.yaml:3:37", "s.yaml:5:13"
    ]  # fmt: skip


def test_a_problem_never_repeats_control_characters() -> None:
    for one in problems_of('system: "\\x1b[31mred\\n"\n"\\x1b]0;x\\a": 1\nservices:\n  web: {cpu: "1\\x1b"}\n'):
        assert all(line.isprintable() for line in one.splitlines()), one


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


def test_a_yaml_bomb_is_put_out_quickly() -> None:
    assert "values once its aliases are expanded" in problems_of(BOMB)[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"# nothing\n", "no values"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8"),
        ("system: s".encode("utf-16"), "not UTF-8"),
        (b"\x00" * 40, "not a text file"),
    ],
)
def test_a_file_that_is_no_spec(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(content)
    with pytest.raises(Problems, match=says) as raised:
        read_spec(path)
    assert raised.value.problems[0].place.file == "s.yaml" and raised.value.problems[0].fix


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("\ufeff" + SMALL)
    assert read_spec(tmp_path / "s.yaml").name == "s"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(Problems, match="more than 2,000,000 bytes"):
        read_spec(path)
    with pytest.raises(Problems, match="more than 2,000,000 bytes"):
        parse_spec("a: b\n" * 500_000, "s.yaml")


def test_endless_and_absent_files(tmp_path: Path) -> None:
    for path, says in (("/dev/zero", "more than"), (tmp_path, "is a folder"), (tmp_path / "no\nfile", "cannot read")):
        with pytest.raises(Problems, match=says) as raised:
            read_spec(path)
        assert raised.value.problems[0].what.isprintable() and str(raised.value.problems[0].place).isprintable()
    with pytest.raises(Problems, match="cannot read"):
        read_spec("a\0b")
