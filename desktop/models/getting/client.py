"""Client: the one place that opens connections."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from desktop import __version__
from desktop.errors import UserError
from desktop.models.getting.answer import NOTHING_TO_MEND, Answer, Cut, good
from desktop.models.getting.connections import Connections
from desktop.models.getting.network import Network, host_of, joined, split
from desktop.models.getting.stop import Stop

if TYPE_CHECKING:
    import ssl

    import httpx2  # what the hub's own library uses, too: it trusts what the system trusts, as proxies of firms need

NEXT = re.compile('<([^>]*)>; *rel="next"')  # in a Link header
LONGEST_LINK = 4000
MOST_REDIRECTS = 10
REDIRECTS = (301, 302, 303, 307, 308)
BUSY = (408, 429, 500, 502, 503, 504)  # answers that may be better the next time
MOST_JSON = 32 << 20  # bytes
MOST_PICTURE = 24 << 20

Asked = Mapping[str, str | int] | Sequence[tuple[str, str]]  # of a URL


@dataclass(frozen=True)
class Patience:
    """Seconds: between tries, for a connection, for the next bytes, for a whole short answer; the longest pause."""

    pauses: tuple[float, ...] = (1.0, 3.0, 9.0)
    connect: float = 10.0
    silence: float = 30.0
    answer: float = 60.0
    longest: float = 120.0


@dataclass(frozen=True)
class _Request:
    purpose: str
    stop: Stop
    headers: Mapping[str, str]


class Client:
    """Opens connections as `network` says, and lists them in `connections`. For any thread."""

    def __init__(self, network: Network, connections: Connections, patience: Patience | None = None):
        self.network = network
        self._connections = connections
        self._patience = patience or Patience()
        self._trust: ssl.SSLContext | None = None

    def json(self, url: str, purpose: str, asked: Asked = (), stop: Stop | None = None) -> Any:
        """Raises UserError and Stopped."""
        return self.listing(url, purpose, asked, stop)[0]

    def listing(self, url: str, purpose: str, asked: Asked = (), stop: Stop | None = None) -> tuple[Any, str]:
        """JSON, and what to ask for the next page, where the server tells that beside it. Raises UserError, Stopped."""
        with self.open(f"{url}?{urlencode(asked)}" if asked else url, purpose, stop) as answer:
            body = answer.body(MOST_JSON, self._patience.answer)
            found = NEXT.search(answer.headers.get("link", "")[:LONGEST_LINK])
            more = split(found[1]) if found else None
        try:
            return json.loads(body), more.query if more else ""
        except (ValueError, RecursionError):
            raise UserError(f"{answer.host} gives an answer that makes no sense.", NOTHING_TO_MEND) from None

    def picture(self, url: str, purpose: str, stop: Stop | None = None) -> bytes:
        """As the server has it: not looked at yet. Raises UserError and Stopped."""
        with self.open(url, purpose, stop) as answer:
            return answer.body(MOST_PICTURE, self._patience.answer)

    def open(
        self, url: str, purpose: str, stop: Stop | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A good answer, after redirects and several tries. Raises Refused, Cut, UserError and Stopped."""
        request = _Request(purpose, stop or Stop(), headers or {})
        for pause in self._patience.pauses:
            try:
                answer = self._follow(url, request)
            except Cut:
                request.stop.wait(pause)
                continue
            asked = answer.retry_after
            if answer.status not in BUSY or (asked or 0) > self._patience.longest:
                return good(answer)
            answer.close()
            request.stop.wait(pause if asked is None else asked)
        return good(self._follow(url, request))

    def pause(self, stop: Stop) -> None:
        """Between two tries of who asked. Raises Stopped."""
        stop.wait(self._patience.pauses[0] if self._patience.pauses else 0)

    # ------------------------------------------------------------ inside

    def _follow(self, url: str, request: _Request) -> Answer:
        """The answer at the end of all redirects; each sees only the token of its own site."""
        for _ in range(MOST_REDIRECTS):
            answer = self._ask(url, request)
            if answer.status not in REDIRECTS:
                return answer
            answer.close()
            url = led(url, answer.headers.get("location", ""))
        raise UserError(f"{host_of(url)} leads in circles.", NOTHING_TO_MEND)

    def _ask(self, url: str, request: _Request) -> Answer:
        """One request, by a connection of its own."""
        import httpx2

        request.stop.check()
        host = host_of(url)
        if not host:
            raise UserError("That is no address of a site.", NOTHING_TO_MEND)
        number = self._connections.begin(host, request.purpose)
        with contextlib.ExitStack() as resources:
            how = {"headers": self._headers(url, request), "extensions": {"trace": _cutting(request.stop, resources)}}
            try:
                client = resources.enter_context(self._client())
                response = resources.enter_context(client.stream("GET", url, **how))
            except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
                self._connections.end(number, 0, f"failed: {type(error).__name__}")
                request.stop.check()
                raise _unreachable(host, error) from None
            answer = Answer(response, host, request.stop, resources)
            resources.callback(lambda: self._connections.end(number, answer.bytes, answer.outcome))
            answer.resources = resources.pop_all()
        return answer

    def _client(self) -> httpx2.Client:
        import httpx2

        times, proxy = self._patience, self.network.way_out
        self._trust = self._trust or httpx2.create_ssl_context()
        limits = httpx2.Timeout(times.silence, connect=times.connect)
        try:
            return httpx2.Client(verify=self._trust, proxy=proxy or None, trust_env=not proxy, timeout=limits)
        except (ValueError, ImportError, httpx2.InvalidURL):  # of a kind that needs more than is here
            raise UserError(
                "The proxy cannot be used.", "Give one in Settings > Network as http://name:port."
            ) from None

    def _headers(self, url: str, request: _Request) -> dict[str, str]:
        token = self.network.token_for(url)
        return {
            "User-Agent": f"Sfumato/{__version__}",
            "Accept-Encoding": "identity",  # nothing that grows when it is unpacked
            **({"Authorization": f"Bearer {token}"} if token else {}),
            **request.headers,
        }


