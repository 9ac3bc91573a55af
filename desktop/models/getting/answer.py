"""Answer: what a server gives back, and what its refusals mean."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from desktop.errors import UserError
from desktop.models.getting.stop import Stop, Stopped

if TYPE_CHECKING:
    import httpx2

NOTHING_TO_MEND = "Try again later, or get the model elsewhere."


class Refused(UserError):
    """The server has said no; `code` is its own word for why, where it has one."""

    def __init__(self, status: int, code: str, message: str, hint: str):
        super().__init__(message, hint)
        self.status, self.code = status, code


class Cut(UserError):
    """The connection could not be made, or has ended too soon; another try may go better."""


class Answer:
    """A server's answer, whose body is still to come. Close it."""

    def __init__(self, response: httpx2.Response, host: str, stop: Stop, resources: contextlib.ExitStack):
        self.host = host
        self.bytes = 0  # of the body, that have come
        self.status = response.status_code
        self.headers = response.headers
        self.resources = resources
        self._response, self._stop = response, stop
        self.outcome = f"{self.status} {response.reason_phrase}".strip()

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.resources.close()

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes. Raises Cut and Stopped."""
        import httpx2

        if self.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise UserError(f"{self.host} answers in a form that was not asked for.", NOTHING_TO_MEND)
        try:
            for chunk in self._response.iter_raw():
                self.bytes += len(chunk)
                yield chunk
                self._check()
            self._check()
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            self._check()
            self.outcome = f"cut: {type(error).__name__}"
            raise Cut(f"The connection to {self.host} was cut.", "Try again.") from None

    def body(self, most: int, seconds: float) -> bytes:
        """All of it. Raises UserError for one that is too long or takes too long; Cut, Stopped."""
        end = time.monotonic() + seconds
        body = bytearray()
        for chunk in self.chunks():
            body += chunk
            if len(body) > most or time.monotonic() > end:
                self.outcome = "cut: too long"
                raise UserError(f"The answer of {self.host} is too long.", NOTHING_TO_MEND)
        return bytes(body)

    def _check(self) -> None:
        if self._stop.is_set():
            self.outcome = "stopped"
            raise Stopped

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asks for."""
        asked = self.headers.get("retry-after", "")
        if asked.isdecimal():
            return float(asked[:9])
        from email.utils import parsedate_to_datetime  # here: the first frame comes sooner

        with contextlib.suppress(ValueError, TypeError):
            return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
        return None


def good(answer: Answer) -> Answer:
    """Raises Refused for one that is none."""
    if 200 <= answer.status < 300:
        return answer
    answer.close()
    message, hint = _words(answer)
    raise Refused(answer.status, answer.headers.get("x-error-code", ""), message, hint)


def _words(answer: Answer) -> tuple[str, str]:
    host, wait = answer.host, answer.retry_after
    match answer.status:
        case 401:
            return f"{host} wants to know who you are.", "Give your token under Accounts."
        case 403:
            return (
                f"{host} does not let you have this.",
                "Look at its page in the browser: it may ask for something first.",
            )
        case 404 | 410:
            return f"{host} does not have this any more.", "Search for it anew."
        case 407:
            return "The proxy wants to know who you are.", "Give it in Settings as http://user:password@name:port."
        case 429:
            when = f"in {max(1, round(wait / 60))} min" if wait else "in a few minutes"
            return (
                f"{host} has been asked too often.",
                f"Try again {when}; with a token under Accounts more is allowed.",
            )
        case status if status >= 500:
            return f"{host} has trouble of its own ({status}).", "Try again later."
        case status:
            return f"{host} answers with an error ({status}).", NOTHING_TO_MEND
