"""Reading a price API over HTTP: patient, bounded, and every failure a Problem. Standard library only.

Nothing follows a redirect, so that no key leaves for another host. Proxies of the environment are honoured.
"""

from __future__ import annotations

import http.client
import io
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from standfast.problem import Problem, Problems, quoted

SECONDS = 60.0  # without a byte
TRIES = 4
LONGEST_WAIT = 120.0  # that a server may ask for; longer is for the user to decide
LARGEST_JSON = 100_000_000  # bytes of one answer; a page of 5,000 SKUs is about 10 MB
LARGEST_LIST = 5_000_000_000  # bytes of a price list; the largest of AWS is about 400 MB
LONGEST_LINE = 100_000  # characters of a price list's line; they have about 2,000
BUSY = (429, 500, 502, 503, 504)
AGAIN = "run the same command again: what was read is kept, the catalog is as it was"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None


@dataclass(frozen=True)
class Web:
    """How pages are read. `sleep` waits, `step` is told of waiting and of progress."""

    step: Callable[[str], None] = lambda text: None
    sleep: Callable[[float], None] = time.sleep
    seconds: float = SECONDS
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self, url: str) -> dict[str, Any]:
        """One JSON object. Raises Problems: out of reach, refused, cut short, not JSON."""
        with self._open(url) as answer:
            read = self._all(answer, url)
        try:
            found = json.loads(read.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise Problems([Problem(f"{host(url)} did not answer with JSON", str(error)[:150], AGAIN)]) from error
        if not isinstance(found, dict):
            raise Problems([Problem(f"{host(url)} answered with something else than expected", "", AGAIN)])
        return found

    def lines(self, url: str) -> Iterator[str]:
        """The lines of a text, as they come: never more than one of them in memory. Raises Problems as `json` does."""
        with self._open(url) as answer:
            counted = _Counted(answer)
            text = io.TextIOWrapper(io.BufferedReader(counted, 1 << 18), encoding="utf-8", newline="")
            try:
                while line := text.readline(LONGEST_LINE):
                    if len(line) >= LONGEST_LINE or counted.count > LARGEST_LIST:
                        raise Problems([Problem(f"{host(url)} sent something else than a price list", "", AGAIN)])
                    yield line
            except UnicodeDecodeError as error:
                raise Problems([Problem(f"{host(url)} sent something else than text", str(error), AGAIN)]) from error
            except (OSError, http.client.HTTPException) as error:
                raise _lost(url, error) from error
            _check_length(answer, counted.count, url)

    def _all(self, answer: Any, url: str) -> bytes:
        try:
            read = answer.read(LARGEST_JSON + 1)
        except (OSError, http.client.HTTPException) as error:
            raise _lost(url, error) from error
        if len(read) > LARGEST_JSON:
            raise Problems([Problem(f"{host(url)} sent more than {LARGEST_JSON:,} bytes", "", AGAIN)])
        _check_length(answer, len(read), url)
        return read

    def _open(self, url: str) -> Any:
        """The answer, after as many tries as it takes; waits as long as a busy server asks for."""
        request = urllib.request.Request(url, headers={"User-Agent": "standfast", **self.headers})
        opener = urllib.request.build_opener(_NoRedirect)
        for tried in range(1, TRIES + 1):
            try:
                return opener.open(request, timeout=self.seconds)
            except urllib.error.HTTPError as error:
                error.close()
                wait = _asked(error.headers.get("Retry-After"), tried) if error.code in BUSY else None
                if wait is None or wait > LONGEST_WAIT or tried == TRIES:
                    raise Problems([_refused(url, error.code, wait)]) from None
                self.step(f"{host(url)} is busy ({error.code}), waiting {wait:.0f} s")
            except (OSError, http.client.HTTPException, ValueError) as error:
                if tried == TRIES or isinstance(error, ValueError):
                    raise _unreached(url, error) from None  # the request may hold a key
                wait = 2.0**tried
                self.step(f"{host(url)} cannot be reached, trying again in {wait:.0f} s")
            self.sleep(wait)
        raise AssertionError("unreachable")


class _Counted(io.RawIOBase):
    """An answer as a raw stream that counts what came."""

    def __init__(self, answer: Any):
        self.answer, self.count = answer, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self.answer.readinto(buffer)
        self.count += read
        return read


def host(url: str) -> str:
    """The part of a URL that may be shown: no path, no query."""
    return urllib.parse.urlsplit(url).netloc.rpartition("@")[2] or quoted(url)


def _check_length(answer: Any, count: int, url: str) -> None:
    promised = answer.headers.get("Content-Length")
    if promised and promised.isdigit() and int(promised) != count:
        why = f"{count:,} of {int(promised):,} bytes came"
        raise Problems([Problem(f"{host(url)} stopped in the middle", why, AGAIN)])


def _asked(header: str | None, tried: int) -> float:
    """The seconds that a server asks to wait: a number or a date; where it says nothing, longer each time."""
    if header is None:
        return 5.0 * 2**tried
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError):
        return 5.0 * 2**tried


def _refused(url: str, code: int, wait: float | None) -> Problem:
    if wait is not None and wait > LONGEST_WAIT:
        return Problem(f"{host(url)} asks to wait {wait:.0f} s", f"HTTP {code}", f"then {AGAIN}")
    if wait is not None:
        return Problem(f"{host(url)} is busy", f"HTTP {code}, {TRIES} times", f"later, {AGAIN}")
    path = urllib.parse.urlsplit(url).path
    fix = {
        400: "see whether a newer Standfast knows the interface as it is now",
        401: "check the key", 403: "check the key, and that its project may use this API",
        404: "see whether a newer Standfast knows where it is now",
    }.get(code, AGAIN)  # fmt: skip
    return Problem(f"{host(url)} refused {quoted(path, 100)}", f"HTTP {code}", fix)


def _unreached(url: str, error: Exception) -> Problems:
    why = str(getattr(error, "reason", None) or error) or type(error).__name__
    fix = f"check the network and its proxy; the shipped catalog works without; or {AGAIN}"
    return Problems([Problem(f"cannot reach {host(url)}", why[:200], fix)])


def _lost(url: str, error: Exception) -> Problems:
    return Problems([Problem(f"{host(url)} stopped in the middle", str(error)[:200] or type(error).__name__, AGAIN)])