def led(url: str, place: str) -> str:
    """Where a redirect to `place` leads. Raises UserError where it does not lead to a site, or to one less safe."""
    there = joined(url, place)
    if not host_of(there) or (url.startswith("https:") and not there.startswith("https:")):
        raise UserError(f"{host_of(url)} leads to a place that is not safe.", "Get the model elsewhere.")
    return there


def _cutting(stop: Stop, resources: contextlib.ExitStack) -> Callable[[str, Mapping[str, Any]], None]:
    """Hears of each connection as soon as it stands, so that it can be cut while nothing comes."""

    def hear(what: str, told: Mapping[str, Any]) -> None:
        if what.endswith("connect_tcp.complete"):
            resources.enter_context(stop.cutting(told["return_value"].get_extra_info("socket")))

    return hear


def _unreachable(host: str, error: Exception) -> UserError:
    import ssl

    import httpx2

    if isinstance(error, httpx2.ProxyError):
        return Cut(f"The proxy does not lead to {host}.", "Look at the proxy in Settings > Network, then try again.")
    if isinstance(error, httpx2.InvalidURL):
        return UserError("That is no address of a site.", NOTHING_TO_MEND)
    causes: list[BaseException | None] = [error]
    while causes[-1]:
        causes.append(causes[-1].__cause__ or causes[-1].__context__)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        hint = "Somebody may be listening. Look at this computer's clock, and at address and proxy in Settings."
        return UserError(f"{host} cannot prove that it is {host}.", hint)
    slow = isinstance(error, httpx2.TimeoutException)
    hint = "Is this computer online? A proxy, or a mirror of the site, is set in Settings > Network. Then try again."
    return Cut(f"{host} {'does not answer' if slow else 'cannot be reached'}.", hint)
