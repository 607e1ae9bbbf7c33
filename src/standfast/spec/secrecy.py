"""Which values look like secrets: they never stand in a spec, nor in anything that is written from it."""

from __future__ import annotations

import re

# The last words of a variable's name that say its value opens something.
_NAMES = re.compile(
    r"(?:^|[_.-])(?:PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|PW|SECRET|SECRETS|TOKEN|TOKENS|CREDENTIALS?|DSN|SALT|PEPPER"
    r"|(?:API|APP|AUTH|ACCESS|ACCOUNT|SECRET|PRIVATE|SIGNING|ENCRYPTION|MASTER|LICEN[CS]E|CRYPT|JWT|SSH|SERVICE)_?KEY"
    r"|SECRET_?KEY_?BASE|KEY_?SECRET|SAS|PAT|WEBHOOK(?:_?URL)?|CONNECTION_?STRING)(?:_?[0-9]+|_BASE64|_B64)?$",
    re.IGNORECASE,
)
_JOINED = re.compile(r"(?:password|passwd|secret|apikey|privatekey|accesskey)$", re.IGNORECASE)  # DBPASSWORD
# Values that tell it themselves, whatever they are called. The prefixes are those their makers publish.
_VALUES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|^eyJ[\w-]{8,}\.[\w-]{8,}\.|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\b(?:ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|sk_live|rk_live|sk-|AIza|SG\.|hvs\.|dop_v1|npm_|pypi-)[\w-]{12,}"
    r"|\b(?:password|pwd|secret|sharedaccesskey|accountkey|apikey)\s*=\s*[^;\s&]+",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:(?P<password>[^/\s@]+)@", re.IGNORECASE)  # scheme://user:password@
_PLAIN = re.compile(r"(?:|true|false|yes|no|on|off|none|null|[0-9]{1,6}|/[\w./-]*|[<{$%].*)", re.IGNORECASE)


def looks_secret(name: str, value: str) -> bool:
    """Whether this variable holds something that opens something: not a number, a flag, a path or a placeholder."""
    login = _LOGIN.search(value)
    if _VALUES.search(value) or (login and not _PLAIN.fullmatch(login["password"])):
        return True
    return secret_name(name) and not _PLAIN.fullmatch(value.strip())


def secret_name(name: str) -> bool:
    """Whether a variable of this name usually holds a secret."""
    return bool(_NAMES.search(name) or _JOINED.search(name))
