"""Network: how the outside is reached, and who is told the user's tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from desktop.errors import UserError

HUGGING_FACE, CIVITAI = "huggingface", "civitai"
SITES = {HUGGING_FACE: "Hugging Face", CIVITAI: "Civitai"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Network:
    """What the settings say, and the tokens by site. A mirror is given the hub's token as the hub would be."""

    proxy: str = ""  # else the system's, where there is one
    hub: str = "https://huggingface.co"
    civitai: str = "https://civitai.com"
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)

    def address(self, site: str) -> str:
        """Where the site is. Raises UserError for what is no address."""
        given = self._given(site)
        if not host_of(given):
            raise UserError(
                f"{given!r} is no address of a site.", "Mend it in Settings > Network: https://… and a name."
            )
        return given

    def host(self, site: str) -> str:
        """Its name, for people; empty where there is no such address."""
        return host_of(self._given(site))

    @property
    def way_out(self) -> str:
        """The proxy's address; empty where none is given."""
        return completed(self.proxy, "http")  # what proxies are spoken to by, also on the way to https

    def token_for(self, url: str) -> str:
        """That of the site which the address belongs to; empty for all others, and where anybody could listen."""
        there = split(url)
        if there is None or not (there.scheme == "https" or there.hostname in LOOPBACK):
            return ""
        return next((token for site, token in self.tokens.items() if self._is_of(site, there)), "")

    def _given(self, site: str) -> str:
        return completed(self.hub if site == HUGGING_FACE else self.civitai, "https").rstrip("/")

    def _is_of(self, site: str, there: SplitResult) -> bool:
        home = split(self.address(site))
        return home is not None and _origin(home) == _origin(there)


def completed(address: str, scheme: str) -> str:
    """As people type it: most leave out how a site is spoken to."""
    given = address.strip()
    return given if not given or "://" in given else f"{scheme}://{given}"


def host_of(url: str) -> str:
    """With its port, where that is unusual; empty for what is no address of a site."""
    there = split(url)
    if there is None:
        return ""
    name = f"[{there.hostname}]" if ":" in (there.hostname or "") else there.hostname or ""
    return name if there.port in (None, PORTS[there.scheme]) else f"{name}:{there.port}"


def split(url: str) -> SplitResult | None:
    """None for what is no address of a site."""
    try:
        there = urlsplit(url)
        port = there.port  # raises, too
    except ValueError:  # a port that is no number, half an IPv6 address
        return None
    return there if there.scheme in PORTS and there.hostname and port != 0 else None


def joined(base: str, place: str) -> str:
    """Where a link on that page leads; empty where it leads nowhere."""
    try:
        return urljoin(base, place)
    except ValueError:
        return ""


def _origin(there: SplitResult) -> tuple[str, str | None, int]:
    return there.scheme, there.hostname, there.port or PORTS[there.scheme]
