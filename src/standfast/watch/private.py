"""What must not leave the system in an attribute, by the data classes that the spec declares.

Patterns are in RE2's words, which the collector reads; Python reads these the same way.
"""

from __future__ import annotations

from standfast.plan import Plan

# Attributes whose value goes, by class: names of OpenTelemetry's conventions where there are such, else usual ones.
KEYS = {
    "personal": (
        r"^enduser\..*", r"^user\.(email|full_name|name|id)$", r"^client\.address$",
        r"^(source|network\.peer)\.address$",
        r"(?i)(e-?mail|phone|birth|first_?name|last_?name|street|postal|zip_?code)",
    ),
    "health": (r"(?i)(patient|diagnosis|medication|insurance)",),
    "card": (r"(?i)(card_?number|^pan$|cvv|cvc)",),
    "financial": (r"(?i)(iban|account_?number|tax_?id)",),
}  # fmt: skip
# Whatever a system holds, these open something.
ALWAYS = (r"(?i)(passw|secret|api_?key|authorization|cookie|session_?id)", r"(?i)(^|[_.-])token$")
VALUES = {
    # as long as an address may be (RFC 5321, 4.5.3.1): without a bound a long line takes engines that go back minutes
    "personal": (r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}",),
    "card": (r"\b(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|3[47]\d{13})\b",),
    "financial": (r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b",),
}


CLASSES = frozenset(KEYS)


def blocked_keys(plan: Plan) -> list[str]:
    """Patterns of attributes whose values are masked."""
    return [*ALWAYS, *(one for name in _classes(plan) for one in KEYS.get(name, ()))]


def blocked_values(plan: Plan) -> list[str]:
    """Patterns that are masked wherever they stand in an attribute."""
    return [one for name in _classes(plan) for one in VALUES.get(name, ())]


def _classes(plan: Plan) -> list[str]:
    return sorted(set(plan.system.promises.security.data))
