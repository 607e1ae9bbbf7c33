"""An account, asked: every page, again when it is asked too fast; what may not be asked is kept by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from standfast.problem import Place, Problem, Problems

TRIES = 8  # of one call; botocore waits longer each time, and slows down by itself
FIX = "allow it to who audits: AWS's own policy SecurityAudit allows every call that is made here"
NAMED = re.compile(r"perform: ([\w-]+:\w+)")
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized")
MARKERS = (("NextMarker", "NextMarker"), ("NextToken", "NextToken"), ("Marker", "Marker"))


class Refused(Exception):
    """A call that told nothing; `code` as the API says it."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


class Account:
    """`session`: a boto3 Session. `problems`: what could not be asked, each action once."""

    def __init__(self, session: Any, region: str, problems: dict[str, Problem]):
        from botocore.config import Config

        self.session, self.region, self.problems = session, region, problems
        self._config = Config(retries={"mode": "adaptive", "max_attempts": TRIES}, connect_timeout=10, read_timeout=60)
        self._clients: dict[str, Any] = {}

    def pages(self, call: str, given: Mapping[str, Any], kind: str, none: tuple[str, ...] = ()) -> Iterator[Any]:
        """Each page of the answer. Raises Refused: with one of `none`, or with what is now among the problems."""
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        service, _, method = call.partition(".")
        client = self._client(service)
        try:
            if client.can_paginate(method):
                yield from client.get_paginator(method).paginate(**given)
                return
            while True:
                answer = getattr(client, method)(**given)
                yield answer
                then = next(((name, answer[key]) for key, name in MARKERS if answer.get(key)), None)
                if then is None or given.get(then[0]) == then[1]:
                    return
                given = {**given, then[0]: then[1]}
        except NoCredentialsError as caught:
            fix = "log in as boto3 wants it: a profile, AWS_PROFILE, or a role of the machine"
            raise Problems([Problem("nobody is logged in at AWS", str(caught), fix)]) from caught
        except ClientError as caught:
            code = caught.response.get("Error", {}).get("Code", "")
            if code not in none:
                self._note(client, method, kind, code, str(caught))
            raise Refused(code) from caught
        except BotoCoreError as caught:
            self._note(client, method, kind, type(caught).__name__, "")
            raise Refused(type(caught).__name__) from caught

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.session.client(service, region_name=self.region, config=self._config)
        return self._clients[service]

    def _note(self, client: Any, method: str, kind: str, code: str, said: str) -> None:
        prefix = client.meta.service_model.signing_name
        found = NAMED.search(said)
        action = found[1] if found else f"{prefix}:{client.meta.method_to_api_mapping[method]}"
        denied = code in DENIED
        what = f"not allowed: {action}" if denied else f"{action} told nothing: {code[:60]}"
        why = f"so it is unknown whether there is an {kind}, or what it is"
        fix = FIX if denied else "ask again later, or audit the Terraform state"
        self.problems.setdefault(action, Problem(what, why, fix, Place("aws"), warning=True))


@cache
def path(expression: str) -> Any:
    import jmespath

    return jmespath.compile(expression)


def search(expression: str, value: Any, given: Mapping[str, Any] | None = None) -> Any:
    """JMESPath over an answer; `@given.NAME` is what was asked with."""
    if expression.startswith("@given."):
        return (given or {}).get(expression.removeprefix("@given."))
    found = path(expression).search(value)
    return found.isoformat() if isinstance(found, datetime) else found
