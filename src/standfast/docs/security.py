"""Who may reach whom, which data is held, which keys and secrets there are."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.docs.told import MADE, Told, place_of
from standfast.markdown import code, listed, table, text
from standfast.markdown import page as paged
from standfast.runbook.names import standing
from standfast.spec.quantity import show

PORTS = {"postgres": 5432, "mysql": 3306, "redis": 6379, "objects": 443}
REACHED = {"public": "the internet", "private": "the private network"}
SECRETS = ("aws_secretsmanager_secret", "azurerm_key_vault_secret", "google_secret_manager_secret")
KEYS = ("aws_kms_alias", "azurerm_key_vault_key", "google_kms_crypto_key")


def page(told: Told) -> str:
    security, rules = told.system.promises.security, told.system.rules
    where = told.system.where
    stated = [
        ("data held", ", ".join(security.data) or "no class declared", where("security.data")),
        ("reached from", REACHED[security.exposure], where("security.exposure")),
        ("frameworks", ", ".join(security.frameworks) or "none declared", where("security.frameworks")),
        ("data stays in", rules.residency, where("rules.residency")),
    ]  # fmt: skip
    return paged(
        f"# {text(told.system.name)}: security",
        MADE,
        table(("", "", "spec"), [(name, text(value), place_of(at)) for name, value, at in stated]),
        _verdicts(told),
        "## Who may reach whom",
        "These edges are open, each on both sides; everything else is closed. They follow from `calls` in the spec: to "
        "open one, write the call. That what stands allows no more is checked by "
        + code(f"standfast audit {told.again}")
        + ".",
        table(("from", "to", "port", "spec"), list(_edges(told)), right=[2]),
        "## Secrets and keys",
        _secrets(told),
        _named(told, SECRETS, "Where they are kept"),
        _named(told, KEYS, "Keys of your own, for what is kept on disk"),
        _given(told),
    )


def _verdicts(told: Told) -> str:
    rows = []
    for one in told.promises:
        if one.promise == "security":
            predicted = "–" if one.predicted is None else show(one.predicted, one.unit)
            rows.append((code(one.measure), show(one.declared, one.unit), predicted, one.verdict))
    return table(("promise", "declared", "predicted", "verdict"), rows, right=[1, 2]) if rows else ""


def _edges(told: Told) -> Iterator[tuple[str, ...]]:
    system = told.system
    door = told.plan.choice("balancer") is not None
    users = "users" if system.promises.security.exposure == "public" else "users on the private network"
    if door:
        yield users, told.page_of("balancer"), "443", place_of(system.where("security.exposure"))
    for service in system.services:
        if service.public:
            source = told.page_of("balancer") if door else users
            yield source, told.page_of(service.name), str(service.port), place_of(service.where("public"))
    if told.plan.choice("cdn"):
        yield users, told.page_of("cdn"), "443", ""
        for store in system.stores:
            if store.cdn:
                yield told.page_of("cdn"), told.page_of(store.name), "443", place_of(store.where("cdn"))
    for service in system.services:
        seen = set()
        for call in service.calls:
            for name in filter(None, (call.to, call.cached_by)):
                if name in seen:
                    continue
                seen.add(name)
                yield told.page_of(service.name), told.page_of(name), _port(told, name), place_of(call.place)


def _port(told: Told, name: str) -> str:
    part = told.parts[name]
    return str(getattr(part, "port", None) or PORTS[getattr(part, "kind", "objects")])


def _secrets(told: Told) -> str:
    rows = [(told.page_of(one.name), ", ".join(map(code, one.secrets))) for one in told.system.services if one.secrets]
    said = "Values stand in no file. A service reads its own secrets, and no other's."
    return paged(said, table(("service", "finds in its environment"), rows)) if rows else said


def _named(told: Told, kinds: tuple[str, ...], head: str) -> str:
    found = [one for one in standing(told) if one.kind in kinds]
    if not found:
        return ""
    rows = [(code(one.name), code(one.address), text(one.region)) for one in found]
    return paged(f"### {head}", table(("name", "in Terraform", "region"), rows))


def _given(told: Told) -> str:
    means = {one.name: one.means for blueprint in told.blueprints for one in blueprint.variables if one.secret}
    if not means:
        return ""
    items = [f"{code(f'TF_VAR_{name}')}: {text(said)}" for name, said in means.items()]
    return paged("### What Terraform is given", "Through the environment, never in a file.", listed(items))
